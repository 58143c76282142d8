"""Setting and adjusting stock, one row or five hundred, with a result for each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from inventory import selectors
from inventory.contracts import StockInfo, StockSetting
from inventory.domain.allocation import StockRow
from inventory.errors import (
    InvalidReason,
    StockChanged,
    StockReserved,
    VariantUnknown,
    WarehouseUnknown,
)
from inventory.models import Warehouse
from inventory.services import books, promises
from inventory.services.goods import NOTE_LENGTH, Place, rows_at, units_of, variant_of
from kernel import audit, outbox, transactions
from kernel.audit.record import Change
from kernel.errors import DomainError, Invalid, at_most

REASONS = ("counted", "received", "returned", "found", "damaged", "lost", "correction", "other")
BATCH_MAX = 500


@dataclass(slots=True)
class _Entry:
    """One row of the batch on its way: where it goes, and what came of it."""

    setting: StockSetting
    place: Place | None = None
    error: DomainError | None = None
    delta: Decimal = Decimal(0)
    after: Decimal = Decimal(0)


def set_stock(
    *,
    merchant_id: UUID,
    variant_id: UUID,
    warehouse_id: UUID,
    on_hand: Decimal,
    expected: Decimal | None = None,
    note: str = "",
) -> StockInfo:
    """Set what is on hand; ``expected`` must be what it is now.

    Raises StockChanged (with ``actual``), StockReserved, InvalidStockQuantity, VariantUnknown,
    WarehouseUnknown, MerchantNotApproved.
    """
    return _one(
        merchant_id,
        StockSetting(
            variant_id=variant_id,
            warehouse_id=warehouse_id,
            on_hand=on_hand,
            expected=expected,
            note=note,
        ),
    )


def adjust_stock(
    *,
    merchant_id: UUID,
    variant_id: UUID,
    warehouse_id: UUID,
    delta: Decimal,
    reason: str,
    note: str = "",
) -> StockInfo:
    """Change what is on hand by ``delta`` for one of ``REASONS``. Raises as ``set_stock``, and
    InvalidReason."""
    return _one(
        merchant_id,
        StockSetting(
            variant_id=variant_id,
            warehouse_id=warehouse_id,
            delta=delta,
            reason=reason,
            note=note,
        ),
    )


def write_stock(
    *, merchant_id: UUID, settings: Sequence[StockSetting]
) -> list[StockInfo | DomainError]:
    """Set or adjust up to 500 rows in one go; each stands or falls alone, in the order sent.

    All rows are locked first, in the order of their ids, so batches can't deadlock.
    """
    with transactions.together():
        entries, rows, _touched = _write(merchant_id, settings)
        found = selectors.stock(row.id for row in rows.values())
    return [
        entry.error or found[rows[entry.place].id]  # type: ignore[index]
        for entry in entries
    ]


def put_stock(*, merchant_id: UUID, settings: Sequence[StockSetting]) -> list[bool | DomainError]:
    """``write_stock`` for who needs to know no more than whether it changed what is on hand."""
    with transactions.together():
        entries, _rows, touched = _write(merchant_id, settings)
    return [entry.error or entry.place in touched for entry in entries]


def _write(
    merchant_id: UUID, settings: Sequence[StockSetting]
) -> tuple[list[_Entry], dict[Place, StockRow], set[Place]]:
    """What came of each setting, the rows, and which of them were changed."""
    at_most(len(settings), BATCH_MAX)
    books.check_merchant(merchant_id)
    entries = [_Entry(setting) for setting in settings]
    units = _find_places(merchant_id, entries)
    places = {entry.place for entry in entries if entry.place is not None}
    first = _first(entries)
    rows = rows_at(merchant_id, places, units, first)
    for place in first.keys() & rows.keys():
        if rows[place].new:
            rows[place].on_hand = Decimal(0)  # until it is told
    before = {place: (row.on_hand, row.reserved) for place, row in rows.items()}
    for entry in entries:
        if entry.error is None and entry.place is not None:
            _settle(entry, rows[entry.place])
    touched = {place: row for place, row in rows.items() if row.on_hand != before[place][0]}
    _record(merchant_id, entries, rows, list(touched.values()), before, first)
    return entries, rows, set(touched)


def _first(entries: Iterable[_Entry]) -> dict[Place, Decimal]:
    """What rows may be made with that aren't there yet: what is set whatever was there before."""
    found: dict[Place, Decimal] = {}
    several: set[Place] = set()
    for entry in entries:
        if entry.error is None and entry.place is not None:
            setting = entry.setting
            if entry.place in found or setting.on_hand is None or setting.expected is not None:
                several.add(entry.place)
            else:
                found[entry.place] = setting.on_hand
    return {place: amount for place, amount in found.items() if place not in several}


