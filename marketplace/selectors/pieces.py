"""What a buyer has of an order, piece by piece: as it was bought, or as exchanges replaced it.
Every piece is in one place at a time, so returns and exchanges in any order never speak of more
than was delivered."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel import clock
from marketplace.contracts_returns import DROPPED, Piece, ReturnKind, ReturnState
from marketplace.domain.returns import last_moment
from marketplace.models import LINES, Order, OrderLine, ReturnLine
from platforms import facade as platforms

ZERO = Decimal(0)


def days_of(kind: str) -> int:
    """On how many days this may be asked for; 0: never."""
    name = "exchange_days" if kind == ReturnKind.EXCHANGE else "return_days"
    return int(platforms.setting("marketplace", name))


def _until(order: Order, lines: Iterable[OrderLine], days: int) -> datetime | None:
    """Until when the goods as delivered may go back; None where nothing has come, or never. While
    parcels are still to come the days haven't begun: it is what they would give today."""
    if not days or not any(line.delivered for line in lines):
        return None
    return last_moment(clock.here(order.delivered_at or clock.business()), days)


def pieces_of(order: Order, kind: str = ReturnKind.REFUND) -> list[Piece]:
    """The order's pieces in the order of its lines, what was bought before what replaced it. Days
    of a replacement count from its arrival."""
    return pieces_by_kind(order, (kind,))[kind]


def pieces_by_kind(order: Order, kinds: Collection[str]) -> dict[str, list[Piece]]:
    """``pieces_of`` for several kinds, read once."""
    lines = {line.id: line for line in LINES.all("order_id = %s ORDER BY position", [order.id])}
    rows = list(ReturnLine.objects.filter(parent__order_id=order.id).select_related("parent"))
    taken: dict[UUID, Decimal] = {}
    for row in rows:
        if row.parent.state not in DROPPED:
            key = row.of_id or row.line_id
            taken[key] = taken.get(key, ZERO) + row.quantity
    places = {line_id: place for place, line_id in enumerate(lines)}
    came = [row for row in rows if row.parent.state == ReturnState.EXCHANGED]
    came.sort(key=lambda row: row.id)
    found: dict[str, list[Piece]] = {}
    for kind in kinds:
        days = days_of(kind)
        first = _until(order, lines.values(), days)
        pieces = [_bought(line, taken, first) for line in lines.values()]
        pieces += [_replaced(row, lines[row.line_id], taken, days) for row in came]
        found[kind] = sorted(pieces, key=lambda piece: places[piece.line_id])
    return found


def _bought(line: OrderLine, taken: dict[UUID, Decimal], until: datetime | None) -> Piece:
    return Piece(
        id=line.id,
        line_id=line.id,
        variant_id=line.variant_id,
        sku=line.sku,
        titles=line.titles,
        unit=line.unit,
        left=line.delivered - taken.get(line.id, ZERO),
        until=until,
    )


def _replaced(row: ReturnLine, line: OrderLine, taken: dict[UUID, Decimal], days: int) -> Piece:
    assert row.variant_id is not None  # it is an exchange's
    came = row.parent.arrived_at or row.parent.closed_at
    return Piece(
        id=row.id,
        line_id=line.id,
        variant_id=row.variant_id,
        sku=row.sku,
        titles=row.titles,
        unit=line.unit,
        left=row.quantity - taken.get(row.id, ZERO),
        until=last_moment(clock.here(came), days) if days and came else None,
        replaced=True,
    )


def at_hand(pieces: Iterable[Piece], now: datetime) -> list[Piece]:
    """Those of which something may go back now."""
    return [one for one in pieces if one.left > 0 and one.until is not None and now < one.until]


def returned_of(order_id: UUID, states: Collection[str]) -> dict[UUID, Decimal]:
    """How much of each line went back for its money: returns for a refund in ``states``."""
    rows = ReturnLine.objects.filter(
        parent__order_id=order_id, parent__state__in=states, parent__kind=ReturnKind.REFUND
    )
    found: dict[UUID, Decimal] = {}
    for line_id, quantity in rows.values_list("line_id", "quantity"):
        found[line_id] = found.get(line_id, ZERO) + quantity
    return found
