"""Facts about shipments."""

from dataclasses import dataclass
from typing import ClassVar

from kernel.outbox import Event


@dataclass(frozen=True)
class ShipmentBooked(Event):
    """The carrier issued a waybill."""

    NAME: ClassVar[str] = "logistics.shipment.booked.v1"
    shipment_id: str
    reference: str
    waybill: str
    carrier: str
    label_url: str


@dataclass(frozen=True)
class ShipmentMoved(Event):
    """The carrier reported something on the way."""

    NAME: ClassVar[str] = "logistics.shipment.moved.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"description", "location"})
    shipment_id: str
    reference: str
    waybill: str
    code: str
    description: str
    location: str
    occurred_at: str
    sequence: int = 0


@dataclass(frozen=True)
class ShipmentDelivered(Event):
    """The parcel was handed over."""

    NAME: ClassVar[str] = "logistics.shipment.delivered.v1"
    shipment_id: str
    reference: str
    waybill: str
    occurred_at: str
    sequence: int = 0


@dataclass(frozen=True)
class ShipmentCancelled(Event):
    """The parcel won't be sent."""

    NAME: ClassVar[str] = "logistics.shipment.cancelled.v1"
    shipment_id: str
    reference: str
