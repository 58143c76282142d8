"""A brand (品牌)."""

from django.db import models

from kernel.models import AggregateModel, ExternalRefModel


class Brand(AggregateModel, ExternalRefModel):
    """The operator's list, so that one brand isn't written in five ways."""

    code = models.CharField(max_length=40)
    names = models.JSONField(default=dict)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "code"], name="catalog_brand_code"),
            models.UniqueConstraint(
                fields=["platform_id", "external_id"], name="catalog_brand_external"
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "updated_at", "id"], name="catalog_brand_updated")
        ]
