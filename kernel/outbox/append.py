"""Appending events in the transaction of the change they tell of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model

from kernel import clock, gathered, tenancy, wake
from kernel.actors import current_actor
from kernel.ids import uuid7s
from kernel.logs import request_id
from kernel.outbox.events import Event, sealed_payload
from kernel.sealed_text import subject_of
from kernel.sql_parts import unseen_rows
from kernel.transactions import in_transaction, later


@dataclass(frozen=True)
class AggregateRef:
    """An aggregate by type (``inventory.stockitem``) and id, for set-based code without objects."""

    type: str
    id: UUID


@dataclass(frozen=True)
class _Cause:
    """Who did it, by which request."""

    actor_kind: str
    actor_id: UUID | None
    request_id: str


Aggregate = Model | AggregateRef
Item = tuple[Event, Aggregate, UUID | None]

_ARRAYS = {
    "ids": "uuid", "aggregate_types": "text", "aggregate_ids": "uuid", "types": "text",
    "payloads": "text", "merchants": "uuid", "new": "bool",
}  # fmt: skip
_EVENTS = unseen_rows(**_ARRAYS)
# One statement: the version is the highest so far plus one, counted up within the statement for
# several events of one aggregate. The caller holds the aggregate's row lock, so two transactions
# never count at once; if one forgot it, the week's unique (aggregate, version) refuses the second.
# Where events were dropped, the aggregate's head knows their highest. It may lie above those left:
# a machine whose clock is wrong gives ids of another time.
_APPEND = f"""
INSERT INTO kernel_outboxevent
  (platform_id, id, aggregate_type, aggregate_id, version, type, payload, merchant_id,
   actor_kind, actor_id, business_at, created_at, request_id)
SELECT %(platform)s, n.id, n.aggregate_type, n.aggregate_id,
  CASE WHEN n.new THEN 0 ELSE greatest(
    (SELECT max(e.version) FROM kernel_outboxevent e
     WHERE e.platform_id = %(platform)s AND e.aggregate_id = n.aggregate_id),
    (SELECT h.version FROM kernel_eventhead h
     WHERE h.platform_id = %(platform)s AND h.id = n.aggregate_id), 0) END
    + row_number() OVER (PARTITION BY n.aggregate_id ORDER BY n.place),
  n.type, n.payload::jsonb, n.merchant_id,
  %(actor_kind)s, %(actor_id)s, %(business)s, %(system)s, %(request_id)s
FROM {_EVENTS}
  WITH ORDINALITY AS n(id, aggregate_type, aggregate_id, type, payload, merchant_id, new, place)
"""  # noqa: S608


def append(event: Event, *, aggregate: Aggregate, merchant_id: UUID | None = None) -> UUID:
    """Append one event about ``aggregate``, whose row the caller has locked or just made.

    ``merchant_id`` makes it visible to that merchant: in ``GET /events`` and by webhook.
    Returns the event's id.
    """
    return append_many([(event, aggregate, merchant_id)])[0]


def append_many(items: Iterable[Item], *, new: bool = False) -> list[UUID]:
    """Append events with one statement, or with those of the whole transaction; those of one
    aggregate keep their order.

    ``new``: the aggregates were made in this transaction and these are all that is told of them so
    far, so nobody needs to look for earlier ones; a wrong word breaks the unique version."""
    found = list(items)
    if not found:
        return []
    if not in_transaction():
        raise RuntimeError(f"{found[0][0].NAME}: an event belongs into its change's transaction.")
    actor = current_actor()
    cause = _Cause(actor.kind, actor.person_id or actor.id, request_id()[:64])
    rows = []
    for row_id, (event, aggregate, merchant_id) in zip(uuid7s(len(found)), found, strict=True):
        target = _ref(aggregate)
        payload = orjson.dumps(_payload(event, aggregate)).decode()
        rows.append((cause, row_id, target.type, target.id, event.NAME, payload, merchant_id, new))
    gathered.write(_write, rows)
    wake.after_commit()
    return [row[1] for row in rows]


def _write(rows: Sequence[tuple[Any, ...]]) -> None:
    """One statement; several only where causes differ."""
    for cause, same in groupby(rows, key=lambda row: row[0]):
        _cause, *columns = zip(*same, strict=True)
        values = {
            "platform": tenancy.current_id(),
            **{name: list(column) for name, column in zip(_ARRAYS, columns, strict=True)},
            "business": clock.business(),
            "system": clock.system(),
            **vars(cause),
        }
        later(_APPEND, values)


def _payload(event: Event, aggregate: Aggregate) -> dict[str, Any]:
    own = aggregate.id if isinstance(aggregate, AggregateRef) else subject_of(aggregate)
    return sealed_payload(event, own)


def _ref(aggregate: Aggregate) -> AggregateRef:
    if isinstance(aggregate, AggregateRef):
        return aggregate
    return AggregateRef(aggregate._meta.label_lower, aggregate.pk)
