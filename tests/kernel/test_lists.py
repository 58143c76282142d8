"""What PostgreSQL reads of our lists is what was in them."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DataError
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kernel.ids import uuid7
from kernel.postgres.lists import Lists
from kernel.transactions import connection, cursor

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)


def read(kind: str, values: list[Any]) -> Any:
    with cursor() as sql:
        assert connection().connection.adapters.get_dumper(list, "s") is Lists
        sql.execute(f"SELECT %s::{kind}[]", [values])
        return sql.fetchone()[0]


class Read(TestCase):
    @given(st.lists(TEXT | st.sampled_from(['"', "\\", '","', "NULL", "{", " ", ""]) | st.none()))
    @example(['"', '"'])
    @example(["a", 'b","c'])
    def test_texts(self, values: list[str | None]) -> None:
        assert read("text", values) == values

    @given(st.lists(st.uuids() | st.none()))
    def test_ids(self, values: list[UUID | None]) -> None:
        assert read("uuid", values) == values


@pytest.mark.django_db
def test_ids_go_as_bytes_and_lists_of_them_too() -> None:
    one, two = uuid7(), uuid7()
    assert read("uuid", [[one, two], [two, one]]) == [[one, two], [two, one]]
    assert read("text", [one]) == [str(one)]


@pytest.mark.django_db
def test_a_null_character_is_refused_as_ever() -> None:
    with pytest.raises(DataError):
        read("text", ["a", "b\0c"])
