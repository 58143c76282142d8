"""Goods that left come back to the shelf."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from inventory import events, locks
from inventory.contracts import ReservationState, StockLine
from inventory.domain.allocation import StockRow
from inventory.errors import KeyMismatch, RestockRefused, VariantUnknown
from inventory.models import Promise, Reservation, ReservationLine, Restock
from inventory.services import books, promises
from inventory.services.reservations import stored, summed
from kernel import audit, clock, outbox, transactions
from kernel.ids import public_id

Returned = list[tuple[StockRow, Decimal]]


def restock(
    *,
    key: UUID,
    lines: Sequence[StockLine],
    reason: str,
    reservation: UUID | None = None,
    there: bool = True,
    sent: bool = False,
) -> None:
    """Put goods back, once for each ``key``.

    They go where the reservation (the one with the key ``reservation``, else with the same key)
    took them from, at most what it took; when all is back, it is released. Without one they go
    to the variant's first stock. What of them was only promised isn't put back, and first of all
    isn't promised any more, unless they had been ``sent``: what is still to come stays promised.
    Goods that aren't ``there`` aren't put back at all. Raises KeyMismatch,
    RestockRefused, VariantUnknown, InvalidStockQuantity.
    """
    wanted = summed(lines)
    with transactions.atomic():
        row = locks.reservation(reservation or key)
        if row is None and reservation is not None:
            raise RestockRefused(reservation=str(reservation))
        made = _claim(key, wanted, reason)
        if made is None:
            return
        if row is None:
            returned = _to_first_stock(wanted)
        else:
            returned = _to_where_it_was(row, wanted, there, sent)
        books.write(
            [books.Change(stock, on_hand=quantity) for stock, quantity in returned],
            moved=[
                books.Moved(stock, quantity, stock.on_hand + quantity, reason)
                for stock, quantity in returned
            ],
            reference=key,
        )
        audit.record(
            action="inventory.stock.restocked",
            target=made,
            after={"key": key, "reason": reason, "lines": wanted},
        )
        facts: list[tuple[outbox.Event, outbox.AggregateRef | Reservation, UUID | None]] = [
            *books.changed([stock for stock, _quantity in returned], "restocked")
        ]
        if row is not None and _all_back(row):
            row.move(ReservationState.RELEASED, action="inventory.reservation.released")
            row.save()
            released = events.ReservationReleased(key=row.key, state=str(row.state))
            facts.append((released, row, None))
        outbox.append_many(facts)
        promises.fill(stock for stock, _quantity in returned)


def _claim(key: UUID, wanted: Mapping[UUID, Decimal], reason: str) -> Restock | None:
    """The row of this restocking; None when the key has been carried out already."""
    row = Restock(key=key, lines=stored(wanted), reason=reason, created_at=clock.system())
    Restock.objects.bulk_create([row], ignore_conflicts=True)
    found: Restock = Restock.objects.get(key=key)
    if found.id == row.id:
        return row
    if found.lines != row.lines:
        raise KeyMismatch(field="key")
    return None


class _NewShelf(Exception):
    """Since the stock was locked, a promise was filled from goods that lay nowhere before."""


def _to_where_it_was(
    row: Reservation, wanted: Mapping[UUID, Decimal], there: bool, sent: bool
) -> Returned:
    if row.state != ReservationState.COMMITTED:
        raise RestockRefused(state=str(row.state))
    while True:  # a new shelf each time
        # The savepoint gives back the promises' lock, before which the new shelf's must be taken.
        with suppress(_NewShelf), transactions.atomic():
            return _put_back(row, wanted, there, sent)


def _put_back(
    row: Reservation, wanted: Mapping[UUID, Decimal], there: bool, sent: bool
) -> Returned:
    ahead = promises.variants_of(row.id)
    _shares, rows = promises.held_with_all(row.id, ahead)
    stock = {found.id: found for found in rows}
    promised = set() if sent else set(ahead) & wanted.keys()
    given_up = promises.give_up(row.id, {variant: wanted[variant] for variant in promised}, rows)
    if not there:
        return []
    # Read under the promises' lock: filling them makes lines.
    lines = list(ReservationLine.objects.filter(reservation_id=row.id))
    if any(line.stock_id not in stock for line in lines):
        raise _NewShelf
    returned: Returned = []
    for variant_id, quantity in wanted.items():
        left = quantity - given_up.get(variant_id, Decimal(0))
        for line in lines:
            if line.variant_id != variant_id or not left:
                continue
            back = min(left, line.quantity - line.returned)
            if back:
                line.returned += back
                left -= back
                returned.append((stock[line.stock_id], back))
        if left:
            raise RestockRefused(
                variant=public_id("var", variant_id),
                wanted=f"{quantity:f}",
                left=f"{quantity - left:f}",
            )
    ReservationLine.objects.bulk_update(lines, ["returned"])
    return returned


def _to_first_stock(wanted: Mapping[UUID, Decimal]) -> Returned:
    rows = locks.stock_of_variants(wanted)
    first: dict[UUID, StockRow] = {}
    for row in sorted(rows, key=lambda row: (not row.active, row.priority, row.id)):
        first.setdefault(row.variant_id, row)
    for variant_id in wanted:
        if variant_id not in first:
            raise VariantUnknown(variant=public_id("var", variant_id))
    return [(first[variant_id], quantity) for variant_id, quantity in wanted.items()]


def _all_back(row: Reservation) -> bool:
    if Promise.objects.filter(reservation_id=row.id, **promises.STANDING).exists():
        return False
    lines = ReservationLine.objects.filter(reservation_id=row.id)
    return all(q == r for q, r in lines.values_list("quantity", "returned"))
