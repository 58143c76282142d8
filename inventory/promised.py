"""Reads of what is sold before it is there: settings of variants, promises of reservations."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F

from inventory.contracts_ahead import AheadInfo, AheadMode, PromiseInfo, Sellable
from inventory.models import Ahead, Promise
from kernel import clock, tenancy
from kernel.pagination import PageOf, keyset
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG

STANDING = {"committed": True, "quantity__gt": F("filled") + F("released")}
_THESE = AMONG.replace("%s", "%(variants)s")
_SELLABLE = f"""
SELECT coalesce(f.variant_id, a.variant_id), coalesce(f.free, 0), a.id, a.merchant_id,
  a.variant_id, a.unit, a.mode, a.most, a.lead_days, a.release_on, a.promised, a.version,
  a.updated_at
FROM (
  SELECT s.variant_id, sum(s.on_hand - s.reserved) AS free
  FROM inventory_stock s
  JOIN inventory_warehouse w
    ON w.platform_id = s.platform_id AND w.id = s.warehouse_id AND w.active
  WHERE s.platform_id = %(platform)s AND s.variant_id {_THESE}
  GROUP BY s.variant_id
) f
FULL JOIN (
  SELECT * FROM inventory_ahead
  WHERE platform_id = %(platform)s AND variant_id {_THESE}
) a ON a.variant_id = f.variant_id
"""  # noqa: S608
ZERO = Decimal(0)
NOTHING_THERE = Sellable(ZERO)
_PLAIN = (
    "id", "reservation_id", "merchant_id", "variant_id", "unit", "quantity", "filled", "released",
    "due_on", "agreed_on", "committed",
)  # fmt: skip
_PROMISES = f"""
SELECT r.key, p.mode, {", ".join(f"p.{name}" for name in _PLAIN)}
FROM inventory_reservation r
JOIN inventory_promise p ON p.platform_id = r.platform_id AND p.reservation_id = r.id
WHERE r.platform_id = %s AND r.key {AMONG}
"""  # noqa: S608


def sellable(variant_ids: Iterable[UUID]) -> dict[UUID, Sellable]:
    """What can be bought of each variant, at once and ahead; one query."""
    return ask(sellable_question(variant_ids))[0]


def sellable_question(variant_ids: Iterable[UUID]) -> Question[dict[UUID, Sellable]]:
    """``sellable``, to be asked with others."""
    wanted = list(variant_ids)
    if not wanted:
        return NOTHING

    def read(rows: list[Any]) -> dict[UUID, Sellable]:
        now = clock.today()
        found = {row[0]: _sellable(row[1], row[2:], now) for row in rows}
        if len(found) < len(wanted):
            for variant in wanted:
                found.setdefault(variant, NOTHING_THERE)
        return found

    return Question(_SELLABLE, {"variants": wanted, "platform": tenancy.current_id()}, read)


def _sellable(lying: Decimal, row: tuple[Any, ...], now: date) -> Sellable:
    if row[0] is None:
        free = max(lying, ZERO)
        return Sellable(free, free)
    promised = row[8]
    free = max(lying - promised, ZERO)
    info = AheadInfo(
        id=row[0], merchant_id=row[1], variant_id=row[2], unit=row[3], mode=AheadMode(row[4]),
        limit=row[5], lead_days=row[6], release_on=row[7], promised=promised, version=row[9],
        updated_at=row[10],
    )  # fmt: skip
    if not info.open(now):
        return Sellable(free, free)
    before = info.mode == AheadMode.PREORDER
    return Sellable(ZERO if before else free, free, info, info.due(now))


def availability(variant_ids: Iterable[UUID]) -> dict[UUID, Decimal]:
    """What can be bought of each variant and sent at once, over its active warehouses; 0 where
    there is nothing. One query."""
    return {variant: one.now for variant, one in sellable(variant_ids).items()}


def ahead_info(row: Ahead) -> AheadInfo:
    """A setting's row as contract."""
    return AheadInfo(
        id=row.id, merchant_id=row.merchant_id, variant_id=row.variant_id, unit=row.unit,
        mode=AheadMode(row.mode), limit=row.most, lead_days=row.lead_days,
        release_on=row.release_on, promised=row.promised, version=row.version,
        updated_at=row.updated_at,
    )  # fmt: skip


def aheads(variant_ids: Iterable[UUID]) -> dict[UUID, AheadInfo]:
    """The settings of those of these variants that have one; one query, none for none."""
    wanted = list(set(variant_ids))
    rows = Ahead.objects.filter(variant_id__in=wanted) if wanted else ()
    return {row.variant_id: ahead_info(row) for row in rows}


def aheads_page(
    *,
    merchant_id: UUID | None = None,
    variant_id: UUID | None = None,
    mode: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[AheadInfo]:
    """Settings, of one merchant or of the platform, the latest first."""
    wanted = {
        "merchant_id": merchant_id, "variant_id": variant_id, "mode": mode,
        "updated_at__gte": updated_since,
    }  # fmt: skip
    rows = Ahead.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(ahead_info)


def promises_of(keys: Iterable[UUID]) -> dict[UUID, dict[UUID, PromiseInfo]]:
    """What was promised to the reservations with these keys, by key and variant; one query."""
    return ask(promises_question(keys))[0]


def promises_question(keys: Iterable[UUID]) -> Question[dict[UUID, dict[UUID, PromiseInfo]]]:
    """``promises_of``, to be asked with others."""
    wanted = list(set(keys))
    if not wanted:
        return NOTHING
    return Question(_PROMISES, [tenancy.current_id(), wanted], _by_key)


def _by_key(rows: list[Any]) -> dict[UUID, dict[UUID, PromiseInfo]]:
    found: dict[UUID, dict[UUID, PromiseInfo]] = {}
    for key, mode, *plain in rows:
        info = PromiseInfo(**dict(zip(_PLAIN, plain, strict=True)), key=key, mode=AheadMode(mode))
        found.setdefault(key, {})[info.variant_id] = info
    return found


def promises_page(
    *,
    merchant_id: UUID | None = None,
    variant_id: UUID | None = None,
    late: bool = False,
    order: tuple[str, ...] = ("due_on", "id"),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PromiseInfo]:
    """What is paid and waits for goods, the one due first before the others; ``late``: only what
    should have been there."""
    rows = Promise.objects.filter(**STANDING)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if variant_id is not None:
        rows = rows.filter(variant_id=variant_id)
    if late:
        rows = rows.filter(due_on__lt=clock.today())
    page = keyset(rows.select_related("reservation"), order=order, cursor=cursor, limit=limit)
    return page.map(_info)


def late_count(merchant_id: UUID) -> int:
    """How many promises of the merchant should have been filled by now."""
    rows = Promise.objects.filter(**STANDING, merchant_id=merchant_id, due_on__lt=clock.today())
    return rows.count()


def _info(row: Promise) -> PromiseInfo:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return PromiseInfo(**values, key=row.reservation.key, mode=AheadMode(row.mode))
