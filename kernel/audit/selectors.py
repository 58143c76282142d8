"""Reading the audit trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from kernel import gathered
from kernel.errors import NotFound
from kernel.ids import floor, moment_of, parse_public_id
from kernel.pagination import LIMIT_MAX, PageOf, after, encode_cursor, keyset
from kernel.records.audit import AuditRecord
from kernel.sealed_text import opened

_FIELDS = (
    "id", "actor_kind", "actor_id", "actor_person_id", "actor_label", "merchant_id", "action",
    "target_type", "target_id", "before", "after", "business_at", "created_at", "request_id",
)  # fmt: skip


LOOKED_AT = 200_000
Rows = QuerySet[AuditRecord, AuditRecord]


@dataclass(frozen=True)
class Sought:
    """Which changes: each field narrows. ``action`` is a whole one, ``area`` its first part;
    ``merchant_id``: made by that merchant, or to it; ``since`` up to before ``until`` in the
    system's time."""

    target: UUID | None = None
    action: str = ""
    area: str = ""
    actor_kind: str = ""
    person_id: UUID | None = None
    merchant_id: UUID | None = None
    request_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def unindexed(self) -> bool:
        """Whether rows have to be looked through to find those that are sought."""
        return self.target is None and any(
            (self.action, self.area, self.actor_kind, self.person_id, self.merchant_id,
             self.request_id)
        )  # fmt: skip


ANYTHING = Sought()


@dataclass(frozen=True)
class AuditEntry:
    """One change as recorded; free texts are opened, fields about a person still sealed."""

    id: UUID
    actor_kind: str
    actor_id: UUID | None
    actor_person_id: UUID | None
    actor_label: str
    merchant_id: UUID | None
    action: str
    target_type: str
    target_id: UUID | None
    before: dict[str, Any]
    after: dict[str, Any]
    business_at: datetime
    created_at: datetime
    request_id: str


@dataclass(frozen=True)
class Looked:
    """A page, and how far was looked where that wasn't to the end: what comes after that moment
    (for one request), or before it, is on the next page."""

    page: PageOf[AuditEntry]
    to: datetime | None


