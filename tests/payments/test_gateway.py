"""The adapter for Stripe's protocol: every answer, and no answer."""

import json
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import pytest
import requests
import responses

from kernel.money import Money
from payments.contracts import Outcome
from payments.gateways.base import Charge, RefundOrder
from payments.gateways.stripe_protocol import StripeProtocol, form

BASE = "http://gateway.test:9"
INTENT, ATTEMPT, REFUND = UUID(int=1), UUID(int=2), UUID(int=3)
GATEWAY = StripeProtocol(base_url=BASE, secret_key="sk_test_secret")
CHARGE = Charge(
    intent_id=INTENT,
    attempt_id=ATTEMPT,
    amount=Money(1999, "CNY"),
    payment_method="pm_card_visa",
    return_url="https://shop.example/paid",
    description="Two jars",
    reference="ogr_1",
    provider_id="pi_1",
)
ORDER = RefundOrder(REFUND, "pi_1", Money(500, "CNY"), "requested_by_customer", None)
CONFIRM = f"{BASE}/v1/payment_intents/pi_1/confirm"
FIND = f"{BASE}/v1/payment_intents/pi_1"


def payment(status: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "pi_1", "object": "payment_intent", "status": status, "amount_received": 1999,
        "currency": "cny", "last_payment_error": None, "next_action": None, **changes,
    }  # fmt: skip


def error(type: str = "invalid_request_error", **fields: Any) -> dict[str, Any]:
    return {"error": {"type": type, "message": "No.", **fields}}


@pytest.fixture
def wire() -> Any:
    with responses.RequestsMock() as mock:
        yield mock


def sent(mock: Any, place: int = 0) -> dict[str, str]:
    return dict(parse_qsl(mock.calls[place].request.body, keep_blank_values=True))


def test_create_announces_without_collecting(db: None, wire: Any) -> None:
    wire.post(f"{BASE}/v1/payment_intents", json=payment("requires_payment_method"))
    assert GATEWAY.create(CHARGE) == Outcome(
        "idle", provider_id="pi_1", amount=1999, currency="CNY", answered=True
    )
    assert sent(wire) == {
        "amount": "1999",
        "currency": "cny",
        "payment_method_types[0]": "card",
        "description": "Two jars",
        "metadata[intent]": str(INTENT),
        "metadata[reference]": "ogr_1",
    }
    headers = wire.calls[0].request.headers
    assert headers["Idempotency-Key"] == f"{INTENT}-create"
    assert headers["Authorization"] == "Bearer sk_test_secret"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_confirm_collects_under_the_attempts_key(db: None, wire: Any) -> None:
    wire.post(CONFIRM, json=payment("succeeded"))
    outcome = GATEWAY.confirm(CHARGE)
    assert (outcome.status, outcome.amount, outcome.currency) == ("succeeded", 1999, "CNY")
    assert sent(wire) == {
        "payment_method": "pm_card_visa",
        "return_url": "https://shop.example/paid",
        "expand[0]": "latest_charge.balance_transaction",
    }
    assert wire.calls[0].request.headers["Idempotency-Key"] == str(ATTEMPT)


@pytest.mark.parametrize(
    ("charge", "fee"),
    [
        ({"balance_transaction": {"fee": 320}}, 320),
        ({"balance_transaction": {"fee": 0}}, 0),
        ({"balance_transaction": {"fee": -1}}, None),
        ({"balance_transaction": {"fee": "320"}}, None),
        ({"balance_transaction": "txn_1"}, None),
        ("ch_1", None),
        (None, None),
    ],
)
def test_the_gateways_fee(db: None, wire: Any, charge: Any, fee: int | None) -> None:
    wire.get(FIND, json=payment("succeeded", latest_charge=charge))
    assert GATEWAY.find("pi_1").fee == fee


