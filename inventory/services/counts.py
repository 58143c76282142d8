"""Stock counts: opened for a warehouse, numbers entered, differences posted as one adjustment.

Selling goes on meanwhile. Each number is compared with what the books said in the moment in which
it was entered, and that difference is posted: what was sold, received or moved since stays as it
is. Only where somebody *set* the stock since, the number is out of date and is asked for again.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from inventory import documents, events, locks
from inventory.contracts import CountEntry, CountInfo, CountState, GoodsLine
from inventory.domain.allocation import StockRow
from inventory.errors import (
    CountBelowReserved,
    CountOpen,
    CountOutdated,
    InvalidReason,
    NothingCounted,
    NothingToCount,
    NotInCount,
    VariantUnknown,
)
from inventory.models import Count, CountLine, Movement, Stock
from inventory.services import books, promises
from inventory.services.goods import (
    check_note,
    check_warehouse,
    named,
    rows_in,
    units_of,
    variant_of,
)
from kernel import audit, clock, outbox, transactions
from kernel.errors import Invalid
from kernel.ids import public_id

CAUSES = ("counted", "found", "damaged", "lost", "correction", "other")
SET_BY_HAND = ("set", "counted")
LINES_MAX = 5000


def open_count(
    *,
    merchant_id: UUID,
    warehouse_id: UUID,
    variant_ids: Collection[UUID] = (),
    skus: Collection[str] = (),
    note: str = "",
) -> CountInfo:
    """Begin to count these variants in the warehouse, or (none named) all that has stock there.

    Raises CountOpen, NothingToCount, WarehouseUnknown, VariantUnknown, Invalid,
    MerchantNotApproved.
    """
    books.check_merchant(merchant_id)
    check_warehouse(merchant_id, warehouse_id)
    units = _chosen(merchant_id, variant_ids, skus)
    row = Count(merchant_id=merchant_id, warehouse_id=warehouse_id, note=check_note(note))
    with transactions.atomic():
        _save(row)
        if units:
            rows_in(merchant_id, warehouse_id, units)
        found = Stock.objects.filter(warehouse_id=warehouse_id, merchant_id=merchant_id)
        if units:
            found = found.filter(variant_id__in=list(units))
        stock = list(found.order_by("id").values_list("id", "variant_id", "unit")[: LINES_MAX + 1])
        if not stock:
            raise NothingToCount
        if len(stock) > LINES_MAX:
            raise Invalid(
                _("More than %(most)s variants lie there; name those to count.")
                % {"most": LINES_MAX},
                field="variants",
            )
        CountLine.objects.bulk_create(
            [
                CountLine(count=row, stock_id=stock_id, variant_id=variant, unit=unit)
                for stock_id, variant, unit in stock
            ]
        )
        audit.record(
            "inventory.count.opened",
            target=row,
            after={"warehouse": warehouse_id, "lines": len(stock)},
        )
        _announce(row)
    return documents.count(row.id)


def enter_counts(*, count_id: UUID, merchant_id: UUID, entries: Sequence[CountEntry]) -> CountInfo:
    """Enter what lies on the shelf, or take a number back (None).

    The same number again changes nothing, unless the stock was set by hand since. Raises
    NotInCount, InvalidTransition (it has ended), VariantUnknown, InvalidStockQuantity, NotFound.
    """
    wanted = named(
        merchant_id,
        [GoodsLine(one.counted or Decimal(0), one.variant_id, one.sku) for one in entries],
        zero=True,
    )
    emptied = _emptied(merchant_id, entries)
    with transactions.atomic():
        row = locks.count(count_id, merchant_id)
        row.TRANSITIONS.check(row.state, CountState.POSTED)
        lines = {
            line.variant_id: line
            for line in CountLine.objects.filter(count_id=row.id, variant_id__in=list(wanted))
        }
        strange = [variant for variant in wanted if variant not in lines]
        if strange:
            raise NotInCount(lines=[{"variant": public_id("var", one)} for one in strange])
        rows = {found.id: found for found in locks.stock(line.stock_id for line in lines.values())}
        old = {line.id for line in _outdated(list(lines.values()))}
        for variant, line in lines.items():
            number = None if variant in emptied else wanted[variant].quantity
            if number == line.counted and line.id not in old:
                continue
            line.counted = number
            line.booked = None if number is None else rows[line.stock_id].on_hand
            line.counted_at = None if number is None else clock.system()
        CountLine.objects.bulk_update(lines.values(), ["counted", "booked", "counted_at"])
        row.save()
    return documents.count(count_id)


def post_count(*, count_id: UUID, merchant_id: UUID, cause: str = "counted") -> CountInfo:
    """Book the differences of what was counted; what has no number stays as it is. Posted
    already: nothing happens.

    Raises NothingCounted, CountOutdated, CountBelowReserved, InvalidReason, InvalidTransition,
    NotFound.
    """
    if cause not in CAUSES:
        raise InvalidReason(field="reason", allowed=list(CAUSES))
    books.check_merchant(merchant_id)
    with transactions.atomic():
        row = locks.count(count_id, merchant_id)
        if row.state == CountState.POSTED:
            return documents.count(count_id)
        row.move(CountState.POSTED, action="inventory.count.posted")
        lines = list(CountLine.objects.filter(count_id=row.id, counted__isnull=False))
        if not lines:
            raise NothingCounted
        rows = {found.id: found for found in locks.stock(line.stock_id for line in lines)}
        old = _outdated(lines)
        if old:
            raise CountOutdated(
                lines=[{"variant": public_id("var", line.variant_id)} for line in old]
            )
        row.cause = cause
        _book(row, rows, _differences(lines))
        row.save()
        _announce(row)
    return documents.count(count_id)


def cancel_count(*, count_id: UUID, merchant_id: UUID) -> CountInfo:
    """The numbers are kept, and nothing is booked. Raises NotFound, InvalidTransition."""
    with transactions.atomic():
        row = locks.count(count_id, merchant_id)
        if row.state != CountState.CANCELLED:
            row.move(CountState.CANCELLED, action="inventory.count.cancelled")
            row.save()
            _announce(row)
    return documents.count(count_id)


def _chosen(
    merchant_id: UUID, variant_ids: Collection[UUID], skus: Collection[str]
) -> dict[UUID, str]:
    by_sku = catalog.variant_ids_by_sku(merchant_id, set(skus)) if skus else {}
    if set(skus) - by_sku.keys():
        raise VariantUnknown(field="skus", unknown=sorted(set(skus) - by_sku.keys()))
    wanted = {*variant_ids, *by_sku.values()}
    units = units_of(merchant_id, wanted) if wanted else {}
    if wanted - units.keys():
        raise VariantUnknown(field="variants")
    return units


def _emptied(merchant_id: UUID, entries: Sequence[CountEntry]) -> set[UUID]:
    taken = [one for one in entries if one.counted is None]
    by_sku = catalog.variant_ids_by_sku(merchant_id, {one.sku for one in taken if one.sku})
    return {variant_of(by_sku, one.variant_id, one.sku) for one in taken}


def _outdated(lines: Sequence[CountLine]) -> list[CountLine]:
    """Those whose stock was set by hand after they were counted."""
    counted = [line for line in lines if line.counted_at is not None]
    if not counted:
        return []
    first = min(line.counted_at for line in counted if line.counted_at)
    moved = Movement.objects.filter(
        stock_id__in=[line.stock_id for line in counted],
        reason__in=SET_BY_HAND,
        created_at__gt=first,
    )
    latest = dict(moved.order_by("created_at").values_list("stock_id", "created_at"))
    return [
        line
        for line in counted
        if line.counted_at and line.stock_id in latest and latest[line.stock_id] > line.counted_at
    ]


def _differences(lines: Sequence[CountLine]) -> dict[UUID, Decimal]:
    """By stock row; only where there is one."""
    return {
        line.stock_id: line.counted - line.booked
        for line in lines
        if line.counted is not None and line.booked is not None and line.counted != line.booked
    }


def _book(row: Count, rows: Mapping[UUID, StockRow], deltas: Mapping[UUID, Decimal]) -> None:
    below = [
        {
            "variant": public_id("var", rows[stock_id].variant_id),
            "on_hand": f"{rows[stock_id].on_hand + delta:f}",
            "reserved": f"{rows[stock_id].reserved:f}",
        }
        for stock_id, delta in deltas.items()
        if rows[stock_id].on_hand + delta < rows[stock_id].reserved
    ]
    if below:
        raise CountBelowReserved(lines=below)
    books.write(
        [books.Change(rows[stock_id], on_hand=delta) for stock_id, delta in deltas.items()],
        moved=[
            books.Moved(rows[stock_id], delta, rows[stock_id].on_hand + delta, row.cause, row.note)
            for stock_id, delta in deltas.items()
        ],
        reference=row.id,
    )
    audit.record(
        "inventory.count.booked",
        target=row,
        after={
            "cause": row.cause,
            "differences": {
                str(rows[stock_id].variant_id): f"{delta:.3f}" for stock_id, delta in deltas.items()
            },
        },
    )
    outbox.append_many(books.changed([rows[stock_id] for stock_id in deltas], "counted"))
    promises.fill(rows[stock_id] for stock_id in deltas)


def _save(row: Count) -> None:
    try:
        with transactions.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if "inventory_count_open" in str(error):
            raise CountOpen(field="warehouse") from error
        raise


def _announce(row: Count) -> None:
    outbox.append(
        events.CountChanged(row.id, row.merchant_id, row.warehouse_id, str(row.state)),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
