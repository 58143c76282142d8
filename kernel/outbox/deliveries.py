"""Running handlers: the earliest open delivery of each (handler, aggregate) is the one that runs.

The handler's effect and the mark on the delivery row are one transaction of the app role inside
the platform's scope, so each event takes effect once for each handler whatever crashes. First
tries of handlers that lock next to nothing share one. After ``MAX_ATTEMPTS`` failures the delivery
is parked: its aggregate waits for an operator, for that handler only.
"""

import logging
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from kernel import clock, failpoints, logs, personal, tenancy
from kernel.actors import SYSTEM, acting
from kernel.gathered import gathering
from kernel.outbox.events import EVENTS, HANDLERS, Event, EventMeta
from kernel.outbox.relay import fan_out
from kernel.transactions import atomic, cursor

log = logging.getLogger("kernel.outbox")
MAX_ATTEMPTS = 8
BACKOFF = (1, 5, 15, 60, 300, 900, 3600)  # seconds before attempt 2, 3, …
BLOCKED = timedelta(seconds=30)

# The head is looked up row by row (a scalar subquery, which no planner turns into a join): one
# index probe each, whatever the statistics say of a table that fills and empties all day.
_DUE = """
SELECT d.platform_id, d.id, d.handler, d.aggregate_id FROM kernel_delivery d
WHERE d.state = 'pending' AND d.next_attempt_at <= %(now)s
  AND (%(platform)s::uuid IS NULL OR d.platform_id = %(platform)s)
  AND d.version = (
    SELECT e.version FROM kernel_delivery e
    WHERE e.platform_id = d.platform_id AND e.handler = d.handler
      AND e.aggregate_id = d.aggregate_id AND e.state IN ('pending', 'parked')
    ORDER BY e.version LIMIT 1)
ORDER BY d.next_attempt_at LIMIT %(limit)s
"""
# What waits behind a failing one isn't looked at again before then; the head's success calls it.
_DEFER = """
UPDATE kernel_delivery d SET next_attempt_at = %(later)s
WHERE d.state = 'pending' AND d.next_attempt_at <= %(now)s
  AND (EXISTS (SELECT FROM kernel_delivery p WHERE p.state = 'parked')
    OR EXISTS (SELECT FROM kernel_delivery p
               WHERE p.state = 'pending' AND p.next_attempt_at > %(now)s))
  AND (
    SELECT e.state = 'parked' OR e.next_attempt_at > %(now)s FROM kernel_delivery e
    WHERE e.platform_id = d.platform_id AND e.handler = d.handler
      AND e.aggregate_id = d.aggregate_id AND e.version < d.version
      AND e.state IN ('pending', 'parked')
    ORDER BY e.version LIMIT 1)
"""
_CLAIM = """
SELECT d.id, d.handler, d.attempts, e.payload, e.id, e.type, e.aggregate_type, e.aggregate_id,
  e.version, e.merchant_id, e.actor_kind, e.actor_id, e.business_at, e.created_at, e.request_id
FROM kernel_delivery d JOIN kernel_outboxevent e
  ON e.platform_id = d.platform_id AND e.id = d.event_id
WHERE d.platform_id = %s AND d.id = ANY(%s) AND d.state = 'pending' AND d.attempts <= %s
FOR UPDATE OF d SKIP LOCKED
"""
_DONE = """
UPDATE kernel_delivery SET state = 'done', attempts = attempts + 1, error = '', updated_at = %s
WHERE platform_id = %s AND id = ANY(%s)
"""


class HandlerFailed(RuntimeError):
    """A handler raised while draining; the cause is chained."""


@dataclass(frozen=True)
class DueDelivery:
    """A delivery that may run now."""

    platform_id: UUID
    id: UUID
    handler: str
    aggregate_id: UUID


def due_deliveries(
    sql: Any, *, platform: UUID | None = None, limit: int = 200
) -> list[DueDelivery]:
    """Which deliveries may run: the earliest open one of each (handler, aggregate)."""
    sql.execute(_DUE, {"now": clock.system(), "platform": platform, "limit": limit})
    return [DueDelivery(*row) for row in sql.fetchall()]


def defer_blocked(sql: Any) -> int:
    """Put off what waits behind a failing or parked delivery; the sweep's work."""
    now = clock.system()
    sql.execute(_DEFER, {"now": now, "later": now + BLOCKED})
    return int(sql.rowcount)


def may_share(delivery: DueDelivery) -> bool:
    """Whether ``run_deliveries`` takes it along with others."""
    handler = HANDLERS.get(delivery.handler)
    return handler is not None and handler.together


def run_deliveries(found: Sequence[DueDelivery]) -> None:
    """Run deliveries of the platform in scope in one transaction, if each ``may_share`` one; those
    that were tried before, and all of them if one fails, run alone."""
    done: set[UUID] = set()
    if len(found) > 1:
        try:
            done = _run_together([one.id for one in found])
        except Exception as error:  # whose fault it is, each alone will tell
            log.info("%s deliveries run one by one: %s", len(found), error)
    for one in found:
        if one.id not in done:
            run_delivery(one.id)


