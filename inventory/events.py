"""Facts this context publishes."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class StockChanged(Event):
    """On hand or reserved changed; the figures after it, in ``unit``. Not ``turned``: as before,
    some of it is free, or none is; true also where that can't be told from this stock alone."""

    NAME: ClassVar[str] = "inventory.stock.changed.v1"

    variant_id: UUID
    warehouse_id: UUID
    merchant_id: UUID
    on_hand: Decimal
    reserved: Decimal
    unit: str
    reason: str
    turned: bool = True


@dataclass(frozen=True)
class WarehouseChanged(Event):
    """A warehouse was renamed, moved, opened or closed: what lies there may now be had or not."""

    NAME: ClassVar[str] = "inventory.warehouse.changed.v1"

    warehouse_id: UUID
    merchant_id: UUID
    active: bool


@dataclass(frozen=True)
class ReservationMade(Event):
    NAME: ClassVar[str] = "inventory.reservation.made.v1"

    key: UUID
    expires_at: datetime


@dataclass(frozen=True)
class ReservationCommitted(Event):
    NAME: ClassVar[str] = "inventory.reservation.committed.v1"

    key: UUID


@dataclass(frozen=True)
class ReservationReleased(Event):
    """Given back: ``state`` is released or expired."""

    NAME: ClassVar[str] = "inventory.reservation.released.v1"

    key: UUID
    state: str


@dataclass(frozen=True)
class ReceiptChanged(Event):
    """An expected receipt was made or changed, or goods of it arrived."""

    NAME: ClassVar[str] = "inventory.receipt.changed.v1"

    receipt_id: UUID
    merchant_id: UUID
    warehouse_id: UUID
    state: str


@dataclass(frozen=True)
class TransferChanged(Event):
    """A transfer was requested, sent, received or cancelled."""

    NAME: ClassVar[str] = "inventory.transfer.changed.v1"

    transfer_id: UUID
    merchant_id: UUID
    state: str


@dataclass(frozen=True)
class CountChanged(Event):
    """A stock count was opened, posted or cancelled."""

    NAME: ClassVar[str] = "inventory.count.changed.v1"

    count_id: UUID
    merchant_id: UUID
    warehouse_id: UUID
    state: str


@dataclass(frozen=True)
class StockLow(Event):
    """Fewer are free than the merchant's own limit; once for each fall below it."""

    NAME: ClassVar[str] = "inventory.stock.low.v1"

    variant_id: UUID
    warehouse_id: UUID
    merchant_id: UUID
    available: Decimal
    low_at: Decimal
    unit: str


@dataclass(frozen=True)
class AheadChanged(Event):
    """How a variant is sold beyond its stock was changed, or how much of it is promised."""

    NAME: ClassVar[str] = "inventory.ahead.changed.v1"

    variant_id: UUID
    merchant_id: UUID
    mode: str
    limit: Decimal | None
    lead_days: int | None
    release_on: date | None
    promised: Decimal


@dataclass(frozen=True)
class PromiseMade(Event):
    """What isn't there was sold and paid: sent on ``due_on`` at the latest. ``key`` is the
    reservation's; a ``quantity`` of 0 lies there and waits for a pre-order's day."""

    NAME: ClassVar[str] = "inventory.promise.made.v1"

    key: UUID
    variant_id: UUID
    merchant_id: UUID
    mode: str
    quantity: Decimal
    unit: str
    due_on: date


@dataclass(frozen=True)
class PromiseFilled(Event):
    """So much of what was promised is there; ``waiting`` isn't yet."""

    NAME: ClassVar[str] = "inventory.promise.filled.v1"

    key: UUID
    variant_id: UUID
    merchant_id: UUID
    quantity: Decimal
    waiting: Decimal
    unit: str
    due_on: date


@dataclass(frozen=True)
class PromiseMoved(Event):
    """The merchant gives another day than the one that ``was`` promised."""

    NAME: ClassVar[str] = "inventory.promise.moved.v1"

    key: UUID
    variant_id: UUID
    merchant_id: UUID
    was: date
    due_on: date
