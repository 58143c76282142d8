"""The statements that run all day use their indexes, on two big platforms, as their own role."""

from typing import Any

import pytest

from kernel import clock, ratelimit, tenancy
from kernel.ids import uuid7
from kernel.outbox.deliveries import _DUE
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor

EVENTS = """
INSERT INTO kernel_outboxevent (platform_id, id, aggregate_type, aggregate_id, version, type,
  payload, merchant_id, actor_kind, business_at, created_at, request_id, published_at)
SELECT %(platform)s, gen_random_uuid(), 'testing.thing', %(things)s[1 + n %% 50],
  %(start)s + n, 'x.y.v1', '{}', %(merchant)s, 'system', %(now)s, %(now)s, '',
  CASE WHEN n %% 1000 = 0 THEN NULL ELSE %(now)s::timestamptz END
FROM generate_series(1, 15000) AS n
"""
DELIVERIES = """
INSERT INTO kernel_delivery (platform_id, id, handler, event_id, event_type, aggregate_id, version,
  state, attempts, next_attempt_at, error, created_at, updated_at)
SELECT platform_id, gen_random_uuid(), 'a.b', id, type, aggregate_id, version,
  CASE WHEN version %% 300 = 0 THEN 'pending' ELSE 'done' END, 0, %(now)s, '', %(now)s, %(now)s
FROM kernel_outboxevent
"""
AUDIT = """
INSERT INTO kernel_auditrecord (platform_id, id, actor_kind, actor_label, action, target_type,
  target_id, before, after, business_at, created_at, request_id)
SELECT platform_id, gen_random_uuid(), 'system', '', 'x.y.z', 'testing.thing', aggregate_id,
  '{}', '{}', %(now)s, %(now)s, '' FROM kernel_outboxevent
"""


@pytest.fixture
def big(platforms: Any, real: Tenant, owner_cursor: Any) -> dict[str, Any]:
    """Two platforms with 15,000 rows each; the statistics as autovacuum would leave them."""
    values: dict[str, Any] = {"now": clock.system(), "start": 0, "merchant": uuid7()}
    for tenant in (platforms.add(), real):
        values |= {"platform": tenant.id, "things": [uuid7() for _ in range(50)]}
        owner_cursor.execute(EVENTS, values)
    owner_cursor.execute(DELIVERIES, values)
    owner_cursor.execute(AUDIT, values)
    for table in ("outboxevent", "delivery", "auditrecord"):
        owner_cursor.execute(f"ANALYZE kernel_{table}".encode())
    return values


def plan(statement: str, values: Any) -> str:
    with atomic(), cursor() as sql:
        sql.execute(f"EXPLAIN {statement}", values)
        return "\n".join(row[0] for row in sql.fetchall())


@pytest.mark.race
@pytest.mark.slow
def test_hot_reads_use_their_indexes_under_the_policies(real: Tenant, big: dict[str, Any]) -> None:
    thing, platform = big["things"][0], tenancy.current_id()
    shown = {
        "append": plan(
            "SELECT max(version) FROM kernel_outboxevent "
            "WHERE platform_id = %s AND aggregate_id = %s",
            [platform, thing],
        ),
        "feed": plan(
            "SELECT id FROM kernel_outboxevent e WHERE e.platform_id = %s AND e.merchant_id = %s "
            "AND (e.txid, e.id) > (%s, %s) "
            "AND e.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint "
            "ORDER BY e.txid, e.id LIMIT 21",
            [platform, big["merchant"], 1, thing],
        ),
        "due": plan(_DUE, {"now": clock.system(), "platform": platform, "limit": 200}),
        "audit of a thing": plan(
            "SELECT id FROM kernel_auditrecord WHERE platform_id = %s AND target_id = %s "
            "ORDER BY id LIMIT 50",
            [platform, thing],
        ),
        "chain": plan(
            "SELECT id FROM kernel_auditrecord r WHERE r.platform_id = %s "
            "AND (r.txid, r.id) > (%s, %s) ORDER BY r.txid, r.id LIMIT 500",
            [platform, 1, thing],
        ),
    }
    for name, text in shown.items():
        assert "Index" in text, f"{name}: {text}"
        assert "Seq Scan on kernel_" not in text, f"{name}: {text}"
    assert "kernel_event_order" in shown["append"]
    assert "kernel_event_merchant" in shown["feed"]
    assert "kernel_audit_target" in shown["audit of a thing"]
    assert "kernel_audit_order" in shown["chain"]


@pytest.mark.race
@pytest.mark.slow
def test_claims_use_their_indexes_as_the_system_role(real: Tenant, big: dict[str, Any]) -> None:
    from kernel.outbox.relay import _FAN_OUT
    from kernel.system_role import system_cursor
    from kernel.worker import _PEEK

    now = clock.system()
    values = {"now": now, "latest": now, "platform": None, "limit": 500,
              "handlers": ["a.b"], "types": ["x.y.v1"]}  # fmt: skip
    for statement in (_PEEK, _DUE, _FAN_OUT):
        with system_cursor("default") as sql:
            sql.execute(f"EXPLAIN {statement}", values)
            text = "\n".join(row[0] for row in sql.fetchall())
        assert "Seq Scan on kernel_outboxevent" not in text, text
        assert "Seq Scan on kernel_delivery" not in text, text


def test_a_counter_is_one_statement(
    tenant: Tenant, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.REDIS_URL = ""
    with django_assert_num_queries(1):
        ratelimit.hit_strict("a", limit=5, seconds=60)
