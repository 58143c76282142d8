"""What crosses this context's border: frozen dataclasses and enums."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReservationState(models.TextChoices):
    HELD = "held", _("Held")
    COMMITTED = "committed", _("Committed")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


@dataclass(frozen=True)
class StockLine:
    """So much of one variant, in the variant's own unit; at most three decimals."""

    variant_id: UUID
    quantity: Decimal


@dataclass(frozen=True)
class WarehouseInfo:
    """A merchant's warehouse (仓库). Stock is taken from the lowest ``priority`` first."""

    id: UUID
    merchant_id: UUID
    names: Mapping[str, str]
    region: str
    address: str
    priority: int
    active: bool
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class StockInfo:
    """The stock (库存) of one variant in one warehouse, in ``unit`` (Rec 20)."""

    id: UUID
    merchant_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    on_hand: Decimal
    reserved: Decimal
    unit: str
    version: int
    updated_at: datetime

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved


@dataclass(frozen=True)
class MovementInfo:
    """One change of what is on hand; ``on_hand`` is the figure after it."""

    id: UUID
    stock_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    delta: Decimal
    on_hand: Decimal
    reason: str
    note: str
    reference: UUID | None
    business_at: datetime
    created_at: datetime


@dataclass(frozen=True)
class ReservationLineInfo:
    """What a reservation holds of one stock."""

    stock_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    merchant_id: UUID
    quantity: Decimal


@dataclass(frozen=True)
class ReservationInfo:
    """Goods held for a buyer (预留) until ``expires_at`` on the business clock."""

    id: UUID
    key: UUID
    state: ReservationState
    expires_at: datetime
    lines: tuple[ReservationLineInfo, ...]
    version: int
    created_at: datetime


@dataclass(frozen=True)
class StockSetting:
    """One row of a batch: set to ``on_hand`` (when ``expected`` is what it is now), or change by
    ``delta`` for ``reason``. The variant by id or by SKU."""

    warehouse_id: UUID
    variant_id: UUID | None = None
    sku: str | None = None
    on_hand: Decimal | None = None
    expected: Decimal | None = None
    delta: Decimal | None = None
    reason: str = ""
    note: str = ""
