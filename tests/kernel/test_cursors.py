"""A statement answers the same whether psycopg runs it or the short way does."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import DataError, ProgrammingError, transaction

from config.settings.database import PREPARE
from kernel.postgres.batches import Link
from kernel.postgres.cursors import Cursor
from kernel.transactions import atomic, connection, cursor

pytestmark = pytest.mark.django_db
TIMES = 8  # often enough for a connection to have prepared it
KEY = UUID("0198c0de-0000-7000-8000-000000000001")
MOMENT = datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=UTC)


@pytest.fixture
def short() -> Iterator[list[str]]:
    """Which statements went the short way."""
    found: list[str] = []
    run = Cursor._run

    def noted(self: Cursor, key: Any, *rest: Any) -> Any:
        found.append(key[0].decode())
        return run(self, key, *rest)

    with patch.object(Cursor, "_run", noted):
        yield found


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("uuid", KEY),
        ("text", 'a "quoted" \\ 茶'),
        ("int", 7),
        ("bigint", 2**40),
        ("numeric", Decimal("12.340")),
        ("bool", True),
        ("bytea", b"\x00\xff"),
        ("date", date(2026, 11, 30)),
        ("timestamptz", MOMENT),
        ("uuid[]", [KEY, None]),
        ("text[]", ['{"a": "\\\\"}', None, ""]),
        ("int[]", [1, 2]),
        ("text", None),
    ],
)
def test_values_come_back_as_they_went(short: list[str], kind: str, value: Any) -> None:
    with cursor() as sql:
        for turn in range(TIMES):
            sql.execute(f"SELECT %s::{kind} AS it, {turn % 2}", [value])
        for _turn in range(TIMES):
            sql.execute(f"SELECT %s::{kind} AS it", [value])
            assert sql.fetchall() == [(value,)]
            assert sql.rowcount == 1
            assert [column[0] for column in sql.description] == ["it"]
    assert short


def test_names_of_parameters(short: list[str]) -> None:
    with cursor() as sql:
        for turn in range(TIMES):
            values = {"a": turn, "b": turn + 1, "unused": 0}
            sql.execute("SELECT %(a)s::int, %(b)s::int, %(a)s::int, '%%'", values)
            assert sql.fetchone() == (turn, turn + 1, turn, "%")
            assert sql.fetchone() is None
    assert len(short) == TIMES - PREPARE


def test_what_was_changed_is_counted(platform: Any, short: list[str]) -> None:
    into = (
        "INSERT INTO kernel_ratecounter (platform_id, id, bucket, window_start, hits, expires_at) "
        "SELECT %s, gen_random_uuid(), n::text, now(), 1, now() FROM unnest(%s::int[]) AS n"
    )
    with cursor() as sql:
        for turn in range(TIMES):
            sql.execute(into, [platform.id, [turn, turn + 100]])
            assert sql.rowcount == 2
            with pytest.raises(ProgrammingError):
                sql.fetchall()
    assert short


def test_errors_are_django_s_and_the_savepoint_helps(short: list[str]) -> None:
    with cursor() as sql:
        for turn in range(TIMES):
            sql.execute("SELECT 1 / %s::int", [turn + 1])
        went = len(short)
        with pytest.raises(DataError, match="by zero"), transaction.atomic():
            sql.execute("SELECT 1 / %s::int", [0])
        assert len(short) == went + 1
        sql.execute("SELECT 1 / %s::int", [1])
        with pytest.raises(ProgrammingError, match="2 parameters"):
            sql.execute("SELECT 1 / %s::int", [1, 2])


def test_times_are_read_in_utc_far_from_today_too() -> None:
    with cursor() as sql:
        for _turn in range(TIMES):
            sql.execute("SELECT %s::timestamptz, timestamptz '0001-01-01 00:00:00+00'", [MOMENT])
            found = sql.fetchone()
            assert found == (MOMENT, datetime(1, 1, 1, tzinfo=UTC))
            assert [one.tzinfo for one in found] == [UTC, UTC]


def test_a_plan_that_is_gone_is_made_again(short: list[str]) -> None:
    """Where psycopg forgets what is prepared, so does the short way."""
    with cursor() as sql:
        for _turn in range(TIMES):
            sql.execute("SELECT %s::int + 40", [2])
    assert short
    connection().connection._prepared.clear()
    with cursor() as sql:
        sql.execute("DEALLOCATE ALL")
        sql.execute("SELECT %s::int + 40", [2])
        assert sql.fetchone() == (42,)


def test_what_is_prepared_outlives_a_rollback(short: list[str]) -> None:
    with cursor() as sql:
        for _turn in range(TIMES):
            sql.execute("SELECT %s::int + 41", [2])
    for inner in (False, True):
        short.clear()
        with suppress(ZeroDivisionError), atomic():
            if inner:
                with suppress(ZeroDivisionError), atomic():
                    1 / 0  # noqa: B018
            1 / 0  # noqa: B018
        with cursor() as sql:
            sql.execute("SELECT %s::int + 41", [2])
            assert sql.fetchone() == (43,)
        assert len(short) == 1


def test_savepoints_are_no_statements_to_be_prepared() -> None:
    link = connection().connection
    assert isinstance(link, Link)
    before = set(link._prepared._counts)
    for _turn in range(3):
        with atomic(), atomic():
            pass
    assert set(link._prepared._counts) == before
