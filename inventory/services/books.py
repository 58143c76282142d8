"""Writing stock: one statement for the rows, one for the movements, whatever their number.

The rows are locked; their figures in memory are changed along with those in the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from inventory.domain.allocation import StockRow, fits
from inventory.errors import InvalidStockQuantity
from inventory.events import StockChanged
from inventory.models import Movement
from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.outbox import AggregateRef, Event
from kernel.transactions import cursor
from kernel.units import unit
from platforms.facade import MerchantNotApproved, merchants

_UPDATE = """
UPDATE inventory_stock s
SET on_hand = s.on_hand + c.on_hand, reserved = s.reserved + c.reserved,
  version = s.version + 1, updated_at = %(now)s
FROM unnest(%(ids)s::uuid[], %(on_hand)s::numeric[], %(reserved)s::numeric[])
  AS c(id, on_hand, reserved)
WHERE s.platform_id = %(platform)s AND s.id = c.id
"""


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one stock row."""

    row: StockRow
    on_hand: Decimal = Decimal(0)
    reserved: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Moved:
    """One movement to record: by how much, and what is on hand after it."""

    row: StockRow
    delta: Decimal
    on_hand: Decimal
    reason: str
    note: str = ""
    reference: UUID | None = None


def write(changes: Sequence[Change]) -> None:
    """Add the changes to their rows; each row at most once."""
    if not changes:
        return
    with cursor() as sql:
        sql.execute(
            _UPDATE,
            {
                "platform": tenancy.current_id(),
                "now": clock.system(),
                "ids": [change.row.id for change in changes],
                "on_hand": [change.on_hand for change in changes],
                "reserved": [change.reserved for change in changes],
            },
        )
        if sql.rowcount != len(changes):
            raise RuntimeError("A locked stock row wasn't there to be changed.")
    for change in changes:
        change.row.on_hand += change.on_hand
        change.row.reserved += change.reserved


def move(moved: Iterable[Moved]) -> None:
    """Record movements with one statement."""
    business, system = clock.business(), clock.system()
    Movement.objects.bulk_create(
        [
            Movement(
                id=uuid7(),
                stock_id=item.row.id,
                merchant_id=item.row.merchant_id,
                variant_id=item.row.variant_id,
                warehouse_id=item.row.warehouse_id,
                delta=item.delta,
                on_hand=item.on_hand,
                reason=item.reason,
                note=item.note,
                reference=item.reference,
                business_at=business,
                created_at=system,
            )
            for item in moved
        ]
    )


def changed(rows: Iterable[StockRow], reason: str) -> list[tuple[Event, AggregateRef, UUID]]:
    """The events of changed rows, with their figures as they are now."""
    return [
        (
            StockChanged(
                variant_id=row.variant_id,
                warehouse_id=row.warehouse_id,
                merchant_id=row.merchant_id,
                on_hand=row.on_hand,
                reserved=row.reserved,
                unit=row.unit,
                reason=reason,
            ),
            AggregateRef("inventory.stock", row.id),
            row.merchant_id,
        )
        for row in rows
    ]


def check_quantity(value: Decimal, *, field: str, unit_code: str | None = None) -> Decimal:
    """The quantity itself. Raises InvalidStockQuantity."""
    whole = unit_code is None or unit(unit_code).places > 0 or value == value.to_integral_value()
    if not fits(value) or not whole:
        raise InvalidStockQuantity(f"{value} doesn't fit.", field=field, unit=unit_code)
    return value


def check_merchant(merchant_id: UUID) -> None:
    """Refuse a merchant who isn't approved. Raises MerchantNotApproved."""
    found = merchants([merchant_id]).get(merchant_id)
    if found is None or not found.approved:
        raise MerchantNotApproved
