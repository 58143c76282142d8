"""Limits: approximate and without a write for requests, exact for attempts."""

import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from kernel import clock, ratelimit, tenancy
from kernel.ids import uuid7
from kernel.records.ratelimit import RateCounter
from kernel.tenancy import Tenant
from kernel.transactions import atomic

NOON = datetime(2026, 1, 2, 12, 0, 10, tzinfo=UTC)


def test_within_and_above_the_limit(tenant: Tenant) -> None:
    with clock.frozen(NOON):
        verdicts = [ratelimit.hit("key:1", limit=3, seconds=60) for _ in range(5)]
    assert [v.allowed for v in verdicts] == [True, True, True, False, False]
    assert [v.remaining for v in verdicts] == [2, 1, 0, 0, 0]
    assert {v.reset for v in verdicts} == {51}
    assert verdicts[0].headers() == {
        "RateLimit-Limit": "3", "RateLimit-Remaining": "2", "RateLimit-Reset": "51",
    }  # fmt: skip
    assert verdicts[4].headers()["Retry-After"] == "51"
    with clock.frozen(NOON + timedelta(minutes=1)):
        assert ratelimit.hit("key:1", limit=3, seconds=60).allowed
        assert ratelimit.hit("key:2", limit=3, seconds=60).remaining == 2


def test_buckets_of_platforms_and_windows_are_apart(platforms: Any, tenant: Tenant) -> None:
    with clock.frozen(NOON):
        for _ in range(3):
            ratelimit.hit("key:1", limit=3, seconds=60)
        assert ratelimit.hit("key:1", limit=3, seconds=3600).allowed
        with tenancy.scope(platforms.add()):
            assert ratelimit.hit("key:1", limit=3, seconds=60).allowed


def test_a_hit_normally_costs_no_statement(
    tenant: Tenant, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):  # one exchange, or two when a second passes
        for _ in range(200):
            ratelimit.hit("key:1", limit=1000, seconds=60)


def test_processes_learn_of_each_other(tenant: Tenant, settings: Any) -> None:
    settings.REDIS_URL = ""
    with clock.frozen(NOON):
        for _ in range(3):
            ratelimit.hit("key:1", limit=5, seconds=60)
        ratelimit.exchange()
        ratelimit.reset_process()  # as if another process
        for _ in range(3):
            ratelimit.hit("key:1", limit=5, seconds=60)
        ratelimit.exchange()
        assert not ratelimit.hit("key:1", limit=5, seconds=60).allowed
        assert RateCounter.objects.get().hits == 6


def test_strict_counts_every_hit_at_once(tenant: Tenant) -> None:
    with clock.frozen(NOON):
        for expected in (True, True, False):
            ratelimit.reset_process()
            assert ratelimit.hit_strict("in:a", limit=2, seconds=900).allowed is expected
        assert not ratelimit.peek("in:a", limit=3, seconds=900).allowed
        assert ratelimit.peek("in:a", limit=4, seconds=900).allowed
        ratelimit.forget("in:a", seconds=900)
        assert ratelimit.hit_strict("in:a", limit=2, seconds=900).remaining == 1


def test_strict_is_refused_in_a_transaction(tenant: Tenant) -> None:
    with atomic(), pytest.raises(RuntimeError, match="transaction"):
        ratelimit.hit_strict("in:a", limit=2, seconds=900)


@pytest.mark.race
def test_strict_is_exact_under_a_race(real: Tenant) -> None:
    allowed = []
    together = threading.Barrier(8)

    def attempt() -> None:
        with tenancy.scope(real):
            together.wait(10)
            for _ in range(5):
                allowed.append(ratelimit.hit_strict("in:a", limit=10, seconds=3600).allowed)
        connections.close_all()

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert allowed.count(True) == 10


@pytest.mark.race
def test_the_counters_are_unlogged(real: Tenant, owner_cursor: Any) -> None:
    owner_cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'kernel_ratecounter'")
    assert owner_cursor.fetchone()[0] in ("u", b"u")


@pytest.fixture
def redis_server(tmp_path: Path, settings: Any) -> Iterator[None]:
    """A Redis server of its own, on a socket."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("no redis-server here")
    socket = tmp_path / "redis.sock"
    command = [program, "--port", "0", "--unixsocket", str(socket), "--save", ""]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=tmp_path) as process:
        end = time.monotonic() + 120
        while not socket.exists():
            assert time.monotonic() < end
            time.sleep(0.02)
        settings.REDIS_URL = f"unix://{socket}"
        ratelimit._redis_client.clear()
        yield
        ratelimit._redis_client.clear()
        process.terminate()


@pytest.mark.stack
def test_with_redis_nothing_is_written_here(tenant: Tenant, redis_server: None) -> None:
    with clock.frozen(NOON):
        verdicts = [ratelimit.hit("key:1", limit=2, seconds=60).allowed for _ in range(3)]
        assert verdicts == [True, True, False]
        ratelimit.hit_strict("in:a", limit=1, seconds=60)
        assert not ratelimit.hit_strict("in:a", limit=1, seconds=60).allowed
        assert not ratelimit.peek("in:a", limit=1, seconds=60).allowed
        ratelimit.forget("in:a", seconds=60)
        assert ratelimit.peek("in:a", limit=1, seconds=60).allowed
    assert not RateCounter.objects.exists()


def test_long_bucket_names(tenant: Tenant) -> None:
    name = "x" * 500 + str(uuid7())
    assert ratelimit.hit_strict(name, limit=1, seconds=60).allowed
