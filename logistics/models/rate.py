"""A merchant's own tariffs."""

from django.db import models

from kernel.models import AggregateModel, ExternalRefModel


class Rate(AggregateModel, ExternalRefModel):
    """One zone's tariff of one merchant; where a merchant has none, the platform's hold."""

    merchant_id = models.UUIDField()
    rule = models.JSONField()

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"], name="logistics_rate_external"
            )
        ]
        indexes = [models.Index(fields=["platform_id", "merchant_id"], name="logistics_rate_of")]
