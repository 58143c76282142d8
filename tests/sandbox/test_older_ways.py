"""Test clocks, tokens, plain charges, cash balances, magic values and bad input, by the official
client."""

import re
from typing import Any

import pytest
import requests
import stripe

from .test_payment_intents import pay

Client = Any
DAY = 86400


def test_test_clocks(official: Client) -> None:
    clock = official.v1.test_helpers.test_clocks.create(
        params={"frozen_time": 1577836800, "name": "2020"}
    )
    assert clock.status == "ready"
    other = official.v1.test_helpers.test_clocks.create(params={"frozen_time": 4102444800})
    customer = official.v1.customers.create(params={"test_clock": clock.id})
    assert (customer.created, customer.test_clock) == (1577836800, clock.id)
    held = pay(official, customer=customer.id, capture_method="manual")
    assert held.created == 1577836800
    moved = official.v1.test_helpers.test_clocks.advance(
        clock.id, params={"frozen_time": 1577836800 + 8 * DAY}
    )
    assert moved.status == "advancing"
    assert official.v1.test_helpers.test_clocks.retrieve(clock.id).status == "ready"
    assert official.v1.payment_intents.retrieve(held.id).status == "canceled"
    for target in (1577836800, 1577836800 + 900 * DAY):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            official.v1.test_helpers.test_clocks.advance(clock.id, params={"frozen_time": target})
        assert caught.value.param == "frozen_time"
    assert official.v1.test_helpers.test_clocks.delete(clock.id).deleted
    assert official.v1.customers.retrieve(customer.id).deleted
    left = official.v1.test_helpers.test_clocks.list().data
    assert [row.id for row in left] == [other.id]


