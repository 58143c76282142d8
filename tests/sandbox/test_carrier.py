"""The carrier: waybills, the course of a parcel, pushes and labels."""

import base64
import hashlib
import hmac
import json
from io import BytesIO
from typing import Any

import pytest
import requests
from PIL import Image

from sandbox.magic import carrier as magic

from .test_bank import Bank
from .test_idempotency import race
from .test_webhooks import drain

WAYBILL: dict[str, Any] = {
    "reference": "shp_1",
    "recipient": {
        "name": "王芳",
        "phone": "+8613800000000",
        "country": "CN",
        "city": "Hangzhou",
        "line1": "1 West Lake Road",
        "postcode": "310000",
    },
    "sender": {"name": "Seller", "city": "Shanghai"},
    "parcels": [{"weight_grams": 1200}, {"weight_grams": 300, "length_mm": 200}],
}


class Carrier(Bank):
    def __init__(self, address: str, key: str) -> None:
        super().__init__(address, key)
        self.address = f"{address}/carrier/v1"

    def book(self, **changes: Any) -> requests.Response:
        return self.post("/waybills", WAYBILL | {"key": "k1"} | changes)

    def to(self, **recipient: str) -> requests.Response:
        return self.book(recipient=WAYBILL["recipient"] | recipient)


@pytest.fixture
def carrier(sandbox: str, key: str) -> Carrier:
    return Carrier(sandbox, key)


def test_booking(carrier: Carrier) -> None:
    answer = carrier.book()
    made = answer.json()
    assert answer.status_code == 201
    assert (made["status"], made["weight_grams"], made["events"]) == ("booked", 1500, [])
    assert made["no"].startswith("SBX")
    assert made["recipient"]["name"] == "王芳"
    again = carrier.post("/waybills", WAYBILL, Idempotency_Key="k1")
    assert (again.status_code, again.json()) == (200, made)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = carrier.book(weight_grams=5)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    assert carrier.get(f"/waybills/{made['no']}") == made
    assert carrier.get("/waybills?reference=shp_1")["data"] == [made]


def test_label(carrier: Carrier) -> None:
    made = carrier.book().json()
    answer = requests.get(made["label_url"], timeout=60)
    assert answer.headers["Content-Type"] == "image/png"
    image = Image.open(BytesIO(answer.content))
    assert image.size == (800, 480)
    assert image.getextrema() == (0, 255)
    assert requests.get(made["label_url"].replace(".png", "x.png"), timeout=60).status_code == 404


def test_the_usual_course(carrier: Carrier) -> None:
    no = carrier.book().json()["no"]
    seen = []
    for _ in range(4):
        answer = carrier.post(f"/waybills/{no}/advance")
        assert answer.status_code == 200
        seen.append(answer.json()["status"])
    assert seen == ["accepted", "in_transit", "out_for_delivery", "delivered"]
    answer = carrier.post(f"/waybills/{no}/advance")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "nothing_next")
    events = carrier.get(f"/waybills/{no}/events")["data"]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]
    assert events[0]["location"] == "Shanghai"
    assert events[-1]["location"] == "Hangzhou"
    assert carrier.post(f"/waybills/{no}/cancel").json()["error"]["code"] == "already_moving"


@pytest.mark.parametrize("row", magic.published(), ids=lambda row: str(row["course"]))
@pytest.mark.parametrize("by", ["postcode", "recipient_name"])
def test_magic_recipients(carrier: Carrier, row: dict[str, Any], by: str) -> None:
    field = "name" if by == "recipient_name" else by
    answer = carrier.to(**{field: row[by]})
    if row["course"] == "undeliverable":
        assert answer.status_code == 422
        assert answer.json()["error"]["code"] == "address_undeliverable"
        assert carrier.get("/waybills")["data"] == []
        return
    no = answer.json()["no"]
    while carrier.post(f"/waybills/{no}/advance").status_code == 200:
        pass
    codes = [event["code"] for event in carrier.get(f"/waybills/{no}/events")["data"]]
    assert codes == row["events"]


def test_cancel(carrier: Carrier) -> None:
    no = carrier.book().json()["no"]
    for _ in range(2):
        assert carrier.post(f"/waybills/{no}/cancel").json()["status"] == "cancelled"
    assert carrier.post(f"/waybills/{no}/advance").status_code == 409


def test_pushes_are_signed(carrier: Carrier, receiver: Any) -> None:
    secret = carrier.post("/callbacks", {"url": receiver.url}).json()["secret"]
    no = carrier.book().json()["no"]
    carrier.post(f"/waybills/{no}/advance")
    assert drain() == 1
    one = receiver.got[0]
    body = json.loads(one.body)
    assert body["type"] == "carrier.tracking"
    assert body["data"]["waybill"] == no
    assert body["data"]["reference"] == "shp_1"
    assert body["data"]["event"] == carrier.get(f"/waybills/{no}/events")["data"][0]
    signed = f"{one.headers['webhook-id']}.{one.headers['webhook-timestamp']}.".encode() + one.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    want = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert one.headers["webhook-signature"] == f"v1,{want}"


def test_callback_under_a_key_is_made_once(carrier: Carrier) -> None:
    url = {"url": "http://127.0.0.1:9/x"}
    first = carrier.post("/callbacks", url, Idempotency_Key="cb")
    again = carrier.post("/callbacks", url, Idempotency_Key="cb")
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert len(carrier.get("/callbacks")["data"]) == 1
    other = carrier.post("/callbacks", {"url": "http://127.0.0.1:9/y"}, Idempotency_Key="cb")
    assert other.status_code == 400
    carrier.post("/callbacks", url)
    assert len(carrier.get("/callbacks")["data"]) == 2


def test_moves_by_itself_when_told_to(carrier: Carrier, settings: Any) -> None:
    settings.SANDBOX_CARRIER_ADVANCE_SECONDS = 5
    no = carrier.book().json()["no"]
    drain()
    assert carrier.get(f"/waybills/{no}")["status"] == "booked"
    drain(later=6)
    assert carrier.get(f"/waybills/{no}")["status"] == "delivered"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"recipient": None}, "recipient"),
        ({"recipient": {"name": "x"}}, "recipient.line1"),
        ({"recipient": {"name": "x", "line1": "y", "planet": "z"}}, "recipient.planet"),
        ({"parcels": []}, ""),
        ({"parcels": [{"weight_grams": 0}]}, "parcels.0.weight_grams"),
        ({"weight_grams": -5}, "weight_grams"),
        ({"weight_grams": "5"}, "weight_grams"),
        ({"key": None}, "key"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input(carrier: Carrier, change: dict[str, Any], field: str) -> None:
    answer = carrier.book(**change)
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]["field"] == field


@pytest.mark.race
def test_races(carrier: Carrier) -> None:
    answers = race(6, lambda number: carrier.book())
    assert len({answer.json()["no"] for answer in answers}) == 1
    no = answers[0].json()["no"]
    moved = race(6, lambda number: carrier.post(f"/waybills/{no}/advance"))
    assert sorted(answer.status_code for answer in moved) == [200] * 4 + [409] * 2
    events = carrier.get(f"/waybills/{no}/events")["data"]
    assert [event["sequence"] for event in events] == [1, 2, 3, 4]


def test_fault_on_booking(carrier: Carrier, sandbox: str, key: str) -> None:
    from .test_faults import plan

    plan(sandbox, key, operation="carrier.waybills.create", kind="error_after")
    assert carrier.book().status_code == 500
    assert carrier.book().status_code == 200
    assert len(carrier.get("/waybills")["data"]) == 1
