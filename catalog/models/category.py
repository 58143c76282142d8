"""A category (类目): a node of the platform's tree."""

from django.db import models

from kernel.models import AggregateModel, ExternalRefModel, TenantForeignKey

DEPTH_MAX = 6


class Category(AggregateModel, ExternalRefModel):
    """``path`` is materialised from the slugs (``pantry/rice``): a branch is one range of it."""

    parent = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", db_index=False
    )
    slug = models.CharField(max_length=80)
    path = models.CharField(max_length=500, db_collation="C")
    depth = models.PositiveSmallIntegerField(default=0)
    position = models.IntegerField(default=0)
    names = models.JSONField(default=dict)
    name_key = models.CharField(max_length=120, default="", db_collation="C")

    class Meta(AggregateModel.Meta):
        verbose_name_plural = "categories"
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "slug"], name="catalog_category_slug"),
            models.UniqueConstraint(fields=["platform_id", "path"], name="catalog_category_path"),
            models.UniqueConstraint(
                fields=["platform_id", "external_id"], name="catalog_category_external"
            ),
            models.CheckConstraint(
                condition=models.Q(depth__lt=DEPTH_MAX), name="catalog_category_depth"
            ),
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="catalog_category_updated"
            ),
            models.Index(fields=["platform_id", "parent"], name="catalog_category_parent"),
        ]