def _one(merchant_id: UUID, setting: StockSetting) -> StockInfo:
    with transactions.atomic():
        result = write_stock(merchant_id=merchant_id, settings=[setting])[0]
        if isinstance(result, DomainError):
            raise result
        return result


def _find_places(merchant_id: UUID, entries: Iterable[_Entry]) -> dict[UUID, str]:
    """Put each entry to its variant and warehouse, both the merchant's own; units by variant."""
    settings = [entry.setting for entry in entries]
    by_sku = catalog.variant_ids_by_sku(merchant_id, {s.sku for s in settings if s.sku})
    wanted = {s.variant_id for s in settings if s.variant_id} | set(by_sku.values())
    units = units_of(merchant_id, wanted)
    warehouses = set(
        Warehouse.objects.filter(
            merchant_id=merchant_id, id__in={s.warehouse_id for s in settings}
        ).values_list("id", flat=True)
    )
    for entry in entries:
        setting = entry.setting
        try:
            variant_id = variant_of(by_sku, setting.variant_id, setting.sku)
            if variant_id not in units:
                raise VariantUnknown(field="sku" if setting.sku else "variant")
            if setting.warehouse_id not in warehouses:
                raise WarehouseUnknown(field="warehouse")
            _check(setting, units[variant_id])
            entry.place = (variant_id, setting.warehouse_id)
        except DomainError as error:
            entry.error = error
    return units


def _check(setting: StockSetting, unit: str) -> None:
    if (setting.on_hand is None) == (setting.delta is None):
        raise Invalid(_("Give on_hand to set, or delta to adjust, not both."), field="on_hand")
    if len(setting.note) > NOTE_LENGTH:
        raise Invalid(_("A note has at most 300 characters."), field="note")
    if setting.on_hand is not None:
        books.check_quantity(setting.on_hand, field="on_hand", unit_code=unit)
        if setting.on_hand < 0:
            raise Invalid(_("On hand is 0 or more."), field="on_hand")
        return
    if setting.delta is not None:
        books.check_quantity(setting.delta, field="delta", unit_code=unit)
        if setting.delta == 0:
            raise Invalid(_("The change is more or less than 0."), field="delta")
    if setting.reason not in REASONS:
        raise InvalidReason(field="reason", allowed=list(REASONS))


def _settle(entry: _Entry, row: StockRow) -> None:
    """Work the entry out on the locked row's figures; nothing is written yet."""
    setting = entry.setting
    try:
        if setting.expected is not None and setting.expected != row.on_hand:
            raise StockChanged(field="expected", actual=f"{row.on_hand:f}")
        after = setting.on_hand
        if after is None:
            after = row.on_hand + (setting.delta or Decimal(0))
        books.check_quantity(after, field="on_hand" if setting.delta is None else "delta")
        if after < row.reserved or after < 0:
            raise StockReserved(
                on_hand=f"{row.on_hand:f}", reserved=f"{row.reserved:f}", wanted=f"{after:f}"
            )
        entry.delta, entry.after = after - row.on_hand, after
        row.on_hand = after
    except DomainError as error:
        entry.error = error


def _record(
    merchant_id: UUID,
    entries: Iterable[_Entry],
    rows: Mapping[Place, StockRow],
    touched: Sequence[StockRow],
    before: Mapping[Place, tuple[Decimal, Decimal]],
    first: Mapping[Place, Decimal],
) -> None:
    if not touched:
        return
    changes: list[books.Change] = []
    opened: list[books.Change] = []
    for row in touched:
        place, after = (row.variant_id, row.warehouse_id), row.on_hand
        row.on_hand = before[place][0]
        made = row.new and place in first
        (opened if made else changes).append(books.Change(row, on_hand=after - row.on_hand))
    moved = [
        books.Moved(
            rows[entry.place],
            entry.delta,
            entry.after,
            reason=entry.setting.reason if entry.setting.on_hand is None else "set",
            note=entry.setting.note,
        )
        for entry in entries
        if entry.error is None and entry.place is not None and entry.delta
    ]
    books.write(changes, moved=moved, opened=opened)
    audit.record_many(
        [
            Change(
                "inventory.stock.changed",
                audit.AuditTarget("inventory.stock", row.id),
                before={"on_hand": before[row.variant_id, row.warehouse_id][0]},
                after={"on_hand": row.on_hand},
            )
            for row in touched
        ]
    )
    for new in (True, False):
        told = books.changed([row for row in touched if row.new is new], "changed")
        outbox.append_many(told, new=new)
    promises.fill(touched)
