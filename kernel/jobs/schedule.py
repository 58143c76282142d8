"""Jobs that recur on every platform: a due time a platform and kind, moved on when it comes."""

from collections.abc import Iterable
from typing import Any

from kernel import clock, personal
from kernel.ids import uuid7
from kernel.jobs.registry import KINDS, JobContext
from kernel.sql_parts import UUID7
from kernel.tenancy import Tenant

_ENSURE = """
INSERT INTO kernel_schedule (platform_id, id, name, due_at)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[])
ON CONFLICT (platform_id, name) DO NOTHING
"""
# A run that is still queued takes no second one beside it; a running one, one more behind it.
_TICK = """
WITH due AS (
  SELECT s.platform_id, s.name FROM kernel_schedule s
  WHERE s.due_at <= %(now)s AND s.name = ANY(%(names)s) AND s.platform_id = ANY(%(platforms)s)
  FOR UPDATE SKIP LOCKED
), moved AS (
  UPDATE kernel_schedule s SET due_at = %(now)s + make_interval(secs => p.seconds)
  FROM due, unnest(%(names)s::text[], %(seconds)s::int[]) AS p(name, seconds)
  WHERE s.platform_id = due.platform_id AND s.name = due.name AND p.name = s.name
)
INSERT INTO kernel_job
  (platform_id, id, kind, args, state, clock, run_at, attempts, progress_done, progress_total,
   error, unique_key, periodic, actor, request_id, created_at)
SELECT due.platform_id, {uuid7}, due.name, '{}', 'queued', 'system', %(now)s, 0, 0, 0,
  '', 'periodic', true, '{}', '', %(now)s
FROM due
ON CONFLICT (platform_id, kind, unique_key) WHERE state = 'queued' DO NOTHING
""".replace("{uuid7}", UUID7)


def ensure_schedule(sql: Any, tenants: Iterable[Tenant]) -> None:
    """Give every platform a due time for every periodic job; the first is at once."""
    pairs = [(tenant, name) for tenant in tenants for name in sorted(_periodic())]
    if not pairs:
        return
    now = clock.system()
    sql.execute(
        _ENSURE,
        [
            [tenant.id for tenant, _name in pairs],
            [uuid7() for _pair in pairs],
            [name for _tenant, name in pairs],
            [now for _pair in pairs],
        ],
    )


def tick(sql: Any, tenants: Iterable[Tenant]) -> int:
    """Queue the periodic jobs that are due; how many."""
    kinds = _periodic()
    if not kinds:
        return 0
    sql.execute(
        _TICK,
        {
            "now": clock.system(),
            "names": list(kinds),
            "seconds": list(kinds.values()),
            "platforms": [tenant.id for tenant in tenants],
        },
    )
    return int(sql.rowcount)


def run_periodic(name: str) -> Any:
    """Run a periodic job once on the platform in scope, here and now; for tests and commands."""
    with personal.keyring():
        return KINDS[name].call(JobContext(uuid7(), name, 1))


def _periodic() -> dict[str, int]:
    return {kind.name: kind.every for kind in KINDS.values() if kind.every is not None}
