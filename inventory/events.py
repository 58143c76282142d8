"""Facts this context publishes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class StockChanged(Event):
    """On hand or reserved changed; the figures after it, in ``unit``."""

    NAME: ClassVar[str] = "inventory.stock.changed.v1"

    variant_id: UUID
    warehouse_id: UUID
    merchant_id: UUID
    on_hand: Decimal
    reserved: Decimal
    unit: str
    reason: str


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
