"""The merchant's feed and webhooks over the API: own events only, ids as everywhere."""

import time
from typing import Any

import pytest

from kernel import outbox, tenancy
from kernel.ids import public_id
from kernel.transactions import atomic, cursor
from platforms.events import MerchantApproved
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


def settle() -> None:
    """The feed shows what lies below every running transaction of the server; wait for that."""
    end = time.monotonic() + 120
    with atomic(), cursor() as sql:
        sql.execute("SELECT pg_current_xact_id()::text::bigint")
        mine = sql.fetchone()[0]
    while time.monotonic() < end:
        with cursor() as sql:
            sql.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > %s", [mine])
            if sql.fetchone()[0]:
                return
        time.sleep(0.02)


@pytest.fixture
def two(transactional_db: None) -> Any:
    from tests.factories.platforms import make_platform

    with tenancy.scope(make_platform()):
        yield make_merchant(), make_merchant()


def test_events_are_the_merchants_own_with_public_ids(two: Any) -> None:
    settle()
    first, _second = two
    client = api_client(make_key(merchant_id=first.id))
    answer = client.get("/events")
    assert answer.status_code == 200
    body = answer.json()
    assert [row["type"] for row in body["data"]] == [
        "platforms.merchant.created.v1",
        MerchantApproved.NAME,
    ]
    assert {row["data"]["merchant_id"] for row in body["data"]} == {public_id("mer", first.id)}
    assert [row["version"] for row in body["data"]] == [1, 2]
    # The last page gives a cursor too: what comes later is found from there.
    again = client.get(f"/events?cursor={body['next_cursor']}").json()
    assert (again["data"], again["next_cursor"]) == ([], body["next_cursor"])
    chosen = client.get(f"/events?types={MerchantApproved.NAME}").json()
    assert len(chosen["data"]) == 1


def test_a_webhook_endpoint_by_the_api(two: Any) -> None:
    first, second = two
    owner = api_client(make_key(merchant_id=first.id))
    stranger = api_client(make_key(merchant_id=second.id))
    made = owner.post("/webhook-endpoints", {"url": "https://example.com/hook"})
    assert made.status_code == 201
    body = made.json()
    assert body["secret"].startswith("whsec_")
    path = f"/webhook-endpoints/{body['id']}"
    assert "secret" not in owner.get(path).json()
    absent = f"/webhook-endpoints/{public_id('whk', first.id)}"
    assert stranger.get(path).status_code == stranger.get(absent).status_code == 404
    refused = owner.post("/webhook-endpoints", {"url": "https://169.254.169.254/"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "url"
    wrong = owner.post(
        "/webhook-endpoints", {"url": "https://example.com/", "event_types": ["no.such.v1"]}
    )
    assert wrong.json()["errors"][0]["field"] == "event_types"


def test_parked_events_are_for_operators(two: Any) -> None:
    first, _second = two
    assert outbox.parked_count() == 0
    operator = api_client(make_key(kind="operator"))
    assert operator.get("/parked-deliveries").json()["data"] == []
    seller = api_client(make_key(merchant_id=first.id))
    assert seller.get("/parked-deliveries").status_code in {403, 404}
