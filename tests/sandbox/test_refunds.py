"""Refunds and the balance they move."""

from typing import Any

import pytest
import stripe

from .test_payment_intents import magic_cards, pay


def available(gateway: Any) -> int:
    balance = gateway.v1.balance.retrieve()
    return int(next(entry.amount for entry in balance.available if entry.currency == "cny"))


def drain(later: float = 0) -> None:
    from sandbox.delivery import worker

    worker.drain(later_too=later)


def test_partial_then_the_rest(gateway: Any) -> None:
    intent = pay(gateway)
    before = available(gateway)
    first = gateway.v1.refunds.create(
        params={
            "payment_intent": intent.id,
            "amount": 2000,
            "reason": "requested_by_customer",
            "metadata": {"case": "7"},
            "expand": ["balance_transaction", "charge"],
        }
    )
    assert (first.status, first.amount, first.reason) == (
        "succeeded",
        2000,
        "requested_by_customer",
    )
    booked = first.balance_transaction
    assert (booked.type, booked.amount, booked.fee) == ("refund", -2000, 0)
    assert first.charge.amount_refunded == 2000
    assert not first.charge.refunded
    assert available(gateway) == before - 2000
    with pytest.raises(
        stripe.InvalidRequestError, match="greater than unrefunded amount"
    ) as caught:
        gateway.v1.refunds.create(params={"payment_intent": intent.id, "amount": 3001})
    assert caught.value.param == "amount"
    rest = gateway.v1.refunds.create(params={"charge": intent.latest_charge})
    assert rest.amount == 3000
    charge = gateway.v1.charges.retrieve(intent.latest_charge)
    assert charge.refunded
    assert charge.amount_refunded == 5000
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.refunds.create(params={"charge": intent.latest_charge})
    assert caught.value.code == "charge_already_refunded"
    found = gateway.v1.refunds.list(params={"charge": intent.latest_charge})
    assert [refund.id for refund in found.data] == [rest.id, first.id]
    assert gateway.v1.refunds.retrieve(first.id).metadata["case"] == "7"
    changed = gateway.v1.refunds.update(first.id, params={"metadata": {"case": "8"}})
    assert changed.metadata["case"] == "8"
    with pytest.raises(stripe.InvalidRequestError):
        gateway.v1.refunds.cancel(first.id)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"charge": "ch_none"},
        {"payment_intent": "pi_none"},
        {"payment_intent": "own", "reason": "because"},
        {"payment_intent": "own", "amount": 0},
        {"payment_intent": "own", "amount": -5},
        {"payment_intent": "own", "charge": "other"},
    ],
)
def test_bad_refunds(gateway: Any, params: dict[str, Any]) -> None:
    own, other = pay(gateway), pay(gateway)
    real = {"own": own.id, "other": other.latest_charge}
    before = available(gateway)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        gateway.v1.refunds.create(params={k: real.get(v, v) for k, v in params.items()})
    assert caught.value.http_status == 400
    assert available(gateway) == before
    assert gateway.v1.refunds.list().data == []


def test_unpaid_and_uncaptured_cannot_be_refunded(gateway: Any) -> None:
    unpaid = gateway.v1.payment_intents.create(params={"amount": 500, "currency": "cny"})
    reserved = pay(gateway, capture_method="manual")
    for intent in (unpaid, reserved):
        with pytest.raises(stripe.InvalidRequestError):
            gateway.v1.refunds.create(params={"payment_intent": intent.id})


@pytest.mark.parametrize("card", magic_cards("refund_pending_then_succeeds"))
def test_pending_then_succeeded(gateway: Any, card: dict[str, Any]) -> None:
    intent = pay(gateway, card["tokens"][0])
    refund = gateway.v1.refunds.create(params={"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    drain()
    assert gateway.v1.refunds.retrieve(refund.id).status == "pending"
    drain(later=60)
    assert gateway.v1.refunds.retrieve(refund.id).status == "succeeded"
    kinds = [event.type for event in gateway.v1.events.list(params={"limit": 2}).data]
    assert kinds == ["charge.refund.updated", "refund.updated"]


@pytest.mark.parametrize("card", magic_cards("refund_succeeds_then_fails"))
def test_succeeded_then_failed_brings_the_money_back(gateway: Any, card: dict[str, Any]) -> None:
    intent = pay(gateway, card["tokens"][0])
    before = available(gateway)
    refund = gateway.v1.refunds.create(params={"payment_intent": intent.id, "amount": 1500})
    assert refund.status == "succeeded"
    assert available(gateway) == before - 1500
    drain(later=60)
    refund = gateway.v1.refunds.retrieve(
        refund.id, params={"expand": ["failure_balance_transaction"]}
    )
    assert refund.status == "failed"
    assert refund.failure_reason == "expired_or_canceled_card"
    assert refund.failure_balance_transaction.amount == 1500
    assert available(gateway) == before
    charge = gateway.v1.charges.retrieve(intent.latest_charge)
    assert charge.amount_refunded == 0
    # the money can be refunded again
    assert gateway.v1.refunds.create(params={"payment_intent": intent.id}).amount == 5000


def test_no_currency_is_blocked_by_fees(gateway: Any) -> None:
    """There is opening money in every currency in use, so a whole refund never waits for it."""
    found = {entry.currency: entry.amount for entry in gateway.v1.balance.retrieve().available}
    assert {"cny", "usd", "jpy", "kwd", "thb", "brl", "zar"} <= found.keys()
    assert len(found) > 140
    assert set(found.values()) == {10_000_000_000}
    for currency in ("thb", "kwd", "krw"):
        intent = gateway.v1.payment_intents.create(
            params={
                "amount": 50_000, "currency": currency, "payment_method": "pm_card_visa",
                "confirm": True,
            }
        )  # fmt: skip
        refund = gateway.v1.refunds.create(params={"payment_intent": intent.id})
        assert (refund.status, refund.amount) == ("succeeded", 50_000)


def test_balance_transactions_add_up(gateway: Any) -> None:
    for _ in range(2):
        intent = pay(gateway, "pm_card_bypassPending")
    gateway.v1.refunds.create(params={"payment_intent": intent.id, "amount": 700})
    rows = list(
        gateway.v1.balance_transactions.list(
            params={"currency": "cny", "limit": 2}
        ).auto_paging_iter()
    )
    assert all(row.net == row.amount - row.fee for row in rows)
    assert sum(row.net for row in rows) == available(gateway)
    of_charge = gateway.v1.balance_transactions.list(params={"source": intent.latest_charge}).data
    assert [row.type for row in of_charge] == ["charge"]
    assert gateway.v1.balance_transactions.retrieve(rows[0].id).type == "refund"
