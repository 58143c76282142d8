"""Reads: plain values and contracts, never ORM objects."""

from collections.abc import Collection, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from inventory.contracts import (
    MovementInfo,
    ReservationInfo,
    ReservationLineInfo,
    ReservationState,
    StockInfo,
    WarehouseInfo,
)
from inventory.documents import incoming
from inventory.models import Movement, Promise, Reservation, ReservationLine, Stock, Warehouse
from inventory.promised import aheads
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from kernel.sealed_text import opened
from kernel.sql_parts import AMONG
from kernel.statements import Columns

WAREHOUSE_FIELDS = (
    "id", "merchant_id", "names", "region", "address", "priority", "active", "external_id",
    "metadata", "version", "created_at", "updated_at",
)  # fmt: skip
STOCK_FIELDS = (
    "id", "merchant_id", "variant_id", "warehouse_id", "on_hand", "reserved", "unit", "low_at",
    "low_since", "version", "updated_at",
)  # fmt: skip
MOVEMENT_FIELDS = (
    "id", "stock_id", "variant_id", "warehouse_id", "delta", "on_hand", "reason", "note",
    "reference", "business_at", "created_at",
)  # fmt: skip


_STOCK = Columns(Stock, *STOCK_FIELDS)


def warehouses_with(variant_ids: Iterable[UUID]) -> dict[UUID, tuple[WarehouseInfo, ...]]:
    """The active warehouses that have something of each variant to sell; one query."""
    wanted = list(set(variant_ids))
    if not wanted:
        return {}
    rows = Stock.objects.filter(
        variant_id__in=wanted, on_hand__gt=F("reserved"), warehouse__active=True
    )
    columns = [f"warehouse__{name}" for name in WAREHOUSE_FIELDS]
    infos: dict[UUID, WarehouseInfo] = {}
    found: dict[UUID, tuple[WarehouseInfo, ...]] = {}
    for variant_id, *row in rows.order_by("warehouse_id").values_list("variant_id", *columns):
        key = row[0]
        if key not in infos:
            infos[key] = _warehouse(dict(zip(WAREHOUSE_FIELDS, row, strict=True)))
        found[variant_id] = (*found.get(variant_id, ()), infos[key])
    return found


def stocked_variants(
    warehouse_id: UUID, *, after: UUID | None = None, limit: int = 500
) -> list[UUID]:
    """Variants with a row in this warehouse, by ascending id after ``after``; one query."""
    rows = Stock.objects.filter(warehouse_id=warehouse_id)
    if after is not None:
        rows = rows.filter(variant_id__gt=after)
    return list(rows.order_by("variant_id").values_list("variant_id", flat=True)[:limit])


def _warehouse(row: dict[str, Any]) -> WarehouseInfo:
    return WarehouseInfo(**row | {"address": opened(row["address"])})


def warehouse(warehouse_id: UUID, merchant_id: UUID | None = None) -> WarehouseInfo:
    """One warehouse; ``merchant_id`` must own it. Raises NotFound."""
    rows = Warehouse.objects.filter(id=warehouse_id)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    row = rows.values(*WAREHOUSE_FIELDS).first()
    if row is None:
        raise NotFound
    return _warehouse(row)


def warehouse_id_by_external(merchant_id: UUID, external_id: str) -> UUID | None:
    """The merchant's warehouse with its own id, or None."""
    rows = Warehouse.objects.filter(merchant_id=merchant_id, external_id=external_id)
    return rows.values_list("id", flat=True).first()


