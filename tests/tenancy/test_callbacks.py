"""Who holds A's secrets may tell A of B's payments and parcels; nothing comes of it."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from kernel import clock, tenancy
from logistics import facade as logistics
from payments import facade as payments
from tests.factories.payments import event, intent_body, signed
from tests.tenancy.towns import Towns

CARRIER_SECRET = "whsec_" + "c2VjcmV0" * 4  # as tests.factories.world.connect sets it


def deliver(towns: Towns, path: str, body: bytes, headers: dict[str, str]) -> Any:
    return Client().post(
        f"/p/{towns.a.tenant.code}/api/v1{path}",
        body,
        content_type="application/json",
        headers=headers,
    )


@pytest.mark.parametrize("status", ["succeeded", "canceled", "processing"])
def test_a_payment_of_the_other_is_somebody_elses(towns: Towns, status: str) -> None:
    with tenancy.scope(towns.b.tenant):
        intent = payments.intent_for(reference=towns.b.public("ogr"))
    assert intent.gateway_id
    for gateway_id in ("pi_absent", intent.gateway_id):
        body = event(intent_body(intent, status, id=gateway_id))
        answer = deliver(towns, "/webhooks/gateway", body, {"Stripe-Signature": signed(body)})
        assert (answer.status_code, answer.json()) == (200, {"received": True})


def test_a_parcel_of_the_other_is_unknown(towns: Towns) -> None:
    with tenancy.scope(towns.b.tenant):
        waybill = logistics.shipment(shipment_id=towns.b.ids["shp"]).waybill
    assert waybill
    answers = []
    for number in ("SBX-absent", waybill):
        report = {
            "id": "trk_foreign",
            "sequence": 99,
            "code": "exception",
            "occurred_at": "2026-05-01T08:00:00Z",
        }
        body = json.dumps({"data": {"waybill": number, "event": report}}).encode()
        answer = deliver(towns, "/callbacks/carriers/sandbox", body, carrier_signed(body))
        answers.append((answer.status_code, answer.json()))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200


def carrier_signed(body: bytes) -> dict[str, str]:
    stamp = str(int(clock.system().timestamp()))
    key = base64.b64decode(CARRIER_SECRET.removeprefix("whsec_"))
    mac = hmac.new(key, f"m1.{stamp}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": "m1",
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode(),
    }
