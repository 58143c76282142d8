"""What the two health addresses say, and to whom."""

from datetime import timedelta
from unittest.mock import patch

import psycopg
import pytest
from django.test import Client, override_settings

from config import health
from kernel import clock
from kernel.ids import uuid7
from payments.gateways import breaker

Cursor = psycopg.Cursor[tuple[object, ...]]


def test_healthz_needs_nothing(client: Client) -> None:
    """No database (pytest blocks it here), no platform, any host name, plain http."""
    with override_settings(ALLOWED_HOSTS=["shop.example"], SECURE_SSL_REDIRECT=True):
        answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Request-Id"].startswith("req_")


def beat(cursor: Cursor, *, seconds_ago: float) -> None:
    then = clock.system() - timedelta(seconds=seconds_ago)
    cursor.execute(
        "INSERT INTO kernel_workerbeat (id, host, pid, started_at, beat_at) "
        "VALUES (%s, 'here', 1, %s, %s)",
        [uuid7(), then, then],
    )


@pytest.mark.django_db(transaction=True)
def test_readyz_is_ok_when_everything_is(client: Client, owner_cursor: Cursor) -> None:
    beat(owner_cursor, seconds_ago=1)
    answer = client.get("/readyz")
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "ok"), body
    assert {name for name, check in body["checks"].items() if not check["ok"]} == set()


@pytest.mark.django_db(transaction=True)
def test_readyz_names_a_missing_and_a_silent_worker(client: Client, owner_cursor: Cursor) -> None:
    worker = client.get("/readyz").json()["checks"]["worker"]
    assert worker == {"ok": False, "problem": "no worker was ever seen"}
    beat(owner_cursor, seconds_ago=90)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["status"] == "degraded"
    worker = answer.json()["checks"]["worker"]
    assert worker["problem"] == "no worker is running"
    assert worker["seen_seconds_ago"] >= 90


@pytest.mark.django_db(transaction=True)
def test_readyz_fails_on_pending_migrations(client: Client, owner_cursor: Cursor) -> None:
    owner_cursor.execute(
        "DELETE FROM django_migrations WHERE app = 'kernel' RETURNING app, name, applied"
    )
    rows = owner_cursor.fetchall()
    try:
        with patch.object(health, "_migrated", set()):
            answer = client.get("/readyz")
        assert answer.status_code == 503
        check = answer.json()["checks"]["migrations"]
        assert check["problem"] == "pending"
        assert "kernel.0001_initial" in check["pending"]
    finally:
        owner_cursor.executemany(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)", rows
        )


def test_readyz_fails_without_a_database_and_tells_no_address(client: Client) -> None:
    """pytest blocks the database here, which is as good as having none."""
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["status"] == "failing"
    assert answer.json()["checks"]["database"] == {"ok": False, "problem": "RuntimeError"}


@pytest.mark.django_db
@override_settings(REDIS_URL="redis://127.0.0.1:1/0")
def test_readyz_fails_when_redis_is_away(client: Client) -> None:
    away = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    with override_settings(CACHES=away):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["redis"]["problem"] == "ConnectionError"


@pytest.mark.django_db(transaction=True)
def test_readyz_names_a_payment_provider_that_is_away(
    client: Client, owner_cursor: Cursor, platform: object
) -> None:
    beat(owner_cursor, seconds_ago=1)
    breaker._well.clear()
    for _again in range(breaker.THRESHOLD):
        breaker.failed("wechat", "HTTP 500")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    check = answer.json()["checks"]["providers"]
    assert check["away"] == {"wechat": 1}
    assert "500" not in answer.content.decode(), "reasons stay in the console"
    breaker.answered("wechat")
    assert client.get("/readyz").json()["checks"]["providers"] == {"ok": True}


@pytest.mark.django_db(transaction=True)
def test_readyz_degrades_without_the_search_server(client: Client, owner_cursor: Cursor) -> None:
    """Nothing listens there: the shop browses its database instead, so this process is ready."""
    from search.engines.elastic.connection import Connection
    from search.engines.elastic.engine import ElasticEngine
    from search.services import engines

    beat(owner_cursor, seconds_ago=1)
    engines.use(ElasticEngine(Connection("http://127.0.0.1:9")))
    try:
        answer = client.get("/readyz")
    finally:
        engines.use(None)
    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    found = answer.json()["checks"]["search"]
    assert found == {"ok": False, "engine": "elasticsearch", "problem": "search doesn't answer"}
