"""Statements that wait for the next one: run in order, told of when they fail, forgotten with a
rollback."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import DataError, IntegrityError, InternalError

from kernel import tenancy
from kernel.ids import uuid7
from kernel.transactions import atomic, connection, cursor, later

INTO = (
    "INSERT INTO kernel_ratecounter (platform_id, id, bucket, window_start, hits, expires_at) "
    "VALUES (%s, %s, %s, clock_timestamp(), 10 / %s::int, now())"
)
BUCKET = "batches"
CHANGE = "UPDATE kernel_ratecounter SET hits = %s WHERE platform_id = %s AND id = %s"


def insert(key: UUID | None = None, *, by: int = 1) -> None:
    later(INTO, [tenancy.current_id(), key or uuid7(), BUCKET, by])


def change(key: UUID, hits: int) -> None:
    later(CHANGE, [hits, tenancy.current_id(), key], rows=1)


def kept() -> int:
    with cursor() as sql:
        sql.execute("SELECT count(*) FROM kernel_ratecounter WHERE bucket = %s", [BUCKET])
        return int(sql.fetchone()[0])


def due() -> int:
    return len(connection().connection._due)


def work(*steps: Callable[[], Any]) -> None:
    with atomic():
        for step in steps:
            step()


def fail() -> None:
    raise ZeroDivisionError


@pytest.fixture
def known(platform: Any, transactional_db: None) -> UUID:
    """The server has prepared these statements; how it was before is one row."""
    key = uuid7()
    with atomic():
        insert(key)
    for _turn in range(7):
        with atomic():
            insert()
            change(key, 1)
            kept()
    with atomic(), cursor() as sql:
        sql.execute("DELETE FROM kernel_ratecounter WHERE bucket = %s AND id <> %s", [BUCKET, key])
    assert kept() == 1
    return key


def test_they_run_before_the_next_one(known: UUID) -> None:
    with atomic():
        insert()
        insert()
        assert due() == 2
        assert kept() == 3
        assert due() == 0
    assert kept() == 3


def test_they_run_before_a_statement_that_isn_t_prepared(known: UUID) -> None:
    with atomic():
        insert()
        with cursor() as sql:
            sql.execute("SELECT count(*) FROM kernel_ratecounter")
            assert sql.fetchone()[0] >= 2
    assert kept() == 2


def test_they_run_with_the_commit(known: UUID) -> None:
    with atomic():
        insert()
        assert due() == 1
    assert due() == 0
    assert kept() == 2


def test_a_rollback_forgets_them(known: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        work(insert, fail)
    with atomic():
        kept()
        with pytest.raises(ZeroDivisionError):
            work(insert, fail)
    assert kept() == 1


def test_a_connection_that_is_given_back_forgets_them(known: UUID) -> None:
    with pytest.raises(ZeroDivisionError):
        work(insert, lambda: connection().close(), fail)
    assert kept() == 1


def test_the_next_one_tells_of_the_first_that_fails(known: UUID) -> None:
    with pytest.raises(IntegrityError):
        work(insert, lambda: insert(known), lambda: insert(by=0), kept)
    assert kept() == 1


def test_the_commit_tells_too_and_keeps_nothing(known: UUID) -> None:
    with pytest.raises(DataError, match="by zero"):
        work(insert, lambda: insert(by=0))
    assert kept() == 1
    work(insert)
    assert kept() == 2


def test_a_savepoint_bears_what_fails_inside_of_it(known: UUID) -> None:
    with atomic():
        insert()
        with pytest.raises(IntegrityError), atomic():
            insert(known)
        assert kept() == 2
    assert kept() == 2


def test_what_a_savepoint_undoes_isn_t_sent(known: UUID) -> None:
    with atomic():
        insert()
        with pytest.raises(ZeroDivisionError):
            work(lambda: insert(known), fail)
        assert kept() == 2
    assert kept() == 2


def test_the_end_of_a_savepoint_waits_if_all_of_it_was_answered(known: UUID) -> None:
    with atomic():
        with atomic():
            kept()
        assert due() == 1
        insert()
        with atomic():
            assert due() == 0
            insert()
        assert due() == 0  # what failed in it would have to be told by now
    assert kept() == 3


def test_an_outer_savepoint_takes_back_an_inner_one_whose_end_waits(known: UUID) -> None:
    def inner() -> None:
        with atomic():
            insert()
            kept()
        assert due() == 1

    with atomic():
        with pytest.raises(ZeroDivisionError):
            work(inner, insert, fail)
        assert kept() == 1
    assert kept() == 1


def test_a_row_that_isn_t_there_keeps_everything_from_being_kept(known: UUID) -> None:
    with pytest.raises(InternalError):
        work(insert, lambda: change(uuid7(), 5))
    assert kept() == 1
    with pytest.raises(InternalError):
        work(insert, lambda: change(uuid7(), 5), kept)
    assert kept() == 1


def test_outside_of_a_transaction_nothing_waits(known: UUID) -> None:
    insert()
    assert due() == 0
    assert kept() == 2


def test_the_beginning_goes_with_the_first(known: UUID, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = connection().connection
    trips: list[Any] = []
    together = raw.together

    def noted(*last: Any) -> Any:
        trips.extend(last)
        return together(*last)

    monkeypatch.setattr(raw, "together", noted)
    monkeypatch.setattr(raw, "_exec_command", fail)
    work(insert, kept, insert)
    assert len(trips) == 2
    assert trips[1] == b"COMMIT"
