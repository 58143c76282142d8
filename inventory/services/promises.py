"""Goods that were promised before they are there: made by reserving, filled by what comes in.

Whoever changes a promise holds the lock of its variant's ``Ahead`` row, which comes after those of
stock rows. What is promised is never sold to anybody else: reserving leaves so much of the stock
alone. What comes in fills the promises that are paid, the oldest reservation first, in the
transaction that brings it; a sweep finds what became free otherwise (a warehouse that opened).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import F

from inventory import events, locks, promised
from inventory.contracts_ahead import AheadMode
from inventory.domain.allocation import Share, Shortage, StockRow
from inventory.models import Ahead, Promise, Reservation, ReservationLine, Stock
from inventory.services import books
from kernel import clock, outbox, tenancy, transactions
from kernel.ids import uuid7
from kernel.statements import Columns

ZERO = Decimal(0)
SWEEP = 200
_VARIANTS = Columns(Promise, "variant_id")
STANDING = {"quantity__gt": F("filled") + F("released")}
_HELD = """
INSERT INTO inventory_reservationline AS l
  (platform_id, id, reservation_id, stock_id, merchant_id, variant_id, quantity, returned)
SELECT %(platform)s, n.*, 0
FROM unnest(%(ids)s::uuid[], %(reservations)s::uuid[], %(stocks)s::uuid[], %(merchants)s::uuid[],
  %(variants)s::uuid[], %(quantities)s::numeric[]) AS n
ON CONFLICT (platform_id, reservation_id, stock_id)
DO UPDATE SET quantity = l.quantity + EXCLUDED.quantity
"""
_FILLABLE = """
SELECT DISTINCT s.variant_id
FROM inventory_ahead a
JOIN inventory_stock s ON s.platform_id = a.platform_id AND s.variant_id = a.variant_id
  AND s.on_hand > s.reserved
JOIN inventory_warehouse w ON w.platform_id = s.platform_id AND w.id = s.warehouse_id AND w.active
WHERE a.platform_id = %s AND a.promised > 0 AND EXISTS (
  SELECT 1 FROM inventory_promise p
  WHERE p.platform_id = a.platform_id AND p.variant_id = a.variant_id AND p.committed
    AND p.quantity > p.filled + p.released)
LIMIT %s
"""


@dataclass(frozen=True)
class Part:
    """So much of a variant, perhaps nothing, to be promised under its setting."""

    row: Ahead
    quantity: Decimal


@dataclass(frozen=True)
class _Filled:
    promise: Promise
    stock: StockRow
    quantity: Decimal


def plan(
    rows: Mapping[UUID, Ahead], wanted: Iterable[UUID], missing: Iterable[Shortage]
) -> tuple[list[Part], list[Shortage]]:
    """What of the locked settings is promised for what is missing, and what can't be."""
    today = clock.today()
    short = {one.variant_id: one for one in missing}
    parts: list[Part] = []
    refused: list[Shortage] = []
    for variant_id in wanted:
        row, one = rows.get(variant_id), short.get(variant_id)
        info = promised.ahead_info(row) if row else None
        if row is None or info is None or not info.open(today):
            refused += [one] if one else []
            continue
        quantity = one.wanted - one.available if one else ZERO
        if one and info.room is not None and quantity > info.room:
            refused.append(Shortage(variant_id, one.wanted, one.available + info.room))
        elif quantity or info.mode == AheadMode.PREORDER:
            books.check_quantity(quantity, field="quantity", unit_code=row.unit)
            parts.append(Part(row, quantity))
    return parts, refused


def make(
    reservation_id: UUID, parts: Sequence[Part], agreed: Mapping[UUID, date] | None = None
) -> None:
    """Write the promises down; counted from now on, though not paid yet. ``agreed``: the days that
    the buyer was told before, where these are promised anew."""
    if not parts:
        return
    today = clock.today()
    rows = []
    for part in parts:
        due = promised.ahead_info(part.row).due(today)
        rows.append(
            Promise(
                reservation_id=reservation_id, merchant_id=part.row.merchant_id,
                variant_id=part.row.variant_id, unit=part.row.unit, mode=part.row.mode,
                quantity=part.quantity, due_on=due,
                agreed_on=(agreed or {}).get(part.row.variant_id, due),
            )
        )  # fmt: skip
    Promise.objects.bulk_create(rows)
    count({part.row: part.quantity for part in parts})


