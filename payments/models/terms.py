"""What is agreed with merchants: commission rules (佣金规则), payout plans (结算周期), the bank
account, and the monthly invoices of fees."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from kernel.models import AggregateModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts_terms import ChangeState, Interval


class CommissionRule(AggregateModel):
    """``rate`` in per cent and ``fixed`` in minor units of ``currency``, from ``valid_from`` until
    before ``valid_until`` (business times). Empty ``merchant_id`` and ``category``: for all. A
    category is named by its slash path or id, as the caller of the payment names it."""

    merchant_id = models.UUIDField(null=True)
    category = models.CharField(max_length=200, blank=True, default="")
    rate = models.DecimalField(max_digits=7, decimal_places=4)
    fixed = models.BigIntegerField(default=0)
    minimum = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True, default="")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True)
    note = SealedText()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(rate__gte=0, rate__lte=50) & Q(fixed__gte=0) & Q(minimum__gte=0),
                name="payments_commission_amounts",
            ),
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="payments_commission_period",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "valid_from"], name="payments_commission_find"
            ),
        ]


class PayoutPlan(AggregateModel):
    """When a merchant is paid out by itself. ``day``: 1 (Monday) to 7, or 1 to 28 of the month.
    Only what has been available for ``hold_days`` is paid. ``next_run_at``, ``paused_until``,
    ``held_until`` and ``upcoming_from`` are business times; a pause without an end waits for
    another bank account. ``held`` is an operator's hold, which ends no pause. ``upcoming``: what
    holds from ``upcoming_from`` on, by the same names."""

    merchant_id = models.UUIDField()
    interval = models.CharField(max_length=10, choices=Interval, default=Interval.MANUAL)
    day = models.PositiveSmallIntegerField(default=1)
    minimum = models.BigIntegerField(default=0)
    hold_days = models.PositiveSmallIntegerField(default=0)
    next_run_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    pause = models.CharField(max_length=100, blank=True, default="")
    held = models.BooleanField(default=False)
    held_until = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    upcoming = models.JSONField(default=dict)
    upcoming_from = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id"], name="payments_plan_one"
            ),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=28, minimum__gte=0), name="payments_plan_values"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "next_run_at"],
                condition=Q(next_run_at__isnull=False),
                name="payments_plan_due",
            ),
            models.Index(
                fields=["platform_id", "upcoming_from"],
                condition=Q(upcoming_from__isnull=False),
                name="payments_plan_upcoming",
            ),
        ]


class AccountChange(StatefulModel):
    """Another bank account for a merchant's payouts: one proposes, another confirms (四眼)."""

    TRANSITIONS: ClassVar[Transitions[ChangeState]] = Transitions(
        ChangeState,
        initial=ChangeState.PROPOSED,
        moves={
            ChangeState.PROPOSED: {
                ChangeState.CONFIRMED,
                ChangeState.REFUSED,
                ChangeState.WITHDRAWN,
            }
        },
    )

    state = models.CharField(max_length=20, choices=ChangeState, default=ChangeState.PROPOSED)
    merchant_id = models.UUIDField()
    bank = models.CharField(max_length=100)
    last4 = models.CharField(max_length=4)
    details_sealed = models.TextField()
    proposed_by = models.UUIDField()
    decided_by = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    reason = SealedText()

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id"],
                condition=Q(state="proposed"),
                name="payments_accountchange_open",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="payments_accountchange_list"
            ),
        ]


class FeeInvoice(AggregateModel):
    """What the platform charged a merchant in a month: ``lines`` are ``[code, amount]`` in minor
    units, negative for what was given back; ``month`` is its first day."""

    merchant_id = models.UUIDField()
    number = models.CharField(max_length=60)
    month = models.DateField()
    currency = models.CharField(max_length=3)
    total = models.BigIntegerField()
    lines = models.JSONField(default=list)
    issued_at = models.DateTimeField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "currency", "month"],
                name="payments_feeinvoice_month",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="payments_feeinvoice_number"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="payments_feeinvoice_list"
            ),
        ]
