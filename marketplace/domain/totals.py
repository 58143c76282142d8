"""Totals: each line is rounded once, half up; everything above is a sum, so parts fit the whole."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from kernel.money import Money, unit_price_total

NONE = Decimal(0)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A quantity of a variant at its unit price (major units); ``size_mm``: of one unit."""

    variant_id: UUID
    merchant_id: UUID
    unit_price: Decimal
    quantity: Decimal
    weight_grams: int
    size_mm: tuple[int, int, int] | None = None

    def total(self, currency: str) -> Money:
        """unit price × quantity in minor units, half up."""
        return unit_price_total(self.unit_price, self.quantity, currency)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one merchant sends: goods in minor units, weight in grams, rounded up.

    ``volume_mm3`` is of the goods whose size is known, rounded up too, ``unsized_grams`` the weight
    of the others, ``longest_mm`` the longest side of any piece."""

    goods_total: Money
    weight_grams: int
    volume_mm3: int = 0
    unsized_grams: int = 0
    longest_mm: int = 0


def parcels(lines: Iterable[PricedLine], currency: str) -> dict[UUID, Parcel]:
    """One parcel for each merchant, in the order in which the merchants first appear."""
    goods: dict[UUID, int] = {}
    grams: dict[UUID, Decimal] = {}
    volume: dict[UUID, Decimal] = {}
    unsized: dict[UUID, Decimal] = {}
    longest: dict[UUID, int] = {}
    for line in lines:
        merchant = line.merchant_id
        goods[merchant] = goods.get(merchant, 0) + line.total(currency).amount
        weight = line.weight_grams * line.quantity
        grams[merchant] = grams.get(merchant, NONE) + weight
        if line.size_mm is None:
            unsized[merchant] = unsized.get(merchant, NONE) + weight
        else:
            taken = math.prod(line.size_mm) * line.quantity
            volume[merchant] = volume.get(merchant, NONE) + taken
            longest[merchant] = max(longest.get(merchant, 0), *line.size_mm)
    return {
        merchant: Parcel(
            goods_total=Money(amount, currency),
            weight_grams=_up(grams[merchant]),
            volume_mm3=_up(volume.get(merchant, NONE)),
            unsized_grams=_up(unsized.get(merchant, NONE)),
            longest_mm=longest.get(merchant, 0),
        )
        for merchant, amount in goods.items()
    }


def _up(value: Decimal) -> int:
    whole = int(value)
    return whole if whole == value else whole + 1


@dataclass(frozen=True, slots=True)
class OrderTotals:
    """One merchant's part: goods - discount + shipping = total, what the buyer pays. Of the
    discount the platform pays ``platform_discount``; ``revenue`` is what the merchant gets for its
    goods, from both, and what the commission is of."""

    goods_total: Money
    discount_total: Money
    platform_discount: Money
    shipping_total: Money
    total: Money
    commission: Money

    @property
    def revenue(self) -> Money:
        return self.goods_total - self.discount_total + self.platform_discount


def order_totals(
    parcel: Parcel,
    *,
    shipping: Money,
    commission: Money,
    discount: Money | None = None,
    platform_discount: Money | None = None,
) -> OrderTotals:
    """``commission`` is what the platform's rules say of the merchant's revenue."""
    off = discount or parcel.goods_total.zero
    return OrderTotals(
        goods_total=parcel.goods_total,
        discount_total=off,
        platform_discount=platform_discount or off.zero,
        shipping_total=shipping,
        total=parcel.goods_total - off + shipping,
        commission=commission,
    )


def rate_of(commission: Money, goods: Money) -> Decimal:
    """The commission in per cent of the goods, four decimals, half up: of several rules together,
    or of one with a fixed sum."""
    if not goods.amount:
        return Decimal(0)
    exact = Decimal(commission.amount) * 100 / goods.amount
    return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


def group_totals(orders: Mapping[UUID, OrderTotals], currency: str) -> OrderTotals:
    """The sums of the merchants' parts."""
    parts = list(orders.values())
    nothing = Money(0, currency)
    return OrderTotals(
        goods_total=sum((part.goods_total for part in parts), nothing),
        discount_total=sum((part.discount_total for part in parts), nothing),
        platform_discount=sum((part.platform_discount for part in parts), nothing),
        shipping_total=sum((part.shipping_total for part in parts), nothing),
        total=sum((part.total for part in parts), nothing),
        commission=sum((part.commission for part in parts), nothing),
    )
