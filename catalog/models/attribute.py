"""Attributes (属性) of goods, and the sets of them by category (属性集)."""

from django.db import models

from catalog.contracts import AttributeKind
from catalog.models.category import Category
from kernel.models import AggregateModel, TenantForeignKey, TenantModel


class Attribute(AggregateModel):
    """One property, the same in all categories that use it. ``values`` are the allowed ones of a
    choice, ``[{"code", "names"}]``; ``unit`` is a number's (UN/ECE Rec 20)."""

    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=AttributeKind)
    names = models.JSONField(default=dict)
    unit = models.CharField(max_length=3, default="", blank=True)
    values = models.JSONField(default=list)
    facet = models.BooleanField(default=False)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "code"], name="catalog_attribute_code")
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="catalog_attribute_updated"
            )
        ]


class CategoryAttribute(TenantModel):
    """That goods of a category, and of all below it, have an attribute. A category further down may
    say otherwise whether it is required."""

    category = TenantForeignKey(Category, models.CASCADE, related_name="attributes", db_index=False)
    attribute = TenantForeignKey(
        Attribute, models.PROTECT, related_name="categories", db_index=False
    )
    required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "category", "attribute"], name="catalog_set_once"
            )
        ]
        indexes = [models.Index(fields=["platform_id", "attribute"], name="catalog_set_attribute")]
