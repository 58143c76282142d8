"""A connection that isn't pooled is asked now and then whether it lives, not at each request."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections
from django.db.backends.postgresql import base


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Each time that a server was asked."""
    found: list[str] = []
    ask = base.DatabaseWrapper.is_usable

    def told(self: Any) -> bool:
        found.append(self.alias)
        return bool(ask(self))

    monkeypatch.setattr(base.DatabaseWrapper, "is_usable", told)
    return found


@pytest.fixture
def one(db: None) -> Iterator[Any]:
    made: Any = connections["default"].copy()
    made.connect()
    yield made
    made.close()


def test_it_is_asked_once_in_a_while(
    one: Any, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [one.is_usable() for _ in range(3)] == [True, True, True]
    assert len(asked) == 1
    monkeypatch.setattr("kernel.postgres.base.ASKED_AFTER", 0.0)
    assert one.is_usable()
    assert len(asked) == 2, "it rested"


def test_it_is_asked_after_an_error(one: Any, asked: list[str]) -> None:
    assert one.is_usable()
    one.errors_occurred = True
    assert one.is_usable()
    assert len(asked) == 2


def test_one_that_ended_is_noticed_at_once(one: Any, asked: list[str]) -> None:
    assert one.is_usable()
    with socket.socket(fileno=os.dup(one.connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)
    assert not one.is_usable()
    assert len(asked) == 2