def count(changes: Mapping[Ahead, Decimal]) -> None:
    """Change what is promised in all of locked settings, and tell of it."""
    changed = {row: delta for row, delta in changes.items() if delta}
    for row, delta in changed.items():
        row.promised += delta
        row.save(update_fields=["promised"])
    outbox.append_many([(told(row), row, row.merchant_id) for row in changed])


def told(row: Ahead) -> events.AheadChanged:
    """The event of a setting as it stands."""
    return events.AheadChanged(
        variant_id=row.variant_id, merchant_id=row.merchant_id, mode=str(row.mode),
        limit=row.most, lead_days=row.lead_days, release_on=row.release_on,
        promised=row.promised,
    )  # fmt: skip


def held_with_all(
    reservation_id: UUID, variants: Sequence[UUID]
) -> tuple[list[Share], list[StockRow]]:
    """What a locked reservation holds, and with it every stock row of the ``variants`` that it was
    promised, locked in the order of their ids."""
    if not variants:
        shares = locks.held(reservation_id)
        return shares, [share.row for share in shares]
    lines = ReservationLine.objects.filter(reservation_id=reservation_id)
    held = dict(lines.values_list("stock_id", "quantity"))
    others = Stock.objects.filter(variant_id__in=variants).values_list("id", flat=True)
    rows = locks.stock([*held, *others])
    return [Share(row, held[row.id]) for row in rows if row.id in held], rows


def variants_of(reservation_id: UUID) -> list[UUID]:
    """The variants of which a reservation was promised something."""
    return [row["variant_id"] for row in _VARIANTS.all("reservation_id = %s", [reservation_id])]


def commit(reservation: Reservation, rows: Sequence[StockRow], variants: Sequence[UUID]) -> None:
    """The reservation is paid: what it was promised of ``variants`` may be filled, at once if it
    is there."""
    if not variants:
        return
    locks.ahead(_with_filled(variants, rows))
    found = list(Promise.objects.filter(reservation_id=reservation.id).order_by("variant_id"))
    for one in found:
        one.committed = True
    Promise.objects.bulk_update(found, ["committed"])
    outbox.append_many([one for promise in found for one in _made(reservation.key, promise)])
    fill(rows)


def _made(key: UUID, one: Promise) -> list[tuple[outbox.Event, outbox.AggregateRef, UUID]]:
    """The events of a promise that is paid; the day may have moved while the buyer was paying."""
    told: list[outbox.Event] = [
        events.PromiseMade(
            key=key, variant_id=one.variant_id, merchant_id=one.merchant_id, mode=str(one.mode),
            quantity=one.quantity, unit=one.unit, due_on=one.due_on,
        )
    ]  # fmt: skip
    if one.due_on != one.agreed_on:
        told.append(
            events.PromiseMoved(
                key=key, variant_id=one.variant_id, merchant_id=one.merchant_id,
                was=one.agreed_on, due_on=one.due_on,
            )
        )  # fmt: skip
    own = outbox.AggregateRef("inventory.promise", one.id)
    return [(event, own, one.merchant_id) for event in told]


def release(reservation_id: UUID, rows: Sequence[StockRow]) -> None:
    """Nothing comes of the reservation: its promises are void. ``rows`` as for ``give_up``."""
    give_up(reservation_id, dict.fromkeys(variants_of(reservation_id)), rows)


def give_up(
    reservation_id: UUID, wanted: Mapping[UUID, Decimal | None], rows: Sequence[StockRow]
) -> dict[UUID, Decimal]:
    """Of each variant at most so much (None: all) isn't wanted any more; how much of it was still
    waiting and has been taken back. ``rows`` are the locked stock rows that the caller may
    ``fill`` from afterwards."""
    if not wanted:
        return {}
    settings = locks.ahead(_with_filled(wanted, rows))
    found = Promise.objects.filter(reservation_id=reservation_id, variant_id__in=list(wanted))
    gone: dict[UUID, Decimal] = {}
    for one in found.order_by("variant_id"):
        waiting = one.quantity - one.filled - one.released
        most = wanted[one.variant_id]
        part = waiting if most is None else min(waiting, most)
        if part > 0:
            one.released += part
            one.save(update_fields=["released"])
            gone[one.variant_id] = part
    count({settings[variant]: -part for variant, part in gone.items()})
    return gone


