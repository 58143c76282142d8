"""When a shop is on holiday (店铺休假)."""

from django.db import models
from django.db.models import F, Q

from kernel.models import AggregateModel


class Vacation(AggregateModel):
    """A merchant's one holiday: business times from ``starts_at`` until ``ends_at``, both empty
    while none is planned. ``messages`` are published texts by language."""

    merchant_id = models.UUIDField()
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    messages = models.JSONField(default=dict)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id"], name="marketplace_vacation_one"
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True, ends_at__isnull=True)
                | Q(ends_at__gt=F("starts_at")),
                name="marketplace_vacation_times",
            ),
        ]
