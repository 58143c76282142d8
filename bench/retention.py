"""What it costs to keep and to forget: ``python -m bench.retention [ROWS]`` (200,000).

On a server of its own, with the settings a shop has: the same rows in a table as it was (one heap,
deleted from in batches of 2,000) and as it is (one partition a day, dropped). Prints rows written a
second, the time and the WAL of forgetting a day, what is left, and how long a look-up takes.
"""

import json
import sys
import tempfile
import time
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from config.embedded.postgres import Server

PLAIN = """
CREATE TABLE plain (platform_id uuid, id uuid, caller text, key_hash text, fingerprint text,
  state text, status smallint, sealed_answer bytea, created_at timestamptz NOT NULL,
  PRIMARY KEY (platform_id, id));
CREATE UNIQUE INDEX ON plain (platform_id, caller, key_hash);
CREATE INDEX ON plain (platform_id, created_at);
"""
SOURCE_TABLE = """
CREATE UNLOGGED TABLE source (n integer PRIMARY KEY, LIKE plain);
"""
CUT = """
CREATE TABLE cut (LIKE plain, PRIMARY KEY (platform_id, id)) PARTITION BY RANGE (id);
CREATE INDEX ON cut (platform_id, caller, key_hash);
CREATE TABLE cut_rest PARTITION OF cut DEFAULT;
"""
ID = (
    "(lpad(to_hex({day}::bigint * 86400000 + n), 12, '0') || '7' "
    "|| substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)
SOURCE = (
    "INSERT INTO source SELECT n, '{platform}', " + ID + ", 'key:1', "
    "encode(sha256(('{day}:' || n)::bytea), 'hex'), md5(n::text), 'done', 200, "
    "(SELECT decode(string_agg(md5(n || ':' || k), ''), 'hex') FROM generate_series(1, 60) k), "
    "to_timestamp({day} * 86400 + n / 1000.0) FROM generate_series(0, {last}) n"
)
DELETE = (
    "DELETE FROM plain WHERE (platform_id, id) IN (SELECT platform_id, id FROM plain "
    "WHERE created_at < to_timestamp(%s) LIMIT 2000)"
)
PORTION = 200
DAYS = (20_000, 20_001)
PLATFORM = "00000000-0000-0000-0000-000000000001"


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    with tempfile.TemporaryDirectory(prefix="qc-bench-") as folder:
        Path(folder).chmod(0o711)
        server = Server(Path(folder))
        server.start()
        try:
            with psycopg.connect(server.admin_url, autocommit=True) as connection:
                found = measure(connection, rows)
        finally:
            server.stop()
    print(json.dumps(found, indent=1))
    return 0


def measure(sql: Any, rows: int) -> dict[str, Any]:
    sql.execute("SET synchronous_commit = on")
    sql.execute(PLAIN)
    sql.execute(SOURCE_TABLE)
    sql.execute(CUT)
    for day in (*DAYS, DAYS[-1] + 1):
        low, high = (f"{(day + n) * 86_400_000:012x}" + "0" * 20 for n in (0, 1))
        sql.execute(
            f"CREATE TABLE cut_{day} PARTITION OF cut FOR VALUES FROM ('{low}') TO ('{high}')"
        )
    written: dict[str, list[float]] = {"plain": [], "cut": []}
    for day in DAYS:
        fill(sql, day, rows, written)
    sql.execute("VACUUM ANALYZE plain")
    for day in DAYS:
        sql.execute(f"VACUUM ANALYZE cut_{day}")
    looked = {table: look_up(sql, table) for table in ("plain", "cut")}
    deleted, dropped = timed(sql, lambda: delete(sql)), timed(sql, lambda: drop(sql))
    vacuumed = timed(sql, lambda: sql.execute("VACUUM plain"))
    return {
        "rows of a day": rows,
        "rows written a second": {t: round(PORTION / median(all_)) for t, all_ in written.items()},
        "look-up by key, microseconds": looked,
        "deleted by 2,000": deleted,
        "vacuumed afterwards": vacuumed,
        "dropped": dropped,
        "MB left for one day": {table: size(sql, table) for table in ("plain", "cut")},
        "look-up afterwards": {t: look_up(sql, t) for t in ("plain", "cut")},
    }


def fill(sql: Any, day: int, rows: int, written: dict[str, list[float]]) -> None:
    """A day's rows into both tables by turns, in transactions of ``PORTION``, and how long each."""
    sql.execute("TRUNCATE source")
    sql.execute(SOURCE.format(platform=PLATFORM, day=day, last=rows - 1))
    sql.execute("VACUUM ANALYZE source")
    columns = "platform_id, id, caller, key_hash, fingerprint, state, status, sealed_answer"
    for low in range(0, rows, PORTION):
        for table, taken in written.items():
            begun = time.monotonic()
            sql.execute(
                f"INSERT INTO {table} SELECT {columns}, created_at FROM source "
                f"WHERE n BETWEEN {low} AND {low + PORTION - 1}"
            )
            taken.append(time.monotonic() - begun)


def delete(sql: Any) -> None:
    while sql.execute(DELETE, [DAYS[-1] * 86_400]).rowcount:
        pass


def drop(sql: Any) -> None:
    sql.execute(f"DROP TABLE cut_{DAYS[0]}")


def timed(sql: Any, do: Any) -> dict[str, float]:
    before = sql.execute("SELECT pg_current_wal_lsn()").fetchone()[0]
    begun = time.monotonic()
    do()
    took = time.monotonic() - begun
    wal = sql.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", [before]).fetchone()[0]
    return {"seconds": round(took, 3), "WAL MB": round(float(wal) / 1e6, 1)}


def look_up(sql: Any, table: str) -> float:
    """Microseconds of a prepared look-up of one key from here, the median of 5,000."""
    more = f"AND id >= '{DAYS[-1] * 86_400_000:012x}{'0' * 20}'"
    query = f"SELECT * FROM {table} WHERE platform_id = %s AND caller = 'key:1' AND key_hash = %s "
    query += more if table == "cut" else ""
    keys = [sha256(f"{DAYS[-1]}:{n}".encode()).hexdigest() for n in range(5000)]
    taken = []
    for key in keys:
        begun = time.monotonic()
        assert sql.execute(query, [PLATFORM, key], prepare=True).fetchone()
        taken.append(time.monotonic() - begun)
    return round(median(taken) * 1e6, 1)


def size(sql: Any, table: str) -> float:
    found = sql.execute(
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class "
        "WHERE relkind = 'r' AND relname ~ %s", [f"^{table}(_|$)"],
    ).fetchone()[0]  # fmt: skip
    return round(float(found) / 1e6, 1)


if __name__ == "__main__":
    sys.exit(main())
