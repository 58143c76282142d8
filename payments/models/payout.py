"""Payouts (提现) of a merchant's available balance to its bank account."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import ExternalRefModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts import PayoutState


class Payout(ExternalRefModel, StatefulModel):
    """``destination_sealed`` is the bank account as it was when the payout was made: personal."""

    TRANSITIONS: ClassVar[Transitions[PayoutState]] = Transitions(
        PayoutState,
        initial=PayoutState.PENDING,
        moves={
            PayoutState.PENDING: {
                PayoutState.IN_TRANSIT,
                PayoutState.PAID,
                PayoutState.FAILED,
            },
            PayoutState.IN_TRANSIT: {PayoutState.PAID, PayoutState.FAILED},
        },
    )

    state = models.CharField(max_length=20, choices=PayoutState, default=PayoutState.PENDING)
    key = models.UUIDField()
    merchant_id = models.UUIDField()
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    destination_sealed = models.TextField()
    destination_last4 = models.CharField(max_length=4)
    provider_id = models.CharField(max_length=255, null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    failure_message = SealedText()
    paid_at = models.DateTimeField(null=True)
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_payout_key"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payments_payout_external",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_payout_amount"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_payout_list"),
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="payments_payout_updated",
            ),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_payout_due",
            ),
        ]
