"""Row locks of this context, taken in this order: reservation, receipt, transfer or count, then
stock rows by id, then how variants are sold ahead, by variant.

Everything that changes stock goes through here, so two requests that touch the same goods in
opposite order wait for each other and never deadlock.
"""

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from inventory.domain.allocation import Share, StockRow
from inventory.models import (
    RESERVATIONS,
    Ahead,
    Count,
    Receipt,
    Reservation,
    Stock,
    Transfer,
    Warehouse,
)
from kernel import tenancy
from kernel.errors import NotFound
from kernel.sql_parts import AMONG
from kernel.transactions import cursor

M = TypeVar("M", Receipt, Transfer, Count)
_STOCK = """
SELECT s.id, s.variant_id, s.warehouse_id, s.merchant_id, s.unit, s.on_hand, s.reserved,
  w.priority, w.active, a.id IS NOT NULL
FROM inventory_stock s
JOIN inventory_warehouse w ON w.platform_id = s.platform_id AND w.id = s.warehouse_id
LEFT JOIN inventory_ahead a ON a.platform_id = s.platform_id AND a.variant_id = s.variant_id
WHERE s.platform_id = %s AND s.{column} {AMONG}
ORDER BY s.id
FOR UPDATE OF s
"""

_HELD = """
SELECT s.id, s.variant_id, s.warehouse_id, s.merchant_id, s.unit, s.on_hand, s.reserved,
  w.priority, w.active, a.id IS NOT NULL, l.quantity
FROM inventory_reservationline l
JOIN inventory_stock s ON s.platform_id = l.platform_id AND s.id = l.stock_id
JOIN inventory_warehouse w ON w.platform_id = s.platform_id AND w.id = s.warehouse_id
LEFT JOIN inventory_ahead a ON a.platform_id = s.platform_id AND a.variant_id = s.variant_id
WHERE l.platform_id = %s AND l.reservation_id = %s
ORDER BY s.id
FOR UPDATE OF s
"""


def reservation(key: UUID) -> Reservation | None:
    """The reservation with this key, locked, or None.

    Its key doesn't change: who fills its promises makes lines of it, whose foreign keys would wait
    for a stronger lock while holding what this one's holder waits for.
    """
    return RESERVATIONS.one("key = %s FOR NO KEY UPDATE", [key])


def due_reservation(reservation_id: UUID) -> Reservation | None:
    """The reservation, locked, unless somebody is at work on it."""
    rows = Reservation.objects.select_for_update(skip_locked=True, no_key=True)
    rows = rows.filter(id=reservation_id)
    found: Reservation | None = rows.first()
    return found


def stock_of_variants(variant_ids: Iterable[UUID]) -> list[StockRow]:
    """All stock rows of these variants, locked in the order of their ids."""
    return _stock("variant_id", variant_ids)


def stock(stock_ids: Iterable[UUID]) -> list[StockRow]:
    """These stock rows, locked in the order of their ids."""
    return _stock("id", stock_ids)


def held(reservation_id: UUID) -> list[Share]:
    """What a locked reservation holds, its stock rows locked in the order of their ids."""
    with cursor() as sql:
        sql.execute(_HELD, [tenancy.current_id(), reservation_id])
        return [Share(StockRow(*row[:-1]), row[-1]) for row in sql.fetchall()]


def ahead(variant_ids: Iterable[UUID]) -> dict[UUID, Ahead]:
    """How these variants are sold beyond their stock, those that have a setting, locked in the
    order of the variants. Their promises may be changed from now on."""
    wanted = set(variant_ids)
    if not wanted:
        return {}
    rows = Ahead.objects.select_for_update().filter(variant_id__in=wanted).order_by("variant_id")
    return {row.variant_id: row for row in rows}


def warehouse(warehouse_id: UUID, merchant_id: UUID | None = None) -> Warehouse:
    """The warehouse, locked. Raises NotFound, also when it isn't ``merchant_id``'s."""
    rows = Warehouse.objects.select_for_update().filter(id=warehouse_id)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    found: Warehouse | None = rows.first()
    if found is None:
        raise NotFound
    return found


def receipt(receipt_id: UUID, merchant_id: UUID) -> Receipt:
    """The merchant's receipt, locked. Raises NotFound."""
    return _own(Receipt, receipt_id, merchant_id)


def transfer(transfer_id: UUID, merchant_id: UUID) -> Transfer:
    """The merchant's transfer, locked. Raises NotFound."""
    return _own(Transfer, transfer_id, merchant_id)


def count(count_id: UUID, merchant_id: UUID) -> Count:
    """The merchant's count, locked. Raises NotFound."""
    return _own(Count, count_id, merchant_id)


def untold(limit: int) -> list[Stock]:
    """Stock that has become low and of which nobody was told, locked; what somebody is at work
    on is left for the next time."""
    rows = Stock.objects.select_for_update(skip_locked=True).filter(
        low_since__isnull=False, low_told_at__isnull=True
    )
    return list(rows.order_by("merchant_id", "id")[:limit])


def _own(model: type[M], row_id: UUID, merchant_id: UUID) -> M:
    rows = model.objects.select_for_update().filter(id=row_id, merchant_id=merchant_id)
    found: M | None = rows.first()
    if found is None:
        raise NotFound
    return found


def _stock(column: str, ids: Iterable[UUID]) -> list[StockRow]:
    with cursor() as sql:
        sql.execute(
            _STOCK.format(column=column, AMONG=AMONG), [tenancy.current_id(), list(set(ids))]
        )
        return [StockRow(*row) for row in sql.fetchall()]
