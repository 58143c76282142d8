"""What must hold for the figures to count: asked of the running system, not assumed."""

from typing import Any

import psycopg

COUNTED = {
    "orders": "SELECT count(*) FROM marketplace_order WHERE state = 'paid'",
    "audit rows": "SELECT count(*) FROM kernel_auditrecord",
    "events": "SELECT count(*) FROM kernel_outboxevent",
    "idempotency rows": "SELECT count(*) FROM kernel_idempotencyrecord",
    "ledger transfers": "SELECT count(*) FROM ledger_transfer",
}
# A tenant's row always has its platform; where it may be missing, it only notes how far one came.
UNGUARDED = """
SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE a.attname = 'platform_id' AND c.relkind IN ('r', 'p') AND NOT a.attisdropped
  AND a.attnotnull AND c.relnamespace = 'public'::regnamespace AND c.relpersistence = 'p'
  AND NOT c.relrowsecurity
"""


class NotFair(Exception):
    """The run would flatter the product; its figures mean nothing."""


def guarantees(owner: str, app: str) -> dict[str, str]:
    """fsync, synchronous_commit and row-level security as the server has them. Raises NotFair."""
    found: dict[str, str] = {}
    with psycopg.connect(app) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes", "server_version"):
            row = connection.execute(f"SHOW {name}".encode()).fetchone()
            found[name] = str(row[0]) if row else ""
        row = connection.execute(
            "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        bypasses = bool(row and row[0])
    with psycopg.connect(owner) as connection:
        bare = [name for (name,) in connection.execute(UNGUARDED)]
    guarded = not bare and not bypasses
    found["row-level security"] = (
        "on" if guarded else f"off for {', '.join(bare) or 'the app role'}"
    )
    for name in ("fsync", "synchronous_commit", "full_page_writes", "row-level security"):
        if found[name] != "on":
            raise NotFair(f"{name} is {found[name]}")
    return found


def counts(owner: str) -> dict[str, int]:
    """How many rows of each kind there are."""
    with psycopg.connect(owner) as connection:
        rows = {
            name: connection.execute(query.encode()).fetchone() for name, query in COUNTED.items()
        }
    return {name: int(row[0]) if row else 0 for name, row in rows.items()}


def grown(
    before: dict[str, int], after: dict[str, int], *, orders: int, writes: int
) -> dict[str, Any]:
    """What ``orders`` rounds of checkout with ``writes`` changes left. Raises NotFair."""
    found = {name: after[name] - before[name] for name in after}
    least = {
        "orders": orders,
        "audit rows": orders,
        "events": orders,
        "idempotency rows": orders * writes,
        "ledger transfers": orders,
    }
    for name, wanted in least.items():
        if found[name] < wanted:
            raise NotFair(f"{orders} paid carts left only {found[name]} {name}, not {wanted}")
    return found
