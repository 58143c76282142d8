"""Counters of requests; the table is UNLOGGED, since a crash may forget them."""

from django.db import models

from kernel.models import TenantModel


class RateCounter(TenantModel):
    """Hits of one bucket in one fixed window."""

    bucket = models.CharField(max_length=200)
    window_start = models.DateTimeField()
    hits = models.BigIntegerField()
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "bucket", "window_start"], name="kernel_rate_window"
            )
        ]
        indexes = [models.Index(fields=["expires_at"], name="kernel_rate_expiry")]
