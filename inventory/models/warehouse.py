"""A merchant's warehouse (仓库)."""

from django.db import models

from kernel.models import AggregateModel, ExternalRefModel
from kernel.sealed_text import SealedText


class Warehouse(AggregateModel, ExternalRefModel):
    """Reservations take from active warehouses, the lowest ``priority`` first."""

    merchant_id = models.UUIDField()
    names = models.JSONField(default=dict)
    region = models.CharField(max_length=20, default="", blank=True)
    address = SealedText()
    priority = models.SmallIntegerField(default=0)
    active = models.BooleanField(default=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="inventory_warehouse_external",
            )
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="inventory_warehouse_list",
            )
        ]
