"""Two platforms on which everything has happened; built once, committed, cleaned up after."""

from collections.abc import Iterator
from typing import Any

import pytest

COUNTED = {"kernel_ratecounter", "platforms_apikey"}  # what asking for something writes


@pytest.fixture(scope="package")
def towns(django_db_setup: None, django_db_blocker: Any) -> Iterator[Any]:
    from django.test import override_settings

    from tests.tenancy.towns import standing

    # Rate counters are rows here, also where the servers include Redis.
    with override_settings(REDIS_URL=""), django_db_blocker.unblock(), standing() as found:
        before = found.fingerprint()
        yield found
        after = found.fingerprint()
    assert {table for table, mark in after.items() if mark != before[table]} <= COUNTED


@pytest.fixture(scope="package")
def theirs(towns: Any) -> set[str]:
    """The ids of all rows of B, as the 26 characters behind a prefix."""
    found: set[str] = towns.ids_of_b()
    return found


@pytest.fixture
def b_acts() -> None:
    """For tests in which B's own callers ask for something: their requests are counted."""


@pytest.fixture(autouse=True)
def unchanged(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever a test here does: afterwards B is as it was, and nothing is left in scope."""
    from kernel import tenancy

    if "towns" not in request.fixturenames:
        yield
        return
    towns = request.getfixturevalue("towns")
    towns.written()
    yield
    assert tenancy.current_or_none() is None
    assert towns.written() <= (COUNTED if "b_acts" in request.fixturenames else set())


@pytest.fixture
def no_policies(towns: Any) -> Iterator[None]:
    """Row-level security off on every tenant table, and on again whatever happens."""
    with towns.without_policies():
        yield


@pytest.fixture
def no_scoping(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ORM's managers give the rows of all platforms."""
    from django.db.models import Manager

    from kernel.models import TenantManager

    monkeypatch.setattr(TenantManager, "get_queryset", Manager.get_queryset)
