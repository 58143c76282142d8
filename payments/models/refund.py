"""Refunds (退款) of captured intents, share by share."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts import RefundState
from payments.models.intent import IntentShare, PaymentIntent


class Refund(ExternalRefModel, StatefulModel):
    """A gateway may take back a refund that had succeeded: succeeded → failed. Where only the
    platform gets its part of a discount back, ``amount`` is nothing and no gateway is asked."""

    TRANSITIONS: ClassVar[Transitions[RefundState]] = Transitions(
        RefundState,
        initial=RefundState.PENDING,
        moves={
            RefundState.PENDING: {RefundState.SUCCEEDED, RefundState.FAILED},
            RefundState.SUCCEEDED: {RefundState.FAILED},
        },
    )

    state = models.CharField(max_length=20, choices=RefundState, default=RefundState.PENDING)
    intent = TenantForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="refunds", db_index=False
    )
    key = models.UUIDField()
    merchant_id = models.UUIDField(null=True)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    reason = SealedText()
    gateway = models.CharField(max_length=20)
    gateway_id = models.CharField(max_length=255, null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    failure_message = models.CharField(max_length=500, blank=True, default="")
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_refund_key"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payments_refund_external",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="payments_refund_amount"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "intent", "id"], name="payments_refund_intent"),
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_refund_list"),
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="payments_refund_updated",
            ),
            models.Index(
                fields=["platform_id", "gateway_id"],
                condition=Q(gateway_id__isnull=False),
                name="payments_refund_gateway",
            ),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_refund_due",
            ),
        ]


class RefundShare(TenantModel):
    """One share's part: ``amount`` to the buyer, ``subsidy_back`` to the platform; it comes from
    the commission and from the merchant's pending and available balance, and what is missing there
    the merchant owes."""

    refund = TenantForeignKey(
        Refund, on_delete=models.PROTECT, related_name="parts", db_index=False
    )
    share = TenantForeignKey(IntentShare, on_delete=models.PROTECT, related_name="refunds")
    merchant_id = models.UUIDField()
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    commission_back = models.BigIntegerField(default=0)
    subsidy_back = models.BigIntegerField(default=0)
    from_pending = models.BigIntegerField(default=0)
    from_available = models.BigIntegerField(default=0)
    from_owed = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "refund", "share"], name="payments_refundshare_once"
            ),
            models.CheckConstraint(
                condition=(Q(amount__gt=0) | Q(amount=0, subsidy_back__gt=0))
                & Q(commission_back__gte=0)
                & Q(subsidy_back__gte=0)
                & Q(from_pending__gte=0)
                & Q(from_available__gte=0)
                & Q(from_owed__gte=0)
                & Q(
                    amount=F("commission_back")
                    + F("from_pending")
                    + F("from_available")
                    + F("from_owed")
                    - F("subsidy_back")
                ),
                name="payments_refundshare_sum",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "refund"], name="payments_refundshare_list"
            ),
        ]
