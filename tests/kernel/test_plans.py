"""The statements that run all day use their indexes, on two big platforms, as their own role."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from kernel import clock, partitions, ratelimit, tenancy
from kernel.api import idempotency
from kernel.ids import floor, uuid7
from kernel.outbox.deliveries import _DUE
from kernel.outbox.relay import _FAN_OUT, _OLD, RECENT
from kernel.records.idempotency import IdempotencyRecord
from kernel.sql_parts import UUID7
from kernel.system_role import system_cursor
from kernel.tenancy import Tenant
from kernel.transactions import atomic, cursor
from kernel.worker import _PEEK
from tests.kernel.past import past_of

EVENTS = """
INSERT INTO kernel_outboxevent (platform_id, id, aggregate_type, aggregate_id, version, type,
  payload, merchant_id, actor_kind, business_at, created_at, request_id, published_at)
SELECT %(platform)s, {uuid7}, 'testing.thing', %(things)s[1 + n %% 50],
  %(start)s + n, 'x.y.v1', '{}', %(merchant)s, 'system', %(now)s, %(now)s, '',
  CASE WHEN n %% 1000 = 0 THEN NULL ELSE %(now)s::timestamptz END
FROM generate_series(1, 15000) AS n
""".replace("{uuid7}", UUID7)
DELIVERIES = """
INSERT INTO kernel_delivery (platform_id, id, handler, event_id, event_type, aggregate_id, version,
  state, attempts, next_attempt_at, error, created_at, updated_at)
SELECT platform_id, {uuid7}, 'a.b', id, type, aggregate_id, version,
  CASE WHEN version %% 300 = 0 THEN 'pending' ELSE 'done' END, 0, %(now)s, '', %(now)s, %(now)s
FROM kernel_outboxevent
""".replace("{uuid7}", UUID7)
AUDIT = """
INSERT INTO kernel_auditrecord (platform_id, id, actor_kind, actor_label, action, target_type,
  target_id, before, after, business_at, created_at, request_id)
SELECT platform_id, {uuid7}, 'system', '', 'x.y.z', 'testing.thing', aggregate_id,
  '{}', '{}', %(now)s, %(now)s, '' FROM kernel_outboxevent
