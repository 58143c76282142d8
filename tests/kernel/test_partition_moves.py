"""Tables with rows become partitioned ones: nothing is lost, and a crash leaves all as it was."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from config.embedded import roles
from kernel.ids import floor, uuid7
from tests import database

BEFORE = [("kernel", "0003_current_platform"), ("journeys", "0005_onboarding")]
AFTER = [("kernel", "0004_partitions"), ("journeys", "0006_step_partitions")]
TABLES = (
    "kernel_outboxevent", "kernel_auditrecord", "kernel_idempotencyrecord", "journeys_journeystep",
)  # fmt: skip
UUID7 = (
    "(lpad(to_hex((extract(epoch FROM now() - n * interval '37 minutes') * 1000)::bigint), 12, '0')"
    " || '7' || substr(replace(gen_random_uuid()::text, '-', ''), 14))::uuid"
)
FILL = {
    "kernel_outboxevent": (
        "INSERT INTO kernel_outboxevent (platform_id, id, aggregate_type, aggregate_id, version,"
        " type, payload, actor_kind, business_at, created_at, request_id, published_at)"
        f" SELECT %(platform)s, {UUID7}, 't', (md5((n %% 9)::text))::uuid,"
        " n, 'x.y', '{}', 'system', now(), now(), '',"
        " CASE WHEN n %% 100 > 0 THEN now() END FROM generate_series(1, 3000) n"
    ),
    "kernel_auditrecord": (
        "INSERT INTO kernel_auditrecord (platform_id, id, actor_kind, actor_label, action,"
        " target_type, before, after, business_at, created_at, request_id)"
        f" SELECT %(platform)s, {UUID7}, 'system', '', 'x.y', 't', '{{}}', '{{}}', now(), now(), ''"
        " FROM generate_series(1, 3000) n"
    ),
    "kernel_idempotencyrecord": (
        "INSERT INTO kernel_idempotencyrecord (platform_id, id, caller, key_hash, fingerprint,"
        " state, status, sealed_answer, created_at)"
        f" SELECT %(platform)s, {UUID7}, 'a', md5(n::text), '', 'done', 200, '', now()"
        " FROM generate_series(1, 3000) n"
    ),
    "journeys_journeystep": (
        "WITH one AS (INSERT INTO journeys_journey (platform_id, id, version, created_at,"
        " updated_at, kind, key, state, subject, data, position, called, attempts) VALUES"
        " (%(platform)s, gen_random_uuid(), 1, now(), now(), 'k', gen_random_uuid(), 'done', '',"
        " '{}', 0, false, 0) RETURNING id)"
        " INSERT INTO journeys_journeystep (platform_id, id, journey_id, name, what, attempt,"
        f" detail, at) SELECT %(platform)s, {UUID7}, one.id, 's', 'done', 0, '', now()"
        " FROM one, generate_series(1, 3000) n"
    ),
}


@pytest.fixture
def older(
    django_db_setup: None, django_db_blocker: Any
) -> Iterator["psycopg.Connection[tuple[Any, ...]]"]:
    """A database of the release before, with rows in every table; the owner's connection."""
    name = f"{connections['owner'].settings_dict['NAME']}_older"
    with django_db_blocker.unblock(), database.admin() as admin:
        database._drop(admin, name)
        roles.make_database(
            admin, name=name, owner=database.NAMES["owner"],
            users=(database.NAMES["app"], database.NAMES["system"]),
        )  # fmt: skip
        wrapper = connections["owner"]
        wrapper.close()
        usual, wrapper.settings_dict["NAME"] = wrapper.settings_dict["NAME"], name
        try:
            _migrate(BEFORE)
            url = database.role_url("owner", name)
            with psycopg.connect(url, autocommit=True) as owner:
                values = {"platform": uuid7()}
                for statement in FILL.values():
                    owner.execute(statement.encode(), values)
                # Two rows whose id no clock gave; they belong nowhere.
                owner.execute("UPDATE kernel_outboxevent SET id = gen_random_uuid() "
                              "WHERE version IN (17, 18)")  # fmt: skip
                yield owner
        finally:
            wrapper.close()
            wrapper.settings_dict["NAME"] = usual
            database._drop(admin, name)


def _migrate(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connections["owner"]).migrate(targets)


