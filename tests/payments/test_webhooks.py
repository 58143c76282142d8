"""The gateway's events: signed, once each, in any order."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from kernel import clock, tenancy
from kernel.records.jobs import Job
from payments import facade
from payments.domain.chart import Account, Code
from payments.domain.signature import is_valid, sign
from payments.ledger import account_balances
from payments.models import Attempt, GatewayEvent, PaymentIntent
from tests.factories.payments import (
    WEBHOOK_SECRET,
    event,
    intent_body,
    make_gateway,
    make_intent,
    make_refund,
    refund_body,
    signed,
)

pytestmark = pytest.mark.usefixtures("books")


def deliver(body: bytes, header: str | None = None) -> Any:
    return Client(enforce_csrf_checks=True).post(
        f"/p/{tenancy.current().code}/api/v1/webhooks/gateway",
        body,
        content_type="application/json",
        headers={"Stripe-Signature": signed(body) if header is None else header},
    )


def at_gateway() -> int:
    account = Account(tenancy.current_id(), Code.GATEWAY, "CNY")
    return account_balances([account])[account.id]


def in_flight() -> facade.IntentInfo:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    PaymentIntent.objects.filter(id=intent.id).update(gateway_id=f"pi_{intent.id.hex}")
    return facade.intent(intent_id=intent.id)


def test_a_capture_is_booked_once_however_often_it_is_told() -> None:
    intent = in_flight()
    body = event(intent_body(intent, "succeeded"))
    for _ in range(3):
        answer = deliver(body)
        assert (answer.status_code, answer.json()) == (200, {"received": True})
    deliver(event(intent_body(intent, "succeeded")))
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    assert at_gateway() == 10_000
    assert GatewayEvent.objects.count() == 2


def test_the_answer_after_the_event_changes_nothing() -> None:
    intent = in_flight()
    deliver(event(intent_body(intent, "succeeded")))
    result = {"status": "succeeded", "amount": 10_000, "currency": "CNY"}
    facade.record_confirm(intent_id=intent.id, result=result)
    assert at_gateway() == 10_000


def test_order_does_not_matter() -> None:
    """Old news after the final one: nothing is undone."""
    intent = in_flight()
    deliver(event(intent_body(intent, "succeeded")))
    declined = {"code": "card_declined"}
    deliver(
        event(
            intent_body(intent, "requires_payment_method", last_payment_error=declined),
            "payment_intent.payment_failed",
        )
    )
    deliver(event(intent_body(intent, "processing"), "payment_intent.processing"))
    assert facade.intent(intent_id=intent.id).state == "succeeded"


def test_news_that_is_not_final_makes_us_ask() -> None:
    intent = in_flight()
    deliver(event(intent_body(intent, "requires_action"), "payment_intent.requires_action"))
    assert facade.intent(intent_id=intent.id).state == "processing"
    job = Job.objects.get(kind="payments.refresh_intent")
    assert job.args == {"intent_id": str(intent.id)}


def call_out() -> facade.IntentInfo:
    """A payment whose confirmation the gateway hasn't answered yet."""
    intent = in_flight()
    Attempt.objects.filter(intent_id=intent.id).update(provider_id=f"pi_{intent.id.hex}")
    return intent


def test_while_our_own_call_is_out_news_makes_nobody_ask() -> None:
    """Its answer says it all, and more: the fee."""
    intent = call_out()
    deliver(event(intent_body(intent, "requires_action"), "payment_intent.requires_action"))
    deliver(event(intent_body(intent, "succeeded")))
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    assert not Job.objects.filter(kind="payments.refresh_intent").exists()
    assert PaymentIntent.objects.get(id=intent.id).next_check_at, "if no answer ever comes"
    answer = {"status": "succeeded", "amount": 10_000, "currency": "CNY", "fee": 320}
    facade.record_confirm(intent_id=intent.id, result=answer)
    row = PaymentIntent.objects.get(id=intent.id)
    assert (row.gateway_fee, row.next_check_at) == (320, None)
    assert at_gateway() == 10_000 - 320


@pytest.mark.parametrize("gone", ["answered", "late"])
def test_news_after_our_own_call_makes_us_ask(gone: str) -> None:
    """The buyer's approval, or a call that nobody will answer any more."""
    intent = call_out()
    attempts = Attempt.objects.filter(intent_id=intent.id)
    if gone == "answered":
        attempts.update(answered_at=clock.system())
    else:
        attempts.update(created_at=clock.system() - timedelta(minutes=1))
    deliver(event(intent_body(intent, "succeeded")))
    assert Job.objects.filter(kind="payments.refresh_intent").count() == 1, "what was the fee?"


def test_a_refund_that_failed_by_the_name_of_older_endpoints() -> None:
    intent = in_flight()
    deliver(event(intent_body(intent, "succeeded")))
    refund = make_refund(intent)
    deliver(event(refund_body(refund, "failed"), "charge.refund.updated"))
    assert facade.refund(refund_id=refund.id).state == "failed"


