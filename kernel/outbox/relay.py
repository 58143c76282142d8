"""Fan-out: every unpublished event becomes one delivery for each handler and webhook endpoint.

One relay at a time on a database (a transaction-scoped advisory lock), and no event before an
unpublished earlier one of its aggregate: so when a delivery exists, all earlier ones do too.
Unpublished rows are claimed, never followed with a cursor, so a late commit is never lost. As long
as none of them is older than a day, only the partitions since then are looked into.
"""

import logging
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from kernel import clock, failpoints
from kernel.ids import floor
from kernel.outbox.events import HANDLERS, Batch, Handler, Published
from kernel.sql_parts import UUID7

log = logging.getLogger("kernel.outbox")
BATCH = 500
FEW = 50  # events of one transaction: a purchase has some twenty, a portion of a list a thousand
LOCK = 7_403_152_001
RECENT = timedelta(days=1)  # longer than any transaction runs: what is older now was older before
EVER = UUID(int=0)

_OLD = """
SELECT EXISTS (SELECT FROM kernel_outboxevent WHERE published_at IS NULL AND id < %(since)s)
"""

# What single changes tell doesn't wait behind what a list tells, of which a fifth goes along.
_FAN_OUT = """
WITH ahead AS MATERIALIZED (
  SELECT e.platform_id, e.id, e.txid, count(*) OVER (PARTITION BY e.txid) > %(few)s AS many
  FROM (
    SELECT e.platform_id, e.id, e.txid FROM kernel_outboxevent e
    WHERE e.published_at IS NULL AND e.id >= %(since)s
      AND (%(platform)s::uuid IS NULL OR e.platform_id = %(platform)s)
    ORDER BY e.txid, e.id LIMIT %(limit)s * 10
  ) e
), next AS MATERIALIZED (
  SELECT platform_id, id FROM (
    SELECT a.*, row_number() OVER (PARTITION BY many ORDER BY txid, id) AS place FROM ahead a
  ) a
  ORDER BY CASE WHEN many THEN 1 WHEN place <= %(limit)s * 4 / 5 THEN 0 ELSE 2 END, txid, id
  LIMIT %(limit)s
), batch AS MATERIALIZED (
  SELECT e.platform_id, e.id, e.aggregate_id, e.version, e.type, e.merchant_id
  FROM next n JOIN kernel_outboxevent e ON e.platform_id = n.platform_id AND e.id = n.id
  WHERE e.published_at IS NULL AND e.id >= %(since)s
  ORDER BY e.txid, e.id
  FOR UPDATE OF e SKIP LOCKED
), ready AS MATERIALIZED (
  SELECT b.* FROM batch b
  WHERE (
    SELECT true FROM kernel_outboxevent x
    WHERE x.platform_id = b.platform_id AND x.aggregate_id = b.aggregate_id
      AND x.version < b.version AND x.published_at IS NULL AND x.id >= %(since)s
      AND x.id NOT IN (SELECT y.id FROM batch y)
    LIMIT 1) IS NULL
), handed AS (
  INSERT INTO kernel_delivery
    (platform_id, id, handler, event_id, event_type, aggregate_id, version, state, attempts,
     next_attempt_at, error, created_at, updated_at)
  SELECT r.platform_id, {uuid7}, h.name, r.id, r.type, r.aggregate_id, r.version,
    'pending', 0, %(now)s, '', %(now)s, %(now)s
  FROM ready r JOIN unnest(%(handlers)s::text[], %(types)s::text[]) AS h(name, type)
    ON h.type = r.type
  ON CONFLICT (platform_id, event_id, handler) DO NOTHING
), hooked AS (
  INSERT INTO kernel_webhookdelivery
    (platform_id, id, endpoint_id, event_id, event_type, state, attempts, tries,
     next_attempt_at, created_at)
  SELECT r.platform_id, {uuid7}, w.id, r.id, r.type, 'pending', 0, 0, %(now)s, %(now)s
  FROM ready r JOIN kernel_webhookendpoint w
    ON w.platform_id = r.platform_id AND w.merchant_id = r.merchant_id AND w.state = 'enabled'
   AND (w.event_types ? '*' OR w.event_types ? r.type)
  ON CONFLICT (platform_id, endpoint_id, event_id) DO NOTHING
), done AS (
  UPDATE kernel_outboxevent e SET published_at = %(now)s
  FROM ready r WHERE e.platform_id = r.platform_id AND e.id = r.id AND e.id >= %(since)s
  RETURNING e.platform_id, e.id
)
SELECT (SELECT count(*) FROM batch), (SELECT count(*) FROM done),
  (SELECT array_agg(platform_id) FROM done), (SELECT array_agg(id) FROM done)
""".replace("{uuid7}", UUID7)

