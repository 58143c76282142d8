"""Which products belong together (关联商品)."""

from django.db import models

from catalog.models.product import Product
from kernel.models import TenantForeignKey, TenantModel


class Related(TenantModel):
    """That a product's page shows another one; ``position`` orders them."""

    product = TenantForeignKey(Product, models.CASCADE, related_name="related", db_index=False)
    other = TenantForeignKey(Product, models.CASCADE, related_name="related_by", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "product", "other"], name="catalog_related_once"
            ),
            models.CheckConstraint(
                condition=~models.Q(product=models.F("other")), name="catalog_related_to_another"
            ),
        ]
        indexes = [models.Index(fields=["platform_id", "other"], name="catalog_related_other")]
