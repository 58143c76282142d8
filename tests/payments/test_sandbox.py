"""The adapters against the sandbox over real HTTP: nothing is mocked, the books must agree with
the gateway's and the bank's own."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from django.conf import settings

from kernel import tenancy
from payments import facade
from payments.domain.chart import Account, Code
from payments.facade import RefundShare
from payments.gateways.stripe_protocol import refund_outcome
from payments.ledger import account_balances
from payments.services import reconcile, webhook
from platforms import facade as platforms
from sandbox.delivery import worker
from tests.factories.payments import cny, make_available, make_intent, make_share
from tests.factories.platforms import make_merchant, make_platform
from tests.factories.sandbox import make_account, receiving, serving

pytestmark = pytest.mark.django_db(transaction=True)


class Outside:
    """The sandbox's address and key, and what the platform's accounts there hold."""

    def __init__(self, address: str) -> None:
        self.address, self.key = address, make_account()
        self.before = (self.gateway(), self.bank())

    def get(self, path: str) -> Any:
        return requests.get(f"{self.address}{path}", auth=(self.key, ""), timeout=10).json()

    def post(self, path: str, **fields: Any) -> Any:
        answer = requests.post(
            f"{self.address}{path}", auth=(self.key, ""), data=fields, timeout=10
        )
        return answer.json()

    def gateway(self) -> int:
        found = self.get("/v1/balance")
        parts = [*found["available"], *found["pending"]]
        return sum(part["amount"] for part in parts if part["currency"] == "cny")

    def bank(self) -> int:
        headers = {"Authorization": f"Bearer {self.key}"}
        found = requests.get(f"{self.address}/bank/v1/balance", headers=headers, timeout=10).json()
        text = json.dumps(found)
        assert "CNY" in text, text
        rows = found.get("data", found)
        if isinstance(rows, dict):
            return int(rows["CNY"])
        return next(int(row["amount"]) for row in rows if row["currency"] == "CNY")

    def agrees(self) -> None:
        """The ledger's gateway and bank accounts moved as the outside balances did."""
        here = tenancy.current_id()
        accounts = [Account(here, code, "CNY") for code in (Code.GATEWAY, Code.BANK)]
        ours = account_balances(accounts)
        assert ours[accounts[0].id] == self.gateway() - self.before[0]
        assert ours[accounts[1].id] == self.bank() - self.before[1]
        trial = facade.trial_balance()
        assert trial.balanced, trial.problems


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> Iterator[Outside]:
    with serving() as address, tenancy.scope(make_platform()):
        found = Outside(address)
        monkeypatch.setattr(settings, "BANK_URL", f"{address}/bank")
        facade.configure_gateway(
            secret_key=found.key, webhook_secret="whsec_" + "x" * 32, base_url=address
        )
        yield found
        found.agrees()


def pay(token: str, **more: Any) -> facade.IntentInfo:
    intent = make_intent(**more)
    return facade.confirm_intent(
        intent_id=intent.id, payment_method=token, return_url="https://shop.example/back"
    )


def refund(intent: facade.IntentInfo, amount: int = 4_000) -> facade.RefundInfo:
    share = intent.shares[0]
    part = RefundShare(share.merchant_id, share.reference, cny(amount))
    return facade.refund_intent(key=uuid4(), intent_id=intent.id, shares=[part])


def time_passes() -> None:
    """What the outside world does by itself within a minute: settle, push events."""
    worker.drain(later_too=60)


def test_a_charge_its_fee_and_a_refund(outside: Outside) -> None:
    intent = pay("pm_card_visa")
    assert intent.state == "succeeded"
    outside.agrees()
    fee = Account(tenancy.current_id(), Code.GATEWAY_FEE, "CNY")
    assert account_balances([fee])[fee.id] == 320, "2.9 % + 30 of 100.00"
    assert refund(intent).state == "succeeded"


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("pm_card_chargeDeclined", "generic_decline"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error"),
        ("pm_nonsense", "resource_missing"),
    ],
)
def test_refused_cards(outside: Outside, token: str, code: str) -> None:
    intent = pay(token)
    assert (intent.state, intent.failure_code) == ("requires_payment_method", code)
    again = facade.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")
    assert again.state == "succeeded"


