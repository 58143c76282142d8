"""Disputes (争议): a buyer's complaint here, or a chargeback by the buyer's bank."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts_guarantee import DisputeKind, DisputeState, EvidenceAbout, Side
from payments.models.intent import IntentShare, PaymentIntent


class Dispute(StatefulModel):
    """``amount`` is what it is about, ``refunded`` what the decision gave the buyer; minor units.
    ``due_at`` (business time) is until when the merchant may answer. ``gateway_id`` is a
    chargeback's name at the gateway, ``fee`` what the gateway asks for it."""

    TEXTS_OF: ClassVar = ("payer_id",)

    TRANSITIONS: ClassVar[Transitions[DisputeState]] = Transitions(
        DisputeState,
        initial=DisputeState.NEEDS_RESPONSE,
        moves={
            DisputeState.NEEDS_RESPONSE: {
                DisputeState.UNDER_REVIEW,
                DisputeState.WON,
                DisputeState.LOST,
                DisputeState.WITHDRAWN,
            },
            DisputeState.UNDER_REVIEW: {
                DisputeState.WON,
                DisputeState.LOST,
                DisputeState.WITHDRAWN,
            },
        },
    )

    state = models.CharField(
        max_length=20, choices=DisputeState, default=DisputeState.NEEDS_RESPONSE
    )
    kind = models.CharField(max_length=20, choices=DisputeKind)
    intent = TenantForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="disputes", db_index=False
    )
    merchant_id = models.UUIDField(null=True)
    payer_id = models.UUIDField(null=True)
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    refunded = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=50)
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decision = SealedText()
    gateway_id = models.CharField(max_length=255, null=True)
    refund_id = models.UUIDField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "gateway_id"],
                condition=Q(gateway_id__isnull=False),
                name="payments_dispute_gateway",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0, refunded__gte=0, fee__gte=0, refunded__lte=F("amount")),
                name="payments_dispute_amounts",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_dispute_list"),
            models.Index(fields=["platform_id", "payer_id", "id"], name="payments_dispute_payer"),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="payments_dispute_updated"
            ),
            models.Index(
                fields=["platform_id", "due_at"],
                condition=Q(state="needs_response"),
                name="payments_dispute_due",
            ),
            models.Index(fields=["platform_id", "intent", "id"], name="payments_dispute_intent"),
        ]


class DisputePart(TenantModel):
    """What of a dispute concerns one share; a share has one open dispute at a time."""

    dispute = TenantForeignKey(
        Dispute, on_delete=models.PROTECT, related_name="parts", db_index=False
    )
    share = TenantForeignKey(IntentShare, on_delete=models.PROTECT, related_name="disputes")
    merchant_id = models.UUIDField()
    amount = models.BigIntegerField()
    open = models.BooleanField(default=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "share"],
                condition=Q(open=True),
                name="payments_disputepart_open",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_disputepart_amount"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "dispute"], name="payments_disputepart_of"),
        ]


class DisputeEvidence(TenantModel):
    """What a side says and shows. Words and file are sealed under the dispute's own key."""

    TEXTS_OF: ClassVar = ("dispute_id",)

    dispute = TenantForeignKey(
        Dispute, on_delete=models.PROTECT, related_name="evidence", db_index=False
    )
    side = models.CharField(max_length=10, choices=Side)
    about = models.CharField(
        max_length=20, choices=EvidenceAbout, default=EvidenceAbout.OTHER, db_default="other"
    )
    text_sealed = models.TextField(blank=True, default="")
    file_name = SealedText()
    file_type = models.CharField(max_length=50, blank=True, default="")
    file_size = models.PositiveIntegerField(default=0)
    file_sha256 = models.CharField(max_length=64, blank=True, default="")
    file_sealed = models.BinaryField(null=True)
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "dispute", "id"], name="payments_evidence_list"),
        ]
