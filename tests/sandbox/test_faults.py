"""Planned faults: what a client meets when the outside world misbehaves."""

import json
import time
from typing import Any

import pytest
import requests
import stripe

from .test_idempotency import PAY, post
from .test_payment_intents import pay
from .test_transport import call
from .test_webhooks import drain, listen


def plan(sandbox: str, key: str, **fields: Any) -> None:
    answer = requests.post(
        f"{sandbox}/_sandbox/faults",
        json=fields,
        headers={"Authorization": f"Bearer {key}"},
        timeout=5,
    )
    assert answer.status_code == 201, answer.text


def test_error_before_has_no_effect(sandbox: str, key: str) -> None:
    plan(sandbox, key, operation="payment_intents.create", kind="error_before", times=2)
    for _ in range(2):
        assert post(sandbox, key, "/v1/payment_intents", PAY, "a").status_code == 500
        assert call(sandbox, key, "/v1/payment_intents").json()["data"] == []
    assert post(sandbox, key, "/v1/payment_intents", PAY, "a").status_code == 200


def test_error_after_keeps_the_effect(sandbox: str, key: str) -> None:
    plan(sandbox, key, operation="payment_intents.create", kind="error_after")
    assert post(sandbox, key, "/v1/payment_intents", PAY, "a").status_code == 500
    made = call(sandbox, key, "/v1/payment_intents").json()["data"]
    assert [one["status"] for one in made] == ["succeeded"]
    again = post(sandbox, key, "/v1/payment_intents", PAY, "a")
    assert again.status_code == 200
    assert again.json()["id"] == made[0]["id"]
    assert len(call(sandbox, key, "/v1/charges").json()["data"]) == 1


def test_official_client_survives_a_lost_answer(sandbox: str, key: str) -> None:
    plan(sandbox, key, operation="*", kind="error_after")
    client: Any = stripe.StripeClient(key, base_addresses={"api": sandbox}, max_network_retries=2)
    assert pay(client).status == "succeeded"
    assert len(client.v1.charges.list().data) == 1


@pytest.mark.parametrize(("kind", "made"), [("timeout_after", 1), ("timeout_before", 0)])
def test_timeouts(sandbox: str, key: str, kind: str, made: int) -> None:
    plan(sandbox, key, operation="payment_intents.create", kind=kind, seconds=1.5)
    with pytest.raises(requests.Timeout):
        requests.post(f"{sandbox}/v1/payment_intents", data=PAY_DICT, auth=(key, ""), timeout=0.7)
    assert len(call(sandbox, key, "/v1/payment_intents").json()["data"]) == made
    time.sleep(1.2)  # the lost call ends; "before" means late, not never
    assert len(call(sandbox, key, "/v1/payment_intents").json()["data"]) == 1


PAY_DICT = dict(pair.split("=") for pair in PAY.split("&"))


def test_duplicate_webhook(sandbox: str, key: str, gateway: Any, receiver: Any) -> None:
    listen(gateway, receiver, "payment_intent.succeeded")
    plan(sandbox, key, operation="payment_intents.create", kind="webhook_duplicate")
    pay(gateway)
    assert drain() == 2
    assert len({json.loads(body)["id"] for body in receiver.bodies()}) == 1


def test_webhook_before_the_answer(sandbox: str, key: str, gateway: Any, receiver: Any) -> None:
    listen(gateway, receiver, "payment_intent.succeeded")
    plan(sandbox, key, operation="payment_intents.create", kind="webhook_first")
    pay(gateway)
    assert len(receiver.got) == 1  # no worker ran: the call itself pushed
    assert drain() == 0


def test_delayed_webhook(sandbox: str, key: str, gateway: Any, receiver: Any) -> None:
    from sandbox import clock
    from sandbox.models import Delivery

    listen(gateway, receiver, "payment_intent.succeeded")
    plan(sandbox, key, operation="payment_intents.create", kind="webhook_delay", seconds=60)
    pay(gateway)
    assert drain() == 0
    assert 50 < (Delivery.objects.get().next_at - clock.now()).total_seconds() <= 60


def test_planning(sandbox: str, key: str) -> None:
    from tests.factories.sandbox import make_account

    url, mine = f"{sandbox}/_sandbox/faults", {"Authorization": f"Bearer {key}"}
    for bad in (
        {"kind": "explode"},
        {"kind": "error_after", "operation": "no.such"},
        {"kind": "error_after", "times": 0},
        {"kind": "error_after", "seconds": 1e9},
        {"kind": "error_after", "extra": 1},
        {},
    ):
        answer = requests.post(url, json=bad, headers=mine, timeout=60)
        assert answer.status_code == 422, answer.text
        assert answer.json()["error"]["message"]
    plan(sandbox, key, kind="error_before", times=3)
    shown = requests.get(url, headers=mine, timeout=60).json()["data"]
    assert [(one["kind"], one["times"]) for one in shown] == [("error_before", 3)]
    other = make_account()
    assert call(sandbox, other, "/v1/balance").status_code == 200
    assert requests.delete(url, headers=mine, timeout=60).json() == {"deleted": 1}
    assert call(sandbox, key, "/v1/balance").status_code == 200
