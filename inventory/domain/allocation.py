"""Which stock gives how much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

PLACES = 3
LIMIT = Decimal(10) ** 12


@dataclass(slots=True)
class StockRow:
    """A stock row as read under its lock; the figures follow what is done to it."""

    id: UUID
    variant_id: UUID
    warehouse_id: UUID
    merchant_id: UUID
    unit: str
    on_hand: Decimal
    reserved: Decimal
    priority: int
    active: bool
    ahead: bool = False  # whether a setting says how it is sold beyond its stock
    new: bool = False  # whether it was made in this transaction, and nothing is told of it yet
    turned: bool = False  # whether what was done to it may have made it sellable or sold out

    @property
    def available(self) -> Decimal:
        return self.on_hand - self.reserved


@dataclass(frozen=True, slots=True)
class Share:
    """What one stock gives."""

    row: StockRow
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Shortage:
    """What is missing of one variant."""

    variant_id: UUID
    wanted: Decimal
    available: Decimal


def fits(value: object) -> bool:
    """Whether it is a finite Decimal with at most three decimals, below a trillion."""
    if type(value) is not Decimal or not value.is_finite() or abs(value) >= LIMIT:
        return False
    return value == value.quantize(Decimal(1).scaleb(-PLACES))


def allocate(
    rows: Iterable[StockRow],
    wanted: Mapping[UUID, Decimal],
    kept: Mapping[UUID, Decimal] | None = None,
) -> tuple[list[Share], list[Shortage]]:
    """Fill each wanted variant from active warehouses, lowest priority and oldest row first; so
    much of a variant as is ``kept`` for others is left there."""
    by_variant: dict[UUID, list[StockRow]] = {}
    for row in sorted(rows, key=lambda row: (row.priority, row.id)):
        if row.active:
            by_variant.setdefault(row.variant_id, []).append(row)
    shares: list[Share] = []
    missing: list[Shortage] = []
    for variant_id, quantity in wanted.items():
        left = quantity
        spare = sum((row.available for row in by_variant.get(variant_id, [])), Decimal(0))
        spare -= (kept or {}).get(variant_id, Decimal(0))
        for row in by_variant.get(variant_id, []):
            take = min(left, row.available, spare)
            if take > 0:
                shares.append(Share(row, take))
                left -= take
                spare -= take
            if left == 0:
                break
        if left > 0:
            missing.append(Shortage(variant_id, quantity, quantity - left))
    return shares, missing
