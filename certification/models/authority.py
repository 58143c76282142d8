"""Keys, certificate authorities and their certificates, revocation lists, timestamps (电子认证)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from certification.contracts.authority import CertificateState, Role
from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions

_ALGORITHMS = [("p256", "P-256"), ("sm2", "SM2")]


class StoredKey(TenantModel):
    """A private key (私钥) held for someone. ``handle_sealed``: for the software store the key
    itself, wrapped; for an HSM only the name it goes by there. ``wrapped_by`` names the version of
    the master key."""

    algorithm = models.CharField(max_length=8, choices=_ALGORITHMS)
    store = models.CharField(max_length=20)
    spki = models.BinaryField()
    handle_sealed = models.BinaryField()
    wrapped_by = models.CharField(max_length=64, blank=True, default="")
    purpose = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        db_table = "certification_key"
        indexes = [
            models.Index(
                fields=["platform_id", "wrapped_by", "id"],
                condition=Q(destroyed_at__isnull=True),
                name="certification_key_wrapped",
            ),
        ]


class Authority(AggregateModel):
    """One generation of a root or issuing authority (证书颁发机构) of this platform.

    ``changes`` counts revocations, holds and resumptions: a CRL that knows of fewer is out of date.
    """

    algorithm = models.CharField(max_length=8, choices=_ALGORITHMS)
    role = models.CharField(max_length=8, choices=Role)
    generation = models.PositiveIntegerField()
    key = TenantForeignKey(StoredKey, on_delete=models.PROTECT, related_name="+")
    parent = TenantForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    certificate = models.BinaryField()
    subject_der = models.BinaryField()
    key_identifier = models.CharField(max_length=40)
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    crl_number = models.BigIntegerField(default=0)
    changes = models.BigIntegerField(default=0)

    class Meta(AggregateModel.Meta):
        verbose_name_plural = "authorities"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "algorithm", "role", "generation"],
                name="certification_authority_once",
            ),
        ]


class CertificateProfile(TenantModel):
    """What a kind of certificate says (证书模板), from a day on; followed, never changed."""

    code = models.CharField(max_length=40)
    effective_from = models.DateTimeField()
    definition = models.JSONField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "code", "effective_from"],
                name="certification_profile_once",
            ),
        ]


class Certificate(ExternalRefModel, StatefulModel):
    """A certificate of a holder, or of one of the authority's own services.

    Certificates name people, so the DER and the subject are kept sealed; they aren't erased with
    the person, because the law has them kept for five years after their end (电子签名法 art. 24).
    ``serial`` is hexadecimal, lower case, as issued.
    """

    TRANSITIONS: ClassVar[Transitions[CertificateState]] = Transitions(
        CertificateState,
        initial=CertificateState.REQUESTED,
        moves={
            CertificateState.REQUESTED: {CertificateState.VALID, CertificateState.FAILED},
            CertificateState.VALID: {CertificateState.SUSPENDED, CertificateState.REVOKED},
            CertificateState.SUSPENDED: {CertificateState.VALID, CertificateState.REVOKED},
        },
    )

    state = models.CharField(
        max_length=12, choices=CertificateState, default=CertificateState.REQUESTED
    )
    request_key = models.UUIDField()
    provider = models.CharField(max_length=20)
    authority = TenantForeignKey(
        Authority, on_delete=models.PROTECT, null=True, related_name="certificates"
    )
    algorithm = models.CharField(max_length=8, choices=_ALGORITHMS)
    profile = models.CharField(max_length=40)
    merchant_id = models.UUIDField(null=True)
    person_id = models.UUIDField(null=True)
    key = TenantForeignKey(StoredKey, on_delete=models.PROTECT, null=True, related_name="+")
    spki = models.BinaryField()
    subject_sealed = models.BinaryField()
    serial = models.CharField(max_length=40, blank=True, default="")
    certificate_sealed = models.BinaryField(null=True)
    chain_sealed = models.BinaryField(null=True)
    days = models.PositiveIntegerField()
    not_before = models.DateTimeField(null=True)
    not_after = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, blank=True, default="")
    note = SealedText()
    renews = TenantForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    reminded_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "request_key"], name="certification_certificate_key"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "authority", "serial"],
                condition=~Q(serial=""),
                name="certification_certificate_serial",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="certification_certificate_external",
            ),
            models.CheckConstraint(
                condition=Q(not_after__isnull=True) | Q(not_after__gt=models.F("not_before")),
                name="certification_certificate_times",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["suspended", "revoked"]) | Q(revoked_at__isnull=False),
                name="certification_certificate_revoked",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="certification_cert_of"),
            models.Index(
                fields=["platform_id", "person_id", "id"],
                condition=Q(person_id__isnull=False),
                name="certification_cert_person",
            ),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="certification_cert_updated"
            ),
            models.Index(
                fields=["platform_id", "serial"],
                condition=~Q(serial=""),
                name="certification_cert_serial",
            ),
            models.Index(
                fields=["platform_id", "authority", "not_after"],
                condition=Q(state__in=["suspended", "revoked"]),
                name="certification_cert_revoked",
            ),
            models.Index(
                fields=["platform_id", "not_after"],
                condition=Q(state="valid"),
                name="certification_cert_ending",
            ),
            models.Index(
                fields=["platform_id", "profile", "algorithm", "not_after"],
                condition=Q(merchant_id__isnull=True, person_id__isnull=True),
                name="certification_cert_service",
            ),
        ]


class RevocationList(TenantModel):
    """A published CRL (证书吊销列表): numbered without gaps, kept for later proof."""

    authority = TenantForeignKey(
        Authority, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    number = models.BigIntegerField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    entries = models.PositiveIntegerField()
    changes = models.BigIntegerField()
    der = models.BinaryField()
    made_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "authority", "number"], name="certification_crl_number"
            ),
        ]


class Timestamp(TenantModel):
    """One timestamp given (时间戳); its serial number is the id. Never changed, never deleted."""

    hash_oid = models.CharField(max_length=40)
    imprint = models.BinaryField()
    policy = models.CharField(max_length=80)
    at = models.DateTimeField()
    merchant_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=10)
    purpose = models.CharField(max_length=40, blank=True, default="")
    token = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "at", "id"], name="certification_timestamp_at"),
        ]
