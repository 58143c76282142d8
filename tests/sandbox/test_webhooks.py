"""Signed pushes: verified by the official library, repeated, planned to go wrong."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
import stripe

from .test_payment_intents import pay


def drain(later: float = 0) -> int:
    from sandbox.delivery import worker

    return worker.drain(later_too=later)


def listen(gateway: Any, receiver: Any, *events: str) -> Any:
    return gateway.v1.webhook_endpoints.create(
        params={"url": receiver.url, "enabled_events": list(events) or ["*"]}
    )


def until(met: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "it didn't happen"
        time.sleep(0.02)


def test_both_signatures_verify(gateway: Any, receiver: Any) -> None:
    endpoint = listen(gateway, receiver, "payment_intent.succeeded", "charge.succeeded")
    assert endpoint.secret.startswith("whsec_")
    assert "secret" not in gateway.v1.webhook_endpoints.retrieve(endpoint.id)
    intent = pay(gateway)
    assert receiver.got == []  # only pushes come later
    assert drain() == 2
    one = next(got for got in receiver.got if b"payment_intent.succeeded" in got.body)
    event = stripe.Webhook.construct_event(
        one.body, one.headers["Stripe-Signature"], endpoint.secret
    )
    assert event["data"]["object"]["id"] == intent.id
    assert event["pending_webhooks"] == 1
    assert event["api_version"] == "2026-10-28.endive"
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(
            one.body.replace(b"5000", b"9000"), one.headers["Stripe-Signature"], endpoint.secret
        )
    secret = base64.b64decode(endpoint.secret.removeprefix("whsec_"))
    assert len(secret) >= 24
    ident, stamp = one.headers["webhook-id"], one.headers["webhook-timestamp"]
    signed = hmac.new(secret, f"{ident}.{stamp}.".encode() + one.body, hashlib.sha256).digest()
    assert one.headers["webhook-signature"] == f"v1,{base64.b64encode(signed).decode()}"
    assert ident == event["id"]


def test_events_are_kept_and_carry_the_request(gateway: Any) -> None:
    intent = gateway.v1.payment_intents.create(
        params={
            "amount": 5000,
            "currency": "cny",
            "payment_method": "pm_card_visa",
            "confirm": True,
        },
        options={"idempotency_key": "the-key"},
    )
    events = gateway.v1.events.list().data
    assert [event.type for event in events] == [
        "payment_intent.succeeded",
        "charge.succeeded",
        "payment_intent.created",
    ]
    assert {event.request.idempotency_key for event in events} == {"the-key"}
    assert len({event.request.id for event in events}) == 1
    assert events[0].data.object.id == intent.id
    assert events[2].data.object.status == "requires_confirmation"  # as it was then
    kinds = gateway.v1.events.list(params={"type": "charge.*"}).data
    assert [event.type for event in kinds] == ["charge.succeeded"]
    kinds = gateway.v1.events.list(params={"types": ["payment_intent.created"]}).data
    assert len(kinds) == 1
    assert gateway.v1.events.retrieve(events[0].id).pending_webhooks == 0


def test_failed_pushes_come_again(gateway: Any, receiver: Any) -> None:
    from sandbox.models import Delivery, DeliveryAttempt

    listen(gateway, receiver, "customer.created")
    receiver.status = 500
    gateway.v1.customers.create()
    assert drain() == 1
    event = gateway.v1.events.list().data[0]
    assert event.pending_webhooks == 1
    assert gateway.v1.events.list(params={"delivery_success": False}).data[0].id == event.id
    assert drain() == 0  # not due yet
    receiver.status = 200
    Delivery.objects.update(next_at=Delivery.objects.get().log.get().at)
    assert drain() == 1
    first, second = DeliveryAttempt.objects.order_by("pk")
    assert (first.status, second.status) == (500, 200)
    assert first.next_at is not None
    assert second.answer == "ok"
    assert receiver.bodies()[0] == receiver.bodies()[1]
    assert gateway.v1.events.retrieve(event.id).pending_webhooks == 0
    assert gateway.v1.events.list(params={"delivery_success": True}).data[0].id == event.id


def test_gives_up_in_the_end(gateway: Any, receiver: Any, settings: Any) -> None:
    from sandbox.models import Delivery

    settings.SANDBOX_WEBHOOK_RETRIES = [0, 0]
    listen(gateway, receiver, "customer.created")
    receiver.status = 302
    gateway.v1.customers.create()
    until(lambda: drain() >= 0 and Delivery.objects.get().state == "failed")
    assert len(receiver.got) == 3


def test_unreachable_is_written_down(gateway: Any, sandbox: str, key: str) -> None:
    gateway.v1.webhook_endpoints.create(
        params={"url": "http://127.0.0.1:9/x", "enabled_events": ["*"]}
    )
    gateway.v1.customers.create()
    assert drain() == 1
    log = requests.get(
        f"{sandbox}/_sandbox/deliveries", headers={"Authorization": f"Bearer {key}"}, timeout=5
    ).json()["data"]
    assert log[0]["state"] == "pending"
    assert "ConnectionError" in log[0]["attempts"][0]["error"]


def test_retry_by_hand(gateway: Any, sandbox: str, key: str, receiver: Any) -> None:
    endpoint = listen(gateway, receiver, "customer.created")
    gateway.v1.customers.create()
    drain()
    event = gateway.v1.events.list().data[0]
    url = f"{sandbox}/v1/events/{event.id}/retry"
    for body in ({}, {"webhook_endpoint": endpoint.id}):
        assert requests.post(url, auth=(key, ""), data=body, timeout=60).status_code == 200
    answer = requests.post(url, auth=(key, ""), data={"webhook_endpoint": "we_x"}, timeout=60)
    assert answer.status_code == 400
    assert drain() == 2
    assert [json.loads(body)["id"] for body in receiver.bodies()] == [event.id] * 3


def test_endpoint_life(gateway: Any, receiver: Any) -> None:
    endpoint = listen(gateway, receiver, "customer.created")
    changed = gateway.v1.webhook_endpoints.update(
        endpoint.id, params={"enabled_events": ["charge.succeeded"], "description": "d"}
    )
    assert changed.enabled_events == ["charge.succeeded"]
    gateway.v1.customers.create()
    assert drain() == 0
    off = gateway.v1.webhook_endpoints.update(endpoint.id, params={"disabled": True})
    assert off.status == "disabled"
    pay(gateway)
    assert drain() == 0
    assert len(gateway.v1.webhook_endpoints.list().data) == 1
    assert gateway.v1.webhook_endpoints.delete(endpoint.id).deleted
    assert gateway.v1.webhook_endpoints.list().data == []
    for params in (
        {"url": "ftp://x", "enabled_events": ["*"]},
        {"url": receiver.url, "enabled_events": ["nonsense.happened"]},
        {"url": receiver.url},
    ):
        with pytest.raises(stripe.InvalidRequestError):
            gateway.v1.webhook_endpoints.create(params=params)


def test_worker_thread_pushes_soon(gateway: Any, receiver: Any) -> None:
    from sandbox.delivery.worker import Worker

    worker = Worker().start()
    try:
        listen(gateway, receiver, "payment_intent.succeeded")
        for _ in range(5):
            pay(gateway)
        until(lambda: len(receiver.got) == 5)
        time.sleep(0.2)
        assert len(receiver.got) == 5
    finally:
        worker.stop()


@pytest.mark.race
def test_two_workers_push_each_event_once(gateway: Any, receiver: Any) -> None:
    listen(gateway, receiver, "customer.created")
    for number in range(12):
        gateway.v1.customers.create(params={"name": str(number)})
    threads = [threading.Thread(target=drain) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(json.loads(body)["data"]["object"]["name"] for body in receiver.bodies()) == (
        sorted(str(number) for number in range(12))
    )


def test_lease_of_a_dead_holder_runs_out(gateway: Any, receiver: Any) -> None:
    from datetime import timedelta

    from sandbox import clock
    from sandbox.delivery import queue
    from sandbox.models import Delivery

    listen(gateway, receiver, "customer.created")
    gateway.v1.customers.create()
    assert len(queue.claim(10)) == 1  # and its holder dies here
    assert drain() == 0
    Delivery.objects.update(lease_until=clock.now() - timedelta(seconds=1))
    assert drain() == 1


def test_a_push_that_is_handed_over_is_made_once(gateway: Any, receiver: Any) -> None:
    """Who looks for what waits leaves it to whom it was handed, unless they die."""
    from datetime import timedelta

    from sandbox import clock
    from sandbox.delivery import queue, sender
    from sandbox.models import Delivery

    listen(gateway, receiver, "customer.created")
    handed: list[Delivery] = []
    queue.takers.append(lambda row: not handed.append(row))  # type: ignore[func-returns-value]
    try:
        gateway.v1.customers.create()
        gateway.v1.customers.create()
    finally:
        queue.takers.pop()
    assert (len(handed), drain()) == (2, 0)
    assert sender.deliver(handed[0])
    Delivery.objects.filter(state="pending").update(lease_until=clock.now() - timedelta(seconds=1))
    assert drain() == 1


def test_a_process_that_ends_leaves_pushes_to_the_next(gateway: Any, receiver: Any) -> None:
    from sandbox.delivery.worker import Worker
    from sandbox.models import Delivery

    listen(gateway, receiver, "customer.created")
    gateway.v1.customers.create()
    ending = Worker()
    ending._pool.shutdown()  # as the interpreter does when it ends, without asking anybody
    for _ in range(100):
        assert not ending._take(Delivery.objects.get())
    assert ending._free.acquire(blocking=False)
    assert drain() == 1


def test_what_no_sender_is_free_for_is_found_later(gateway: Any, receiver: Any) -> None:
    from sandbox.delivery import queue

    listen(gateway, receiver, "customer.created")
    queue.takers.append(lambda row: False)
    try:
        queue.wake.clear()
        gateway.v1.customers.create()
        assert queue.wake.is_set()
    finally:
        queue.takers.pop()
    assert drain() == 1
