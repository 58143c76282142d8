"""The hash chain over a platform's audit rows, made after the fact.

Only rows whose transaction number lies below every running transaction's are chained, in the
order (txid, id): no row can appear behind the last link any more. A link is
``sha256(previous link's hash + canonical JSON of the row)``; the row's JSON is taken as stored,
personal fields as ciphertext, so erasing a person leaves the chain valid.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from kernel import tenancy
from kernel.ids import uuid7
from kernel.jobs.registry import JobContext, periodic
from kernel.transactions import atomic, cursor

GENESIS = "0" * 64
BATCH = 500
_COLUMNS = (
    "id", "txid", "actor_kind", "actor_id", "actor_person_id", "actor_label", "merchant_id",
    "action", "target_type", "target_id", "before::text", "after::text", "business_at",
    "created_at", "request_id",
)  # fmt: skip
_ROWS = ", ".join(f"r.{name}" for name in _COLUMNS)


@dataclass(frozen=True)
class ChainReport:
    """``ok``, how many links were checked, and else the first broken record and why."""

    ok: bool
    checked: int
    record: UUID | None = None
    reason: str = ""
    head: str = GENESIS


def extend_chain() -> int:
    """Chain the platform's settled rows; how many were added. Safe to run side by side."""
    added = 0
    while True:
        with atomic(), cursor() as sql:
            count = _extend(sql)
        added += count
        if count < BATCH:
            return added


@periodic("kernel.audit_chain", seconds=60)
def extend_chain_job(job: JobContext) -> dict[str, int]:
    """Chain what has settled since the last minute."""
    return {"added": extend_chain()}


def verify_chain() -> ChainReport:
    """Recompute every link; names the first row that was changed, taken away or slipped in."""
    previous, checked, last = GENESIS, 0, (0, UUID(int=0))
    while True:
        links = _links(after=checked)
        for seq, record_id, txid, found, row in links:
            if seq != checked + 1:
                return ChainReport(False, checked, record_id, "a link is missing before this row")
            if row is None:
                return ChainReport(False, checked, record_id, "the row was taken away")
            if (txid, record_id) <= last or link_hash(previous, row) != found:
                return ChainReport(False, checked, record_id, "the row was changed")
            previous, checked, last = found, seq, (txid, record_id)
        if not links:
            break
    slipped = _unchained_before(*last) if checked else None
    if slipped:
        return ChainReport(False, checked, slipped, "the row was slipped in behind the chain")
    return ChainReport(True, checked, head=previous)


def link_hash(previous: str, row: tuple[Any, ...]) -> str:
    """One link: hex sha256 over the link before and the row's canonical JSON."""
    names = [name.partition("::")[0] for name in _COLUMNS]
    shown = {name: _text(value) for name, value in zip(names, row, strict=True)}
    shown["platform_id"] = str(tenancy.current_id())
    canonical = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(previous.encode() + b"\n" + canonical).hexdigest()


def _extend(sql: Any) -> int:
    platform = tenancy.current_id()
    # One at a time on a platform; a second one waits and goes on behind the first.
    sql.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('kernel.audit_chain' || %s::text, 0))",
        [platform],
    )
    sql.execute(
        "SELECT seq, hash, record_txid, record_id FROM kernel_auditchain "
        "WHERE platform_id = %s ORDER BY seq DESC LIMIT 1",
        [platform],
    )
    seq, previous, txid, record = sql.fetchone() or (0, GENESIS, 0, UUID(int=0))
    sql.execute(
        f"SELECT {_ROWS} FROM kernel_auditrecord r WHERE r.platform_id = %s "  # noqa: S608
        "AND r.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
        "AND (r.txid, r.id) > (%s, %s) ORDER BY r.txid, r.id LIMIT %s",
        [platform, txid, record, BATCH],
    )
    links = []
    for row in sql.fetchall():
        seq, previous = seq + 1, link_hash(previous, row)
        links.append((platform, uuid7(), seq, row[0], row[1], previous))
    if links:
        sql.executemany(
            "INSERT INTO kernel_auditchain (platform_id, id, seq, record_id, record_txid, hash) "
            "VALUES (%s, %s, %s, %s, %s, %s)",
            links,
        )
    return len(links)


def _links(after: int) -> list[tuple[int, UUID, int, str, tuple[Any, ...] | None]]:
    with cursor() as sql:
        sql.execute(
            f"SELECT c.seq, c.record_id, c.record_txid, c.hash, {_ROWS} FROM kernel_auditchain c "  # noqa: S608
            "LEFT JOIN kernel_auditrecord r "
            "ON r.platform_id = c.platform_id AND r.id = c.record_id "
            "WHERE c.platform_id = %s AND c.seq > %s ORDER BY c.seq LIMIT %s",
            [tenancy.current_id(), after, BATCH],
        )
        return [(*r[:4], r[4:] if r[4] is not None else None) for r in sql.fetchall()]


def _unchained_before(txid: int, record: UUID) -> UUID | None:
    with cursor() as sql:
        sql.execute(
            "SELECT r.id FROM kernel_auditrecord r WHERE r.platform_id = %s "
            "AND (r.txid, r.id) <= (%s, %s) AND NOT EXISTS (SELECT FROM kernel_auditchain c "
            "WHERE c.platform_id = r.platform_id AND c.record_id = r.id) "
            "ORDER BY r.txid, r.id LIMIT 1",
            [tenancy.current_id(), txid, record],
        )
        row = sql.fetchone()
    return row[0] if row else None


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value
