"""What a restored database must show again: rows of every table, sums of the ledger, chain heads.

Taken in one snapshot by the owner, who sees every platform's rows.
"""

from typing import Any

import psycopg
from psycopg import sql

Connection = psycopg.Connection[tuple[Any, ...]]
Figures = dict[str, Any]

LEDGER = """
SELECT a.platform_id, a.currency,
       sum(a.debits_posted + coalesce(s.debits_posted, 0)),
       sum(a.credits_posted + coalesce(s.credits_posted, 0)),
       sum(a.debits_pending + coalesce(s.debits_pending, 0)),
       sum(a.credits_pending + coalesce(s.credits_pending, 0))
FROM ledger_account a LEFT JOIN (
  SELECT platform_id, account_id, sum(debits_posted) debits_posted,
         sum(credits_posted) credits_posted, sum(debits_pending) debits_pending,
         sum(credits_pending) credits_pending
  FROM ledger_stripe GROUP BY 1, 2
) s ON s.platform_id = a.platform_id AND s.account_id = a.id
GROUP BY 1, 2 ORDER BY 1, 2
"""
HEADS = {"audit": "kernel_auditchain", "ledger": "ledger_link"}


def take(connection: Connection) -> Figures:
    """The figures of one database, as plain data."""
    found: Figures = {"rows": _rows(connection)}
    if "ledger_account" in found["rows"]:
        found["ledger"] = {
            f"{platform} {currency}": [int(value) for value in sums]
            for platform, currency, *sums in connection.execute(LEDGER).fetchall()
        }
    for name, table in HEADS.items():
        if table in found["rows"]:
            found[f"{name}_heads"] = _heads(connection, table)
    return found


def differences(expected: Figures, found: Figures) -> list[str]:
    """What isn't the same, each as one line; empty when all is as it was."""
    lines = []
    for kind in sorted(expected.keys() | found.keys()):
        before, after = expected.get(kind, {}), found.get(kind, {})
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                lines.append(f"{kind} of {name}: {before.get(name)} before, {after.get(name)} now")
    return lines


def unbalanced(figures: Figures) -> list[str]:
    """Platforms and currencies whose debits and credits differ."""
    return [
        name
        for name, (debits, credits, debits_pending, credits_pending) in figures.get(
            "ledger", {}
        ).items()
        if debits != credits or debits_pending != credits_pending
    ]


def tables(connection: Connection) -> list[str]:
    """The names of all tables in the schema ``public``."""
    return [
        str(row[0])
        for row in connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition "
            "ORDER BY 1"
        ).fetchall()
    ]


def newest_transaction(connection: Connection) -> int:
    """The highest transaction number that any row remembers; 0 if none does."""
    columns = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND data_type = 'bigint' "
        "AND (column_name = 'txid' OR column_name LIKE '%%\\_txid')"
    ).fetchall()
    highest = 0
    for table, column in columns:
        question = sql.SQL("SELECT max({}) FROM {}").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        row = connection.execute(question).fetchone()
        highest = max(highest, int(row[0] or 0) if row else 0)
    return highest


def _rows(connection: Connection) -> dict[str, int]:
    counts = {}
    for table in tables(connection):
        question = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = connection.execute(question).fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


def _heads(connection: Connection, table: str) -> dict[str, list[Any]]:
    question = sql.SQL(
        "SELECT DISTINCT ON (platform_id) platform_id, seq, hash FROM {} "
        "ORDER BY platform_id, seq DESC"
    ).format(sql.Identifier(table))
    return {str(platform): [seq, head] for platform, seq, head in connection.execute(question)}
