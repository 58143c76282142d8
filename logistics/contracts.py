"""What crosses the border of logistics."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.money import Money


@dataclass(frozen=True)
class Address:
    """Where a parcel goes (收货地址). ``region`` is a two-digit code of GB/T 2260."""

    name: str
    phone: str
    region: str
    city: str
    line1: str
    district: str = ""
    postcode: str = ""


@dataclass(frozen=True)
class Load:
    """What one merchant sends, to be priced. ``goods_value`` in minor units, for free delivery.
    ``volume_mm3`` is of the goods whose size is known, ``unsized_grams`` the weight of the others;
    ``longest_mm``: the longest side of any piece."""

    weight_grams: int
    goods_value: int = 0
    volume_mm3: int = 0
    unsized_grams: int = 0
    longest_mm: int = 0


@dataclass(frozen=True)
class ShippingQuote:
    """One way to deliver, with its price and days. ``charged_weight_grams`` is what the price is
    of (计费重量), before it is rounded up to a step; ``by_volume``: it is more than the weight."""

    rate_code: str
    carrier: str
    name: dict[str, str]
    price: Money
    days_min: int
    days_max: int
    charged_weight_grams: int = 0
    by_volume: bool = False


@dataclass(frozen=True)
class ShipmentLine:
    """What is in the parcel."""

    title: str
    quantity: Decimal


@dataclass(frozen=True)
class TrackingInfo:
    """One thing the carrier reported."""

    code: str
    description: str
    location: str
    at: datetime


@dataclass(frozen=True)
class ShipmentInfo:
    """A parcel as others see it; no address."""

    id: UUID
    reference: str
    merchant_id: UUID
    state: str
    carrier: str
    rate_code: str
    waybill: str
    label_url: str
    weight_grams: int
    problem: str
    created_at: datetime
    updated_at: datetime
    version: int
    external_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    tracking: tuple[TrackingInfo, ...] = ()


@dataclass(frozen=True)
class RateInfo:
    """A merchant's own tariff for one zone, as data."""

    id: UUID
    rule: dict[str, object]
    version: int