def entries_for(
    targets: Iterable[UUID],
    *,
    kind: str | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> PageOf[AuditEntry]:
    """What happened to these objects, oldest first; ``kind`` narrows to one type of target."""
    gathered.settle()
    rows = AuditRecord.objects.filter(target_id__in=list(targets))
    if kind:
        rows = rows.filter(target_type=kind)
    page = keyset(rows.values(*_FIELDS), order=("id",), cursor=cursor, limit=limit)
    return page.map(_entry)


def latest_for(target: UUID, *, limit: int = 50) -> list[AuditEntry]:
    """What happened to this object last, newest first."""
    return entries(Sought(target=target), limit=limit).items


def latest_of(
    targets: Iterable[UUID], *, actions: Iterable[str], limit: int = 100
) -> list[AuditEntry]:
    """When these objects had one of these actions last, newest first."""
    gathered.settle()
    rows = AuditRecord.objects.filter(target_id__in=list(targets), action__in=list(actions))
    return keyset(rows.values(*_FIELDS), order=("-id",), cursor=None, limit=limit).map(_entry).items


def entries(
    sought: Sought = ANYTHING, *, cursor: str | None = None, limit: int = 50
) -> PageOf[AuditEntry]:
    """The platform's changes, as ``look`` finds them."""
    return look(sought, cursor=cursor, limit=limit).page


def look(sought: Sought = ANYTHING, *, cursor: str | None = None, limit: int = 50) -> Looked:
    """The platform's changes that are sought, newest first; those of one request, oldest first,
    beginning with the request.

    The table is large and has few indexes, since every change pays for each. What none of them
    finds is looked for among ``LOOKED_AT`` rows a page: a page may then be short or empty and still
    have a next one, which looks on. Raises InvalidCursor.
    """
    gathered.settle()
    began = _began(sought.request_id)
    order = ("id",) if began else ("-id",)
    span = _within(AuditRecord.objects.all(), sought, began)
    if not sought.unindexed:
        rows = _narrowed(span, sought).values(*_FIELDS)
        return Looked(keyset(rows, order=order, cursor=cursor, limit=limit).map(_entry), None)
    if cursor:
        span = span.filter(after(span, order, cursor))
    limit = max(1, min(limit, LIMIT_MAX))
    found = _looked_through(span.order_by(*order)[:LOOKED_AT], sought, order, limit + 1)
    items = [_entry(row) for row in found[:limit]]
    if len(found) > limit:
        return Looked(PageOf(items, True, encode_cursor(order, [items[-1].id])), None)
    last = _last_looked_at(span, order)
    if last is None:
        return Looked(PageOf(items, False, None), None)
    return Looked(PageOf(items, True, encode_cursor(order, [last])), moment_of(last))


def _began(request: str) -> UUID | None:
    """The id out of a request's name, whose time is when it began; None for another's name."""
    try:
        return parse_public_id("req", request)
    except NotFound:
        return None


def _within(rows: Rows, sought: Sought, began: UUID | None) -> Rows:
    """By ids, which are in the order of time: so only the partitions in question are read."""
    if sought.since:
        rows = rows.filter(id__gte=floor(sought.since))
    if sought.until:
        rows = rows.filter(id__lt=floor(sought.until))
    return rows.filter(id__gte=floor(moment_of(began))) if began else rows


def _equal(sought: Sought) -> dict[str, Any]:
    equal = {
        "target_id": sought.target,
        "action": sought.action,
        "actor_kind": sought.actor_kind,
        "actor_person_id": sought.person_id,
        "request_id": sought.request_id,
    }
    return {name: value for name, value in equal.items() if value}


def _narrowed(rows: Rows, sought: Sought) -> Rows:
    rows = rows.filter(**_equal(sought))
    if sought.area:
        rows = rows.filter(action__startswith=f"{sought.area}.")
    if sought.merchant_id:
        rows = rows.filter(Q(merchant_id=sought.merchant_id) | Q(target_id=sought.merchant_id))
    return rows


def _looked_through(
    stretch: Rows, sought: Sought, order: tuple[str, ...], most: int
) -> list[dict[str, Any]]:
    """Those of the stretch that are sought, in its order.

    The stretch stands in a query of its own, with its limit: so it is read along the index and no
    further than needed. As one condition among others it may be read out of the whole partition.
    """
    inner, values = stretch.query.sql_with_params()
    equal = _equal(sought)
    wheres, wanted = [f"{name} = %s" for name in equal], list(equal.values())
    if sought.area:
        wheres.append("starts_with(action, %s)")
        wanted.append(f"{sought.area}.")
    if sought.merchant_id:
        wheres.append("(merchant_id = %s OR target_id = %s)")
        wanted += [sought.merchant_id, sought.merchant_id]
    way = "DESC" if order == ("-id",) else "ASC"
    rows = AuditRecord.objects.raw(
        f"SELECT * FROM ({inner}) AS looked WHERE {' AND '.join(wheres)} "  # noqa: S608
        f"ORDER BY id {way} LIMIT %s",
        [*values, *wanted, most],
    )
    return [{name: getattr(row, name) for name in _FIELDS} for row in rows]


def _last_looked_at(span: Rows, order: tuple[str, ...]) -> UUID | None:
    """The last row of the stretch that a page looks through; None when there are no more rows."""
    found: UUID | None = (
        span.order_by(*order).values_list("id", flat=True)[LOOKED_AT - 1 : LOOKED_AT].first()
    )
    return found


def _entry(row: dict[str, Any]) -> AuditEntry:
    return AuditEntry(**row | {name: _opened(row[name]) for name in ("before", "after")})


def _opened(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _opened(item) for key, item in value.items()}
    return opened(value) if isinstance(value, str) else value