REDIRECT = {"type": "redirect_to_url", "redirect_to_url": {"url": "http://acs.test/1"}}
DECLINE = {"code": "card_declined", "decline_code": "insufficient_funds", "message": "No funds."}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (payment("processing"), "processing"),
        (payment("requires_capture"), "authorized"),
        (payment("requires_action", next_action=REDIRECT), "requires_action"),
        (payment("requires_action", next_action={"type": "other"}), "requires_action"),
        (payment("canceled"), "canceled"),
        (payment("requires_payment_method"), "idle"),
        (payment("requires_confirmation"), "idle"),
        (payment("requires_payment_method", last_payment_error=DECLINE), "declined"),
        (payment("something_new"), "unknown"),
        ({"object": "charge", "id": "ch_1"}, "unknown"),
        ({"object": "payment_intent"}, "unknown"),
    ],
)
def test_every_status(db: None, wire: Any, body: dict[str, Any], status: str) -> None:
    wire.get(FIND, json=body)
    outcome = GATEWAY.find("pi_1")
    assert outcome.status == status
    if status == "declined":
        assert (outcome.code, outcome.message) == ("insufficient_funds", "No funds.")
    if body.get("next_action") == REDIRECT:
        assert outcome.redirect_url == "http://acs.test/1"


@pytest.mark.parametrize(
    ("status", "body", "expected", "code"),
    [
        (402, error("card_error", code="card_declined", decline_code="lost_card"), "declined",
         "lost_card"),
        (402, error("card_error", code="expired_card"), "declined", "expired_card"),
        (400, error(code="parameter_invalid_integer"), "rejected", "parameter_invalid_integer"),
        (404, error(code="resource_missing", param="payment_method"), "rejected",
         "resource_missing"),
        (404, error(code="resource_missing", param="intent"), "unknown", ""),
        (400, error("idempotency_error"), "unknown", ""),
        (401, error(), "unknown", ""),
        (403, error(), "unknown", ""),
        (409, error(code="idempotency_key_in_use"), "unknown", ""),
        (429, error(code="rate_limit"), "unknown", ""),
        (500, error("api_error"), "unknown", ""),
        (503, {}, "unknown", ""),
        (302, {}, "unknown", ""),
    ],
)  # fmt: skip
def test_every_error_of_a_confirmation(
    db: None, wire: Any, status: int, body: dict[str, Any], expected: str, code: str
) -> None:
    wire.post(CONFIRM, status=status, json=body)
    outcome = GATEWAY.confirm(CHARGE)
    assert (outcome.status, outcome.code) == (expected, code)


@pytest.mark.parametrize(
    "failure",
    [
        requests.exceptions.ConnectTimeout(),
        requests.exceptions.ReadTimeout(),
        requests.exceptions.ConnectionError(),
        requests.exceptions.ChunkedEncodingError(),
    ],
)
def test_no_answer_is_unknown_after_three_tries_with_one_key(
    db: None, wire: Any, failure: Exception
) -> None:
    wire.post(CONFIRM, body=failure)
    assert GATEWAY.confirm(CHARGE).status == "unknown"
    assert len(wire.calls) == 3
    assert {call.request.headers["Idempotency-Key"] for call in wire.calls} == {str(ATTEMPT)}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"text"', b'{"id":'])
def test_a_malformed_answer_is_unknown(db: None, wire: Any, body: bytes) -> None:
    wire.post(CONFIRM, body=body, status=200)
    assert GATEWAY.confirm(CHARGE).status == "unknown"


def test_a_second_try_may_succeed(db: None, wire: Any) -> None:
    wire.post(CONFIRM, status=500, json=error("api_error"))
    wire.post(CONFIRM, json=payment("succeeded"))
    assert GATEWAY.confirm(CHARGE).status == "succeeded"


def test_the_gateway_may_say_not_to_retry(db: None, wire: Any) -> None:
    wire.post(CONFIRM, status=500, json=error(), headers={"Stripe-Should-Retry": "false"})
    assert GATEWAY.confirm(CHARGE).status == "unknown"
    assert len(wire.calls) == 1


def test_a_slow_gateway_is_not_tried_again(
    db: None, wire: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.gateways.transport.BUDGET", 0)
    wire.post(CONFIRM, body=requests.exceptions.ReadTimeout())
    assert GATEWAY.confirm(CHARGE).status == "unknown"
    assert len(wire.calls) == 1


def test_wrong_keys_are_certain_before_anything_happened(db: None, wire: Any) -> None:
    wire.post(f"{BASE}/v1/payment_intents", status=401, json=error())
    assert GATEWAY.create(CHARGE).status == "rejected"


def test_an_unexpected_state_is_looked_up(db: None, wire: Any) -> None:
    unexpected = error(code="payment_intent_unexpected_state")
    wire.post(CONFIRM, status=400, json=unexpected)
    wire.post(f"{FIND}/cancel", status=400, json=unexpected)
    wire.get(FIND, json=payment("succeeded"))
    assert GATEWAY.confirm(CHARGE).status == "succeeded"
    assert GATEWAY.cancel("pi_1").status == "succeeded"


def test_cancel(db: None, wire: Any) -> None:
    wire.post(f"{FIND}/cancel", json=payment("canceled"))
    assert GATEWAY.cancel("pi_1").status == "canceled"


@pytest.mark.parametrize("status", [401, 404, 500])
def test_an_error_on_asking_is_not_an_answer(db: None, wire: Any, status: int) -> None:
    wire.get(FIND, status=status, json=error(code="resource_missing"))
    assert GATEWAY.find("pi_1").status == "unknown"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("succeeded", "succeeded"),
        ("pending", "pending"),
        ("requires_action", "pending"),
        ("failed", "failed"),
        ("canceled", "failed"),
        ("odd", "unknown"),
    ],
)
def test_refund(db: None, wire: Any, status: str, expected: str) -> None:
    body = {"id": "re_1", "object": "refund", "status": status, "amount": 500, "currency": "cny"}
    wire.post(f"{BASE}/v1/refunds", json=body)
    outcome = GATEWAY.refund(ORDER)
    assert (outcome.status, outcome.provider_id, outcome.amount) == (expected, "re_1", 500)
    assert sent(wire) == {
        "payment_intent": "pi_1",
        "amount": "500",
        "reason": "requested_by_customer",
        "metadata[refund]": str(REFUND),
    }
    assert wire.calls[0].request.headers["Idempotency-Key"] == str(REFUND)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (400, error(code="charge_already_refunded"), "rejected"),
        (402, error(code="balance_insufficient"), "rejected"),
        (400, error("idempotency_error"), "unknown"),
        (409, error(), "unknown"),
        (500, error(), "unknown"),
        (404, error(code="resource_missing", param="payment_intent"), "unknown"),
    ],
)
def test_refund_errors(
    db: None, wire: Any, status: int, body: dict[str, Any], expected: str
) -> None:
    wire.post(f"{BASE}/v1/refunds", status=status, json=body)
    assert GATEWAY.refund(ORDER).status == expected


