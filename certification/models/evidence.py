"""Signings, evidence packages, verification links, consents to automatic and bulk signing."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from certification.contracts.evidence import BulkState, ConsentState, RowState, SigningState
from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Signing(StatefulModel):
    """One signature (签署): the intent is committed first, what came of it after.

    ``document_id`` is what is signed (a contract), ``sequence`` counts its signatures from 0.
    ``order_sha256`` tells whether a repeated key asks for the same. Bytes are kept sealed.
    """

    TRANSITIONS: ClassVar[Transitions[SigningState]] = Transitions(
        SigningState,
        initial=SigningState.BEGUN,
        moves={SigningState.BEGUN: {SigningState.DONE, SigningState.FAILED}},
    )

    state = models.CharField(max_length=8, choices=SigningState, default=SigningState.BEGUN)
    key = models.UUIDField()
    document_id = models.UUIDField()
    sequence = models.PositiveSmallIntegerField()
    field = models.CharField(max_length=60)
    certificate_id = models.UUIDField()
    sm2_certificate_id = models.UUIDField(null=True)
    seal_id = models.UUIDField(null=True)
    consent_id = models.UUIDField()
    level = models.CharField(max_length=5)
    order_sha256 = models.CharField(max_length=64)
    lease_until = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=1)
    sha256 = models.CharField(max_length=64, blank=True, default="")
    result_sealed = models.BinaryField(null=True)
    sm2_signature = models.BinaryField(null=True)
    seal_signature = models.BinaryField(null=True)
    signed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=500, blank=True, default="")

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "key"], name="certification_signing_key"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "document_id", "sequence"],
                condition=~Q(state="failed"),
                name="certification_signing_turn",
            ),
            models.CheckConstraint(
                condition=~Q(state="done")
                | (Q(result_sealed__isnull=False) & Q(signed_at__isnull=False)),
                name="certification_signing_result",
            ),
        ]


class EvidencePackage(TenantModel):
    """The proof of one document as a ZIP (证据包). A renewal adds a generation; none is changed.

    ``renew_at`` (business time) is when the next generation is due, before the last timestamp's
    certificate ends; None once it has a successor or its term is over.
    """

    document_id = models.UUIDField()
    generation = models.PositiveSmallIntegerField()
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    content_sealed = models.BinaryField()
    audit_head = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    renew_at = models.DateTimeField(null=True)
    keep_until = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "certification_package"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "document_id", "generation"],
                name="certification_package_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "renew_at"],
                condition=Q(renew_at__isnull=False),
                name="certification_package_renew",
            ),
        ]


class VerificationLink(TenantModel):
    """The unguessable code printed on a document (核验码), for as long as paper lasts."""

    code = models.CharField(max_length=32)
    document_id = models.UUIDField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        db_table = "certification_link"
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "code"], name="certification_link_code"),
            models.UniqueConstraint(
                fields=["platform_id", "document_id"], name="certification_link_document"
            ),
        ]


class AutomaticConsent(StatefulModel):
    """A signer's prior consent to sign contracts of one template automatically (自动签).

    ``consent_id`` is the record of the second factor with which it was given.
    """

    TRANSITIONS: ClassVar[Transitions[ConsentState]] = Transitions(
        ConsentState,
        initial=ConsentState.GIVEN,
        moves={ConsentState.GIVEN: {ConsentState.WITHDRAWN}},
    )

    state = models.CharField(max_length=10, choices=ConsentState, default=ConsentState.GIVEN)
    merchant_id = models.UUIDField()
    template_id = models.UUIDField()
    party = models.CharField(max_length=40)
    certificate_id = models.UUIDField()
    person_id = models.UUIDField(null=True)
    consent_id = models.UUIDField()
    given_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "template_id", "party"],
                condition=Q(state="given"),
                name="certification_auto_one",
            ),
        ]


class BulkSigning(ExternalRefModel, StatefulModel):
    """Many contracts of one template, filled from a list and signed by one party (批量签署)."""

    TRANSITIONS: ClassVar[Transitions[BulkState]] = Transitions(
        BulkState,
        initial=BulkState.QUEUED,
        moves={
            BulkState.QUEUED: {BulkState.DONE, BulkState.CANCELLED},
        },
    )

    state = models.CharField(max_length=10, choices=BulkState, default=BulkState.QUEUED)
    merchant_id = models.UUIDField()
    template_id = models.UUIDField()
    consent = TenantForeignKey(AutomaticConsent, on_delete=models.PROTECT, related_name="+")
    total = models.PositiveIntegerField()
    job_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="certification_bulk_external",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="certification_bulk_of"),
        ]


class BulkRow(TenantModel):
    """One contract of a bulk signing. ``place`` counts from 1, as the list's rows do."""

    TEXTS_OF: ClassVar = ()

    bulk = TenantForeignKey(
        BulkSigning, on_delete=models.PROTECT, related_name="rows", db_index=False
    )
    place = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=RowState, default=RowState.WAITING)
    document_id = models.UUIDField()
    values_sealed = models.BinaryField()
    sha256 = models.CharField(max_length=64, blank=True, default="")
    result_sealed = models.BinaryField(null=True)
    problem = SealedText()
    signed_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "bulk", "place"], name="certification_row_place"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "document_id"], name="certification_row_document"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "bulk", "state", "place"], name="certification_row_todo"
            ),
        ]
