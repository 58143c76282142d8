"""Claiming due jobs with a lease, running them, and taking over what a crash left.

A claim counts the attempt up; the number is the token that every later write must still hold,
so a worker that lost its lease can't overwrite what its successor does.
"""

import logging
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from kernel import clock, failpoints, logs, personal, tenancy
from kernel.actors import acting
from kernel.errors import DomainError
from kernel.jobs.enqueue import restored_actor
from kernel.jobs.registry import KINDS, MAX_ATTEMPTS, JobCancelled, JobContext, Kind
from kernel.plain import plain
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor

log = logging.getLogger("kernel.jobs")
LEASE = timedelta(seconds=60)
BACKOFF = (1, 5, 15, 60, 300, 900, 3600)  # seconds before attempt 2, 3, …

_CLAIM = """
WITH due AS (
  SELECT j.platform_id, j.id
  FROM kernel_job j
  JOIN unnest(%(platforms)s::uuid[], %(offsets)s::interval[]) AS p(platform_id, ahead)
    ON p.platform_id = j.platform_id
  WHERE j.state = 'queued' AND j.kind = ANY(%(kinds)s) AND j.run_at <= %(latest)s
    AND j.run_at <= %(now)s + CASE j.clock WHEN 'business' THEN p.ahead ELSE interval '0' END
    AND (j.unique_key IS NULL OR NOT EXISTS (
      SELECT FROM kernel_job k WHERE k.platform_id = j.platform_id AND k.kind = j.kind
        AND k.unique_key = j.unique_key AND k.state = 'running'))
  ORDER BY j.run_at LIMIT %(limit)s
  FOR UPDATE OF j SKIP LOCKED
)
UPDATE kernel_job j
SET state = 'running', attempts = j.attempts + 1, lease_until = %(lease)s,
    started_at = coalesce(j.started_at, %(now)s)
FROM due WHERE j.platform_id = due.platform_id AND j.id = due.id
RETURNING j.platform_id, j.id, j.kind, j.args, j.attempts, j.merchant_id, j.actor,
  j.request_id, j.periodic
"""
# A lease ran out: its worker is gone. Back on the list, or given up when it took many workers
# along, or dropped when the same work is queued again anyway.
_RESUME = """
UPDATE kernel_job j
SET state = CASE WHEN j.attempts >= %(most)s THEN 'failed' WHEN EXISTS (
        SELECT FROM kernel_job k WHERE k.platform_id = j.platform_id AND k.kind = j.kind
          AND k.unique_key = j.unique_key AND k.state = 'queued')
      THEN 'cancelled' ELSE 'queued' END,
    finished_at = CASE WHEN j.attempts >= %(most)s THEN %(now)s::timestamptz END,
    error = 'The worker stopped before the job ended.', lease_until = NULL
WHERE (j.platform_id, j.id) IN (
  SELECT platform_id, id FROM kernel_job
  WHERE state = 'running' AND lease_until < %(now)s LIMIT 100 FOR UPDATE SKIP LOCKED)
"""


class JobFailed(RuntimeError):
    """A job failed while draining; the cause is chained."""


@dataclass(frozen=True)
class ClaimedJob:
    """A job this worker holds."""

    platform_id: UUID
    id: UUID
    kind: str
    args: dict[str, Any]
    attempt: int
    merchant_id: UUID | None
    actor: dict[str, Any]
    request_id: str
    periodic: bool


def claim(sql: Any, tenants: Iterable[Tenant], *, limit: int) -> list[ClaimedJob]:
    """Take up to ``limit`` due jobs of these platforms."""
    found = list(tenants)
    now = clock.system()
    furthest = max((tenant.clock_offset for tenant in found), default=timedelta(0))
    sql.execute(
        _CLAIM,
        {
            "platforms": [tenant.id for tenant in found],
            "offsets": [tenant.clock_offset for tenant in found],
            "kinds": list(KINDS),
            "now": now,
            "latest": now + max(furthest, timedelta(0)),
            "lease": now + LEASE,
            "limit": limit,
        },
    )
    return [
        ClaimedJob(
            platform_id=row[0],
            id=row[1],
            kind=row[2],
            args=_loaded(row[3]),
            attempt=row[4],
            merchant_id=row[5],
            actor=_loaded(row[6]),
            request_id=row[7],
            periodic=row[8],
        )
        for row in sql.fetchall()
    ]


def resume_lost(sql: Any) -> int:
    """Put jobs whose lease ran out back on the list; the sweep's work."""
    sql.execute(_RESUME, {"now": clock.system(), "most": MAX_ATTEMPTS})
    return int(sql.rowcount)


def renew(sql: Any, running: list[JobContext]) -> None:
    """Lengthen the leases of this worker's jobs; marks those it no longer holds as lost."""
    if not running:
        return
    sql.execute(
        "UPDATE kernel_job j SET lease_until = %s "
        "FROM unnest(%s::uuid[], %s::int[]) AS r(id, attempt) "
        "WHERE j.id = r.id AND j.attempts = r.attempt AND j.state = 'running' "
        "RETURNING j.id, j.attempts",
        [clock.system() + LEASE, [job.id for job in running], [job.attempt for job in running]],
    )
    held = set(sql.fetchall())
    for job in running:
        job.lost = job.lost or (job.id, job.attempt) not in held


