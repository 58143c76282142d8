"""A parcel (包裹) and what was reported of it."""

from typing import ClassVar

from django.db import models

from kernel.models import ExternalRefModel, TenantForeignKey, TenantModel
from kernel.sealed_text import SealedText
from kernel.states import StatefulModel, Transitions


class Shipment(StatefulModel, ExternalRefModel):
    """One parcel from one merchant. The address is sealed under the shipment's own subject."""

    class State(models.TextChoices):
        DRAFT = "draft"
        BOOKING = "booking"
        BOOKED = "booked"
        IN_TRANSIT = "in_transit"
        DELIVERED = "delivered"
        EXCEPTION = "exception"
        REFUSED = "refused"
        CANCELLED = "cancelled"

    TRANSITIONS = Transitions(
        State,
        initial=State.DRAFT,
        moves={
            State.DRAFT: {State.BOOKING, State.CANCELLED},
            State.BOOKING: {State.BOOKED, State.REFUSED},
            State.REFUSED: {State.CANCELLED},
            State.BOOKED: {
                State.IN_TRANSIT,
                State.DELIVERED,
                State.EXCEPTION,
                State.CANCELLED,
            },
            State.IN_TRANSIT: {State.DELIVERED, State.EXCEPTION},
            State.EXCEPTION: {State.IN_TRANSIT, State.DELIVERED},
        },
    )

    key = models.UUIDField()
    reference = models.CharField(max_length=80)
    merchant_id = models.UUIDField()
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    carrier = models.CharField(max_length=40)
    rate_code = models.CharField(max_length=40)
    waybill = models.CharField(max_length=60, default="")
    label_url = models.CharField(max_length=500, default="")
    weight_grams = models.PositiveIntegerField()
    lines = models.JSONField(default=list)
    sealed_address = models.TextField()
    problem = SealedText()
    cancelling = models.BooleanField(default=False)
    last_sequence = models.PositiveIntegerField(default=0)
    polled_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="logistics_shipment_key"),
            models.UniqueConstraint(
                fields=["platform_id", "carrier", "waybill"],
                name="logistics_waybill_once",
                condition=~models.Q(waybill=""),
            ),
            models.UniqueConstraint(
                fields=["platform_id", "merchant_id", "external_id"],
                name="logistics_shipment_external",
            ),
        ]
        indexes = [
            models.Index(fields=["platform_id", "reference"], name="logistics_shipment_ref"),
            models.Index(
                fields=["platform_id", "merchant_id", "-created_at", "-id"],
                name="logistics_shipment_list",
            ),
            models.Index(
                fields=["platform_id", "updated_at", "id"], name="logistics_shipment_since"
            ),
            models.Index(
                fields=["platform_id", "polled_at"],
                name="logistics_shipment_poll",
                condition=models.Q(state__in=["booked", "in_transit", "exception"]),
            ),
        ]


class TrackingEvent(TenantModel):
    """One report of the carrier; kept once, however often and in whatever order it comes."""

    TEXTS_OF: ClassVar = ("shipment_id",)

    shipment = TenantForeignKey(
        Shipment, on_delete=models.PROTECT, related_name="tracking", db_index=False
    )
    carrier_event = models.CharField(max_length=80)
    sequence = models.PositiveIntegerField()
    code = models.CharField(max_length=40)
    description = SealedText()
    location = SealedText()
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "shipment", "carrier_event"], name="logistics_tracking_once"
            )
        ]
