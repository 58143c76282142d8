"""Electronic seals (电子印章), who may use them, and each use."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from certification.contracts.seals import SealKind, SealState
from certification.models.authority import Certificate
from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Seal(ExternalRefModel, StatefulModel):
    """A seal of a merchant or of a person acting for it. Name, picture and the SESeal name people
    and stand sealed, as certificates do."""

    TRANSITIONS: ClassVar[Transitions[SealState]] = Transitions(
        SealState,
        initial=SealState.APPLIED,
        moves={
            SealState.APPLIED: {SealState.VALID, SealState.REFUSED},
            SealState.VALID: {SealState.SUSPENDED, SealState.REVOKED},
            SealState.SUSPENDED: {SealState.VALID, SealState.REVOKED},
        },
    )

    state = models.CharField(max_length=12, choices=SealState, default=SealState.APPLIED)
    request_key = models.UUIDField()
    kind = models.CharField(max_length=12, choices=SealKind)
    merchant_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    certificate = TenantForeignKey(Certificate, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=40)
    name_sealed = models.BinaryField()
    picture_sealed = models.BinaryField()
    width_mm = models.PositiveSmallIntegerField()
    height_mm = models.PositiveSmallIntegerField()
    seal_sealed = models.BinaryField(null=True)
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    note = SealedText()
    decided_at = models.DateTimeField(null=True)
    changed_on = models.DateTimeField(null=True)
    uses = models.BigIntegerField(default=0)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "request_key"], name="certification_seal_key"
            ),
            models.UniqueConstraint(fields=["platform_id", "code"], name="certification_seal_code"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="certification_seal_external",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="certification_seal_of"),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="certification_seal_updated"
            ),
            models.Index(
                fields=["platform_id", "id"],
                condition=Q(state="applied"),
                name="certification_seal_queue",
            ),
        ]


class SealGrant(AggregateModel):
    """An authorisation to use a seal (用印授权); taken back by a time, never deleted."""

    seal = TenantForeignKey(Seal, on_delete=models.PROTECT, related_name="+", db_index=False)
    person_id = models.UUIDField(null=True)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "seal", "id"], name="certification_grant_of"),
        ]


class SealUse(TenantModel):
    """One use of a seal (用印记录). Never changed, never deleted."""

    TEXTS_OF: ClassVar = ("person_id", "seal_id")

    seal = TenantForeignKey(Seal, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.UUIDField()
    document = SealedText()
    digest = models.CharField(max_length=64)
    actor_kind = models.CharField(max_length=10)
    person_id = models.UUIDField(null=True)
    grant = TenantForeignKey(SealGrant, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    signature_sealed = models.BinaryField()
    signature_sha256 = models.CharField(max_length=64)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="certification_use_key"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "seal", "id"], name="certification_use_of"),
        ]
