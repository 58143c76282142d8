"""Collecting money: offline, through the gateway, and what happens between call and record."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests

from kernel import clock, tenancy
from kernel.errors import InvalidTransition, NotFound
from kernel.ids import uuid7
from kernel.outbox import Event
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from payments import facade
from payments.domain.chart import Account, Code
from payments.ledger import account_balances
from payments.models import Attempt, LedgerTransfer, PaymentIntent
from payments.services import reconcile
from platforms import facade as platforms
from tests.factories.payments import (
    GATEWAY,
    cny,
    intent_body,
    make_gateway,
    make_intent,
    make_paid,
    make_share,
    wire,
)
from tests.factories.platforms import make_platform

pytestmark = pytest.mark.usefixtures("books")
CREATE = f"{GATEWAY}/v1/payment_intents"


def confirm_url(intent: facade.IntentInfo) -> str:
    return f"{CREATE}/pi_{intent.id.hex}/confirm"


def balance_of(code: Code, owner: Any = None) -> int:
    account = Account(tenancy.current_id(), code, "CNY", owner)
    return account_balances([account])[account.id]


def event_types() -> list[str]:
    rows = OutboxEvent.objects.filter(type__startswith="payments.").order_by("id")
    return list(rows.values_list("type", flat=True))


def confirm(intent: facade.IntentInfo, method: str = "pm_card_visa", **more: Any) -> Any:
    return facade.confirm_intent(intent_id=intent.id, payment_method=method, **more)


def later(by: timedelta = timedelta(hours=2)) -> Any:
    return clock.frozen(clock.system() + by)


def test_offline_captures_at_once_and_books_the_commission() -> None:
    first, second = make_share(10_000, 500), make_share(2_000, 0)
    intent = make_intent(first, second)
    with wire() as mock:
        paid = confirm(intent, "offline_test")
        assert len(mock.calls) == 0
    assert (paid.state, paid.gateway, paid.captured_at is not None) == (
        "succeeded", "offline_test", True,
    )  # fmt: skip
    assert balance_of(Code.OFFLINE) == 12_000
    assert balance_of(Code.COMMISSION) == 500
    assert facade.balance(merchant_id=first.merchant_id).pending == cny(9_500)
    assert facade.balance(merchant_id=second.merchant_id).pending == cny(2_000)
    assert sorted(event_types()[-3:]) == [
        *["payments.escrow.held.v1"] * 2,
        "payments.intent.captured.v1",
    ]
    actions = AuditRecord.objects.filter(target_id=intent.id).order_by("id")
    assert list(actions.values_list("action", flat=True)) == [
        "payments.intent.created",
        "payments.intent.confirmed",
        "payments.intent.captured",
    ]


def test_same_key_is_the_same_intent() -> None:
    key, share = uuid4(), make_share()
    first = make_intent(share, key=key, reference="ogr_1")
    assert make_intent(share, key=key, reference="ogr_1").id == first.id
    with pytest.raises(facade.KeyReused):
        make_intent(share, key=key, reference="ogr_2")
    assert facade.intent_for(reference="ogr_1").id == first.id


@pytest.mark.parametrize(
    ("amount", "parts"),
    [
        (100, [(99, 0)]),
        (100, [(50, 0), (51, 0)]),
        (100, []),
        (100, [(100, 101)]),
        (100, [(100, -1)]),
        (100, [(0, 0), (100, 0)]),
        (100, [(-100, 0), (200, 0)]),
    ],
)
def test_shares_must_make_up_the_amount(amount: int, parts: list[tuple[int, int]]) -> None:
    with pytest.raises(facade.InvalidShares):
        make_intent(amount=cny(amount), shares=[make_share(*part) for part in parts])
    assert not PaymentIntent.objects.exists()


def test_bad_amounts_and_currencies() -> None:
    from kernel.errors import Invalid
    from kernel.money import Money

    with pytest.raises(Invalid):
        make_intent(amount=cny(0), shares=[])
    with pytest.raises(facade.InvalidShares):
        make_intent(amount=Money(10_000, "USD"))
    with pytest.raises(facade.InvalidPaymentMethod):
        make_intent(payment_method_types=("gold",))


def test_card_succeeds_and_the_id_is_kept_before_the_money_moves() -> None:
    make_gateway()
    intent = make_intent()
    kept: list[str | None] = []

    def confirmed(request: Any) -> tuple[int, dict[str, str], bytes]:
        kept.append(PaymentIntent.objects.get(id=intent.id).gateway_id)
        return 200, {}, json.dumps(intent_body(intent, "succeeded")).encode()

    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.add_callback("POST", confirm_url(intent), callback=confirmed)
        paid = confirm(intent)
    assert paid.state == "succeeded"
    assert kept == [f"pi_{intent.id.hex}"]
    assert balance_of(Code.GATEWAY) == 10_000


def test_a_decline_can_be_tried_again() -> None:
    make_gateway()
    intent = make_intent()
    error = {"error": {"type": "card_error", "code": "card_declined", "message": "Sorry.",
                       "decline_code": "insufficient_funds"}}  # fmt: skip
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), status=402, json=error)
        declined = confirm(intent, "pm_bad")
        assert declined.state == "requires_payment_method"
        assert (declined.failure_code, declined.failure_message) == ("insufficient_funds", "Sorry.")
        mock.replace("POST", confirm_url(intent), json=intent_body(intent, "succeeded"))
        paid = confirm(intent)
    assert (paid.state, paid.failure_code) == ("succeeded", "")
    attempts = Attempt.objects.filter(intent_id=intent.id).order_by("id")
    assert list(attempts.values_list("state", "payment_method")) == [
        ("failed", "pm_bad"),
        ("succeeded", "pm_card_visa"),
    ]
    assert event_types() == [
        "payments.intent.failed.v1",
        "payments.intent.captured.v1",
        "payments.escrow.held.v1",
    ]


def test_3ds_waits_for_the_buyer_and_then_asks() -> None:
    make_gateway()
    intent = make_intent()
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": "http://acs.test/1"}}
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(
            confirm_url(intent), json=intent_body(intent, "requires_action", next_action=action)
        )
        waiting = confirm(intent, return_url="https://shop.example/back")
        assert (waiting.state, waiting.redirect_url) == ("requires_action", "http://acs.test/1")
        assert confirm(intent).state == "requires_action"
        assert LedgerTransfer.objects.count() == 0
        mock.get(f"{CREATE}/pi_{intent.id.hex}", json=intent_body(intent, "succeeded"))
        assert facade.refresh_intent(intent_id=intent.id).state == "succeeded"
    assert balance_of(Code.GATEWAY) == 10_000


def test_a_timeout_is_never_guessed() -> None:
    """The first confirmation gets lost. The reconciler confirms again under the same key."""
    make_gateway()
    intent = make_intent()
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), body=requests.exceptions.ReadTimeout())
        assert confirm(intent).state == "processing"
    keys = {
        c.request.headers["Idempotency-Key"] for c in mock.calls if "confirm" in str(c.request.url)
    }
    assert reconcile.reconcile()["intents"] == 0, "not yet its time"
    with later(), wire() as mock:
        mock.post(confirm_url(intent), json=intent_body(intent, "succeeded"))
        assert reconcile.reconcile()["intents"] == 1
        keys |= {call.request.headers["Idempotency-Key"] for call in mock.calls}
    assert facade.intent(intent_id=intent.id).state == "succeeded"
    assert len(keys) == 1
    assert balance_of(Code.GATEWAY) == 10_000


def test_after_a_day_the_gateway_is_only_asked() -> None:
    """Its idempotency keys are forgotten by then: confirming again could charge again."""
    make_gateway()
    intent = make_intent()
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), body=requests.exceptions.ReadTimeout())
        confirm(intent)
    with later(timedelta(hours=30)), wire() as mock:
        mock.get(
            f"{CREATE}/pi_{intent.id.hex}", json=intent_body(intent, "requires_payment_method")
        )
        reconcile.reconcile()
        assert [call.request.method for call in mock.calls] == ["GET"]
    found = facade.intent(intent_id=intent.id)
    assert (found.state, found.failure_code) == ("requires_payment_method", "not_confirmed")


def test_an_old_attempt_is_not_confirmed_again_by_the_caller_either() -> None:
    make_gateway()
    intent = make_intent()
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), body=requests.exceptions.ReadTimeout())
        confirm(intent)
    with later(timedelta(hours=30)), wire() as mock:
        mock.get(f"{CREATE}/pi_{intent.id.hex}", json=intent_body(intent, "succeeded"))
        assert facade.perform_confirm(intent_id=intent.id)["status"] == "succeeded"
        assert [call.request.method for call in mock.calls] == ["GET"]


def test_a_crash_before_the_call_goes_on_with_the_same_attempt() -> None:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    assert Attempt.objects.count() == 1
    with later(), wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), json=intent_body(intent, "succeeded"))
        reconcile.reconcile()
    assert facade.intent(intent_id=intent.id).state == "succeeded"


def test_a_crash_after_the_call_records_it_once() -> None:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), json=intent_body(intent, "succeeded"))
        lost = facade.perform_confirm(intent_id=intent.id)
        again = facade.perform_confirm(intent_id=intent.id)
    facade.record_confirm(intent_id=intent.id, result=again)
    facade.record_confirm(intent_id=intent.id, result=lost)
    facade.record_confirm(intent_id=intent.id, result={})
    assert balance_of(Code.GATEWAY) == 10_000
    assert facade.perform_query(intent_id=intent.id)["status"] == "succeeded"


def test_a_fee_that_is_told_later_is_booked_once() -> None:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    told = intent_body(intent, "succeeded")
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), json=told)
        outcome = facade.perform_confirm(intent_id=intent.id)
    assert facade.record_confirm(intent_id=intent.id, result=outcome).state == "succeeded"
    assert balance_of(Code.GATEWAY) == 10_000
    told["latest_charge"] = {"balance_transaction": {"fee": 320}}
    for expected in (1, 0):
        with later(), wire() as mock:
            mock.get(f"{CREATE}/pi_{intent.id.hex}", json=told)
            assert reconcile.reconcile()["intents"] == expected
            assert len(mock.calls) == expected
    assert (balance_of(Code.GATEWAY), balance_of(Code.GATEWAY_FEE)) == (9_680, 320)


def test_a_late_word_on_an_old_attempt_changes_nothing() -> None:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_one")
    old = str(Attempt.objects.get().id)
    late = {"status": "declined", "code": "lost_card", "attempt": old, "answered": True}
    assert facade.record_confirm(intent_id=intent.id, result=late).failure_code == "lost_card"
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_two")
    info = facade.record_confirm(intent_id=intent.id, result=late)
    assert (info.state, info.failure_code) == ("processing", "")


def test_another_amount_at_the_gateway_is_not_booked(caplog: Any) -> None:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    wrong = {"status": "succeeded", "amount": 9_999, "currency": "CNY"}
    assert facade.record_confirm(intent_id=intent.id, result=wrong).state == "processing"
    assert not LedgerTransfer.objects.exists()
    assert "the gateway says 9999 CNY" in caplog.text


def test_cancel_before_anything_was_sent_calls_nobody() -> None:
    intent = make_intent()
    with wire() as mock:
        assert facade.cancel_intent(intent_id=intent.id).state == "canceled"
        assert len(mock.calls) == 0
    with pytest.raises(InvalidTransition):
        facade.prepare_confirm(intent_id=intent.id, payment_method="offline_test")
    assert event_types() == ["payments.intent.canceled.v1"]


def test_a_capture_that_is_faster_than_the_cancel_counts() -> None:
    make_gateway()
    intent = make_intent()
    unexpected = {
        "error": {"type": "invalid_request_error", "code": "payment_intent_unexpected_state"}
    }
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), json=intent_body(intent, "processing"))
        assert confirm(intent).state == "processing"
        url = f"{CREATE}/pi_{intent.id.hex}"
        mock.post(f"{url}/cancel", status=400, json=unexpected)
        mock.get(url, json=intent_body(intent, "succeeded"))
        assert facade.cancel_intent(intent_id=intent.id).state == "succeeded"
    assert balance_of(Code.GATEWAY) == 10_000


def test_a_cancel_that_got_no_answer_is_repeated() -> None:
    make_gateway()
    intent = make_intent()
    with wire() as mock:
        mock.post(CREATE, json=intent_body(intent, "requires_payment_method"))
        mock.post(confirm_url(intent), json=intent_body(intent, "processing"))
        confirm(intent)
        url = f"{CREATE}/pi_{intent.id.hex}/cancel"
        mock.post(url, body=requests.exceptions.ConnectionError())
        info = facade.cancel_intent(intent_id=intent.id)
        assert (info.state, info.cancel_requested) == ("processing", True)
        mock.replace("POST", url, json=intent_body(intent, "canceled"))
        with later():
            reconcile.reconcile()
    assert facade.intent(intent_id=intent.id).state == "canceled"


def test_a_payment_announced_while_it_is_cancelled_is_never_confirmed() -> None:
    make_gateway()
    intent = make_intent()
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")

    def created(request: Any) -> tuple[int, dict[str, str], bytes]:
        facade.cancel_intent(intent_id=intent.id)
        body = intent_body(intent, "requires_payment_method")
        return 200, {}, json.dumps(body).encode()

    with wire() as mock:
        mock.add_callback("POST", CREATE, callback=created)
        mock.post(f"{CREATE}/pi_{intent.id.hex}/cancel", json=intent_body(intent, "canceled"))
        outcome = facade.perform_confirm(intent_id=intent.id)
    assert outcome["status"] == "canceled"
    assert facade.record_confirm(intent_id=intent.id, result=outcome).state == "canceled"


def test_methods_are_checked() -> None:
    with pytest.raises(facade.GatewayNotConfigured):
        confirm(make_intent())
    with pytest.raises(facade.InvalidPaymentMethod):
        confirm(make_intent(payment_method_types=("card",)), "offline_test")
    with pytest.raises(InvalidTransition):
        confirm(make_paid(), "offline_test")
    platforms.change_settings(settings={"payments": {"offline_test": False}})
    with pytest.raises(facade.InvalidPaymentMethod):
        confirm(make_intent(), "offline_test")


def test_live_platforms_take_no_test_payments() -> None:
    with tenancy.scope(make_platform(live=True)), pytest.raises(facade.InvalidPaymentMethod):
        confirm(make_intent(), "offline_test")


def test_an_absent_intent_is_not_found() -> None:
    for call in (
        lambda: facade.intent(intent_id=uuid7()),
        lambda: facade.intent_for(reference="nothing"),
        lambda: confirm_nothing(),
    ):
        with pytest.raises(NotFound):
            call()


def confirm_nothing() -> None:
    facade.prepare_confirm(intent_id=uuid7(), payment_method="offline_test")


def test_gateway_keys_are_sealed_at_rest(owner_cursor: Any) -> None:
    from payments.models import GatewayAccount
    from tests.factories.payments import SECRET, WEBHOOK_SECRET

    make_gateway()
    row = GatewayAccount.objects.get()
    raw = b"".join(
        bytes(value)
        for value in (row.secret_key_sealed, row.webhook_secret_sealed, row.bank_key_sealed)
    )
    assert SECRET.encode() not in raw
    assert WEBHOOK_SECRET.encode() not in raw
    text = str(list(AuditRecord.objects.values_list("after", flat=True)))
    assert SECRET not in text


@pytest.mark.parametrize(
    "changes",
    [
        {"base_url": "http://gateway.test/v1"},
        {"base_url": "ftp://gateway.test"},
        {"base_url": "http://user@gateway.test"},
        {"secret_key": "short"},
        {"webhook_secret": "whsec_\n" + "x" * 20},
    ],
)
def test_gateway_settings_are_checked(changes: dict[str, str]) -> None:
    from kernel.errors import Invalid

    with pytest.raises(Invalid):
        make_gateway(**changes)


def test_events_can_be_read_back() -> None:
    from payments.events import IntentCaptured

    intent = make_paid(make_share(100, 7))
    row = OutboxEvent.objects.get(type="payments.intent.captured.v1")
    event: Event = IntentCaptured.from_payload(row.payload)
    assert isinstance(event, IntentCaptured)
    assert (event.intent_id, event.shares[0].commission) == (intent.id, cny(7))
    assert row.merchant_id == intent.shares[0].merchant_id


def test_payments_of_several_merchants_show_none_of_them_the_others() -> None:
    make_paid(make_share(), make_share())
    assert OutboxEvent.objects.get(type="payments.intent.captured.v1").merchant_id is None