@pytest.mark.parametrize(("answer", "state"), [("approve", "succeeded"),
                                              ("fail", "requires_payment_method")])  # fmt: skip
def test_three_d_secure(outside: Outside, answer: str, state: str) -> None:
    intent = pay("pm_card_authenticationRequired")
    assert intent.state == "requires_action"
    assert facade.refresh_intent(intent_id=intent.id).state == "requires_action"
    requests.post(intent.redirect_url, data={answer: "1"}, timeout=10, allow_redirects=False)
    assert facade.refresh_intent(intent_id=intent.id).state == state


def test_cancel_while_the_buyer_hesitates(outside: Outside) -> None:
    intent = pay("pm_card_authenticationRequired")
    assert facade.cancel_intent(intent_id=intent.id).state == "canceled"
    assert outside.get(f"/v1/payment_intents/{intent.gateway_id}")["status"] == "canceled"


def test_events_tell_of_everything_once(outside: Outside) -> None:
    """The sandbox pushes signed events; each is handed in twice, backwards."""
    with receiving() as receiver:
        hook = outside.post("/v1/webhook_endpoints", **{
            "url": receiver.url, "enabled_events[]": "*"})  # fmt: skip
        facade.configure_gateway(
            secret_key=outside.key, webhook_secret=hook["secret"], base_url=outside.address
        )
        intent = make_intent()
        facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
        facade.perform_confirm(intent_id=intent.id)  # and then the process died
        time_passes()
        assert any(b"payment_intent.succeeded" in body for body in receiver.bodies())
        for received in [*receiver.got[::-1], *receiver.got]:
            webhook.take_in(body=received.body, header=received.headers["Stripe-Signature"])
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    reconcile.refresh_intent(intent.id)  # the job that asks for the fee
    outside.agrees()


def test_a_refund_that_takes_its_time(outside: Outside) -> None:
    intent = pay("pm_card_pendingRefund")
    made = refund(intent)
    assert made.state == "pending"

    time_passes()
    reconcile.refresh_refund(made.id)
    assert facade.refund(refund_id=made.id).state == "succeeded"


def test_a_refund_that_comes_back(outside: Outside) -> None:
    intent = pay("pm_card_refundFail")
    made = refund(intent)
    assert made.state == "succeeded"
    outside.agrees()
    time_passes()
    [found] = outside.get(f"/v1/refunds?payment_intent={intent.gateway_id}")["data"]
    assert found["status"] == "failed"
    result = refund_outcome(found).as_dict()
    assert facade.record_refund(refund_id=made.id, result=result).state == "failed"
    assert facade.intent(intent_id=intent.id).amount_refunded == cny(0)


def payee(number: str) -> UUID:
    merchant = make_merchant()
    account = platforms.BankAccount(bank="B", holder="Jiang", number=number, last4="")
    platforms.update_merchant(merchant_id=merchant.id, payout_account=account)
    make_available(make_share(9_000, 0, merchant_id=merchant.id))
    return merchant.id


@pytest.mark.parametrize(
    ("number", "first", "last"),
    [
        ("6222000000000000", "paid", "paid"),
        ("6222000000000002", "failed", "failed"),
        ("6222000000000003", "in_transit", "paid"),
        ("6222000000000004", "in_transit", "failed"),
    ],
)
def test_payouts(outside: Outside, number: str, first: str, last: str) -> None:
    merchant = payee(number)
    payout = facade.create_payout(merchant_id=merchant, key=uuid4())
    assert facade.send_payout(payout_id=payout.id).state == first
    time_passes()
    assert facade.send_payout(payout_id=payout.id).state == last
    available = facade.balance(merchant_id=merchant).available
    assert available == cny(0 if last == "paid" else 9_000)
