"""How a merchant's shop (店铺) presents itself, and the shop's own categories (店铺分类)."""

from django.db import models

from catalog.models.media import Media
from catalog.models.product import Product
from kernel.models import AggregateModel, TenantForeignKey, TenantModel


class Shop(AggregateModel):
    """One merchant's profile: published texts by language, a wide picture and a sign."""

    merchant_id = models.UUIDField()
    abouts = models.JSONField(default=dict)
    notices = models.JSONField(default=dict)
    banner = TenantForeignKey(Media, models.PROTECT, null=True, related_name="+", db_index=False)
    banner_alts = models.JSONField(default=dict)
    logo = TenantForeignKey(Media, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "merchant_id"], name="catalog_shop_one")
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "banner"],
                name="catalog_shop_banner",
                condition=models.Q(banner__isnull=False),
            ),
            models.Index(
                fields=["platform_id", "logo"],
                name="catalog_shop_logo",
                condition=models.Q(logo__isnull=False),
            ),
        ]


class ShopCategory(AggregateModel):
    """A category of one shop; at most one level below another. Siblings stand by ``position``."""

    merchant_id = models.UUIDField()
    parent = TenantForeignKey(
        "self", models.PROTECT, null=True, related_name="children", db_index=False
    )
    names = models.JSONField(default=dict)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(AggregateModel.Meta):
        verbose_name_plural = "shop categories"
        indexes = [
            models.Index(
                fields=["platform_id", "merchant_id", "position", "id"],
                name="catalog_shopcat_list",
            ),
            models.Index(
                fields=["platform_id", "parent"],
                name="catalog_shopcat_parent",
                condition=models.Q(parent__isnull=False),
            ),
        ]


class ShopPlacement(TenantModel):
    """That a product stands in a category of its shop."""

    category = TenantForeignKey(
        ShopCategory, models.CASCADE, related_name="placements", db_index=False
    )
    product = TenantForeignKey(
        Product, models.CASCADE, related_name="shop_placements", db_index=False
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "category", "product"], name="catalog_placement_once"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "product"], name="catalog_placement_product")
        ]
