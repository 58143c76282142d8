"""Charges that came too late (重复支付): the payment was settled otherwise, or given up."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey
from kernel.states import StatefulModel, Transitions
from payments.models.intent import PaymentIntent
from payments.stray import LateState


class LateCharge(StatefulModel):
    """One charge to give back in full; ``refund_id`` is what the gateway calls the refund."""

    TRANSITIONS: ClassVar[Transitions[LateState]] = Transitions(
        LateState,
        initial=LateState.PENDING,
        moves={LateState.PENDING: {LateState.RETURNED, LateState.FAILED}},
    )

    state = models.CharField(max_length=20, choices=LateState, default=LateState.PENDING)
    intent = TenantForeignKey(
        PaymentIntent, on_delete=models.PROTECT, related_name="late_charges", db_index=False
    )
    gateway = models.CharField(max_length=20)
    provider_id = models.CharField(max_length=255)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    refund_id = models.CharField(max_length=255, null=True)
    failure_code = models.CharField(max_length=100, blank=True, default="")
    checks = models.PositiveSmallIntegerField(default=0)
    next_check_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "gateway", "provider_id"], name="payments_late_once"
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_late_amount"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "intent", "id"], name="payments_late_intent"),
            models.Index(
                fields=["platform_id", "next_check_at"],
                condition=Q(next_check_at__isnull=False),
                name="payments_late_due",
            ),
        ]
