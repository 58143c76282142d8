"""What a buyer keeps for the next time: addresses (地址簿) and goods (收藏)."""

from django.db import models

from kernel.models import AggregateModel, TenantModel


class SavedAddress(AggregateModel):
    """Contact and address, sealed for the buyer; ``region`` alone stays readable."""

    buyer_id = models.UUIDField()
    region = models.CharField(max_length=2)
    sealed_details = models.TextField()
    preferred = models.BooleanField(default=False)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "buyer_id"],
                condition=models.Q(preferred=True),
                name="marketplace_address_preferred",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "buyer_id", "id"], name="marketplace_address_list")
        ]


class SavedItem(TenantModel):
    """A variant that the buyer wants to find again, and how many of it."""

    buyer_id = models.UUIDField()
    variant_id = models.UUIDField()
    quantity = models.DecimalField(max_digits=18, decimal_places=6)
    saved_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "buyer_id", "variant_id"], name="marketplace_saved_once"
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "buyer_id", "-id"], name="marketplace_saved_list")
        ]
