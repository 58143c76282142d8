"""The planner hears of tables that grow within seconds."""

from typing import Any

import pytest

from kernel import statistics
from kernel.tenancy import Tenant
from tests.kernel.events import append_many
from tests.kernel.listening import Changed
from tests.kernel.test_partitions import thing

PARTITION = (
    "SELECT c.oid::regclass::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
    "WHERE i.inhparent = 'kernel_outboxevent'::regclass "
    "ORDER BY pg_relation_size(c.oid) DESC LIMIT 1"
)


@pytest.fixture(autouse=True)
def new(real: Tenant, owner_cursor: Any) -> None:
    """The table of events as it is on a new server, whatever ran here before."""
    owner_cursor.execute("TRUNCATE kernel_outboxevent")


def known(owner: Any) -> float:
    """How many events the planner thinks there are."""
    owner.execute(
        "SELECT coalesce(sum(greatest(c.reltuples, 0)), 0) FROM pg_inherits i "
        "JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = 'kernel_outboxevent'::regclass"
    )
    return float(owner.fetchone()[0])


def grow(rows: int) -> None:
    append_many((Changed(number), thing(), None) for number in range(rows))


def test_who_has_grown_is_looked_at(real: Tenant, owner_cursor: Any) -> None:
    statistics.keep_up("default")
    grow(40)
    assert statistics.keep_up("default") > 0
    assert known(owner_cursor) == 40
    grow(3)
    statistics.keep_up("default")
    assert known(owner_cursor) == 40  # it is much the same
    grow(400)
    statistics.keep_up("default")
    assert known(owner_cursor) == 443


def test_only_what_is_in_an_index_is_looked_at(real: Tenant, owner_cursor: Any) -> None:
    """Of a table of its own: autovacuum, which looks at all columns, comes by others."""
    owner_cursor.execute(
        "CREATE TABLE grown (key integer PRIMARY KEY, text text) WITH (autovacuum_enabled = false)"
    )
    try:
        owner_cursor.execute("INSERT INTO grown SELECT n, 'words' FROM generate_series(1, 100) n")
        assert statistics.keep_up("default") > 0
        owner_cursor.execute("SELECT attname FROM pg_stats WHERE tablename = 'grown'")
        assert owner_cursor.fetchall() == [("key",)]
    finally:
        owner_cursor.execute("DROP TABLE grown")


def test_who_is_locked_waits_for_the_next_time(real: Tenant, owner_cursor: Any) -> None:
    statistics.keep_up("default")
    grow(40)
    owner_cursor.execute(PARTITION)
    [partition] = owner_cursor.fetchone()
    owner_cursor.execute("BEGIN")
    owner_cursor.execute(f"LOCK TABLE {partition} IN SHARE UPDATE EXCLUSIVE MODE")
    statistics.keep_up("default")
    owner_cursor.execute("COMMIT")
    assert known(owner_cursor) == 0
    statistics.keep_up("default")
    assert known(owner_cursor) == 40


def test_the_worker_does_so(real: Tenant, owner_cursor: Any, monkeypatch: Any) -> None:
    from kernel import chores

    statistics.keep_up("default")
    grow(40)
    worker = chores.Chores()
    worker.learn()
    assert known(owner_cursor) == 40
    monkeypatch.setattr(statistics, "keep_up", lambda shard: pytest.fail("not so soon"))
    worker.learn()
