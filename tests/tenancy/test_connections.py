"""A connection that served one platform and comes back from the pool knows nothing of it."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connections, transaction

from kernel import tenancy
from kernel.postgres import Lent, pool_options
from kernel.postgres.base import Pool
from kernel.transactions import cursor
from tests import database
from tests.factories.platforms import ApiClient
from tests.tenancy.calls import send, told
from tests.tenancy.test_routes import LISTS
from tests.tenancy.town import CALLERS, MODELS, Town
from tests.tenancy.towns import Towns
from tests.tenancy.walk import changes, reads, target, writes

PLACE = "SELECT pg_backend_pid(), current_setting('quancheng.platform_id', true)"


@pytest.fixture
def pooled(towns: Towns, b_acts: None) -> Iterator[Towns]:
    """The app's connections come from a pool of one."""
    wrapper = connections["default"]
    wrapper.close()
    options = wrapper.settings_dict.setdefault("OPTIONS", {})
    age = wrapper.settings_dict["CONN_MAX_AGE"]
    options["pool"] = pool_options(1)
    wrapper.settings_dict["CONN_MAX_AGE"] = 0
    try:
        yield towns
    finally:
        wrapper.close()
        wrapper.close_pool()  # type: ignore[attr-defined]
        options.pop("pool")
        wrapper.settings_dict["CONN_MAX_AGE"] = age


def place() -> Any:
    with cursor() as sql:
        sql.execute(PLACE)
        return sql.fetchone()


def visit(town: Town) -> None:
    """All of the platform's callers ask for something, and one breaks off in mid-transaction."""
    for who in CALLERS:
        client = ApiClient(code=town.tenant.code, raw_key=town.keys[who])
        assert client.get("/storefront/products").status_code == 200
        assert client.get("/orders/ord_" + "0" * 26).status_code == 404
    with tenancy.scope(town.tenant), pytest.raises(DatabaseError), cursor() as sql:
        sql.execute("SELECT 1/0")


def test_the_next_request_on_the_connection_sees_its_own_platform(
    pooled: Towns, theirs: set[str]
) -> None:
    seen = set()
    for operation in LISTS:
        visit(pooled.b)
        who = next(who for who in CALLERS if who in operation.audience)
        client = ApiClient(code=pooled.a.tenant.code, raw_key=pooled.a.keys[who])
        answer = send(client, operation, {}, {})
        assert answer.status_code < 500
        assert told(answer.content.decode()) & theirs == set()
        with tenancy.scope(pooled.a.tenant):
            process, named = place()
        assert named == str(pooled.a.tenant.id)
        seen.add(process)
    assert len(seen) == 1, "it was the same connection all along"


def test_without_a_platform_the_connection_refuses(pooled: Towns) -> None:
    with tenancy.scope(pooled.b.tenant):
        process, named = place()
    assert named == str(pooled.b.tenant.id)
    visit(pooled.b)
    assert place() == (process, "")
    for model in MODELS:
        with (
            pytest.raises(DatabaseError, match=r"no platform is in scope|permission denied"),
            connections["default"].cursor() as sql,
        ):
            sql.execute(f"SELECT * FROM {model._meta.db_table}")
    connections["default"].close()


def test_the_walk_over_all_models_on_that_connection(pooled: Towns) -> None:
    visit(pooled.b)
    with tenancy.scope(pooled.a.tenant):
        for model in MODELS:
            there = target(pooled, model)
            rows: Any = model.objects.all()
            assert reads(pooled, rows, there) == [], model
            assert changes(pooled, rows, there) == [], model
            assert writes(pooled, model) == [], model


def test_what_broke_off_or_died_is_told_anew_or_replaced(pooled: Towns) -> None:
    with tenancy.scope(pooled.b.tenant):
        process, _named = place()
        connections["default"].set_autocommit(False)
        place()  # a transaction is open
        connections["default"].close()
    with tenancy.scope(pooled.a.tenant):
        assert place() == (process, str(pooled.a.tenant.id))
    url = database.role_url("app", str(connections["default"].settings_dict["NAME"]))
    with psycopg.connect(url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [process])
    with tenancy.scope(pooled.a.tenant):
        replaced, named = place()
    assert replaced != process
    assert named == str(pooled.a.tenant.id)


def test_the_one_that_came_back_last_is_lent_first() -> None:
    url = database.role_url("app", str(connections["default"].settings_dict["NAME"]))
    with Pool(url, **pool_options(3) | {"min_size": 3}) as pool:
        pool.wait()
        one, two, three = (pool.getconn() for _ in range(3))
        for each in (two, one, three):
            pool.putconn(each)
        assert [pool.getconn() for _ in range(3)] == [three, one, two]
        for each in (one, two, three):
            pool.putconn(each)


def test_the_same_platform_is_told_once_another_at_once(
    pooled: Towns, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b = pooled.a.tenant, pooled.b.tenant
    asked: list[str] = []
    execute = Lent.execute

    def note(self: Any, query: Any, *values: Any, **more: Any) -> Any:
        asked.append(values[0][1])
        return execute(self, query, *values, **more)

    monkeypatch.setattr(Lent, "execute", note)
    for tenant in (b, b, a, b, b, b):
        with tenancy.scope(tenant):
            assert place()[1] == str(tenant.id)
    assert asked == [str(b.id), str(a.id), str(b.id)]
    assert place()[1] == ""
    connections["default"].close()
    monkeypatch.setattr("kernel.postgres.ASKED_AFTER", 0.0)
    for _ in (1, 2):  # what rested is asked, whatever it was told
        with tenancy.scope(a):
            assert place()[1] == str(a.id)
    assert asked[3:] == ["", str(a.id), str(a.id)]


def test_what_a_transaction_told_may_have_been_taken_back(pooled: Towns) -> None:
    a, b = pooled.a.tenant, pooled.b.tenant
    with tenancy.scope(a):
        with transaction.atomic():
            place()
            with tenancy.scope(b):
                assert place()[1] == str(b.id)
            transaction.set_rollback(True)
        assert place()[1] == str(a.id)
    with tenancy.scope(b):
        assert place()[1] == str(b.id)
    with tenancy.scope(a), transaction.atomic(), tenancy.scope(b):
        assert place()[1] == str(b.id)
    assert place()[1] == ""


def test_its_cursor_goes_with_it_and_remembers_nothing(pooled: Towns) -> None:
    used = []
    for tenant in (pooled.b.tenant, pooled.a.tenant, pooled.b.tenant):
        with tenancy.scope(tenant):
            with cursor() as sql:
                assert sql.cursor.pgresult is None
                assert sql.cursor._results == []
                used.append(sql.cursor)
            assert place()[1] == str(tenant.id)
            connections["default"].set_autocommit(False)
            connections["default"].close()
        with tenancy.scope(tenant):
            place()
            assert connections["default"].get_autocommit()
            assert connections["default"].connection.autocommit
    assert len({id(one) for one in used}) == 1
