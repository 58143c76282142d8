"""What crosses the border about the parcels of an order."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class ParcelState(models.TextChoices):
    BOOKING = "booking", _("Being handed to the carrier")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    DROPPED = "dropped", _("Not sent: no carrier took it")


@dataclass(frozen=True)
class ParcelLineInfo:
    """So much of an order's line."""

    line_id: UUID
    variant_id: UUID
    sku: str
    titles: Mapping[str, str]
    unit: str
    quantity: Decimal


@dataclass(frozen=True)
class ParcelInfo:
    """One parcel of an order. ``shipment_id`` and ``waybill`` are known once it is sent; where it
    is, ``logistics.shipments_for`` says."""

    id: UUID
    key: UUID
    order_id: UUID
    number: str
    state: str
    shipment_id: UUID | None
    waybill: str
    begun_at: datetime
    sent_at: datetime | None
    delivered_at: datetime | None
    lines: tuple[ParcelLineInfo, ...] = ()
