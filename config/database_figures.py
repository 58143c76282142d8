"""What PostgreSQL tells of itself: sizes, and slow statements where it keeps them."""

from dataclasses import dataclass

from django.db import OperationalError
from psycopg.errors import ObjectNotInPrerequisiteState

from kernel.system_role import system_cursor

_TABLES = """
SELECT coalesce(p.relname, c.relname), sum(pg_total_relation_size(c.oid))::bigint,
  sum(greatest(c.reltuples, 0))::bigint
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
WHERE c.relkind IN ('r', 'm') AND n.nspname = 'public'
GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s
"""
_EXTENSION = """
SELECT quote_ident(n.nspname) FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
WHERE e.extname = 'pg_stat_statements'
"""
# Statements are kept with their values taken out; those of commands that have values are left out.
_STATEMENTS = """
SELECT left(regexp_replace(query, '\\s+', ' ', 'g'), 160), calls, mean_exec_time, max_exec_time
FROM {}.pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND calls >= %s AND query ~* '^\\s*(select|insert|update|delete|with|merge)'
ORDER BY mean_exec_time DESC LIMIT %s
"""
SHOWN, CALLS = 8, 5


@dataclass(frozen=True)
class Table:
    """A table with its indexes and partitions, in bytes; ``rows`` as PostgreSQL estimates them."""

    name: str
    size: int
    rows: int


@dataclass(frozen=True)
class Statement:
    """A kind of statement; ``mean`` and ``longest`` in milliseconds."""

    text: str
    calls: int
    mean: float
    longest: float


def sizes(shard: str) -> tuple[int, list[Table]]:
    """The database's size in bytes, and its largest tables."""
    with system_cursor(shard) as sql:
        sql.execute("SELECT pg_database_size(current_database())")
        (size,) = sql.fetchone()
        sql.execute(_TABLES, [SHOWN])
        return int(size), [Table(*row) for row in sql.fetchall()]


def slow_statements(shard: str) -> list[Statement] | None:
    """The slowest on average of those run several times; None when PostgreSQL doesn't keep them.

    A role without pg_read_all_stats sees the texts of its own statements only.
    """
    try:
        with system_cursor(shard) as sql:
            sql.execute(_EXTENSION)
            row = sql.fetchone()
            if row is None:
                return None
            sql.execute(_STATEMENTS.format(row[0]), [CALLS, SHOWN])
            return [Statement(*one) for one in sql.fetchall()]
    except OperationalError as error:
        if isinstance(error.__cause__, ObjectNotInPrerequisiteState):
            return None  # created, but not in shared_preload_libraries
        raise
