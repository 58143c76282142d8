"""Parcels (包裹) of an order: what of its lines is sent together, with one waybill."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from kernel.models import TenantForeignKey, TenantModel
from kernel.states import StatefulModel, Transitions
from marketplace.contracts_parcels import ParcelState
from marketplace.models.order import Order, OrderLine


class Parcel(StatefulModel):
    """One parcel of one order. ``key`` makes beginning repeatable. While it is ``booking``, its
    goods can neither be cancelled nor be put into another parcel; ``dropped``: no carrier took it,
    and they can. ``shipment_id`` and ``waybill`` are known from ``sent`` on; how it moves is told
    by logistics. Times are business times."""

    State = ParcelState

    TRANSITIONS: ClassVar[Transitions[ParcelState]] = Transitions(
        ParcelState,
        initial=ParcelState.BOOKING,
        moves={
            ParcelState.BOOKING: {ParcelState.SENT, ParcelState.DROPPED},
            ParcelState.SENT: {ParcelState.DELIVERED},
        },
    )

    state = models.CharField(max_length=12, choices=ParcelState, default=ParcelState.BOOKING)
    key = models.UUIDField()
    order = TenantForeignKey(Order, models.PROTECT, related_name="parcels", db_index=False)
    number = models.CharField(max_length=30)
    shipment_id = models.UUIDField(null=True)
    waybill = models.CharField(max_length=60, default="", blank=True)
    begun_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)

    class Meta(StatefulModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["platform_id", "key"], name="marketplace_parcel_key"),
            models.UniqueConstraint(
                fields=["platform_id", "number"], name="marketplace_parcel_number"
            ),
        ]
        indexes = [models.Index(fields=["platform_id", "order"], name="marketplace_parcel_order")]


class ParcelLine(TenantModel):
    """So much of an order's line is in the parcel."""

    parent = TenantForeignKey(Parcel, models.PROTECT, related_name="lines", db_index=False)
    line = TenantForeignKey(OrderLine, models.PROTECT, related_name="parcels", db_index=False)
    quantity = models.DecimalField(max_digits=10, decimal_places=3)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["platform_id", "parent", "line"], name="marketplace_parcelline_once"
            ),
            models.CheckConstraint(condition=Q(quantity__gt=0), name="marketplace_parcelline_some"),
        ]
        indexes = [
            models.Index(fields=["platform_id", "line"], name="marketplace_parcelline_line"),
        ]