def run_delivery(delivery: UUID) -> Exception | bool:
    """Run one delivery of the platform in scope.

    True when done, False when another worker has it or had it, else the handler's exception,
    which is recorded on the row.
    """
    with personal.keyring(), acting(SYSTEM):
        try:
            return _run(delivery)
        except Exception as error:  # not the handler's own: the connection, the claim, the commit
            log.exception("delivery %s", delivery)
            with atomic():
                _failed(delivery, error)
            return error


def drain(*, quiet: bool = False) -> int:
    """Deliver everything due on the platform in scope, here and now; how many ran.

    For tests and commands. The first failure is raised as HandlerFailed after all others had
    their turn, unless ``quiet``.
    """
    done, first = 0, None
    while True:
        with atomic(), cursor() as sql:
            published = fan_out(sql, platform=tenancy.current_id())
        with cursor() as sql:
            due = due_deliveries(sql, platform=tenancy.current_id())
        for delivery in due:
            result = run_delivery(delivery.id)
            done += result is True
            if isinstance(result, Exception) and first is None:
                first = (delivery.handler, result)
        if not published and not due:
            break
    if first and not quiet:
        raise HandlerFailed(first[0]) from first[1]
    return done


def _run_together(wanted: Sequence[UUID]) -> set[UUID]:
    with acting(SYSTEM), atomic(), gathering(), cursor() as sql:
        sql.execute(_CLAIM, [tenancy.current_id(), list(wanted), 0])
        rows = sql.fetchall()
        for _delivery, name, _attempts, payload, *known in rows:
            meta = EventMeta(*known)
            token = logs.set_request_id(meta.request_id)
            try:
                with personal.keyring():
                    _call(name, _loaded(payload), meta)
            finally:
                logs.reset_request_id(token)
        done = [row[0] for row in rows]
        sql.execute(_DONE, [clock.system(), tenancy.current_id(), done])
        failpoints.hit("outbox.delivery.before_commit")
    failpoints.hit("outbox.delivery.after_commit")
    return set(done)


def _run(delivery: UUID) -> Exception | bool:
    with atomic(), cursor() as sql:
        sql.execute(_CLAIM, [tenancy.current_id(), [delivery], MAX_ATTEMPTS])
        row = sql.fetchone()
        if row is None:
            return False
        _delivery, name, attempts, payload, *known = row
        meta = EventMeta(*known)
        token = logs.set_request_id(meta.request_id)
        try:
            with atomic():
                _call(name, _loaded(payload), meta)
        except Exception as error:
            _failed(delivery, error)
            return error
        finally:
            logs.reset_request_id(token)
        now = clock.system()
        sql.execute(_DONE, [now, tenancy.current_id(), [delivery]])
        if attempts:
            release_followers(sql, name, meta.aggregate_id, now)
        failpoints.hit("outbox.delivery.before_commit")
    failpoints.hit("outbox.delivery.after_commit")
    return True


def release_followers(sql: Any, handler: str, aggregate: UUID, now: datetime) -> None:
    """What waited behind a delivery may go on at once."""
    sql.execute(
        "UPDATE kernel_delivery SET next_attempt_at = %s WHERE platform_id = %s AND handler = %s "
        "AND aggregate_id = %s AND state = 'pending' AND next_attempt_at > %s",
        [now, tenancy.current_id(), handler, aggregate, now],
    )


def _call(name: str, payload: dict[str, Any], meta: EventMeta) -> None:
    handler = HANDLERS.get(name)
    if handler is None:
        raise LookupError(f"No handler is named {name} in this version of the program.")
    event: type[Event] = EVENTS.get(meta.type, handler.event)
    handler.call(event.from_payload(payload), meta)


def _failed(delivery: UUID, error: Exception) -> None:
    now = clock.system()
    with cursor() as sql:
        sql.execute(
            "SELECT attempts, handler, aggregate_id FROM kernel_delivery "
            "WHERE platform_id = %s AND id = %s AND state = 'pending' FOR UPDATE",
            [tenancy.current_id(), delivery],
        )
        row = sql.fetchone()
        if row is None:
            return
        attempts = row[0] + 1
        parked = attempts >= MAX_ATTEMPTS
        wait = 0.0 if parked else BACKOFF[attempts - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        sql.execute(
            "UPDATE kernel_delivery SET state = %s, attempts = %s, next_attempt_at = %s, "
            "error = %s, updated_at = %s WHERE platform_id = %s AND id = %s",
            [
                "parked" if parked else "pending",
                attempts,
                now + timedelta(seconds=wait),
                f"{type(error).__name__}: {error}"[:2000],
                now,
                tenancy.current_id(),
                delivery,
            ],
        )
    level = logging.ERROR if parked else logging.WARNING
    log.log(
        level,
        "%s failed (%s of %s) for aggregate %s",
        row[1], attempts, MAX_ATTEMPTS, row[2],
        exc_info=error,
    )  # fmt: skip


def _loaded(payload: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(payload) if isinstance(payload, str | bytes) else payload
    return found
