"""The merchant's feed of events (``GET /events``): 30 days, in an order that loses nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from kernel import clock, tenancy
from kernel.errors import NotFound
from kernel.ids import floor, public_id
from kernel.outbox.events import EVENTS, opened_payload
from kernel.pagination import LIMIT_MAX, InvalidCursor, PageOf, decode_cursor, encode_cursor
from kernel.transactions import cursor as open_cursor

KEPT = timedelta(days=30)
SLACK = timedelta(hours=1)  # an id and its row's time are read one after the other
_ORDER = ("txid", "id")
_COLUMNS = (
    "e.id, e.type, e.aggregate_type, e.aggregate_id, e.version, e.payload::text, "
    "e.business_at, e.created_at, e.request_id, e.txid"
)


@dataclass(frozen=True)
class FeedEvent:
    """One event as its merchant sees it."""

    id: UUID
    type: str
    aggregate_type: str
    aggregate_id: UUID
    version: int
    data: dict[str, Any]
    business_at: datetime
    created_at: datetime
    request_id: str


def merchant_events(
    merchant_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 20,
    types: list[str] | None = None,
) -> PageOf[FeedEvent]:
    """The merchant's events after ``cursor``, oldest first.

    Events of transactions that still run, or that began after one that still runs, aren't shown
    yet: so none can appear behind a cursor. ``next_cursor`` is given whenever there is anything
    to go on from, also on the last page: keep it and ask again later.
    """
    limit = max(1, min(limit, LIMIT_MAX))
    txid, last = _position(cursor)
    since = clock.system() - KEPT
    with open_cursor() as sql:
        sql.execute(
            f"SELECT {_COLUMNS} FROM kernel_outboxevent e "  # noqa: S608
            "WHERE e.platform_id = %s AND e.merchant_id = %s AND (e.txid, e.id) > (%s, %s) "
            "AND e.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
            "AND e.id >= %s AND e.created_at >= %s AND (%s::text[] IS NULL OR e.type = ANY(%s)) "
            "ORDER BY e.txid, e.id LIMIT %s",
            [
                tenancy.current_id(), merchant_id, txid, last, floor(since - SLACK), since,
                types, types, limit + 1,
            ],
        )  # fmt: skip
        rows = sql.fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    following = encode_cursor(_ORDER, [rows[-1][9], rows[-1][0]]) if rows else cursor
    return PageOf([_shown(row) for row in rows], more, following)


def merchant_event(merchant_id: UUID, event_id: UUID) -> FeedEvent:
    """One event of the merchant. Raises NotFound, also for another merchant's."""
    with open_cursor() as sql:
        sql.execute(
            f"SELECT {_COLUMNS} FROM kernel_outboxevent e "  # noqa: S608
            "WHERE e.platform_id = %s AND e.id = %s AND e.merchant_id = %s AND e.created_at >= %s",
            [tenancy.current_id(), event_id, merchant_id, clock.system() - KEPT],
        )
        row = sql.fetchone()
    if row is None:
        raise NotFound
    return _shown(row)


def any_event(event_id: UUID) -> FeedEvent:
    """One event of the platform, whoever's it is. Raises NotFound."""
    with open_cursor() as sql:
        sql.execute(
            f"SELECT {_COLUMNS} FROM kernel_outboxevent e "  # noqa: S608
            "WHERE e.platform_id = %s AND e.id = %s",
            [tenancy.current_id(), event_id],
        )
        row = sql.fetchone()
    if row is None:
        raise NotFound
    return _shown(row)


_prefixes: dict[str, str] = {}


def register_id_prefixes(**prefixes: str) -> None:
    """Say which public prefix an id field has: ``register_id_prefixes(order_id="ord")``.

    Fields of these names (and lists such as ``order_ids``) appear in feeds and webhooks as public
    ids, as everywhere in the API.
    """
    _prefixes.update(prefixes)


def rendered(event: FeedEvent) -> dict[str, Any]:
    """The event as JSON, the same in ``GET /events`` and in webhooks."""
    return {
        "id": public_id("evt", event.id),
        "type": event.type,
        "aggregate": event.aggregate_type,
        "version": event.version,
        "data": {key: with_public_ids(key, value) for key, value in event.data.items()},
        "business_at": _time(event.business_at),
        "created_at": _time(event.created_at),
        "request_id": event.request_id,
    }


def with_public_ids(key: str, value: Any) -> Any:
    """What stands under ``key``, with every id of a registered name in it made public."""
    if isinstance(value, dict):
        return {name: with_public_ids(name, item) for name, item in value.items()}
    if isinstance(value, list):
        single = key[:-1] if key.endswith("_ids") else key
        return [with_public_ids(single, item) for item in value]
    prefix = _prefixes.get(key)
    if prefix is None or not isinstance(value, str):
        return value
    try:
        return public_id(prefix, UUID(value))
    except ValueError:
        return value


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _position(cursor: str | None) -> tuple[int, UUID]:
    if not cursor:
        return 0, UUID(int=0)
    try:
        txid, last = decode_cursor(_ORDER, cursor)
        position = int(txid), UUID(last)
    except ValueError as error:
        raise InvalidCursor(field="cursor") from error
    if not 0 <= position[0] < 2**63:
        raise InvalidCursor(field="cursor")
    return position


def _shown(row: Any) -> FeedEvent:
    return FeedEvent(
        id=row[0],
        type=row[1],
        aggregate_type=row[2],
        aggregate_id=row[3],
        version=row[4],
        data=opened_payload(EVENTS.get(row[1]), orjson.loads(row[5])),
        business_at=row[6],
        created_at=row[7],
        request_id=row[8],
    )
