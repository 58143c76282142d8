"""The count of attempts when several people's tabs count and succeed at once."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections

from kernel import tenancy
from platforms.models import SignInThrottle
from platforms.services.throttle import count_attempt, forget_attempts
from tests.factories.platforms import make_platform

ROUNDS = 150


@pytest.fixture
def here() -> Iterator[tenancy.Tenant]:
    with tenancy.scope(make_platform()) as tenant:
        yield tenant


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_success_while_others_count(here: tenancy.Tenant) -> None:
    """The row that one starts afresh is found by the other, or made anew; never missed."""
    gate = threading.Barrier(4)

    def tab(number: int) -> list[int]:
        try:
            with tenancy.scope(here):
                gate.wait(60)
                waits = []
                for _round in range(ROUNDS):
                    waits.append(count("race", limit=10 * ROUNDS))
                    forget_attempts("race")
                return waits
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(tab, range(4)))
    assert found == [[0] * ROUNDS] * 4
    assert not SignInThrottle.objects.exists()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_no_more_than_the_limit_get_through(here: tenancy.Tenant) -> None:
    gate = threading.Barrier(8)

    def tab(number: int) -> int:
        try:
            with tenancy.scope(here):
                gate.wait(60)
                return count("guess", limit=3)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(tab, range(8)))
    assert sorted(wait > 0 for wait in waits) == [False] * 3 + [True] * 5


def count(text: str, *, limit: int) -> int:
    hour = timedelta(hours=1)
    return count_attempt(text, limit=limit, window=hour, lockout=hour)
