"""How much waits on the platform in scope, and whether that is fine (运行状况).

Everything is asked as the app role, which sees one platform's rows; who wants the figures of a
deployment adds them up over its platforms.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import connections

from kernel import clock, tenancy
from kernel.transactions import cursor

WORKER_SILENT_AFTER = timedelta(seconds=30)
OUTBOX_LATE_AFTER = timedelta(seconds=30)
SEAL_LATE_AFTER = timedelta(hours=36)
FAILED_WITHIN = timedelta(days=1)  # what failed before that was looked at, or doesn't matter


class Verdict(StrEnum):
    """What a figure asks of a person; later ones are worse, and what isn't known weighs nothing."""

    UNKNOWN = "unknown"
    FINE = "fine"
    LOOK = "look"
    ACT = "act"


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; where there are none, all is fine."""
    order = list(Verdict)
    return max(verdicts, key=order.index, default=Verdict.FINE)


@dataclass(frozen=True)
class Rule:
    """From which lateness on a queue is to be looked at, or acted on, and what one that is stuck
    (parked, failed, in need of a person) asks for."""

    look: timedelta
    act: timedelta
    stuck: Verdict = Verdict.LOOK


@dataclass(frozen=True)
class Queue:
    """``oldest``: since when the oldest waits; ``due``: since when one could have been taken;
    ``stuck``: how many go on by nobody's work but a person's, or have failed in the last day."""

    name: str
    waiting: int
    oldest: datetime | None
    due: datetime | None
    stuck: int = 0
    stuck_since: datetime | None = None

    @property
    def verdict(self) -> Verdict:
        rule = RULES[self.name]
        late = clock.system() - self.due if self.due else timedelta(0)
        found = [Verdict.FINE, rule.stuck if self.stuck else Verdict.FINE]
        if late > rule.look:
            found.append(Verdict.ACT if late > rule.act else Verdict.LOOK)
        return worst(found)


RULES = {
    "outbox": Rule(OUTBOX_LATE_AFTER, timedelta(minutes=10)),
    "deliveries": Rule(timedelta(minutes=2), timedelta(minutes=20), Verdict.ACT),
    "jobs": Rule(timedelta(minutes=5), timedelta(hours=1)),
    "journeys": Rule(timedelta(minutes=5), timedelta(minutes=30), Verdict.ACT),
    "webhooks": Rule(timedelta(minutes=10), timedelta(hours=2)),
}
# Each: how many wait, since when the oldest, since when the first is due, stuck, since when.
_QUERIES = {
    "outbox": (
        "SELECT count(*), min(created_at), min(created_at), 0, NULL"
        " FROM kernel_outboxevent WHERE platform_id = %(platform)s AND published_at IS NULL"
    ),
    "deliveries": (
        "SELECT count(*) FILTER (WHERE state = 'pending'),"
        " min(created_at) FILTER (WHERE state = 'pending'),"
        " min(next_attempt_at) FILTER (WHERE state = 'pending' AND next_attempt_at <= %(now)s),"
        " count(*) FILTER (WHERE state = 'parked'),"
        " min(updated_at) FILTER (WHERE state = 'parked')"
        " FROM kernel_delivery WHERE platform_id = %(platform)s"
        " AND state IN ('pending', 'parked')"
    ),
    "jobs": (
        "SELECT due.waiting, due.oldest, due.oldest, failed.count, failed.since FROM ("
        "SELECT count(*) AS waiting, min(moment) AS oldest FROM ("
        "SELECT run_at - CASE clock WHEN 'business' THEN %(ahead)s ELSE interval '0' END AS moment"
        " FROM kernel_job WHERE platform_id = %(platform)s AND state = 'queued') queued"
        " WHERE moment <= %(now)s) due, ("
        "SELECT count(*), min(finished_at) AS since FROM kernel_job"
        " WHERE platform_id = %(platform)s AND state = 'failed' AND finished_at > %(since)s) failed"
    ),
    "webhooks": (
        "SELECT open.waiting, open.oldest, open.due, failed.count, failed.since FROM ("
        "SELECT count(*) AS waiting, min(created_at) AS oldest,"
        " min(next_attempt_at) FILTER (WHERE next_attempt_at <= %(now)s) AS due"
        " FROM kernel_webhookdelivery WHERE platform_id = %(platform)s AND state = 'pending') open,"
        " (SELECT count(*), min(finished_at) AS since FROM kernel_webhookdelivery"
        " WHERE platform_id = %(platform)s AND state = 'failed' AND finished_at > %(since)s) failed"
    ),
}


def queues() -> list[Queue]:
    """The kernel's queues on the platform in scope: events, their deliveries, jobs, webhooks."""
    now, tenant = clock.system(), tenancy.current()
    values: dict[str, Any] = {
        "platform": tenant.id,
        "now": now,
        "since": now - FAILED_WITHIN,
        "ahead": tenant.clock_offset,
    }
    found = []
    for name, query in _QUERIES.items():
        with cursor() as sql:
            sql.execute(query, values)
            found.append(Queue(name, *sql.fetchone()))
    return found


def worker_seen() -> datetime | None:
    """When any worker was last alive; None when none ever was."""
    with connections["default"].cursor() as sql:
        sql.execute("SELECT max(beat_at) FROM kernel_workerbeat")
        row: tuple[datetime | None] = sql.fetchone()
    return row[0]


def verdict_on_worker(seen: datetime | None) -> Verdict:
    """A worker says every few seconds that it lives; without one nothing that waits goes on."""
    late = seen is None or clock.system() - seen > WORKER_SILENT_AFTER
    return Verdict.ACT if late else Verdict.FINE


def verdict_on_seal(at: datetime | None) -> Verdict:
    """A day's seal is there some hours after its end; a new platform has none yet."""
    if at is None:
        return Verdict.UNKNOWN
    return Verdict.ACT if clock.system() - at > SEAL_LATE_AFTER else Verdict.FINE
