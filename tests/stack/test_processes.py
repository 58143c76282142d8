"""Web, Celery worker and beat as separate processes on real servers, each of which may die."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import pytest
import redis
from django.conf import settings

from kernel import tenancy
from kernel.tenancy import Tenant
from tests import database
from tests.factories.platforms import make_key, make_platform
from tests.stack.processes import Stack, eventually

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Place:
    """A platform of the running stack, with an operator's key."""

    tenant: Tenant
    key: str

    @property
    def authorization(self) -> str:
        return f"Bearer {self.key}"


@pytest.fixture(scope="session")
def places(stack: Stack, unblocked: None) -> list[Place]:
    """Two platforms: in two databases when there are two."""
    found = []
    for number in range(2):
        alias = settings.SHARDS[number % len(settings.SHARDS)]
        tenant = make_platform(database=alias)
        with tenancy.scope(tenant):
            found.append(Place(tenant, make_key(kind="operator").raw))
    return found


@pytest.fixture(scope="session")
def owners(unblocked: None) -> Iterator[dict[str, Any]]:
    """A connection of the owner, who sees every row, for each database alias."""
    from django.db import connections

    found = {}
    for alias in settings.SHARDS:
        name = str(connections[alias].settings_dict["NAME"])
        url = database.role_url("owner", name)
        found[alias] = psycopg.connect(url, autocommit=True)
    yield found
    for connection in found.values():
        connection.close()


def post_invitation(stack: Stack, place: Place, email: str) -> dict[str, Any]:
    """Something that ends in a letter, which a worker must send."""
    status, body, _ = stack.call(
        "POST",
        "/api/v1/invitations",
        {"email": email, "role": "operator"},
        Authorization=place.authorization,
    )
    assert status == 201, body
    found: dict[str, Any] = body
    return found


def letters(owners: dict[str, Any], place: Place) -> dict[str, int]:
    rows = owners[place.tenant.database].execute(
        "SELECT state, count(*) FROM kernel_mailmessage WHERE platform_id = %s GROUP BY state",
        [place.tenant.id],
    )
    return dict(rows.fetchall())


def all_sent(owners: dict[str, Any], place: Place, count: int) -> bool:
    return letters(owners, place) == {"sent": count}


def test_everything_is_ready(stack: Stack) -> None:
    def ready() -> bool:
        return bool(stack.get("/readyz")[1].get("status") == "ok")

    eventually(ready, seconds=60)
    _, body, _ = stack.get("/readyz")
    expected = {"database", "migrations", "redis", "worker", "outbox", "parked", "search"}
    expected |= {"ledger", "reconciliation", "providers", "media", "maintenance"}
    assert expected == set(body["checks"])


def test_each_platform_answers_from_its_own_database(
    stack: Stack, places: list[Place], owners: dict[str, Any]
) -> None:
    for place in places:
        status, body, _ = stack.get("/api/v1/platform", Authorization=place.authorization)
        assert (status, body["code"]) == (200, place.tenant.code), body
        assert stack.get(f"/p/{place.tenant.code}/")[0] == 200
    for alias, owner in owners.items():
        here = {p.tenant.id for p in places if p.tenant.database == alias}
        rows = owner.execute("SELECT DISTINCT platform_id FROM kernel_auditrecord").fetchall()
        assert {row[0] for row in rows} == here
    if len(settings.SHARDS) > 1:
        assert {p.tenant.database for p in places} == set(settings.SHARDS)


def test_a_worker_does_what_web_wrote_down(
    stack: Stack, places: list[Place], owners: dict[str, Any]
) -> None:
    for place in places:
        post_invitation(stack, place, "first@people.example")
    for place in places:
        eventually(partial(all_sent, owners, place, 1))


def test_work_survives_the_worker_the_beat_and_the_broker(
    stack: Stack, places: list[Place], owners: dict[str, Any]
) -> None:
    """The message is lost, the worker is killed: the rows are still there, and are done once."""
    stack.kill("worker")
    stack.kill("beat")
    for place in places:
        post_invitation(stack, place, "second@people.example")
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
    for place in places:
        assert letters(owners, place).get("queued") == 1
    stack.start("worker")
    stack.start("beat")
    for place in places:
        eventually(partial(all_sent, owners, place, 2), seconds=60)


def test_web_killed_comes_back_with_the_same_answers(stack: Stack, places: list[Place]) -> None:
    stack.kill("web")
    stack.start("web")
    stack.up()
    for place in places:
        status, body, _ = stack.get("/api/v1/platform", Authorization=place.authorization)
        assert (status, body["code"]) == (200, place.tenant.code)


def test_one_key_opens_one_platform(stack: Stack, places: list[Place]) -> None:
    """The key names its platform; with the other's address it isn't known."""
    first, second = places
    path = f"/p/{second.tenant.code}/api/v1/platform"
    status, body, _ = stack.get(path, Authorization=first.authorization)
    assert status in {401, 403, 404}, body


def test_processes_stop_when_told(stack: Stack) -> None:
    codes = stack.stop()
    assert set(codes.values()) == {0}, codes
    for name in codes:
        assert "Traceback" not in stack.log(name), stack.log(name)
        stack.start(name)
    stack.up()
