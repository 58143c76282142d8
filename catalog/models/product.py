"""A product (商品) with its variants, pictures and search words: one aggregate."""

from django.db import models

from catalog.contracts import ProductState
from catalog.models.brand import Brand
from catalog.models.category import Category
from catalog.models.media import Media
from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions

VISIBLE = models.Q(state="published", merchant_open=True)
# What buyers could see once and can't now: few, however much was changed a moment ago.
HIDDEN = models.Q(published_at__isnull=False) & ~VISIBLE


class Product(StatefulModel, ExternalRefModel):
    """What a merchant offers. Any change of a variant or picture counts ``version`` up too.

    ``merchant_open`` follows the merchant's approval, so that public lists need no join.
    ``title_key`` sorts by the title in the platform's main language.
    """

    TRANSITIONS = Transitions(
        ProductState,
        initial=ProductState.DRAFT,
        moves={
            ProductState.DRAFT: {ProductState.IN_REVIEW, ProductState.PUBLISHED},
            ProductState.IN_REVIEW: {
                ProductState.PUBLISHED,
                ProductState.RETURNED,
                ProductState.DRAFT,
            },
            ProductState.RETURNED: {
                ProductState.IN_REVIEW,
                ProductState.DRAFT,
                ProductState.PUBLISHED,
            },
            ProductState.PUBLISHED: {ProductState.WITHDRAWN},
            ProductState.WITHDRAWN: {
                ProductState.DRAFT,
                ProductState.IN_REVIEW,
                ProductState.PUBLISHED,
            },
        },
        endless=True,
    )

    state = models.CharField(max_length=10, choices=ProductState, default=ProductState.DRAFT)
    merchant_id = models.UUIDField()
    merchant_open = models.BooleanField(default=True)
    category = TenantForeignKey(
        Category, models.PROTECT, null=True, blank=True, related_name="products", db_index=False
    )
    brand = TenantForeignKey(
        Brand, models.PROTECT, null=True, blank=True, related_name="products", db_index=False
    )
    slug = models.CharField(max_length=80)
    titles = models.JSONField(default=dict)
    descriptions = models.JSONField(default=dict)
    title_key = models.CharField(max_length=120, default="", db_collation="C")
    options = models.JSONField(default=list)
    unit = models.CharField(max_length=3, default="C62")
    attributes = models.JSONField(default=dict)
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "slug"], name="catalog_product_slug"),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="catalog_product_external",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published") | models.Q(published_at__isnull=False),
                name="catalog_product_published",
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="catalog_product_updated"
            ),
            models.Index(
                fields=["platform_id", "updated_at", "id"],
                name="catalog_product_hidden",
                condition=HIDDEN,
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="catalog_product_of_merchant",
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "id"], name="catalog_product_merchant_id"
            ),
            models.Index(
                fields=["platform_id", "published_at", "id"],
                name="catalog_product_newest",
                condition=VISIBLE,
            ),
            models.Index(
                fields=["platform_id", "title_key", "id"],
                name="catalog_product_title",
                condition=VISIBLE,
            ),
            models.Index(
                fields=["platform_id", "category", "published_at", "id"],
                name="catalog_product_cat_newest",
                condition=VISIBLE,
            ),
            models.Index(
                fields=["platform_id", "category", "title_key", "id"],
                name="catalog_product_cat_title",
                condition=VISIBLE,
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "published_at", "id"],
                name="catalog_product_shop_newest",
                condition=VISIBLE,
            ),
            models.Index(fields=["platform_id", "category"], name="catalog_product_category"),
            models.Index(
                fields=["platform_id", "brand"],
                name="catalog_product_brand",
                condition=models.Q(brand__isnull=False),
            ),
        ]


class Variant(AggregateModel, ExternalRefModel):
    """What is stocked, priced and sold (规格). Never deleted: orders and stock name it by id."""

    product = TenantForeignKey(Product, models.PROTECT, related_name="variants", db_index=False)
    merchant_id = models.UUIDField()
    sku = models.CharField(max_length=64)
    options = models.JSONField(default=dict)
    options_key = models.CharField(max_length=64)
    weight_grams = models.PositiveIntegerField(default=0)
    # Packed, all three or none (checked when written): a column that may be empty and has no
    # constraint is added without a look at the rows, and without waiting for who writes them.
    length_mm = models.SmallIntegerField(null=True, blank=True)
    width_mm = models.SmallIntegerField(null=True, blank=True)
    height_mm = models.SmallIntegerField(null=True, blank=True)
    barcode = models.CharField(max_length=64, default="", blank=True)
    active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "sku"], name="catalog_variant_sku"
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="catalog_variant_external",
            ),
            models.UniqueConstraint(
                fields=["platform_id", "product", "options_key"],
                name="catalog_variant_options",
                condition=models.Q(active=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "product", "position"], name="catalog_variant_product"
            ),
            models.Index(
                fields=["platform_id", "merchant_id", "updated_at", "id"],
                name="catalog_variant_updated",
            ),
        ]


class Picture(TenantModel):
    """A picture at its place on a product."""

    product = TenantForeignKey(Product, models.CASCADE, related_name="pictures", db_index=False)
    variant = TenantForeignKey(
        Variant, models.CASCADE, null=True, blank=True, related_name="pictures", db_index=False
    )
    media = TenantForeignKey(Media, models.PROTECT, related_name="pictures", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    alts = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "product", "media"], name="catalog_picture_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "product", "position", "id"], name="catalog_picture_order"
            ),
            models.Index(fields=["platform_id", "media"], name="catalog_picture_media"),
        ]


class ProductToken(TenantModel):
    """One search word of one product: equality on text uses an index below row-level security,
    where LIKE and arrays don't.

    No foreign key: it is written with its product, which is never deleted, and read only to find
    it; checking a dozen of them for each product took as long as writing them."""

    product_id = models.UUIDField()
    token = models.CharField(max_length=40, db_collation="C")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "token", "product_id"], name="catalog_token_once"
            )
        ]
        indexes = [models.Index(fields=["platform_id", "product_id"], name="catalog_token_product")]
