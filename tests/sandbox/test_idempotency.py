"""Idempotency keys, rule by rule, and raced."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import stripe

from .test_transport import call

PAY = "amount=5000&currency=cny&payment_method=pm_card_visa&confirm=true"


def post(sandbox: str, key: str, path: str, body: str, mark: str) -> requests.Response:
    return call(sandbox, key, path, body, headers={"Idempotency-Key": mark})


def test_replay_is_byte_equal(sandbox: str, key: str) -> None:
    from sandbox.models import PaymentIntent

    first = post(sandbox, key, "/v1/payment_intents", PAY, "a")
    again = post(sandbox, key, "/v1/payment_intents", PAY, "a")
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert first.headers["Idempotency-Key"] == "a"
    assert first.headers["Request-Id"] != again.headers["Request-Id"]
    assert PaymentIntent.objects.count() == 1
    swapped = "&".join(reversed(PAY.split("&")))
    assert post(sandbox, key, "/v1/payment_intents", swapped, "a").content == first.content


def test_other_parameters_or_path(sandbox: str, key: str) -> None:
    post(sandbox, key, "/v1/customers", "name=A", "a")
    for path, body in (("/v1/customers", "name=B"), ("/v1/payment_intents", PAY)):
        answer = post(sandbox, key, path, body, "a")
        assert answer.status_code == 400
        assert answer.json()["error"]["type"] == "idempotency_error"
        assert "Try using a key other than 'a'" in answer.json()["error"]["message"]
    assert call(sandbox, key, "/v1/customers").json()["data"][0]["name"] == "A"


def test_official_client_sees_its_error_class(gateway: Any) -> None:
    gateway.v1.customers.create(params={"name": "A"}, options={"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        gateway.v1.customers.create(params={"name": "B"}, options={"idempotency_key": "k"})


def test_failures_are_kept_too(sandbox: str, key: str) -> None:
    body = PAY.replace("pm_card_visa", "pm_card_chargeDeclined")
    first = post(sandbox, key, "/v1/payment_intents", body, "d")
    assert first.status_code == 402
    again = post(sandbox, key, "/v1/payment_intents", body, "d")
    assert again.status_code == 402
    assert again.content == first.content
    assert len(call(sandbox, key, "/v1/charges").json()["data"]) == 1
    missing = post(sandbox, key, "/v1/refunds", "payment_intent=pi_none", "m")
    assert missing.status_code == 400
    assert post(sandbox, key, "/v1/refunds", "payment_intent=pi_none", "m").headers[
        "Idempotent-Replayed"
    ]


def test_parameter_failures_are_not_kept(sandbox: str, key: str) -> None:
    assert (
        post(sandbox, key, "/v1/payment_intents", "amount=x&currency=cny", "p").status_code == 400
    )
    assert post(sandbox, key, "/v1/payment_intents", PAY, "p").status_code == 200


def test_scope_is_the_account(sandbox: str, key: str) -> None:
    from tests.factories.sandbox import make_account

    other = make_account()
    first = post(sandbox, key, "/v1/customers", "name=A", "s").json()["id"]
    assert post(sandbox, other, "/v1/customers", "name=B", "s").json()["id"] != first


def test_forgotten_after_a_day(sandbox: str, key: str) -> None:
    from sandbox.models import IdempotentRequest
    from sandbox.transport import idempotency

    first = post(sandbox, key, "/v1/customers", "name=A", "o").json()["id"]
    row = IdempotentRequest.objects.get()
    IdempotentRequest.objects.update(created=row.created - 24 * 3600)
    assert post(sandbox, key, "/v1/customers", "name=B", "o").json()["id"] != first
    IdempotentRequest.objects.update(created=row.created - 24 * 3600)
    assert idempotency.forget(row.created) == 1


def test_key_length_and_get(sandbox: str, key: str) -> None:
    assert post(sandbox, key, "/v1/customers", "name=A", "k" * 255).status_code == 200
    assert post(sandbox, key, "/v1/customers", "name=A", "k" * 256).status_code == 400
    answer = call(sandbox, key, "/v1/balance", headers={"Idempotency-Key": "k" * 255})
    assert answer.status_code == 200
    assert "Idempotent-Replayed" not in answer.headers


@pytest.mark.race
def test_same_key_at_once_has_one_effect(sandbox: str, key: str) -> None:
    from sandbox.models import PaymentIntent

    start = threading.Barrier(8)

    def one(_: int) -> requests.Response:
        start.wait()
        return post(sandbox, key, "/v1/payment_intents", PAY, "race")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(8)))
    good = [answer for answer in answers if answer.status_code == 200]
    busy = [answer for answer in answers if answer.status_code == 409]
    assert len(good) + len(busy) == 8
    assert good
    assert len({answer.content for answer in good}) == 1
    for answer in busy:
        assert answer.json()["error"]["code"] == "idempotency_key_in_use"
        assert answer.headers["Stripe-Should-Retry"] == "true"
    assert PaymentIntent.objects.count() == 1


@pytest.mark.race
def test_in_flight_is_a_conflict(sandbox: str, key: str) -> None:
    """While the first holds its key, a second one is told so instead of waiting or doubling."""
    from sandbox import accounts, database

    account = accounts.find(key)
    assert account
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.atomic():
            assert database.rows(database.try_lock(f"idempotency:{account.pk}:busy")) == [[(True,)]]
            held.set()
            done.wait(10)
        database.close()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(10)
    try:
        began = time.monotonic()
        answer = post(sandbox, key, "/v1/customers", "name=A", "busy")
        assert time.monotonic() - began < 3
        assert answer.status_code == 409
    finally:
        done.set()
        thread.join()
    assert post(sandbox, key, "/v1/customers", "name=A", "busy").status_code == 200


def race(count: int, work: Any) -> list[Any]:
    start = threading.Barrier(count)

    def one(number: int) -> Any:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


@pytest.mark.race
def test_capture_twice_at_once(sandbox: str, key: str) -> None:
    intent = call(sandbox, key, "/v1/payment_intents", PAY + "&capture_method=manual").json()["id"]
    answers = race(
        6, lambda n: post(sandbox, key, f"/v1/payment_intents/{intent}/capture", "", f"c{n}")
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    booked = call(sandbox, key, "/v1/balance_transactions?type=charge").json()["data"]
    assert [row["amount"] for row in booked] == [5000]


@pytest.mark.race
def test_capture_against_cancel(sandbox: str, key: str) -> None:
    intent = call(sandbox, key, "/v1/payment_intents", PAY + "&capture_method=manual").json()["id"]
    moves = ("capture", "cancel", "capture", "cancel")
    answers = race(
        4, lambda n: post(sandbox, key, f"/v1/payment_intents/{intent}/{moves[n]}", "", f"x{n}")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400]
    body = call(sandbox, key, f"/v1/payment_intents/{intent}").json()
    booked = call(sandbox, key, "/v1/balance_transactions?type=charge").json()["data"]
    assert len(booked) == (1 if body["status"] == "succeeded" else 0)


@pytest.mark.race
def test_refunds_at_once_never_exceed_the_charge(sandbox: str, key: str) -> None:
    intent = call(sandbox, key, "/v1/payment_intents", PAY).json()["id"]
    answers = race(
        8,
        lambda n: post(
            sandbox, key, "/v1/refunds", f"payment_intent={intent}&amount=2000", f"r{n}"
        ),
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200] + [400] * 6
    charge = call(sandbox, key, f"/v1/charges?payment_intent={intent}").json()["data"][0]
    assert charge["amount_refunded"] == 4000
    assert not charge["refunded"]


@pytest.mark.race
def test_confirm_twice_at_once_charges_once(sandbox: str, key: str) -> None:
    body = PAY.replace("&confirm=true", "")
    intent = call(sandbox, key, "/v1/payment_intents", body).json()["id"]
    answers = race(
        6, lambda n: post(sandbox, key, f"/v1/payment_intents/{intent}/confirm", "", f"f{n}")
    )
    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 5
    assert len(call(sandbox, key, "/v1/charges").json()["data"]) == 1