_PUBLISHED = """
SELECT e.platform_id, e.id, e.type, e.aggregate_type, e.aggregate_id, e.merchant_id,
  e.actor_kind, e.actor_id, e.request_id, e.payload, e.created_at
FROM unnest(%(platforms)s::uuid[], %(ids)s::uuid[]) AS n(platform_id, id)
JOIN kernel_outboxevent e ON e.platform_id = n.platform_id AND e.id = n.id
WHERE e.type = ANY(%(types)s)
ORDER BY e.txid, e.id
"""
# What a batch handler failed to take is delivered to it one by one.
_HAND_OVER = """
INSERT INTO kernel_delivery
  (platform_id, id, handler, event_id, event_type, aggregate_id, version, state, attempts,
   next_attempt_at, error, created_at, updated_at)
SELECT e.platform_id, {uuid7}, h.name, e.id, e.type, e.aggregate_id, e.version,
  'pending', 0, %(now)s, '', %(now)s, %(now)s
FROM unnest(%(platforms)s::uuid[], %(ids)s::uuid[]) AS n(platform_id, id)
JOIN kernel_outboxevent e ON e.platform_id = n.platform_id AND e.id = n.id
JOIN unnest(%(handlers)s::text[], %(types)s::text[]) AS h(name, type) ON h.type = e.type
ON CONFLICT (platform_id, event_id, handler) DO NOTHING
""".replace("{uuid7}", UUID7)


def fan_out(cursor: Any, *, platform: UUID | None = None, limit: int = BATCH) -> int:
    """Publish up to ``limit`` events; how many were. The caller's cursor is in a transaction.

    As the system role over all platforms, or as the app role within one.
    """
    cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
    if not cursor.fetchone()[0]:
        return 0  # another relay is at it
    names = [name for name, handler in HANDLERS.items() if handler.batch is None]
    since = floor(clock.system() - RECENT)
    cursor.execute(_OLD, {"since": since})
    values: dict[str, Any] = {
        "platform": platform,
        "since": EVER if cursor.fetchone()[0] else since,
        "limit": limit,
        "few": FEW,
        "now": clock.system(),
        "handlers": names,
        "types": [HANDLERS[name].event.NAME for name in names],
    }
    while True:
        cursor.execute(_FAN_OUT, values)
        claimed, published, platforms, ids = cursor.fetchone()
        if published or claimed < values["limit"]:
            break
        values["limit"] = values["limit"] * 4  # all of them wait for one behind the batch
    if published:
        _tell_batches(cursor, platforms, ids)
    failpoints.hit("outbox.fan_out.before_commit")
    return int(published)


def _tell_batches(cursor: Any, platforms: list[UUID], ids: list[UUID]) -> None:
    listening: dict[Batch, list[Handler]] = {}
    for handler in list(HANDLERS.values()):
        if handler.batch is not None:
            listening.setdefault(handler.batch, []).append(handler)
    for call, handlers in listening.items():
        types = [handler.event.NAME for handler in handlers]
        values: dict[str, Any] = {"platforms": platforms, "ids": ids, "types": types}
        cursor.execute(_PUBLISHED, values)
        found = [_published(row) for row in cursor.fetchall()]
        if not found:
            continue
        cursor.execute("SAVEPOINT batch_handler")
        try:
            call(cursor, found)
        except Exception:
            log.exception("%s: a batch of %s failed", handlers[0].name, len(found))
            cursor.execute("ROLLBACK TO SAVEPOINT batch_handler")
            names = [handler.name for handler in handlers]
            cursor.execute(_HAND_OVER, values | {"handlers": names, "now": clock.system()})
        cursor.execute("RELEASE SAVEPOINT batch_handler")


def _published(row: Any) -> Published:
    *known, payload, created_at = row
    loaded = orjson.loads(payload) if isinstance(payload, str | bytes) else payload
    return Published(*[*known, loaded, created_at])
