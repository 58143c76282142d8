"""Uploaded videos, and their places on products."""

from django.db import models

from catalog.contracts_video import VideoKind
from catalog.models.product import Product
from kernel.models import AggregateModel, TenantForeignKey, TenantModel


class VideoFile(AggregateModel):
    """One uploaded video of one merchant; its file is named by the content's digest.

    Uploading the same bytes again finds the same row. Rows that no product uses go after a day.
    """

    merchant_id = models.UUIDField()
    digest = models.CharField(max_length=64)
    kind = models.CharField(max_length=4, choices=VideoKind)
    size = models.PositiveBigIntegerField()
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    filename = models.CharField(max_length=200, default="", blank=True)

    class Meta(AggregateModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "digest", "merchant_id"], name="catalog_videofile_once"
            )
        ]
        indexes = [
            models.Index(fields=["platform_id", "updated_at", "id"], name="catalog_videofile_age"),
        ]


class Video(TenantModel):
    """A video at its place on a product."""

    product = TenantForeignKey(Product, models.CASCADE, related_name="videos", db_index=False)
    file = TenantForeignKey(VideoFile, models.PROTECT, related_name="videos", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    titles = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "product", "file"], name="catalog_video_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["platform_id", "product", "position", "id"], name="catalog_video_order"
            ),
            models.Index(fields=["platform_id", "file"], name="catalog_video_file"),
        ]
