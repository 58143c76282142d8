"""A hash chain over append-only rows of a platform, made after the fact.

Only rows whose transaction number lies below every running transaction's are chained, in the order
(txid, id): no row can appear behind the last link any more. A link is ``sha256(previous link's
hash + canonical JSON of the row)``; the row's JSON is taken as stored, personal fields as
ciphertext, so erasing a person leaves the chain valid.

Links are kept for good. Rows may be dropped by rule, a whole partition at a time: their links are
then taken as they stand, and what they are is proved by the links behind them, up to a sealed head.
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
Row = tuple[Any, ...]


@dataclass(frozen=True)
class ChainReport:
    """``ok``, how many links were checked, and else the first broken record and why."""

    ok: bool
    checked: int
    record: UUID | None = None
    reason: str = ""
    head: str = GENESIS
    dropped: int = 0  # of those checked, whose row was dropped by rule


@dataclass(frozen=True)
class HashChain:
    """The chain of one table. ``columns`` are what a link covers, first ``id`` and ``txid``;
    ``record`` is how the table of links calls a row (``record_id``, ``record_txid``)."""

    rows: str
    links: str
    record: str
    columns: tuple[str, ...]

    def extend(self) -> int:
        """Chain the platform's settled rows; how many were added. Safe to run side by side."""
        added = 0
        while True:
            with atomic(), cursor() as sql:
                count = self._extend(sql)
            added += count
            if count < BATCH:
                return added

    def verify(self) -> ChainReport:
        """Recompute every link; names the first row that was changed, removed or slipped in."""
        previous, checked, dropped, last = GENESIS, 0, 0, (0, UUID(int=0))
        gone = self._dropped()
        while True:
            links = self._links(after=checked)
            for seq, record_id, txid, found, row in links:
                by_rule = row is None and any(low <= record_id < high for low, high in gone)
                problem = ""
                if seq != checked + 1:
                    problem = "a link is missing before this row"
                elif row is None and not by_rule:
                    problem = "the row was taken away"
                elif (txid, record_id) <= last or (row and self.link_hash(previous, row) != found):
                    problem = "the row was changed"
                if problem:
                    return ChainReport(False, checked, record_id, problem, dropped=dropped)
                previous, checked, last = found, seq, (txid, record_id)
                dropped += by_rule
            if not links:
                break
        slipped = self._unchained_before(*last) if checked else None
        if slipped:
            reason = "the row was slipped in behind the chain"
            return ChainReport(False, checked, slipped, reason, dropped=dropped)
        return ChainReport(True, checked, head=previous, dropped=dropped)

    def head(self) -> tuple[int, str]:
        """How many links there are, and the last one's hash."""
        return self._link("ORDER BY seq DESC LIMIT 1") or (0, GENESIS)

    def hash_at(self, seq: int) -> str | None:
        """The hash of a link; of none, the beginning's."""
        if seq == 0:
            return GENESIS
        found = self._link("AND seq = %s", seq)
        return found[1] if found else None

    def oldest_unchained(self) -> datetime | None:
        """When the first row was written that has no link yet."""
        with cursor() as sql:
            sql.execute(
                f"SELECT {self.record}_txid, {self.record}_id FROM {self.links} "  # noqa: S608
                "WHERE platform_id = %s ORDER BY seq DESC LIMIT 1",
                [tenancy.current_id()],
            )
            txid, record = sql.fetchone() or (0, UUID(int=0))
            sql.execute(
                f"SELECT r.created_at FROM {self.rows} r WHERE r.platform_id = %s "  # noqa: S608
                "AND (r.txid, r.id) > (%s, %s) ORDER BY r.txid, r.id LIMIT 1",
                [tenancy.current_id(), txid, record],
            )
            row = sql.fetchone()
        return row[0] if row else None

    def link_hash(self, previous: str, row: Row) -> str:
        """One link: hex sha256 over the link before and the row's canonical JSON."""
        names = [name.partition("::")[0] for name in self.columns]
        shown = {name: _text(value) for name, value in zip(names, row, strict=True)}
        shown["platform_id"] = str(tenancy.current_id())
        canonical = orjson.dumps(shown, option=orjson.OPT_SORT_KEYS)
        return hashlib.sha256(previous.encode() + b"\n" + canonical).hexdigest()

    @property
    def _shown(self) -> str:
        return ", ".join(f"r.{name}" for name in self.columns)

    def _extend(self, sql: Any) -> int:
        platform = tenancy.current_id()
        # One at a time on a platform; a second one waits and goes on behind the first.
        sql.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s || %s::text, 0))",
            [self.links, platform],
        )
        sql.execute(
            f"SELECT seq, hash, {self.record}_txid, {self.record}_id FROM {self.links} "  # noqa: S608
            "WHERE platform_id = %s ORDER BY seq DESC LIMIT 1",
            [platform],
        )
        seq, previous, txid, record = sql.fetchone() or (0, GENESIS, 0, UUID(int=0))
        sql.execute(
            f"SELECT {self._shown} FROM {self.rows} r WHERE r.platform_id = %s "  # noqa: S608
            "AND r.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
            "AND (r.txid, r.id) > (%s, %s) ORDER BY r.txid, r.id LIMIT %s",
            [platform, txid, record, BATCH],
        )
        links = []
        for row in sql.fetchall():
            seq, previous = seq + 1, self.link_hash(previous, row)
            links.append((platform, uuid7(), seq, row[0], row[1], previous))
        if links:
            sql.executemany(
                f"INSERT INTO {self.links} (platform_id, id, seq, {self.record}_id, "  # noqa: S608
                f"{self.record}_txid, hash) VALUES (%s, %s, %s, %s, %s, %s)",
                links,
            )
        return len(links)

    def _link(self, which: str, *values: int) -> tuple[int, str] | None:
        with cursor() as sql:
            sql.execute(
                f"SELECT seq, hash FROM {self.links} WHERE platform_id = %s {which}",  # noqa: S608
                [tenancy.current_id(), *values],
            )
            found: tuple[int, str] | None = sql.fetchone()
        return found

    def _links(self, after: int) -> list[tuple[int, UUID, int, str, Row | None]]:
        with cursor() as sql:
            sql.execute(
                f"SELECT c.seq, c.{self.record}_id, c.{self.record}_txid, c.hash, {self._shown} "  # noqa: S608
                f"FROM {self.links} c LEFT JOIN {self.rows} r "
                f"ON r.platform_id = c.platform_id AND r.id = c.{self.record}_id "
                "WHERE c.platform_id = %s AND c.seq > %s ORDER BY c.seq LIMIT %s",
                [tenancy.current_id(), after, BATCH],
            )
            return [(*r[:4], r[4:] if r[4] is not None else None) for r in sql.fetchall()]

    def _dropped(self) -> list[tuple[UUID, UUID]]:
        """The ranges of ids whose rows were dropped by rule (from, below)."""
        with cursor() as sql:
            sql.execute(
                "SELECT low, high FROM kernel_partitiondropped WHERE name = %s ORDER BY low",
                [self.rows],
            )
            return list(sql.fetchall())

    def _unchained_before(self, txid: int, record: UUID) -> UUID | None:
        with cursor() as sql:
            sql.execute(
                f"SELECT r.id FROM {self.rows} r WHERE r.platform_id = %s "  # noqa: S608
                f"AND (r.txid, r.id) <= (%s, %s) AND NOT EXISTS (SELECT FROM {self.links} c "
                f"WHERE c.platform_id = r.platform_id AND c.{self.record}_id = r.id) "
                "ORDER BY r.txid, r.id LIMIT 1",
                [tenancy.current_id(), txid, record],
            )
            row = sql.fetchone()
        return row[0] if row else None


def _text(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return str(value) if isinstance(value, UUID) else value
