"""One order paid in instalments (分期): a deposit now, the rest later."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions
from payments.contracts_instalments import OnDefault, PlanState
from payments.models.escrow import Escrow


class InstalmentPlan(ExternalRefModel, StatefulModel):
    """``grace_days`` after an instalment was due without a payment the plan fails, and what was
    paid goes where ``on_default`` says. ``remind_days`` before it is due the payer is reminded."""

    TRANSITIONS: ClassVar[Transitions[PlanState]] = Transitions(
        PlanState,
        initial=PlanState.ACTIVE,
        moves={PlanState.ACTIVE: {PlanState.COMPLETED, PlanState.DEFAULTED, PlanState.CANCELED}},
    )

    state = models.CharField(max_length=20, choices=PlanState, default=PlanState.ACTIVE)
    key = models.UUIDField()
    merchant_id = models.UUIDField()
    reference = models.CharField(max_length=100)
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    on_default = models.CharField(max_length=20, choices=OnDefault)
    grace_days = models.PositiveSmallIntegerField()
    remind_days = models.PositiveSmallIntegerField()

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="payments_instplan_key"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                condition=Q(external_id__isnull=False),
                name="payments_instplan_external",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="payments_instplan_amount"),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="payments_instplan_list"
            ),
        ]


class Instalment(TenantModel):
    """One payment of a plan, held in an escrow of its own. Times are business times."""

    plan = TenantForeignKey(
        InstalmentPlan, on_delete=models.PROTECT, related_name="instalments", db_index=False
    )
    escrow = TenantForeignKey(Escrow, on_delete=models.PROTECT, related_name="instalments")
    intent_id = models.UUIDField()
    place = models.PositiveSmallIntegerField()
    amount = models.BigIntegerField()
    due_at = models.DateTimeField()
    open = models.BooleanField(default=True)
    reminded_at = models.DateTimeField(null=True)
    overdue_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "plan", "place"], name="payments_instalment_place"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "intent_id"], name="payments_instalment_intent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "due_at"],
                condition=Q(open=True),
                name="payments_instalment_due",
            ),
        ]


class InstalmentTerms(AggregateModel):
    """The platform's terms for paying in parts from ``valid_from`` (business time) on, until others
    begin. ``first_percent`` of the whole is at least the first part."""

    first_percent = models.PositiveSmallIntegerField()
    most_parts = models.PositiveSmallIntegerField()
    longest_days = models.PositiveSmallIntegerField()
    most_grace_days = models.PositiveSmallIntegerField()
    valid_from = models.DateTimeField()
    note = SealedText()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(first_percent__lte=90, most_parts__gte=2, longest_days__gte=1),
                name="payments_instterms_values",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "valid_from"], name="payments_instterms_find"),
        ]