def _with_filled(variants: Iterable[UUID], rows: Iterable[StockRow]) -> set[UUID]:
    """The variants whose settings are changed, with those that are when ``rows`` are given out:
    locked together, as two turns at locking could meet another's in the opposite order."""
    return {*variants, *(row.variant_id for row in rows if row.ahead)}


def fill(rows: Iterable[StockRow]) -> None:
    """Give what is free in these locked stock rows to those who wait for it, the oldest
    reservation first; in the caller's transaction."""
    free = [row for row in rows if row.ahead and row.active and row.available > 0]
    settings = locks.ahead({row.variant_id for row in free}) if free else {}
    variants = [key for key, row in settings.items() if row.promised > 0]
    if not variants:
        return
    waiting = Promise.objects.filter(variant_id__in=variants, committed=True, **STANDING)
    by_variant: dict[UUID, list[StockRow]] = {}
    for row in sorted(free, key=lambda row: (row.priority, row.id)):
        by_variant.setdefault(row.variant_id, []).append(row)
    left = {row.id: row.available for row in free}
    found: list[_Filled] = []
    # The oldest as far as there are goods for them; those behind wait on.
    for one in waiting.select_related("reservation").order_by("reservation_id").iterator():
        for row in by_variant[one.variant_id]:
            part = min(left[row.id], one.quantity - one.filled - one.released)
            if part > 0:
                one.filled += part
                left[row.id] -= part
                found.append(_Filled(one, row, part))
        if not any(left.values()):
            break
    if found:
        _write(found, settings)


def _write(found: Sequence[_Filled], settings: Mapping[UUID, Ahead]) -> None:
    gone: dict[UUID, Decimal] = {}
    rows = {one.stock.id: one.stock for one in found}
    moved = []
    for one in found:
        gone[one.stock.id] = gone.get(one.stock.id, ZERO) + one.quantity
        after = one.stock.on_hand - gone[one.stock.id]
        key = one.promise.reservation.key
        moved.append(books.Moved(one.stock, -one.quantity, after, "sold", reference=key))
    books.write(
        [books.Change(rows[key], on_hand=-quantity) for key, quantity in gone.items()], moved=moved
    )
    with transactions.cursor() as sql:
        sql.execute(
            _HELD,
            {
                "platform": tenancy.current_id(),
                "ids": [uuid7() for _one in found],
                "reservations": [one.promise.reservation_id for one in found],
                "stocks": [one.stock.id for one in found],
                "merchants": [one.stock.merchant_id for one in found],
                "variants": [one.stock.variant_id for one in found],
                "quantities": [one.quantity for one in found],
            },
        )
    filled: dict[UUID, Decimal] = {}
    for one in found:
        filled[one.promise.id] = filled.get(one.promise.id, ZERO) + one.quantity
    promises = {one.promise.id: one.promise for one in found}
    Promise.objects.bulk_update(promises.values(), ["filled"])
    outbox.append_many(
        [
            *books.changed(rows.values(), "sold"),
            *((_filled(promises[key], part), outbox.AggregateRef("inventory.promise", key),
               promises[key].merchant_id) for key, part in filled.items()),
        ]
    )  # fmt: skip
    less: dict[Ahead, Decimal] = {}
    for one in found:
        row = settings[one.promise.variant_id]
        less[row] = less.get(row, ZERO) - one.quantity
    count(less)


def _filled(one: Promise, part: Decimal) -> events.PromiseFilled:
    return events.PromiseFilled(
        key=one.reservation.key, variant_id=one.variant_id, merchant_id=one.merchant_id,
        quantity=part, waiting=one.quantity - one.filled - one.released, unit=one.unit,
        due_on=one.due_on,
    )  # fmt: skip


def fill_free(*, limit: int = SWEEP) -> int:
    """Fill what waits though there is something free for it; of how many variants."""
    with transactions.cursor() as sql:
        sql.execute(_FILLABLE, [tenancy.current_id(), limit])
        variants = sorted(row[0] for row in sql.fetchall())
    for variant_id in variants:
        with transactions.atomic():
            fill(locks.stock_of_variants([variant_id]))
    return len(variants)