def test_tokens_sources_and_plain_charges(official: Client, sandbox: str, key: str) -> None:
    token = official.v1.tokens.create(
        params={"card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2034}}
    )
    assert token.card.last4 == "4242"
    charge = official.v1.charges.create(
        params={"amount": 800, "currency": "cny", "source": token.id, "metadata": {"a": "b"}}
    )
    assert (charge.status, charge.payment_intent, charge.source.last4) == (
        "succeeded",
        None,
        "4242",
    )
    assert official.v1.tokens.retrieve(token.id).used
    with pytest.raises(stripe.InvalidRequestError) as used:
        official.v1.charges.create(params={"amount": 800, "currency": "cny", "source": token.id})
    assert used.value.code == "token_already_used"
    refund = official.v1.refunds.create(params={"charge": charge.id, "amount": 300})
    assert (refund.status, refund.payment_intent) == ("succeeded", None)
    with pytest.raises(stripe.CardError) as declined:
        official.v1.charges.create(
            params={"amount": 800, "currency": "cny", "source": "tok_chargeDeclined"}
        )
    assert declined.value.code == "card_declined"
    held = official.v1.charges.create(
        params={"amount": 900, "currency": "cny", "source": "tok_visa", "capture": False}
    )
    taken = official.v1.charges.capture(held.id, params={"amount": 400})
    assert (taken.captured, taken.amount_captured) == (True, 400)
    with pytest.raises(stripe.InvalidRequestError) as twice:
        official.v1.charges.capture(held.id)
    assert twice.value.code == "charge_already_captured"
    customer = official.v1.customers.create(params={"source": "tok_visa"})
    assert customer.default_source.startswith("card_")
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{sandbox}/v1/customers/{customer.id}/sources"
    card = requests.post(url, headers=headers, data={"source": "tok_mastercard"}, timeout=60).json()
    assert card["brand"] == "MasterCard"
    assert len(requests.get(url, headers=headers, timeout=60).json()["data"]) == 2
    mine = official.v1.charges.create(
        params={"amount": 800, "currency": "cny", "customer": customer.id}
    )
    assert mine.payment_method == customer.default_source
    assert requests.delete(f"{url}/{card['id']}", headers=headers, timeout=60).json()["deleted"]
    bank = official.v1.tokens.create(
        params={
            "bank_account": {
                "country": "US",
                "currency": "usd",
                "account_number": "000123456789",
                "routing_number": "110000000",
            }
        }
    )
    assert bank.bank_account.last4 == "6789"
    from .test_connect import seller

    one = seller(official, external_account=bank.id)
    assert one.external_accounts.data[0].last4 == "6789"


def test_cash_balance(official: Client) -> None:
    customer = official.v1.customers.create(params={})
    funded = official.v1.test_helpers.customers.fund_cash_balance(
        customer.id, params={"amount": 2000, "currency": "eur", "reference": "R1"}
    )
    assert (funded.net_amount, funded.ending_balance) == (2000, 2000)
    official.v1.test_helpers.customers.fund_cash_balance(
        customer.id, params={"amount": 500, "currency": "eur"}
    )
    balance = official.v1.customers.cash_balance.retrieve(customer.id)
    assert balance.available["eur"] == 2500
    listed = official.v1.customers.cash_balance_transactions.list(customer.id).data
    assert [row.net_amount for row in listed] == [500, 2000]


def test_published_magic_values_do_what_they_say(official: Client, sandbox: str) -> None:
    """Every card of the public table, used once, has the outcome that its row tells."""
    table = requests.get(f"{sandbox}/_sandbox/magic", timeout=60).json()
    assert len({row["number"] for row in table["cards"]}) == len(table["cards"])
    for row in table["cards"]:
        token, code = row["tokens"][0], row["code"]
        if row["three_d_secure"] in ("always", "unless_set_up"):
            assert pay(official, token).status == "requires_action", row
            continue
        if code:
            with pytest.raises(stripe.CardError) as caught:
                pay(official, token)
            assert caught.value.code == code, row
            assert _body(caught.value)["decline_code"] == row["decline_code"]
            continue
        intent = pay(official, token)
        assert intent.status == "succeeded", row
        found = official.v1.disputes.list(params={"payment_intent": intent.id}).data
        assert bool(found) == bool(row["dispute"]), row
        if found:
            assert found[0].reason == row["dispute"]
            assert found[0].status.startswith("warning") == row["dispute_is_inquiry"]


def _body(error: stripe.StripeError) -> dict[str, Any]:
    body: Any = error.json_body
    return dict(body["error"])


def test_bad_input(official: Client, sandbox: str, key: str) -> None:
    """Each mistake gets the error that the protocol gives it."""
    headers = {"Authorization": f"Bearer {key}"}

    def error(path: str, **data: str) -> tuple[int, dict[str, Any]]:
        answer = requests.post(f"{sandbox}{path}", headers=headers, data=data, timeout=60)
        return answer.status_code, answer.json()["error"]

    intents = "/v1/payment_intents"
    flying = {"capabilities[fly][requested]": "true"}
    red = {"amount": "500", "currency": "cny", "color": "red"}
    cases = [
        (intents, {"amount": "0", "currency": "cny"}, "amount", "parameter_invalid_integer"),
        (intents, {"amount": "49.50", "currency": "usd"}, "amount", "parameter_invalid_integer"),
        (intents, {"amount": "49", "currency": "usd"}, "amount", "amount_too_small"),
        (intents, {"amount": "49", "currency": "jpy"}, "amount", "amount_too_small"),
        (intents, {"amount": "100000000", "currency": "cny"}, "amount", "amount_too_large"),
        (intents, {"amount": "500", "currency": "rmb"}, "currency", None),
        (
            intents,
            red,
            "color",
            "parameter_unknown",
        ),
        ("/v1/transfers", {"amount": "5", "currency": "cny"}, "destination", "parameter_missing"),
        ("/v1/payouts", {"amount": "5"}, "currency", "parameter_missing"),
        ("/v1/accounts", {"type": "gold"}, "type", None),
        (
            "/v1/accounts",
            flying,
            "capabilities[fly]",
            "parameter_unknown",
        ),
        ("/v1/checkout/sessions", {"mode": "payment"}, "success_url", "parameter_missing"),
        ("/v1/tokens", {}, "card", "parameter_missing"),
        ("/v1/files", {"purpose": "dispute_evidence"}, "file", "parameter_missing"),
    ]
    for path, data, param, code in cases:
        status, found = error(path, **data)
        assert (status, found.get("param"), found.get("code")) == (400, param, code), (path, data)
        assert found["message"]
    status, found = error("/v1/subscriptions")
    assert status == 404
    assert re.match(r"Unrecognized request URL \(POST: /v1/subscriptions\)", found["message"])
    other = requests.get(f"{sandbox}/v1/payouts", auth=("sk_test_wrong", ""), timeout=60)
    assert other.status_code == 401
