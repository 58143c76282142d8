"""Reduced prices for a time (限时特价)."""

from django.db import models
from django.db.models import F, Q

from kernel.models import TenantForeignKey
from kernel.states import StatefulModel, Transitions
from marketplace.models.offer import Offer


class Sale(StatefulModel):
    """An offer costs ``unit_price`` (major units) from ``starts_at`` until ``ends_at``, business
    times. While it is running, ``regular_price`` is what it costs otherwise."""

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        OVER = "over"
        CANCELLED = "cancelled"

    TRANSITIONS = Transitions(
        State,
        initial=State.PLANNED,
        moves={
            State.PLANNED: {State.RUNNING, State.CANCELLED},
            State.RUNNING: {State.OVER},
        },
    )

    state = models.CharField(max_length=10, choices=State, default=State.PLANNED)
    offer = TenantForeignKey(Offer, models.PROTECT, related_name="sales", db_index=False)
    variant_id = models.UUIDField()
    merchant_id = models.UUIDField()
    unit_price = models.DecimalField(max_digits=18, decimal_places=6)
    regular_price = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    currency = models.CharField(max_length=3)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta(StatefulModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) & Q(unit_price__gt=0),
                name="marketplace_sale_values",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "offer"],
                condition=Q(state="running"),
                name="marketplace_sale_one",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "offer", "id"], name="marketplace_sale_offer"),
            models.Index(fields=["platform_id", "merchant_id", "id"], name="marketplace_sale_list"),
            models.Index(
                fields=["platform_id", "starts_at"],
                name="marketplace_sale_starts",
                condition=Q(state="planned"),
            ),
            models.Index(
                fields=["platform_id", "ends_at"],
                name="marketplace_sale_ends",
                condition=Q(state="running"),
            ),
        ]
