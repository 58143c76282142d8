"""What the carrier keeps: waybills (运单) and tracking events (轨迹)."""

from django.db import models

from .base import Owned


class WaybillStatus(models.TextChoices):
    BOOKED = "booked"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in_transit"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    EXCEPTION = "exception"
    RETURNED = "returned"
    CANCELLED = "cancelled"


class Waybill(Owned):
    no = models.CharField(max_length=20, unique=True)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    reference = models.CharField(max_length=140, db_index=True)
    service = models.CharField(max_length=30)
    recipient = models.JSONField()
    sender = models.JSONField(default=dict)
    parcels = models.JSONField(default=list)
    weight_grams = models.PositiveIntegerField()
    status = models.CharField(max_length=20, choices=WaybillStatus)
    route = models.JSONField()
    label_token = models.CharField(max_length=60, unique=True)
    created_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="sandbox_waybill_key")
        ]


class TrackingEvent(Owned):
    waybill = models.ForeignKey(Waybill, models.CASCADE, related_name="events")
    sequence = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=30)
    description = models.CharField(max_length=200)
    location = models.CharField(max_length=100)
    occurred_at = models.DateTimeField()

    class Meta(Owned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["waybill", "sequence"], name="sandbox_tracking_order")
        ]
