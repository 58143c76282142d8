"""What runs beside a worker, and the lock that one process at most holds."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections

from kernel import residents
from kernel.residents import RESIDENTS, Residents, resident
from kernel.single import Single
from kernel.system_role import system_cursor
from kernel.tenancy import Tenant

KEY = 7_403_152_999


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    kept = dict(RESIDENTS)
    RESIDENTS.clear()
    monkeypatch.setattr(residents, "PAUSE", 0.01)
    yield
    RESIDENTS.clear()
    RESIDENTS.update(kept)


def test_it_runs_until_told_and_again_after_a_failure(registry: None, db: None) -> None:
    twice, runs = threading.Event(), []

    @resident("testing.resident")
    def run(stopping: threading.Event) -> None:
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("once")
        twice.set()
        stopping.wait(10)

    with pytest.raises(TypeError):
        resident("testing.resident")(lambda stopping: None)
    here = Residents()
    here.start()
    assert twice.wait(10)
    here.stop()
    assert not any(thread.is_alive() for thread in here.threads)
    assert len(runs) == 2


@pytest.mark.race
def test_one_holds_the_lock_until_it_leaves_or_its_connection_breaks(real: Tenant) -> None:
    one, two = Single(KEY), Single(KEY)
    try:
        assert one.hold()
        assert one.hold()
        assert not two.hold()
        one.leave()
        assert two.hold()
        assert two._connection is not None
        with two._connection.cursor() as sql:
            sql.execute("SELECT pg_backend_pid()")
            row = sql.fetchone()
        with system_cursor("default") as sql:
            sql.execute("SELECT pg_terminate_backend(%s)", [row[0]])
        assert two.hold()  # it saw that the lock was gone, and took it anew
        assert not one.hold()
    finally:
        one.leave()
        two.leave()
        connections.close_all()
