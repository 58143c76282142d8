"""What a test committed is gone before the next one begins."""

import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connections

from kernel import tenancy
from tests import database
from tests.factories.platforms import make_platform
from tests.factories.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = (
    "INSERT INTO kernel_ratecounter (id, platform_id, bucket, window_start, hits, expires_at) "
    "SELECT gen_random_uuid(), gen_random_uuid(), 'b', now(), 1, now() FROM generate_series(1, %s)"
)


@pytest.fixture
def superuser() -> Iterator[Any]:
    """Sees all rows; leaves its transaction open."""
    with psycopg.connect(_addresses()[0]) as connection:
        yield connection


@pytest.fixture
def cleaner() -> Iterator[database.Cleaner]:
    made = database.Cleaner(*database.cleaned_urls())
    yield made
    made.close()


def _addresses() -> list[str]:
    return database.cleaned_urls()


def rows(superuser: Any) -> dict[str, int]:
    """How many rows each table has, of those that aren't empty."""
    tables = [
        row[0]
        for row in superuser.execute(
            "SELECT oid::regclass::text FROM pg_class "
            "WHERE relkind IN ('r', 'p') AND NOT relispartition "
            "AND relnamespace = 'public'::regnamespace"
        )
    ]
    counts = {t: superuser.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in tables}
    superuser.commit()
    return {table: count for table, count in counts.items() if count}


def test_every_table_is_as_migrated(superuser: Any, cleaner: database.Cleaner) -> None:
    """Also tables whose triggers refuse a DELETE, and those that others refer to."""
    migrated = rows(superuser)
    with tenancy.scope(make_platform()):
        make_world().buy()
    written = set(rows(superuser)) - set(migrated)
    assert {"ledger_transfer", "kernel_auditrecord", "platforms_platform"} <= written
    cleaner.clean()
    assert rows(superuser) == migrated


def test_a_large_table_shrinks(superuser: Any, cleaner: database.Cleaner) -> None:
    """Else every later test would look through the places of its rows."""
    superuser.execute(ROWS, [5000])
    superuser.commit()
    cleaner.clean()
    size = superuser.execute("SELECT pg_relation_size('kernel_ratecounter')").fetchone()[0]
    assert size <= database.LITTLE


def test_who_still_writes_is_waited_for(superuser: Any, cleaner: database.Cleaner) -> None:
    """A thread that outlives its test can't leave its rows to the next one."""
    migrated = rows(superuser)
    superuser.execute(ROWS, [1])
    cleaning = threading.Thread(target=cleaner.clean)
    cleaning.start()
    process = cleaner.places[0].connection.info.backend_pid
    waiting = False
    while not waiting:
        assert cleaning.is_alive(), "it didn't wait"
        found = superuser.execute("SELECT pg_blocking_pids(%s)", [process]).fetchone()
        waiting = superuser.info.backend_pid in found[0]
    superuser.commit()
    cleaning.join()
    assert rows(superuser) == migrated


def test_the_sandbox_is_emptied_too(cleaner: database.Cleaner) -> None:
    from tests.factories.sandbox import make_account

    make_account()
    name = str(connections["sandbox"].settings_dict["NAME"])
    with psycopg.connect(next(url for url in _addresses() if f"/{name}" in url)) as superuser:
        assert len(rows(superuser)) > 1
        cleaner.clean()
        assert set(rows(superuser)) == {"django_migrations"}
