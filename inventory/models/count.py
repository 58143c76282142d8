"""Stock counts (盘点): what lies on the shelf, beside what the books say."""

from django.db import models

from inventory.contracts import CountState
from inventory.models.stock import DIGITS, PLACES, Stock
from inventory.models.warehouse import Warehouse
from kernel.models import TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Count(StatefulModel):
    """One warehouse has one open count at most, or a difference would be booked twice."""

    TRANSITIONS = Transitions(
        CountState,
        initial=CountState.OPEN,
        moves={CountState.OPEN: {CountState.POSTED, CountState.CANCELLED}},
    )

    merchant_id = models.UUIDField()
    warehouse = TenantForeignKey(Warehouse, models.PROTECT, related_name="+", db_index=False)
    note = SealedText()
    cause = models.CharField(max_length=20, default="", blank=True)
    state = models.CharField(max_length=20, choices=CountState, default=CountState.OPEN)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "warehouse"],
                condition=models.Q(state="open"),
                name="inventory_count_open",
            )
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="inventory_count_updated",
            ),
        ]


class CountLine(TenantModel):
    """``booked`` is what the books said in the moment in which ``counted`` was entered."""

    count = TenantForeignKey(Count, models.CASCADE, related_name="lines", db_index=False)
    stock = TenantForeignKey(Stock, models.PROTECT, related_name="+", db_index=False)
    variant_id = models.UUIDField()
    unit = models.CharField(max_length=3)
    counted = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    booked = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    counted_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "count", "stock"], name="inventory_countline_once"
            ),
            models.CheckConstraint(
                condition=models.Q(counted__isnull=True)
                | (models.Q(counted__gte=0) & models.Q(booked__isnull=False)),
                name="inventory_countline_counted",
            ),
        ]
