"""Parcels: booking in three parts, tracking in any order, callbacks that must be signed."""

import base64
import hashlib
import hmac
import itertools
import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses
from django.db import connections

from kernel import clock, outbox, tenancy
from kernel.errors import Unavailable
from kernel.personal import erase
from logistics import facade
from logistics.gateways.base import Report
from logistics.models import Shipment
from logistics.services.tracking import poll_quiet_shipments
from tests.factories.logistics import book, make_carrier, make_shipment
from tests.factories.platforms import ApiClient

pytestmark = pytest.mark.django_db
URL = "http://carrier.example/v1/waybills"


def report(sequence: int, code: str) -> Report:
    at = datetime(2026, 5, 1, 8, sequence, tzinfo=UTC)
    return Report(f"trk_{sequence}", sequence, code, code, "Changchun", at)


def test_same_key_is_the_same_parcel(platform: Any) -> None:
    first = make_shipment()
    row = Shipment.objects.get(id=first.id)
    again = make_shipment(key=row.key)
    assert again.id == first.id
    assert "人民大街" not in row.sealed_address


@responses.activate
def test_booking_sends_the_address_and_keeps_the_waybill(platform: Any) -> None:
    make_carrier()
    responses.post(
        URL, json={"no": "SBX7", "label_url": "http://carrier.example/7.png"}, status=201
    )
    shipment = make_shipment()
    facade.prepare_booking(shipment_id=shipment.id)
    result = facade.perform_booking(shipment_id=shipment.id)
    booked = facade.record_booking(shipment_id=shipment.id, result=result)
    assert (booked.state, booked.waybill) == ("booked", "SBX7")
    sent = json.loads(responses.calls[0].request.body or b"")
    assert sent["recipient"]["line1"] == "人民大街 1 号"
    assert responses.calls[0].request.headers["Authorization"].startswith("Bearer sk_test_")
    # Again: nothing is asked twice, nothing changes.
    assert facade.perform_booking(shipment_id=shipment.id) == {"status": "known"}
    again = facade.record_booking(shipment_id=shipment.id, result=result)
    assert again.version == booked.version
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    "answer",
    [{"status": 500}, {"status": 401, "json": {}}, {"body": b"<html>"},
     {"body": requests.ConnectTimeout()}],
)  # fmt: skip
def test_no_clear_answer_leaves_it_open(platform: Any, answer: dict[str, Any]) -> None:
    make_carrier()
    responses.post(URL, **answer)
    shipment = make_shipment()
    facade.prepare_booking(shipment_id=shipment.id)
    with pytest.raises(Unavailable):
        facade.perform_booking(shipment_id=shipment.id)
    assert facade.shipment(shipment_id=shipment.id).state == "booking"


@responses.activate
def test_refusal_keeps_the_reason(platform: Any) -> None:
    make_carrier()
    responses.post(
        URL, json={"error": {"code": "invalid", "message": "No such place", "field": "recipient"}},
        status=422,
    )  # fmt: skip
    shipment = make_shipment()
    facade.prepare_booking(shipment_id=shipment.id)
    result = facade.perform_booking(shipment_id=shipment.id)
    refused = facade.record_booking(shipment_id=shipment.id, result=result)
    assert (refused.state, refused.problem) == ("refused", "No such place (recipient)")
    assert facade.cancel_shipment(shipment_id=shipment.id).state == "cancelled"


@responses.activate
def test_cancelling_a_booking_of_unknown_outcome_finds_out_first(platform: Any) -> None:
    make_carrier()
    responses.post(URL, json={"no": "SBX9", "label_url": ""}, status=200)
    responses.post(f"{URL}/SBX9/cancel", json={"status": "cancelled"})
    shipment = make_shipment()
    facade.prepare_booking(shipment_id=shipment.id)
    assert facade.prepare_cancel_booking(shipment_id=shipment.id)
    result = facade.perform_cancel_booking(shipment_id=shipment.id)
    done = facade.record_cancel_booking(shipment_id=shipment.id, result=result)
    assert (done.state, done.waybill) == ("cancelled", "SBX9")


@responses.activate
def test_a_parcel_on_its_way_is_not_cancelled(platform: Any) -> None:
    make_carrier()
    responses.post(f"{URL}/SBX1/cancel", json={"error": {"code": "already_moving"}}, status=409)
    shipment = book(make_shipment())
    facade.prepare_cancel_booking(shipment_id=shipment.id)
    result = facade.perform_cancel_booking(shipment_id=shipment.id)
    with pytest.raises(facade.ShipmentMoving):
        facade.record_cancel_booking(shipment_id=shipment.id, result=result)
    assert facade.shipment(shipment_id=shipment.id).state == "booked"


