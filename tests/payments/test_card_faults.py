"""The card gateway misbehaves over HTTP, and money is only authorised: each time one charge, and a
ledger that agrees with the gateway."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests

from kernel import clock, outbox, tenancy
from kernel.money import Money
from payments import facade as payments
from payments.domain.chart import Account, Code
from payments.errors import NotCapturable
from payments.ledger import account_balances
from payments.models import PaymentIntent
from payments.services import webhook
from payments.services.capture_intent import warn_of_lapses
from sandbox import conf
from sandbox.delivery.worker import drain
from sandbox.models import Charge
from tests.factories.payments import WEBHOOK_SECRET, cny, make_intent, make_share, signed
from tests.factories.sandbox import Receiver, make_account, receiving, serving

PATIENCE, LATE = (5.0, 2.0), 2.6  # seconds: enough for a busy machine, and too late

pytestmark = pytest.mark.django_db(transaction=True)


class Gateway:
    """The sandbox's card gateway, its key, and what it pushes."""

    def __init__(self, url: str, key: str, hook: Receiver) -> None:
        self.url, self.key, self.hook = url, key, hook

    def post(self, path: str, **body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        json = path.startswith("/_sandbox")
        more: dict[str, Any] = {"json": body} if json else {"data": body}
        answer = requests.post(f"{self.url}{path}", headers=headers, timeout=10, **more)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def events(self, kind: bytes = b"payment_intent.succeeded") -> list[bytes]:
        drain()
        return [body for body in self.hook.bodies() if kind in body]


@pytest.fixture
def gateway(books: Any) -> Iterator[Gateway]:
    with serving() as url, receiving() as hook:
        key = make_account()
        payments.configure_gateway(secret_key=key, webhook_secret=WEBHOOK_SECRET, base_url=url)
        found = Gateway(url, key, hook)
        found.post("/v1/webhook_endpoints", url=hook.url, **{"enabled_events[]": "*"})
        yield found


def charged() -> list[int]:
    return [charge.amount_captured for charge in Charge.objects.filter(status="succeeded")]


def agrees(gateway: Gateway) -> None:
    """The ledger says of the gateway what the gateway says, fees paid."""
    answer = requests.get(
        f"{gateway.url}/v1/balance", headers={"Authorization": f"Bearer {gateway.key}"}, timeout=10
    ).json()
    theirs = sum(
        part["amount"]
        for part in [*answer["available"], *answer["pending"]]
        if part["currency"] == "cny"
    )
    account = Account(tenancy.current_id(), Code.GATEWAY, "CNY")
    assert account_balances([account])[account.id] == theirs - conf.get("OPENING_BALANCE")
    assert payments.trial_balance().balanced


@pytest.mark.parametrize(
    "kind",
    [
        "error_before",
        "error_after",
        "timeout_before",
        "timeout_after",
        "webhook_first",
        "webhook_duplicate",
    ],
)
def test_one_charge_whatever_the_gateway_does(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    if "timeout" in kind:
        monkeypatch.setattr("payments.gateways.transport.TIMEOUT", PATIENCE)
    times = 3 if kind.startswith("error") else 1
    fields = {"seconds": LATE} if kind.startswith("timeout") else {}
    operation = "payment_intents.confirm"
    gateway.post("/_sandbox/faults", operation=operation, kind=kind, times=times, **fields)
    intent = make_intent()
    info = payments.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")
    if kind.startswith("error"):
        assert info.state == "processing", "it answered 500 three times; nobody guesses"
        info = payments.refresh_intent(intent_id=intent.id)
    assert (info.state, charged()) == ("succeeded", [10_000])
    for body in gateway.events():  # however often it was pushed
        webhook.take_in(body=body, header=signed(body))
    agrees(gateway)


def test_the_same_news_ten_times_and_the_next_day(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    intent = make_intent()
    payments.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")
    [body] = gateway.events()
    news = [webhook.take_in(body=body, header=signed(body)) for _ in range(10)]
    assert news == [True] + [False] * 9
    now = clock.system
    monkeypatch.setattr(clock, "system", lambda: now() + timedelta(days=1))
    assert webhook.take_in(body=body, header=signed(body)) is False
    assert (payments.intent(intent_id=intent.id).state, charged()) == ("succeeded", [10_000])
    agrees(gateway)


def authorized(**fields: Any) -> payments.IntentInfo:
    shares = (make_share(7_000, 700), make_share(3_001, 0))
    intent = make_intent(*shares, capture_method="manual", **fields)
    return payments.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")


def test_a_part_of_an_authorisation_is_captured(gateway: Gateway) -> None:
    info = authorized()
    assert info.state == "requires_capture"
    assert info.capture_before is not None
    assert payments.trial_balance().rows == (), "nothing is booked before the capture"
    for amount in (cny(0), cny(10_002), Money(5_000, "USD")):
        with pytest.raises(NotCapturable):
            payments.capture_intent(intent_id=info.id, amount=amount)
    done = payments.capture_intent(intent_id=info.id, amount=cny(5_000))
    assert (done.state, done.amount, done.amount_authorized) == (
        "succeeded",
        cny(5_000),
        cny(10_001),
    )
    assert [share.amount.amount for share in done.shares] == [3_500, 1_500]
    assert done.shares[0].commission == cny(350)
    assert charged() == [5_000]
    again = payments.capture_intent(intent_id=info.id, amount=cny(5_000))
    assert again.state == "succeeded", "the same again changes nothing"
    with pytest.raises(NotCapturable):
        payments.capture_intent(intent_id=info.id, amount=cny(4_000))


def test_a_lapse_is_warned_of_once_and_then_seen(gateway: Gateway) -> None:
    info = authorized()
    assert warn_of_lapses() == 0
    soon = clock.system() + timedelta(hours=23)
    PaymentIntent.objects.filter(id=info.id).update(capture_before=soon)
    assert (warn_of_lapses(), warn_of_lapses()) == (1, 0)
    outbox.drain()
    gateway.post(f"/v1/payment_intents/{info.gateway_id}/cancel")
    assert payments.refresh_intent(intent_id=info.id).state == "canceled"
    with pytest.raises(NotCapturable):
        payments.capture_intent(intent_id=info.id)
