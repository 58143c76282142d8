"""The gateway's word comes twice at once: as the answer to our call and as a webhook."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import requests
from django.db import connections
from django.test import Client

from kernel import tenancy
from kernel.money import Money
from kernel.records.outbox import OutboxEvent
from marketplace.models import Order
from payments import facade as payments
from payments.domain.chart import Account, Code
from payments.ledger import account_balances
from payments.models import GatewayEvent
from sandbox.delivery.worker import Worker, drain
from tests.factories.payments import make_intent
from tests.factories.platforms import api_client, make_key
from tests.factories.sandbox import Receiver, make_account, receiving, serving
from tests.factories.world import connect, make_world
from tests.races.crowd import balanced, come, crowd, ok

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]
ROUNDS = 20


@dataclass
class Gateway:
    """The sandbox, connected to the platform in scope, and where its signed events arrive."""

    url: str
    key: str
    receiver: Receiver

    def charges(self) -> list[dict[str, Any]]:
        answer = requests.get(
            f"{self.url}/v1/charges?limit=100",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=10,
        )
        found: list[dict[str, Any]] = answer.json()["data"]
        return found

    def captured(self) -> int:
        return sum(charge["amount_captured"] for charge in self.charges())


@pytest.fixture
def gateway(platform: Any) -> Iterator[Gateway]:
    with serving() as url, receiving() as receiver:
        key = make_account()
        connect(url, key)
        hook = requests.post(
            f"{url}/v1/webhook_endpoints",
            data={"url": receiver.url, "enabled_events[]": "payment_intent.succeeded"},
            headers={"Authorization": f"Bearer {key}"},
            timeout=10,
        ).json()
        payments.configure_gateway(secret_key=key, webhook_secret=hook["secret"], base_url=url)
        yield Gateway(url, key, receiver)


def deliver(code: str, body: bytes, signature: str) -> Any:
    """Post an event to the platform, as the gateway would."""
    return Client().post(
        f"/p/{code}/api/v1/webhooks/gateway",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signature},
    )


def at_gateway() -> int:
    """What the ledger says was charged: at the gateway, or kept by it as its fee."""
    here = tenancy.current_id()
    accounts = [Account(here, code, "CNY") for code in (Code.GATEWAY, Code.GATEWAY_FEE)]
    return sum(account_balances(accounts).values())


def test_answer_and_webhook_at_the_same_moment(gateway: Gateway, platform: Any) -> None:
    """The charge is made; then its answer is recorded while its signed event is posted, twice."""
    done = 0
    for number in range(ROUNDS):
        intent = make_intent()
        payments.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
        result = payments.perform_confirm(intent_id=intent.id)
        gateway.receiver.got.clear()
        drain()
        [event] = gateway.receiver.got
        assert json.loads(event.body)["data"]["object"]["status"] == "succeeded"
        headers = {name.lower(): value for name, value in event.headers.items()}
        post = partial(deliver, platform.code, event.body, headers["stripe-signature"])

        def record(intent_id: Any = intent.id, result: Any = result) -> Any:
            with tenancy.scope(platform):
                return payments.record_confirm(intent_id=intent_id, result=result)

        calls: list[Callable[[], Any]] = [record, post] if number % 2 else [post, record]
        results = ok(crowd([*calls, post]))
        for found in results:
            if isinstance(found, payments.IntentInfo):
                assert found.state == "succeeded"
            else:
                assert found.status_code == 200, found.content
        done += intent.amount.amount
        assert at_gateway() == done
        captured = OutboxEvent.objects.filter(
            type="payments.intent.captured.v1", aggregate_id=intent.id
        )
        assert captured.count() == 1
    assert GatewayEvent.objects.count() == ROUNDS
    assert len(gateway.charges()) == ROUNDS
    assert gateway.captured() == done
    balanced()


@contextmanager
def pushing(gateway: Gateway, code: str) -> Iterator[list[Any]]:
    """While open, the sandbox pushes its events by itself, straight to the platform."""
    answers: list[Any] = []

    class Forwarding(list[Any]):
        def append(self, event: Any) -> None:
            headers = {name.lower(): value for name, value in event.headers.items()}
            try:
                answers.append(deliver(code, event.body, headers["stripe-signature"]))
            finally:
                connections.close_all()  # of the listener's thread

    gateway.receiver.got = Forwarding()
    worker = Worker().start()
    try:
        yield answers
    finally:
        worker.stop()


def test_checkouts_while_the_gateway_pushes(gateway: Gateway, platform: Any) -> None:
    """Whole checkouts whose webhooks come while their own answers are on the way."""
    world = make_world(2)
    buyers = [
        come(platform.code, *[(shop.variant_id, 1) for shop in world.shops]) for _ in range(12)
    ]
    with pushing(gateway, platform.code) as pushed:
        calls = [partial(buyer.check_out, method="pm_card_visa") for buyer in buyers]
        answers = ok(crowd(calls, threads=4))
        deadline = time.monotonic() + 120
        while len(pushed) < len(buyers):
            assert time.monotonic() < deadline, f"{len(pushed)} events came"
            time.sleep(0.05)
    assert Counter(answer.status_code for answer in answers) == {201: 12}
    assert {answer.json()["state"] for answer in answers} == {"done"}
    assert {answer.status_code for answer in pushed} == {200}
    assert Counter(Order.objects.values_list("state", flat=True)) == {"paid": 24}
    total = sum(buyer.total for buyer in buyers)
    assert len(gateway.charges()) == 12
    assert gateway.captured() == total == at_gateway()
    kinds = OutboxEvent.objects.filter(type="payments.intent.captured.v1")
    assert kinds.count() == kinds.values("aggregate_id").distinct().count() == 12
    for answer in answers:
        intent = payments.intent_for(reference=answer.json()["order_group"])
        assert (intent.state, intent.amount_refunded) == ("succeeded", Money(0, "CNY"))
    balanced()


def test_confirmed_from_two_windows(gateway: Gateway, platform: Any) -> None:
    """One payment confirmed under several keys at once: one charge."""
    shop = api_client(make_key())
    money = {"amount": 12_900, "currency": "CNY"}
    made = shop.post("/payments/intents", {"amount": money, "reference": "A-1007"})
    assert made.status_code == 201, made.content
    path = f"/payments/intents/{made.json()['id']}"
    confirm = partial(shop.post, f"{path}/confirm", {"payment_method": "pm_card_visa"})
    answers = ok(crowd([confirm] * 4))
    assert {answer.status_code for answer in answers} <= {200, 409}, [a.content for a in answers]
    assert shop.get(path).json()["state"] == "succeeded"
    [charge] = gateway.charges()
    assert charge["amount_captured"] == 12_900 == at_gateway()
    balanced()