CODES = ["accepted", "in_transit", "out_for_delivery", "delivered"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_tracking_in_any_order_and_twice_ends_the_same(
    platform: Any, order: tuple[int, ...]
) -> None:
    shipment = book(make_shipment())
    for index in (*order, *order):
        facade.record_tracking(
            carrier="sandbox", waybill="SBX1", reports=[report(index + 1, CODES[index])]
        )
    found = facade.shipment(shipment_id=shipment.id)
    assert found.state == "delivered"
    assert [line.code for line in found.tracking] == CODES


def test_delivered_is_told_once(platform: Any) -> None:
    merchant = make_shipment().merchant_id
    shipment = book(make_shipment(merchant_id=merchant))
    for _ in range(3):
        facade.record_tracking(carrier="sandbox", waybill="SBX1", reports=[report(4, "delivered")])
    from kernel.records.outbox import OutboxEvent

    types = list(
        OutboxEvent.objects.filter(aggregate_id=shipment.id)
        .order_by("version")
        .values_list("type", flat=True)
    )
    assert types == ["logistics.shipment.booked.v1", "logistics.shipment.delivered.v1"]


def signed(body: bytes, *, at: datetime, secret: str) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, f"m1.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "m1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }


def test_callback_must_be_signed_and_fresh(platform: Any) -> None:
    make_carrier()
    shipment = book(make_shipment())
    secret = "whsec_" + "c2VjcmV0" * 4
    event = {
        "id": "trk_1",
        "sequence": 1,
        "code": "accepted",
        "occurred_at": "2026-05-01T08:00:00Z",
    }
    body = json.dumps({"data": {"waybill": "SBX1", "event": event}}).encode()
    client = ApiClient(code=platform.code).client
    path = f"/p/{platform.code}/api/v1/callbacks/carriers/sandbox"

    def send(headers: dict[str, str], content: bytes = body) -> int:
        answer = client.post(path, content, content_type="application/json", headers=headers)
        return int(answer.status_code)

    now = clock.system()
    assert send({}) == 401
    assert send(signed(body, at=now, secret="whsec_" + "b3RoZXJz" * 4)) == 401
    assert send(signed(body, at=now - timedelta(minutes=6), secret=secret)) == 401
    assert send(signed(body, at=now, secret=secret), body + b" ") == 401
    assert facade.shipment(shipment_id=shipment.id).state == "booked"
    assert send(signed(b"[1]", at=now, secret=secret), b"[1]") == 400
    assert send(signed(body, at=now, secret=secret)) == 200
    assert send(signed(body, at=now, secret=secret)) == 200
    assert facade.shipment(shipment_id=shipment.id).state == "in_transit"


@responses.activate
def test_quiet_parcels_are_asked_about(platform: Any) -> None:
    make_carrier()
    shipment = book(make_shipment())
    Shipment.objects.update(polled_at=clock.system() - timedelta(hours=1))
    item = {"id": "t", "sequence": 1, "code": "accepted", "occurred_at": "2026-05-01T08:00:00Z"}
    responses.get(f"{URL}/SBX1/events", json={"data": [item]})
    assert poll_quiet_shipments() == {"asked": 1, "new": 1, "failed": 0}
    assert poll_quiet_shipments()["asked"] == 0
    assert facade.shipment(shipment_id=shipment.id).state == "in_transit"


@responses.activate
def test_erased_address_is_refused_not_sent(platform: Any) -> None:
    make_carrier()
    shipment = make_shipment()
    facade.prepare_booking(shipment_id=shipment.id)
    erase(shipment.id)
    assert facade.perform_booking(shipment_id=shipment.id)["status"] == "refused"
    assert len(responses.calls) == 0


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_ten_pushes_at_once_count_once(platform: Any) -> None:
    shipment = book(make_shipment())
    barrier, new = threading.Barrier(10), []

    def push() -> None:
        with tenancy.scope(platform):
            barrier.wait()
            new.append(
                facade.record_tracking(
                    carrier="sandbox", waybill="SBX1", reports=[report(4, "delivered")]
                )
            )
        connections.close_all()

    threads = [threading.Thread(target=push) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new) == [0] * 9 + [1]
    assert facade.shipment(shipment_id=shipment.id).state == "delivered"
    outbox.drain()
