"""Stock (库存) and its movements."""

from typing import ClassVar

from django.db import models

from inventory.models.warehouse import Warehouse
from kernel.models import AggregateModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText

DIGITS, PLACES = 18, 3


class Stock(AggregateModel):
    """One variant in one warehouse, in the variant's unit. The checks are the last guard against
    selling what isn't there; the services lock the row first."""

    merchant_id = models.UUIDField()
    variant_id = models.UUIDField()
    warehouse = TenantForeignKey(Warehouse, models.PROTECT, related_name="stock", db_index=False)
    unit = models.CharField(max_length=3, default="C62")
    on_hand = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)
    reserved = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, default=0)
    # Fewer free than ``low_at`` is low; since when, and when the merchant was told of it.
    low_at = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES, null=True)
    low_since = models.DateTimeField(null=True)
    low_told_at = models.DateTimeField(null=True)

    class Meta(AggregateModel.Meta):
        verbose_name_plural = "stock"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "variant_id", "warehouse"], name="inventory_stock_once"
            ),
            models.CheckConstraint(
                condition=models.Q(reserved__gte=0), name="inventory_stock_reserved"
            ),
            models.CheckConstraint(
                condition=models.Q(reserved__lte=models.F("on_hand")),
                name="inventory_stock_no_oversell",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="inventory_stock_updated",
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="inventory_stock_merchant"
            ),
            models.Index(fields=["platform_id", "warehouse"], name="inventory_stock_warehouse"),
            models.Index(
                fields=["platform_id", "merchant_id", "id"],
                name="inventory_stock_low",
                condition=models.Q(low_since__isnull=False),
            ),
        ]


class Movement(TenantModel):
    """One change of what is on hand. Append-only: their sum is the stock."""

    TEXTS_OF: ClassVar = ("stock_id",)

    class Reason(models.TextChoices):
        SET = "set"
        ADJUSTED = "adjusted"
        SOLD = "sold"
        RESTOCKED = "restocked"
        TRANSFERRED_OUT = "transferred_out"
        TRANSFERRED_IN = "transferred_in"
        TRANSFER_BACK = "transfer_back"

    stock = TenantForeignKey(Stock, models.PROTECT, related_name="movements", db_index=False)
    merchant_id = models.UUIDField()
    variant_id = models.UUIDField()
    warehouse_id = models.UUIDField()
    delta = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    on_hand = models.DecimalField(max_digits=DIGITS, decimal_places=PLACES)
    reason = models.CharField(max_length=40)
    note = SealedText()
    reference = models.UUIDField(null=True)
    business_at = models.DateTimeField()
    created_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["platform_id", "stock", "id"], name="inventory_movement_stock"),
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="inventory_movement_list"
            ),
        ]