""".replace("{uuid7}", UUID7)


def analyze(owner: Any, *tables: str) -> set[str]:
    """Statistics as autovacuum leaves them: of what has rows, partitions but not their parent.
    Their names: an empty partition may be read through, which takes no time."""
    filled = set()
    owner.execute(
        "SELECT partition FROM kernel_partition WHERE name = ANY(%s) UNION ALL "
        "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'",
        [list(tables), list(tables)],
    )
    for (name,) in owner.fetchall():
        owner.execute(f"SELECT 1 FROM {name} LIMIT 1".encode())
        if owner.fetchone():
            owner.execute(f"ANALYZE {name}".encode())
            filled.add(name)
    return filled


def read_through(text: str) -> set[str]:
    """The tables and partitions that a plan reads from end to end."""
    return set(re.findall(r"Seq Scan on (\w+)", text))


@pytest.fixture
def big(platforms: Any, real: Tenant, owner_cursor: Any) -> dict[str, Any]:
    """Two platforms with 15,000 rows each; the statistics as autovacuum would leave them."""
    partitions.make("default")
    values: dict[str, Any] = {"now": clock.system(), "start": 0, "merchant": uuid7()}
    for tenant in (platforms.add(), real):
        values |= {"platform": tenant.id, "things": [uuid7() for _ in range(50)]}
        owner_cursor.execute(EVENTS, values)
    owner_cursor.execute(DELIVERIES, values)
    owner_cursor.execute(AUDIT, values)
    tables = ("kernel_outboxevent", "kernel_delivery", "kernel_auditrecord")
    values["filled"] = analyze(owner_cursor, *tables)
    assert len(values["filled"]) >= len(tables)
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
        assert not read_through(text) & big["filled"], f"{name}: {text}"
    assert "kernel_event_order" in shown["append"]
    assert "kernel_event_merchant" in shown["feed"]
    assert "kernel_audit_target" in shown["audit of a thing"]
    assert "kernel_audit_order" in shown["chain"]


@pytest.mark.race
@pytest.mark.slow
def test_claims_use_their_indexes_as_the_system_role(real: Tenant, big: dict[str, Any]) -> None:
    now = clock.system()
    values: dict[str, Any] = {
        "now": now, "since": floor(now - RECENT), "latest": now, "platform": None, "limit": 500,
        "few": 50, "handlers": ["a.b"], "types": ["x.y.v1"], "running": [uuid7()],
    }  # fmt: skip
    for statement in (_PEEK, _DUE, _OLD, _FAN_OUT):
        with system_cursor("default") as sql:
            sql.execute(f"EXPLAIN {statement}", values)
            text = "\n".join(row[0] for row in sql.fetchall())
        assert not read_through(text) & big["filled"], text


def touched(text: str, table: str) -> set[str]:
    """The partitions of a table that a plan reads."""
    return set(re.findall(rf"Scan (?:using \w+ )?on ({table}_\w+)", text))


@pytest.mark.race
@pytest.mark.slow
def test_the_relay_and_kept_answers_look_into_the_last_partitions_alone(
    real: Tenant, owner_cursor: Any
) -> None:
    """As prepared statements with a plan for any values, which is how they run all day."""
    partitions.make("default")
    now = clock.system()
    with past_of(owner_cursor) as past:
        old = {
            past.cut(table, now - timedelta(days=days), now - timedelta(days=days - 5))
            for table in ("kernel_outboxevent", "kernel_idempotencyrecord")
            for days in (40, 30, 20)
        }
        named = {"now": "timestamptz", "since": "uuid", "platform": "uuid", "limit": "bigint",
                 "few": "bigint", "handlers": "text[]", "types": "text[]"}  # fmt: skip
        relay = _FAN_OUT
        for place, name in enumerate(named, 1):
            relay = relay.replace(f"%({name})s", f"${place}")
        relay = relay.replace("%%", "%")
        columns = [str(f.column) for f in IdempotencyRecord._meta.concrete_fields]
        looked = (
            f"SELECT {', '.join(columns)} FROM kernel_idempotencyrecord WHERE platform_id = $1 "
            "AND caller = $2 AND key_hash = $3 AND id >= $4"
        )
        since, reach = floor(now - RECENT), floor(now - idempotency.REACH)
        cases = {
            "kernel_outboxevent": ("system", relay, ", ".join(named.values()),
                f"'{now}', '{since}', NULL, 500, 50, '{{a.b}}', '{{x.y.v1}}'"),
            "kernel_idempotencyrecord": ("default", looked, "uuid, text, text, uuid",
                f"'{real.id}', 'key:1', 'hash', '{reach}'"),
        }  # fmt: skip
        for table, (alias, statement, kinds, given) in cases.items():
            with transaction.atomic(using=alias), connections[alias].cursor() as sql:
                sql.execute("SET LOCAL plan_cache_mode = force_generic_plan")
                sql.execute("SET LOCAL enable_seqscan = off")  # the tables are empty here
                sql.execute(f"PREPARE looks ({kinds}) AS {statement}")
                sql.execute(f"EXPLAIN (COSTS off) EXECUTE looks ({given})")
                text = "\n".join(row[0] for row in sql.fetchall())
                sql.execute("DEALLOCATE looks")
            assert "Subplans Removed" in text, text
            assert touched(text, table), text
            assert table != "kernel_idempotencyrecord" or "key_hash)::text = $3" in text, text
            assert not touched(text, table) & old, text
            assert f"Seq Scan on {table}" not in text, text


def test_a_counter_is_one_statement(
    tenant: Tenant, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.REDIS_URL = ""
    with django_assert_num_queries(1):
        ratelimit.hit_strict("a", limit=5, seconds=60)