def warehouses_page(
    *,
    merchant_id: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[WarehouseInfo]:
    """Warehouses, of one merchant or of the platform."""
    rows = Warehouse.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    page = keyset(rows.values(*WAREHOUSE_FIELDS), order=order, cursor=cursor, limit=limit)
    return page.map(_warehouse)


def stock(stock_ids: Iterable[UUID]) -> dict[UUID, StockInfo]:
    """These stock rows, in two queries."""
    rows = _STOCK.all(f"id {AMONG}", [list(set(stock_ids))])
    return {info.id: info for info in _stock(rows)}


def stock_of(variant_ids: Iterable[UUID]) -> dict[tuple[UUID, UUID], StockInfo]:
    """What lies where of these variants, by variant and warehouse; two queries, none for none."""
    wanted = list(set(variant_ids))
    rows = _STOCK.all(f"variant_id {AMONG}", [wanted]) if wanted else ()
    return {(info.variant_id, info.warehouse_id): info for info in _stock(rows)}


def stock_page(
    *,
    merchant_id: UUID | None = None,
    variant_id: UUID | None = None,
    variant_ids: Collection[UUID] | None = None,
    warehouse_id: UUID | None = None,
    low: bool = False,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[StockInfo]:
    """Stock rows, of one merchant or of the platform; ``variant_ids``: of these variants;
    ``low``: only those below their limit."""
    rows = Stock.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if variant_id is not None:
        rows = rows.filter(variant_id=variant_id)
    if variant_ids is not None:
        rows = rows.filter(variant_id__in=variant_ids)
    if warehouse_id is not None:
        rows = rows.filter(warehouse_id=warehouse_id)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    if low:
        rows = rows.filter(low_since__isnull=False)
    page = keyset(rows.values(*STOCK_FIELDS), order=order, cursor=cursor, limit=limit)
    return PageOf(_stock(page.items), page.has_more, page.next_cursor)


def low_count(merchant_id: UUID) -> int:
    """How many stock rows of the merchant are below their limit."""
    return Stock.objects.filter(merchant_id=merchant_id, low_since__isnull=False).count()


def _stock(rows: Iterable[dict[str, Any]]) -> list[StockInfo]:
    """Rows as contracts, with what is still to come."""
    found = list(rows)
    coming = incoming(row["variant_id"] for row in found)
    ahead = aheads(row["variant_id"] for row in found)
    none = Decimal(0)
    return [
        StockInfo(
            **row,
            incoming=coming.get((row["variant_id"], row["warehouse_id"]), none),
            promised=ahead[row["variant_id"]].promised if row["variant_id"] in ahead else none,
        )
        for row in found
    ]


def movements_page(
    *,
    merchant_id: UUID | None = None,
    stock_id: UUID | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[MovementInfo]:
    """Stock movements, the latest first."""
    rows = Movement.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if stock_id is not None:
        rows = rows.filter(stock_id=stock_id)
    page = keyset(rows.values(*MOVEMENT_FIELDS), order=order, cursor=cursor, limit=limit)
    return page.map(lambda row: MovementInfo(**row | {"note": opened(row["note"])}))


def reservation(reservation_id: UUID, merchant_id: UUID | None = None) -> ReservationInfo:
    """One reservation; a merchant sees its own lines only, and those of others not at all. What
    was only promised has no lines yet. Raises NotFound."""
    row = _of(merchant_id).filter(id=reservation_id).first()
    if row is None:
        raise NotFound
    return _info(row, _lines([row.id], merchant_id).get(row.id, ()))


def reservation_by_key(key: UUID) -> ReservationInfo | None:
    """The reservation with this key, or None."""
    row = Reservation.objects.filter(key=key).first()
    return reservation_info(row) if row else None


def reservations_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ReservationInfo]:
    """Reservations, the latest first; a merchant's: those with lines of it, or something that was
    promised of it, and only those."""
    rows = _of(merchant_id)
    if state is not None:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    lines = _lines([row.id for row in page.items], merchant_id)
    return page.map(lambda row: _info(row, lines.get(row.id, ())))


def _of(merchant_id: UUID | None) -> QuerySet[Reservation]:
    """A merchant's reservations; None: everybody's."""
    rows = Reservation.objects.all()
    if merchant_id is None:
        return rows
    held = ReservationLine.objects.filter(merchant_id=merchant_id).values("reservation_id")
    promised = Promise.objects.filter(merchant_id=merchant_id).values("reservation_id")
    return rows.filter(id__in=held.union(promised))


def reservation_info(row: Reservation) -> ReservationInfo:
    """A reservation's row as contract, with all its lines."""
    return _info(row, _lines([row.id], None).get(row.id, ()))


def _lines(
    reservation_ids: list[UUID], merchant_id: UUID | None
) -> dict[UUID, tuple[ReservationLineInfo, ...]]:
    rows = ReservationLine.objects.filter(reservation_id__in=reservation_ids)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    found: dict[UUID, list[ReservationLineInfo]] = {}
    values: Any = rows.order_by("stock_id").values_list(
        "reservation_id", "stock_id", "variant_id", "stock__warehouse_id", "merchant_id",
        "quantity",
    )  # fmt: skip
    for owner, *line in values:
        found.setdefault(owner, []).append(ReservationLineInfo(*line))
    return {owner: tuple(lines) for owner, lines in found.items()}


def _info(row: Any, lines: tuple[ReservationLineInfo, ...]) -> ReservationInfo:
    return ReservationInfo(
        id=row.id,
        key=row.key,
        state=ReservationState(row.state),
        expires_at=row.expires_at,
        lines=lines,
        version=row.version,
        created_at=row.created_at,
    )
