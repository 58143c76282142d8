"""Removing what has had its time, as the system role, a little at a time.

| rows | kept |
|---|---|
| events whose deliveries have ended | 30 days, a week at a time |
| deliveries done or skipped | 7 days |
| jobs that ended | 14 days |
| idempotency records | 25 hours, a day at a time |
| webhook deliveries and attempts | 30 days |
| letters with their keys | 30 days |
| rate counters | until their window ended, twice over |
| beats of workers | 1 day |
| audit rows | for good, or ``AUDIT_KEPT_YEARS``, a quarter at a time |

What goes a period at a time is dropped with its partition (``kernel.partitions``), the rest deleted
row by row. Links of the audit chain are never removed.
"""

import logging
from datetime import timedelta
from typing import Any

from kernel import clock, partitions
from kernel.system_role import system_cursor

log = logging.getLogger("kernel.retention")
BATCH = 2000
LOCK = 7_403_152_002

_RULES: dict[str, tuple[timedelta, str]] = {
    "deliveries": (
        timedelta(days=7),
        "DELETE FROM kernel_delivery WHERE (platform_id, id) IN ("
        "SELECT platform_id, id FROM kernel_delivery WHERE state IN ('done', 'skipped') "
        "AND updated_at < %(before)s LIMIT %(batch)s)",
    ),
    "jobs": (
        timedelta(days=14),
        "DELETE FROM kernel_job WHERE (platform_id, id) IN ("
        "SELECT platform_id, id FROM kernel_job WHERE finished_at < %(before)s LIMIT %(batch)s)",
    ),
    "webhook attempts": (
        timedelta(days=30),
        "DELETE FROM kernel_webhookattempt WHERE (platform_id, delivery_id) IN ("
        "SELECT platform_id, id FROM kernel_webhookdelivery WHERE created_at < %(before)s "
        "AND state <> 'pending' ORDER BY created_at LIMIT %(batch)s)",
    ),
    "webhook deliveries": (
        timedelta(days=30),
        "DELETE FROM kernel_webhookdelivery WHERE (platform_id, id) IN ("
        "SELECT d.platform_id, d.id FROM kernel_webhookdelivery d WHERE d.created_at < %(before)s "
        "AND d.state <> 'pending' AND NOT EXISTS (SELECT FROM kernel_webhookattempt a "
        "WHERE a.platform_id = d.platform_id AND a.delivery_id = d.id) LIMIT %(batch)s)",
    ),
    "letters": (
        timedelta(days=30),
        "WITH gone AS (DELETE FROM kernel_mailmessage WHERE (platform_id, id) IN ("
        "SELECT platform_id, id FROM kernel_mailmessage WHERE created_at < %(before)s "
        "LIMIT %(batch)s) RETURNING platform_id, id), keys AS ("
        "DELETE FROM kernel_personalkey k USING gone "
        "WHERE k.platform_id = gone.platform_id AND k.subject_id = gone.id) "
        "SELECT FROM gone",
    ),
    "rate counters": (
        timedelta(0),
        "DELETE FROM kernel_ratecounter WHERE (platform_id, id) IN ("
        "SELECT platform_id, id FROM kernel_ratecounter WHERE expires_at < %(before)s "
        "LIMIT %(batch)s)",
    ),
    "beats": (
        timedelta(days=1),
        "DELETE FROM kernel_workerbeat WHERE id IN ("
        "SELECT id FROM kernel_workerbeat WHERE beat_at < %(before)s LIMIT %(batch)s)",
    ),
}


def sweep(shard: str) -> dict[str, int]:
    """Remove from one database what is too old; how many rows of each. One sweep at a time."""
    removed: dict[str, int] = {}
    for one in partitions.drop(shard):
        removed[one.partition] = one.rows or 0
    for name, (kept, statement) in _RULES.items():
        while True:
            with system_cursor(shard) as sql:
                sql.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
                if not _first(sql):
                    return removed
                sql.execute(statement, {"before": clock.system() - kept, "batch": BATCH})
                count = max(0, int(sql.rowcount))
            removed[name] = removed.get(name, 0) + count
            if count < BATCH:
                break
    if any(removed.values()):
        log.info("removed %s", {name: count for name, count in removed.items() if count})
    return removed


def _first(sql: Any) -> Any:
    return sql.fetchone()[0]
