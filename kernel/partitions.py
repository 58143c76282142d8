"""Tables that are cut by time: made ahead, and emptied a partition at a time.

A row's place is its id, a UUIDv7. The database makes and drops partitions itself, in functions that
only the system role may call (``kernel/sql/partitions.sql``): what may not go yet is decided there.
Should nobody make them, rows go into the rest, and move where they belong with the next making.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError
from psycopg.errors import LockNotAvailable

from kernel import clock, tenancy, transactions
from kernel.ids import floor, moment_of
from kernel.queues import Verdict
from kernel.system_role import system_cursor

log = logging.getLogger("kernel.partitions")
# How long each is kept; None is for good. Events as their feed promises, answers as their keys do.
KEPT: dict[str, Callable[[], timedelta | None]] = {
    "kernel_outboxevent": lambda: timedelta(days=30),
    "kernel_idempotencyrecord": lambda: timedelta(hours=25),
    "kernel_auditrecord": lambda: _years(settings.AUDIT_KEPT_YEARS),
}
SOON = timedelta(days=1)
OVERDUE = timedelta(days=2)  # so long a partition may stay after its time before it is told

_TABLES = """
SELECT d.name, count(*) FILTER (WHERE NOT p.rest), min(p.high::text)::uuid,
  max(p.high::text)::uuid, sum(pg_total_relation_size(p.relation)),
  sum(greatest(c.reltuples, 0))::bigint
FROM kernel_partitioned d JOIN kernel_partition p ON p.name = d.name
JOIN pg_class c ON c.oid = p.relation
GROUP BY d.name ORDER BY d.name
"""
_ENDED = """
SELECT count(*) FROM kernel_partition WHERE name = %s AND NOT rest AND high <= %s
"""


@dataclass(frozen=True)
class Table:
    """One table as it is cut: how many partitions, when the first ends and the last; ``overdue``
    are those whose time was over two days ago; ``bytes`` with indexes, ``rows`` as estimated."""

    name: str
    partitions: int
    first_ends: datetime
    last_ends: datetime
    bytes: int
    rows: int
    kept: timedelta | None
    overdue: int

    @property
    def verdict(self) -> Verdict:
        """To be acted on when rows have no partition of their own any more; to be looked at when
        that is a day ahead, or when something should be gone."""
        ahead = self.last_ends - clock.system()
        if ahead <= timedelta(0):
            return Verdict.ACT
        if ahead <= SOON:
            return Verdict.LOOK
        return Verdict.LOOK if self.overdue else Verdict.FINE


@dataclass(frozen=True)
class Dropped:
    """A partition that went, or (``held``) that a reason keeps; ``rows`` of what went."""

    partition: str
    held: str
    rows: int | None


def register_kept(table: str, kept: Callable[[], timedelta | None]) -> None:
    """Say how long the rows of a partitioned table are kept; asked anew each time."""
    KEPT[table] = kept


def make(shard: str) -> int:
    """Make what lacks on a database; how many partitions. Busy tables wait for the next time."""
    made = 0
    for name in sorted(KEPT):
        try:
            with system_cursor(shard) as sql:
                sql.execute("SELECT kernel_make_partitions(%s)", [name])
                made += sql.fetchone()[0] or 0
        except OperationalError as error:
            _busy(error, name)
    return made


def drop(shard: str, *, look: bool = False) -> list[Dropped]:
    """Drop what has had its time on a database, and tell what is held. ``look``: only tell."""
    found = []
    for name in sorted(KEPT):
        kept = KEPT[name]()
        if kept is None:
            continue
        try:
            found += _drop(shard, name, kept, look)
        except OperationalError as error:
            _busy(error, name)
    for one in found:
        if one.held:
            log.info("%s stays: %s", one.partition, one.held)
        elif not look:
            log.info("dropped %s with %s rows", one.partition, one.rows)
    return found


def _drop(shard: str, name: str, kept: timedelta, look: bool) -> list[Dropped]:
    gone: list[Dropped] = []
    while True:
        with system_cursor(shard) as sql:
            seconds = kept.total_seconds()
            sql.execute(
                "SELECT * FROM kernel_drop_partition(%s, make_interval(secs => %s), %s)",
                [name, seconds, look],
            )
            found = [Dropped(*row) for row in sql.fetchall()]
        went = [one for one in found if not one.held]
        if look or not went:
            return gone + found
        gone += went


def _busy(error: DatabaseError, name: str) -> None:
    """A partition is waited for shortly alone: a long transaction, or a backup, comes first."""
    if not isinstance(error.__cause__, LockNotAvailable):
        raise error
    log.info("%s is in use: tried again later", name)


def tables(sql: Any) -> list[Table]:
    """The partitioned tables of a database, by any role's cursor on it."""
    sql.execute(_TABLES)
    found = []
    for name, count, first, last, size, rows in sql.fetchall():
        kept = KEPT[name]() if name in KEPT else None
        overdue = 0
        if kept is not None:
            sql.execute(_ENDED, [name, floor(clock.system() - kept - OVERDUE)])
            overdue = sql.fetchone()[0]
        ends = (moment_of(first), moment_of(last))
        found.append(Table(name, count, *ends, int(size), rows, kept, overdue))
    return found


def oldest() -> dict[str, datetime | None]:
    """When the oldest row of each partitioned table was made, on the platform in scope."""
    found: dict[str, datetime | None] = {}
    with transactions.cursor() as sql:
        for name in sorted(KEPT):
            sql.execute(
                f"SELECT id FROM {name} WHERE platform_id = %s ORDER BY id LIMIT 1",  # noqa: S608
                [tenancy.current_id()],
            )
            row = sql.fetchone()
            found[name] = moment_of(row[0]) if row else None
    return found


def _years(count: int) -> timedelta | None:
    return timedelta(days=366 * count) if count else None
