"""Writing down what must be indexed again: from events in batches, from jobs, from repairs."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.outbox import Published
from kernel.transactions import atomic, cursor
from search.models import Change

# Who makes more events than this, counted with a half-life of two seconds, gives way to single
# changes of others. Counted where events are relayed, so by one process at a time.
MANY = 20
HALF_LIFE = 2.0
_busy: dict[tuple[Any, ...], tuple[float, float]] = {}  # source -> (when, how much)
SINGLE, BULK = int(Change.Lane.SINGLE), int(Change.Lane.BULK)
Wanted = tuple[UUID, str, UUID, int]  # platform, kind, id, lane

_NOTE = """
INSERT INTO search_change
  (platform_id, id, kind, ref_id, lane, state, requested, since, due_at, attempts, error)
SELECT n.platform_id, n.id, n.kind, n.ref_id, n.lane, 'pending', 1, %(now)s, %(now)s, 0, ''
FROM unnest(%(platforms)s::uuid[], %(ids)s::uuid[], %(kinds)s::text[], %(refs)s::uuid[],
            %(lanes)s::smallint[]) AS n(platform_id, id, kind, ref_id, lane)
ON CONFLICT (platform_id, kind, ref_id) DO UPDATE SET
  requested = search_change.requested + 1,
  lane = CASE WHEN search_change.state = 'pending'
              THEN least(search_change.lane, excluded.lane) ELSE excluded.lane END,
  since = CASE WHEN search_change.state = 'pending'
               THEN search_change.since ELSE excluded.since END,
  state = 'pending', due_at = least(search_change.due_at, excluded.due_at), attempts = 0, error = ''
"""
STOCK = "inventory.stock.changed.v1"
# event -> (kind of change, the payload's field that names it)
PRODUCT, VARIANT = ("product", "product_id"), ("variant", "variant_id")
MERCHANT = ("merchant", "merchant_id")
CHANGES = {
    "catalog.product.created.v1": [PRODUCT],
    "catalog.product.updated.v1": [PRODUCT],
    "catalog.product.published.v1": [PRODUCT, MERCHANT],  # its number of products
    "catalog.product.withdrawn.v1": [PRODUCT, MERCHANT],
    "marketplace.price.changed.v1": [VARIANT],
    STOCK: [VARIANT],
    "inventory.ahead.changed.v1": [VARIANT],
    "platforms.merchant.created.v1": [MERCHANT],
    "platforms.merchant.changed.v1": [MERCHANT],
    "platforms.merchant.approved.v1": [MERCHANT],
    "platforms.merchant.suspended.v1": [MERCHANT],
}


def note_published(sql: Any, published: Sequence[Published]) -> None:
    """Write down what these events change; with the cursor of the transaction that publishes
    them, of one platform or many."""
    crowds = _crowds(Counter(_source(one) for one in published))
    wanted: dict[tuple[UUID, str, UUID], int] = {}
    for one in published:
        if one.type == STOCK and not one.payload.get("turned", True):
            continue  # documents say whether there is some, not how much
        lane = BULK if crowds[_source(one)] > MANY else SINGLE
        for kind, field in CHANGES[one.type]:
            key = (one.platform_id, kind, UUID(one.payload[field]))
            wanted[key] = min(lane, wanted.get(key, BULK))
    _write(sql, [(*key, lane) for key, lane in wanted.items()])


def _crowds(counts: Mapping[tuple[Any, ...], int]) -> dict[tuple[Any, ...], float]:
    """How busy each source has been of late, these events included."""
    now = time.monotonic()
    if len(_busy) > 10_000:
        _busy.clear()
    found = {}
    for source, count in counts.items():
        when, before = _busy.get(source, (now, 0.0))
        found[source] = before * 0.5 ** ((now - when) / HALF_LIFE) + count
        _busy[source] = (now, found[source])
    return found


def _source(one: Published) -> tuple[Any, ...]:
    """Whose doing it is: a key or person, else the request, else the aggregate's merchant."""
    return one.platform_id, one.actor_id or one.request_id or one.merchant_id


def note(kind: str, ids: Iterable[UUID], *, lane: int = BULK) -> int:
    """Write down that these documents of the platform in scope must be indexed again."""
    here = tenancy.current_id()
    wanted = [(here, kind, one, lane) for one in set(ids)]
    with atomic(), cursor() as sql:
        _write(sql, wanted)
    return len(wanted)


def _write(sql: Any, wanted: list[Wanted]) -> None:
    if not wanted:
        return
    wanted.sort()  # one order everywhere, so that two writers wait and don't deadlock
    sql.execute(
        _NOTE,
        {
            "now": clock.system(),
            "platforms": [row[0] for row in wanted],
            "ids": [uuid7() for _ in wanted],
            "kinds": [row[1] for row in wanted],
            "refs": [row[2] for row in wanted],
            "lanes": [row[3] for row in wanted],
        },
    )
