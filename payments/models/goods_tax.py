"""How goods are taxed (税收分类编码): one article of a merchant, or a category."""

from django.db import models
from django.db.models import Q

from kernel.models import AggregateModel


class GoodsTax(AggregateModel):
    """The tax class of an article (``sku``) or of a ``category`` (slash path) with all within it.
    Without ``merchant_id`` it is the platform's word on a category. ``tax``: a tax class."""

    merchant_id = models.UUIDField(null=True)
    sku = models.CharField(max_length=64, blank=True, default="")
    category = models.CharField(max_length=200, blank=True, default="")
    tax = models.JSONField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "sku", "category"],
                condition=Q(merchant_id__isnull=False),
                name="payments_goodstax_own",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "category"],
                condition=Q(merchant_id__isnull=True),
                name="payments_goodstax_platform",
            ),
            models.CheckConstraint(
                condition=(Q(category="") & ~Q(sku="") & Q(merchant_id__isnull=False))
                | (Q(sku="") & ~Q(category="")),
                name="payments_goodstax_what",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="payments_goodstax_list")
        ]
