"""What crosses this context's border: frozen dataclasses and enums."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReservationState(models.TextChoices):
    HELD = "held", _("Held")
    COMMITTED = "committed", _("Committed")
    RELEASED = "released", _("Released")
    EXPIRED = "expired", _("Expired")


class ReceiptState(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("receipt", "Draft")
    EXPECTED = "expected", pgettext_lazy("receipt", "Expected")
    PARTLY_RECEIVED = "partly_received", pgettext_lazy("receipt", "Partly received")
    RECEIVED = "received", pgettext_lazy("receipt", "Received")
    CANCELLED = "cancelled", pgettext_lazy("receipt", "Cancelled")


class TransferState(models.TextChoices):
    REQUESTED = "requested", pgettext_lazy("transfer", "Requested")
    SENT = "sent", pgettext_lazy("transfer", "On the way")
    RECEIVED = "received", pgettext_lazy("transfer", "Received")
    CANCELLED = "cancelled", pgettext_lazy("transfer", "Cancelled")


class CountState(models.TextChoices):
    OPEN = "open", pgettext_lazy("count", "Being counted")
    POSTED = "posted", pgettext_lazy("count", "Posted")
    CANCELLED = "cancelled", pgettext_lazy("count", "Cancelled")


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
    """The stock (库存) of one variant in one warehouse, in ``unit`` (Rec 20).

    ``incoming`` (在途) is what receipts and transfers are still to bring; it can't be sold yet.
    Fewer free than ``low_at`` (预警线) is low, since ``low_since``. ``promised`` (预订) is what of
    the variant was sold beyond all its stock and hasn't come yet.
    """

    id: UUID
    merchant_id: UUID
    variant_id: UUID
    warehouse_id: UUID
    on_hand: Decimal
    reserved: Decimal
    unit: str
    low_at: Decimal | None
    low_since: datetime | None
    version: int
    updated_at: datetime
    incoming: Decimal = Decimal(0)
    promised: Decimal = Decimal(0)

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved

    @property
    def low(self) -> bool:
        return self.low_since is not None


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


@dataclass(frozen=True)
class GoodsLine:
    """So much of a variant, named by its id or by its SKU, in the variant's own unit."""

    quantity: Decimal
    variant_id: UUID | None = None
    sku: str | None = None


@dataclass(frozen=True)
class ReceiptLineInfo:
    """``missing`` is still to come, or never came; ``over`` came on top."""

    variant_id: UUID
    unit: str
    expected: Decimal
    received: Decimal

    @property
    def missing(self) -> Decimal:
        return max(self.expected - self.received, Decimal(0))

    @property
    def over(self) -> Decimal:
        return max(self.received - self.expected, Decimal(0))


@dataclass(frozen=True)
class ReceiptInfo:
    """An expected receipt (采购到货): what is to arrive where, and what has."""

    id: UUID
    merchant_id: UUID
    warehouse_id: UUID
    reference: str
    expected_on: date | None
    note: str
    state: ReceiptState
    lines: tuple[ReceiptLineInfo, ...]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class DeliveryInfo:
    """One delivery of a receipt, as it was booked."""

    delivery: str
    note: str
    lines: tuple[StockLine, ...]
    created_at: datetime


@dataclass(frozen=True)
class TransferLineInfo:
    """``received`` is None until the transfer has ended; what is missing then was lost."""

    variant_id: UUID
    unit: str
    quantity: Decimal
    received: Decimal | None

    @property
    def lost(self) -> Decimal:
        return Decimal(0) if self.received is None else self.quantity - self.received


@dataclass(frozen=True)
class TransferInfo:
    """Goods that move between two warehouses (调拨)."""

    id: UUID
    merchant_id: UUID
    source_id: UUID
    target_id: UUID
    note: str
    loss_cause: str
    loss_note: str
    state: TransferState
    lines: tuple[TransferLineInfo, ...]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class CountEntry:
    """What lies on the shelf of a variant; None takes the number back."""

    counted: Decimal | None
    variant_id: UUID | None = None
    sku: str | None = None


@dataclass(frozen=True)
class CountLineInfo:
    """``booked`` is what the books said when ``counted`` was entered; ``on_hand`` says now."""

    id: UUID
    variant_id: UUID
    unit: str
    on_hand: Decimal
    counted: Decimal | None
    booked: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        if self.counted is None or self.booked is None:
            return None
        return self.counted - self.booked


@dataclass(frozen=True)
class CountInfo:
    """A stock count (盘点) of one warehouse; ``counted`` of its ``lines`` have a number."""

    id: UUID
    merchant_id: UUID
    warehouse_id: UUID
    note: str
    cause: str
    state: CountState
    lines: int
    counted: int
    version: int
    created_at: datetime
    updated_at: datetime