def test_news_that_nobody_acts_on_leaves_nothing() -> None:
    intent = call_out()
    deliver(event(intent_body(intent, "requires_confirmation"), "payment_intent.created"))
    assert not GatewayEvent.objects.exists()
    assert not Job.objects.filter(kind="payments.refresh_intent").exists()


def test_canceled_at_the_gateway() -> None:
    intent = in_flight()
    deliver(event(intent_body(intent, "canceled"), "payment_intent.canceled"))
    assert facade.intent(intent_id=intent.id).state == "canceled"


def test_refund_events_even_before_the_answer() -> None:
    intent = in_flight()
    deliver(event(intent_body(intent, "succeeded")))
    refund = make_refund(intent)
    body = refund_body(refund, "succeeded")
    deliver(event({**body, "metadata": {"refund": str(uuid4())}}, "refund.updated"))
    assert facade.refund(refund_id=refund.id).state == "pending", "not ours"
    deliver(event(body, "refund.created"))
    assert facade.refund(refund_id=refund.id).state == "succeeded"
    assert at_gateway() == 0
    deliver(event(refund_body(refund, "failed", failure_reason="lost"), "refund.failed"))
    assert facade.refund(refund_id=refund.id).state == "failed"
    deliver(event(body, "refund.updated"))
    assert facade.refund(refund_id=refund.id).state == "failed", "failure is the last word"
    assert at_gateway() == 10_000


def test_a_pending_refund_makes_us_ask() -> None:
    intent = in_flight()
    deliver(event(intent_body(intent, "succeeded")))
    refund = make_refund(intent)
    deliver(event(refund_body(refund, "pending"), "refund.updated"))
    assert Job.objects.filter(kind="payments.refresh_refund").count() == 1


def test_what_is_not_ours_is_taken_and_left_alone() -> None:
    intent = in_flight()
    for subject in (
        {**intent_body(intent, "succeeded"), "id": "pi_stranger"},
        {"id": "ch_1", "object": "charge"},
        {"id": "re_1", "object": "refund", "status": "succeeded"},
        {"object": "payment_intent"},
        {},
    ):
        assert deliver(event(subject)).status_code == 200
    assert facade.intent(intent_id=intent.id).state == "processing"


@pytest.mark.parametrize("case", ["none", "empty", "wrong", "old", "other body", "junk", "future"])
def test_unsigned_events_are_refused(case: str) -> None:
    intent = in_flight()
    body = event(intent_body(intent, "succeeded"))
    header = {
        "none": "",
        "empty": "t=,v1=",
        "wrong": signed(body, secret="whsec_other"),
        "old": signed(body, age=301),
        "other body": signed(body + b" "),
        "junk": "t=1,t=2,v1=é",
        "future": signed(body, age=-900),
    }[case]
    answer = deliver(body, header)
    assert (answer.status_code, answer.json()["code"]) == (400, "payments.webhook_refused")
    assert not GatewayEvent.objects.exists()
    assert facade.intent(intent_id=intent.id).state == "processing"


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"id": 5, "data": {"object": {}}}', b"\xff"])
def test_signed_nonsense_is_refused(body: bytes) -> None:
    make_gateway()
    assert deliver(body).status_code == 400


def test_both_secrets_are_good_while_they_are_changed() -> None:
    intent = in_flight()
    make_gateway(webhook_secret="whsec_" + "n" * 32)
    body = event(intent_body(intent, "succeeded"))
    assert deliver(body, signed(body, secret=WEBHOOK_SECRET)).status_code == 200
    body = event(intent_body(intent, "succeeded"))
    assert deliver(body, signed(body, secret="whsec_" + "n" * 32)).status_code == 200
    make_gateway(webhook_secret="whsec_" + "o" * 32)
    body = event(intent_body(intent, "succeeded"))
    assert deliver(body, signed(body, secret=WEBHOOK_SECRET)).status_code == 400


def test_without_a_gateway_nothing_is_taken() -> None:
    answer = deliver(event({}))
    assert (answer.status_code, answer.json()["code"]) == (409, "payments.gateway_not_configured")


def test_several_signatures_in_one_header() -> None:
    good = sign(secret="b", body=b"x", at=100)
    header = f"t=100,v1=00,{good.split(',')[1]},v0=zz"
    assert is_valid(header=header, body=b"x", secrets=["a", "b"], now=100)
    assert not is_valid(header=header, body=b"x", secrets=["a"], now=100)


def test_the_official_library_agrees_with_our_signature() -> None:
    stripe = pytest.importorskip("stripe")
    body = json.dumps({"id": "evt_1", "object": "event"})
    header = signed(body.encode())
    assert stripe.WebhookSignature.verify_header(body, header, WEBHOOK_SECRET, 300)
