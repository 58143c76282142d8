"""Writing stock: one statement, whatever the number of rows and movements.

The rows are locked; their figures in memory are changed along with those in the database.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from inventory.domain.allocation import Share, StockRow, fits
from inventory.errors import InvalidStockQuantity
from inventory.events import StockChanged
from inventory.models import Reservation
from kernel import clock, gathered, tenancy
from kernel.ids import uuid7s
from kernel.outbox import AggregateRef, Event
from kernel.sealed_text import sealed
from kernel.sql_parts import unseen_rows
from kernel.transactions import later
from kernel.units import unit
from platforms.facade import MerchantNotApproved, merchants

_CHANGES = unseen_rows(ids="uuid", on_hand="numeric", reserved="numeric")
_MOVES = unseen_rows(
    moved_id="uuid", moved_stock="uuid", moved_merchant="uuid", moved_variant="uuid",
    moved_warehouse="uuid", moved_delta="numeric", moved_on_hand="numeric", moved_reason="text",
    moved_note="text", moved_reference="uuid",
)  # fmt: skip
_SHARES = unseen_rows(
    held_id="uuid", held_stock="uuid", held_merchant="uuid", held_variant="uuid",
    held_quantity="numeric",
)  # fmt: skip
_UPDATE = f"""
UPDATE inventory_stock s
SET on_hand = s.on_hand + c.on_hand, reserved = s.reserved + c.reserved,
  low_since = CASE WHEN s.on_hand + c.on_hand - s.reserved - c.reserved < s.low_at
    THEN coalesce(s.low_since, %(now)s) END,
  low_told_at = CASE WHEN s.on_hand + c.on_hand - s.reserved - c.reserved < s.low_at
    THEN s.low_told_at END,
  version = s.version + 1, updated_at = %(now)s
FROM {_CHANGES} AS c(id, on_hand, reserved)
WHERE s.platform_id = %(platform)s AND s.id = c.id
"""  # noqa: S608
_MOVED = f"""
INSERT INTO inventory_movement
  (platform_id, id, stock_id, merchant_id, variant_id, warehouse_id, delta, on_hand, reason,
   note, reference, business_at, created_at)
SELECT %(platform)s, m.*, %(business)s, %(now)s
FROM {_MOVES} AS m
"""  # noqa: S608
_HELD = f"""
INSERT INTO inventory_reservationline
  (platform_id, id, stock_id, merchant_id, variant_id, quantity, reservation_id, returned)
SELECT %(platform)s, h.*, %(reservation)s::uuid, 0
FROM {_SHARES} AS h
"""  # noqa: S608


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
    reference: UUID | None = None  # where it isn't the one of all


def write(
    changes: Sequence[Change],
    *,
    moved: Sequence[Moved] = (),
    reference: UUID | None = None,
    shares: Sequence[Share] = (),
    reservation: UUID | None = None,
    opened: Sequence[Change] = (),
) -> None:
    """Add the changes to their rows (each at most once), record movements and what a
    reservation holds: one statement. Rows in ``opened`` were made with what happens to them."""
    if not changes and not opened:
        return
    gathered.forget(Reservation)  # the figures that it holds may be older from now on
    values: dict[str, Any] = {
        "platform": tenancy.current_id(),
        "now": clock.system(),
        "ids": [change.row.id for change in changes],
        "on_hand": [change.on_hand for change in changes],
        "reserved": [change.reserved for change in changes],
    }
    parts: list[str] = []
    if moved:
        parts.append(_MOVED)
        values |= {"business": clock.business()} | _moved(moved, reference)
    if shares:
        parts.append(_HELD)
        values |= {"reservation": reservation} | _shares(shares)
    if changes:
        parts.append(_UPDATE)
    before = [f"part{place} AS ({part})" for place, part in enumerate(parts[:-1])]
    question = f"WITH {', '.join(before)} {parts[-1]}" if before else parts[-1]
    later(question, values, rows=len(changes or moved))
    for change in (*changes, *opened):
        _apply(change)


def _apply(change: Change) -> None:
    row, before = change.row, change.row.available
    row.on_hand += change.on_hand
    row.reserved += change.reserved
    # What is sold ahead depends on promises too: there, any change may turn it.
    row.turned = row.turned or row.ahead or (before > 0) != (row.available > 0)


def _moved(moved: Sequence[Moved], reference: UUID | None) -> dict[str, Any]:
    return {
        "moved_id": uuid7s(len(moved)),
        "moved_stock": [item.row.id for item in moved],
        "moved_merchant": [item.row.merchant_id for item in moved],
        "moved_variant": [item.row.variant_id for item in moved],
        "moved_warehouse": [item.row.warehouse_id for item in moved],
        "moved_delta": [item.delta for item in moved],
        "moved_on_hand": [item.on_hand for item in moved],
        "moved_reason": [item.reason for item in moved],
        "moved_note": [sealed(item.row.id, item.note) for item in moved],
        "moved_reference": [item.reference or reference for item in moved],
    }


def _shares(shares: Sequence[Share]) -> dict[str, Any]:
    return {
        "held_id": uuid7s(len(shares)),
        "held_stock": [share.row.id for share in shares],
        "held_merchant": [share.row.merchant_id for share in shares],
        "held_variant": [share.row.variant_id for share in shares],
        "held_quantity": [share.quantity for share in shares],
    }


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
                turned=row.turned,
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
        raise InvalidStockQuantity(field=field, unit=unit_code)
    return value


def check_merchant(merchant_id: UUID) -> None:
    """Refuse a merchant who isn't approved. Raises MerchantNotApproved."""
    found = merchants([merchant_id]).get(merchant_id)
    if found is None or not found.approved:
        raise MerchantNotApproved