def release(sql: Any, running: list[JobContext]) -> None:
    """Give up the leases of jobs that a stopping worker leaves behind."""
    sql.execute(
        "UPDATE kernel_job j SET lease_until = %s "
        "FROM unnest(%s::uuid[], %s::int[]) AS r(id, attempt) "
        "WHERE j.id = r.id AND j.attempts = r.attempt AND j.state = 'running'",
        [clock.system(), [job.id for job in running], [job.attempt for job in running]],
    )


def run_job(job: ClaimedJob, context: JobContext | None = None) -> Exception | None:
    """Run a claimed job of the platform in scope and write down how it ended."""
    here = context or JobContext(job.id, job.kind, job.attempt, job.merchant_id)
    token = logs.set_request_id(job.request_id)
    kind = KINDS[job.kind]
    try:
        with personal.keyring(), acting(restored_actor(job.actor)):
            failpoints.hit("jobs.run.before")
            result = kind.call(here, **job.args)
            failpoints.hit("jobs.run.after")
        _finish(job, result)
    except JobCancelled:
        log.info("job %s (%s) was taken away", job.id, job.kind)
    except Exception as error:
        _failed(job, error, kind)
        return error
    finally:
        logs.reset_request_id(token)
    return None


def drain(*, quiet: bool = False) -> int:
    """Run every job that is due on the platform in scope, here and now; how many ran.

    For tests and commands. Jobs that those enqueue run too; the first failure is raised as
    JobFailed at the end, unless ``quiet``.
    """
    ran, first = 0, None
    while True:
        with atomic(), cursor() as sql:
            jobs = claim(sql, [tenancy.current()], limit=20)
        for job in jobs:
            error = run_job(job)
            ran += 1
            if error is not None and first is None:
                first = (job.kind, error)
        if not jobs:
            break
    if first and not quiet:
        raise JobFailed(first[0]) from first[1]
    return ran


def _finish(job: ClaimedJob, result: Any) -> None:
    held: list[Any] = [tenancy.current_id(), job.id, job.attempt]
    where = "WHERE platform_id = %s AND id = %s AND attempts = %s AND state = 'running'"
    with cursor() as sql:
        if job.periodic:
            sql.execute(f"DELETE FROM kernel_job {where}", held)  # noqa: S608
        else:
            sql.execute(
                "UPDATE kernel_job SET state = 'done', result = %s::jsonb, error = '', "  # noqa: S608
                f"lease_until = NULL, finished_at = %s {where}",
                [orjson.dumps(plain(result or {})).decode(), clock.system(), *held],
            )
        if sql.rowcount == 0:
            log.warning("job %s (%s) ended after its lease was lost", job.id, job.kind)


def _failed(job: ClaimedJob, error: Exception, kind: Kind) -> None:
    now = clock.system()
    final = job.attempt >= kind.attempts or (isinstance(error, DomainError) and error.status < 500)
    wait = 0.0
    if not final:
        wait = BACKOFF[min(job.attempt, len(BACKOFF)) - 1] * random.uniform(0.8, 1.2)  # noqa: S311
        wait = min(wait, kind.every or wait)  # a periodic one waits no longer than its period
    with cursor() as sql:
        sql.execute(
            "UPDATE kernel_job j SET state = CASE WHEN %(final)s THEN 'failed' WHEN EXISTS ("
            "SELECT FROM kernel_job k WHERE k.platform_id = j.platform_id AND k.kind = j.kind "
            "AND k.unique_key = j.unique_key AND k.state = 'queued') THEN 'cancelled' "
            "ELSE 'queued' END, error = %(error)s, lease_until = NULL, "
            "finished_at = CASE WHEN %(final)s THEN %(now)s::timestamptz END, "
            "clock = CASE WHEN %(final)s THEN j.clock ELSE 'system' END, "
            "run_at = CASE WHEN %(final)s THEN j.run_at ELSE %(next)s::timestamptz END "
            "WHERE j.platform_id = %(platform)s AND j.id = %(id)s AND j.attempts = %(attempt)s "
            "AND j.state = 'running'",
            {
                "final": final,
                "error": _told(error),
                "now": now,
                "next": now + timedelta(seconds=wait),
                "platform": tenancy.current_id(),
                "id": job.id,
                "attempt": job.attempt,
            },
        )
    level = logging.ERROR if final else logging.WARNING
    log.log(level, "job %s (%s) failed, attempt %s", job.id, job.kind, job.attempt, exc_info=error)


def _told(error: Exception) -> str:
    code = error.code if isinstance(error, DomainError) else type(error).__name__
    return f"{code}: {error}"[:2000]


def _loaded(value: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(value) if isinstance(value, str | bytes) else value
    return found