def sums(owner: Any) -> dict[str, Any]:
    """The rows of each table, with all their columns, as one sum."""
    return {
        table: owner.execute(
            f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t".encode()
        ).fetchone()
        for table in TABLES
    }


def shape(owner: Any) -> dict[str, Any]:
    """What else there is: indexes, constraints, policies, triggers, privileges, by table."""
    found = {}
    for table in TABLES:
        rows = owner.execute(
            b"SELECT 'index', i.relname, NULL FROM pg_index x JOIN pg_class i"
            b" ON i.oid = x.indexrelid"
            b" WHERE x.indrelid = %(t)s::text::regclass AND NOT x.indisunique"
            b" UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint"
            b" WHERE conrelid = %(t)s::text::regclass AND contype IN ('p', 'f')"
            b" UNION ALL SELECT 'policy', polname, pg_get_expr(polqual, polrelid) FROM pg_policy"
            b" WHERE polrelid = %(t)s::text::regclass"
            b" UNION ALL SELECT 'trigger', tgname, NULL FROM pg_trigger"
            b" WHERE tgrelid = %(t)s::text::regclass AND NOT tgisinternal"
            b" UNION ALL SELECT 'grant', grantee, privilege_type FROM"
            b" information_schema.table_privileges WHERE table_name = %(t)s::text"
            b" AND grantee NOT LIKE '%%owner'"
            b" UNION ALL SELECT 'column grant', grantee, privilege_type || ' ' || column_name FROM"
            b" information_schema.column_privileges WHERE table_name = %(t)s::text"
            b" AND grantee NOT LIKE '%%owner'",
            {"t": table},
        ).fetchall()
        found[table] = set(rows)
    return found


@pytest.mark.slow
@pytest.mark.race
def test_a_running_shops_tables_move_without_losing_a_row(older: Any) -> None:
    before, had = sums(older), shape(older)
    assert {count for count, _sum in before.values()} == {3000}
    with pytest.raises(RuntimeError, match="half-way"), connections["owner"].cursor() as sql:
        _crash_half_way(sql)
    assert (sums(older), shape(older)) == (before, had), "as it was"
    _migrate(AFTER)
    assert sums(older) == before
    now = shape(older)
    for table in TABLES:
        lost = {row for row in had[table] - now[table] if row[1] != "kernel_event_age"}
        if table in ("kernel_outboxevent", "kernel_idempotencyrecord"):  # nobody deletes them now
            lost = {row for row in lost if row[2] != "DELETE"}
        lost.discard(("index", "kernel_idempotency_age", None))
        assert lost == set(), table
    rest = older.execute("SELECT count(*) FROM kernel_outboxevent_rest").fetchone()
    strays = older.execute(
        "SELECT count(*) FROM kernel_outboxevent WHERE id > %s",
        [floor(datetime.now(UTC) + timedelta(days=60))],
    ).fetchone()
    assert rest == strays
    _goes_on(older)


def _crash_half_way(sql: Any) -> None:
    """The move of one table, and the process dies before its commit."""
    from django.db import transaction

    from kernel.partition_sql import install_sql

    with transaction.atomic(using="owner"):
        sql.execute(install_sql(), None)
        sql.execute("ALTER TABLE kernel_outboxevent DROP CONSTRAINT kernel_event_order")
        sql.execute("SELECT kernel_partition_table('kernel_outboxevent', 'week', 3, '30 days', "
                    "'{}', '')")  # fmt: skip
        raise RuntimeError("half-way")


def _goes_on(owner: Any) -> None:
    """New rows beside the old ones; old weeks' uniqueness holds on."""
    platform, aggregate = uuid7(), uuid7()
    add = (
        "INSERT INTO kernel_outboxevent (platform_id, id, aggregate_type, aggregate_id, version,"
        " type, payload, actor_kind, business_at, created_at, request_id)"
        " VALUES (%s, %s, 't', %s, 1, 'x', '{}', 'system', now(), now(), '')"
    )
    owner.execute(add, [platform, uuid7(), aggregate])
    with pytest.raises(psycopg.errors.UniqueViolation):
        owner.execute(add, [platform, uuid7(), aggregate])
    made = owner.execute("SELECT name, count(*) FROM kernel_partition GROUP BY 1").fetchall()
    # The first, the rest, and those ahead.
    assert dict(made) == dict(zip(TABLES, (2 + 3, 2 + 1, 2 + 4, 2 + 2), strict=True))
