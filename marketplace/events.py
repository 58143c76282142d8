"""Facts of trading. Ids are UUIDs; money is in minor units with its currency."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event
from marketplace.events_cancelling import (
    CancellationAccepted,
    CancellationEvent,
    CancellationLapsed,
    CancellationRefunded,
    CancellationRejected,
    CancellationRequested,
    CancellationWithdrawn,
    OrderPacking,
)
from marketplace.events_price_lists import GroupMemberMoved, PriceListChanged
from marketplace.events_returns import (
    OrderMessageWritten,
    ReturnApproved,
    ReturnEvent,
    ReturnExchanged,
    ReturnLapsed,
    ReturnReceived,
    ReturnRefunded,
    ReturnRejected,
    ReturnRequested,
    ReturnResent,
    ReturnSent,
    ReturnTurned,
    ReturnWithdrawn,
)

__all__ = [
    "CancellationAccepted",
    "CancellationEvent",
    "CancellationLapsed",
    "CancellationRefunded",
    "CancellationRejected",
    "CancellationRequested",
    "CancellationWithdrawn",
    "GroupMemberMoved",
    "OrderCancelled",
    "OrderCompleted",
    "OrderDelivered",
    "OrderMessageWritten",
    "OrderPacking",
    "OrderPaid",
    "OrderPartlyShipped",
    "OrderPlaced",
    "OrderShipped",
    "ParcelEvent",
    "PriceChanged",
    "PriceListChanged",
    "ReturnApproved",
    "ReturnEvent",
    "ReturnExchanged",
    "ReturnLapsed",
    "ReturnReceived",
    "ReturnRefunded",
    "ReturnRejected",
    "ReturnRequested",
    "ReturnResent",
    "ReturnSent",
    "ReturnTurned",
    "ReturnWithdrawn",
    "VacationChanged",
]


@dataclass(frozen=True)
class PriceChanged(Event):
    """A variant's price (per unit, major units) was set, or its offer withdrawn (None)."""

    NAME: ClassVar[str] = "marketplace.price.changed.v1"
    variant_id: UUID
    merchant_id: UUID
    unit_price: Decimal | None
    currency: str


@dataclass(frozen=True)
class VacationChanged(Event):
    """A shop's holiday was set (business times), or ended or called off (None)."""

    NAME: ClassVar[str] = "marketplace.vacation.changed.v1"
    merchant_id: UUID
    starts_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True)
class OrderPlaced(Event):
    """A buyer ordered; nothing is paid yet. ``total`` is the merchant's part of the group's, after
    ``discount_total`` was taken off, of which the platform pays ``platform_discount``."""

    NAME: ClassVar[str] = "marketplace.order.placed.v1"
    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID
    total: Money
    discount_total: Money | None = None
    platform_discount: Money | None = None


@dataclass(frozen=True)
class OrderPaid(Event):
    """The group's payment arrived."""

    NAME: ClassVar[str] = "marketplace.order.paid.v1"
    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID
    total: Money
    commission: Money


@dataclass(frozen=True)
class ParcelEvent(Event):
    """A carrier has a waybill for a parcel of the order; ``parcel`` is its number."""

    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID
    shipment_id: UUID | None
    waybill: str
    parcel: str = ""


@dataclass(frozen=True)
class OrderPartlyShipped(ParcelEvent):
    """A parcel was sent, and others are still to come."""

    NAME: ClassVar[str] = "marketplace.order.partly_shipped.v1"


@dataclass(frozen=True)
class OrderShipped(ParcelEvent):
    """Nothing is left to be sent: this is the only parcel, or the last one. Without a parcel: what
    was left was cancelled."""

    NAME: ClassVar[str] = "marketplace.order.shipped.v1"


@dataclass(frozen=True)
class OrderDelivered(Event):
    """Every parcel was handed over."""

    NAME: ClassVar[str] = "marketplace.order.delivered.v1"
    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID


@dataclass(frozen=True)
class OrderCompleted(Event):
    """The time after delivery passed without a complaint."""

    NAME: ClassVar[str] = "marketplace.order.completed.v1"
    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID


@dataclass(frozen=True)
class OrderCancelled(Event):
    """The order won't be carried out; ``was_paid`` says whether money had to go back."""

    NAME: ClassVar[str] = "marketplace.order.cancelled.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"reason"})
    order_id: UUID
    group_id: UUID
    number: str
    merchant_id: UUID
    reason: str
    was_paid: bool


@dataclass(frozen=True)
class PromotionMoved(Event):
    """A promotion became active, was paused or ended. ``merchant_id`` None: the platform's."""

    NAME: ClassVar[str] = "marketplace.promotion.moved.v1"
    promotion_id: UUID
    merchant_id: UUID | None
    state: str