def test_find_refund_by_our_id(db: None, wire: Any) -> None:
    other = {"id": "re_0", "object": "refund", "status": "failed", "metadata": {"refund": "x"}}
    ours = {
        "id": "re_1", "object": "refund", "status": "succeeded", "amount": 500, "currency": "cny",
        "metadata": {"refund": str(REFUND)},
    }  # fmt: skip
    rows = {"data": [other, ours], "has_more": False}
    wire.get(f"{BASE}/v1/refunds", json=rows)
    assert GATEWAY.find_refund(ORDER).provider_id == "re_1"
    wire.replace(responses.GET, f"{BASE}/v1/refunds", json={"data": [other], "has_more": False})
    assert GATEWAY.find_refund(ORDER).status == "idle"
    wire.replace(responses.GET, f"{BASE}/v1/refunds", json={"data": [other], "has_more": True})
    assert GATEWAY.find_refund(ORDER).status == "unknown"
    wire.replace(responses.GET, f"{BASE}/v1/refunds", status=404, json=error())
    assert GATEWAY.find_refund(ORDER).status == "unknown"


def test_form_encoding() -> None:
    assert form({"a": {"b": {"c": 1}}, "list": [{"x": True}, "y"], "none": None, "": ""}) == [
        ("a[b][c]", "1"),
        ("list[0][x]", "true"),
        ("list[1]", "y"),
        ("", ""),
    ]


def test_an_outcome_survives_json() -> None:
    outcome = Outcome("succeeded", provider_id="pi_1", amount=5, currency="CNY", answered=True)
    assert Outcome.from_dict(json.loads(json.dumps(outcome.as_dict()))) == outcome
    assert Outcome.from_dict({}).status == "unknown"


@pytest.mark.django_db(transaction=True)
def test_no_call_inside_a_transaction() -> None:
    from kernel import tenancy
    from kernel.transactions import atomic
    from tests.factories.platforms import make_platform

    with (
        tenancy.scope(make_platform()),
        pytest.raises(RuntimeError, match="inside a transaction"),
        atomic(),
    ):
        GATEWAY.find("pi_1")
