"""The hash chain over a platform's transfers, made after the fact.

Only transfers whose transaction number lies below every running transaction's are chained, in
the order (txid, id): no row can appear behind the last link any more. A link is
``sha256(previous link's hash + canonical JSON of the row)``.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from kernel import tenancy
from kernel.ids import uuid7
from kernel.transactions import atomic, cursor

GENESIS = "0" * 64
BATCH = 500
_COLUMNS = (
    "id", "txid", "debit_id", "credit_id", "amount", "currency", "code", "flags", "pending_id",
    "expires_at", "journal", "merchant_id", "reference", "document", "business_at", "created_at",
)  # fmt: skip
_ROWS = ", ".join(f"t.{name}" for name in _COLUMNS)


@dataclass(frozen=True)
class LedgerChainReport:
    """``ok``, how many links were checked, else the first broken transfer and why."""

    ok: bool
    checked: int
    transfer: UUID | None = None
    reason: str = ""
    head: str = GENESIS


def extend_ledger_chain() -> int:
    """Chain the platform's settled transfers; how many were added. Safe to run side by side."""
    added = 0
    while True:
        with atomic(), cursor() as sql:
            count = _extend(sql)
        added += count
        if count < BATCH:
            return added


def verify_ledger_chain() -> LedgerChainReport:
    """Recompute every link; names the first transfer that was changed, removed or slipped in."""
    previous, checked, last = GENESIS, 0, (0, UUID(int=0))
    while True:
        links = _links(after=checked)
        for seq, transfer_id, txid, found, row in links:
            if seq != checked + 1:
                return LedgerChainReport(False, checked, transfer_id, "a link is missing")
            if row is None:
                return LedgerChainReport(False, checked, transfer_id, "the transfer is gone")
            if (txid, transfer_id) <= last or _hash(previous, row) != found:
                return LedgerChainReport(False, checked, transfer_id, "the transfer was changed")
            previous, checked, last = found, seq, (txid, transfer_id)
        if not links:
            break
    slipped = _unchained(*last)
    if slipped is not None:
        return LedgerChainReport(False, checked, slipped, "the transfer was slipped in")
    return LedgerChainReport(True, checked, head=previous)


def _extend(sql: Any) -> int:
    platform = tenancy.current_id()
    # One at a time on a platform; a second one waits and goes on behind the first.
    sql.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('ledger.chain' || %s::text, 0))", [platform]
    )
    sql.execute(
        "SELECT seq, hash, transfer_txid, transfer_id FROM ledger_link "
        "WHERE platform_id = %s ORDER BY seq DESC LIMIT 1",
        [platform],
    )
    seq, previous, txid, transfer = sql.fetchone() or (0, GENESIS, 0, UUID(int=0))
    sql.execute(
        f"SELECT {_ROWS} FROM ledger_transfer t WHERE t.platform_id = %s "  # noqa: S608
        "AND t.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
        "AND (t.txid, t.id) > (%s, %s) ORDER BY t.txid, t.id LIMIT %s",
        [platform, txid, transfer, BATCH],
    )
    links = []
    for row in sql.fetchall():
        seq, previous = seq + 1, _hash(previous, row)
        links.append((platform, uuid7(), seq, row[0], row[1], previous))
    if links:
        sql.executemany(
            "INSERT INTO ledger_link (platform_id, id, seq, transfer_id, transfer_txid, hash) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            links,
        )
    return len(links)


def _links(after: int) -> list[tuple[int, UUID, int, str, tuple[Any, ...] | None]]:
    with cursor() as sql:
        sql.execute(
            f"SELECT c.seq, c.transfer_id, c.transfer_txid, c.hash, {_ROWS} FROM ledger_link c "  # noqa: S608
            "LEFT JOIN ledger_transfer t "
            "ON t.platform_id = c.platform_id AND t.id = c.transfer_id "
            "WHERE c.platform_id = %s AND c.seq > %s ORDER BY c.seq LIMIT %s",
            [tenancy.current_id(), after, BATCH],
        )
        return [(*r[:4], r[4:] if r[4] is not None else None) for r in sql.fetchall()]


def _unchained(txid: int, transfer: UUID) -> UUID | None:
    with cursor() as sql:
        sql.execute(
            "SELECT t.id FROM ledger_transfer t WHERE t.platform_id = %s "
            "AND (t.txid, t.id) <= (%s, %s) AND NOT EXISTS (SELECT FROM ledger_link c "
            "WHERE c.platform_id = t.platform_id AND c.transfer_id = t.id) LIMIT 1",
            [tenancy.current_id(), txid, transfer],
        )
        row = sql.fetchone()
    return row[0] if row else None


def _hash(previous: str, row: tuple[Any, ...]) -> str:
    shown = {name: _text(value) for name, value in zip(_COLUMNS, row, strict=True)}
    shown["platform_id"] = str(tenancy.current_id())
    canonical = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(previous.encode() + b"\n" + canonical).hexdigest()


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value
