"""Uploaded pictures."""

from django.db import models

from kernel.models import AggregateModel


class Media(AggregateModel):
    """One uploaded picture of one merchant; its files are named by the content's digest.

    Uploading the same bytes again finds the same row. Rows that no product uses go after a day.
    """

    merchant_id = models.UUIDField(null=True)
    digest = models.CharField(max_length=64)
    filename = models.CharField(max_length=200, default="", blank=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sizes = models.JSONField()

    class Meta(AggregateModel.Meta):
        verbose_name_plural = "media"
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "digest", "merchant_id"],
                name="catalog_media_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "merchant_id", "id"], name="catalog_media_list"),
            models.Index(fields=["platform_id", "updated_at", "id"], name="catalog_media_age"),
        ]
