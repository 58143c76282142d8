"""Cancelling parts of orders over the API: buyers, guests, merchants, strangers."""

from typing import Any
from uuid import uuid4

import pytest

from kernel.ids import public_id
from marketplace import facade as marketplace
from marketplace.tokens import order_token
from tests.factories.cancelling import bought, order_of
from tests.factories.platforms import ApiClient, api_client, make_key, make_person
from tests.factories.world import make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def trade(platform: Any) -> tuple[Any, str, ApiClient, ApiClient, dict[str, str]]:
    """A guest's paid order of three: the order, its path, its merchant's and its guest's client."""
    world = make_world(1)
    [order] = bought(world, 3)
    merchant = api_client(make_key(merchant_id=order.merchant_id).raw)
    headers = {"Order-Token": order_token(order.group_id)}
    path = f"/orders/{public_id('ord', order.id)}"
    return order, path, merchant, api_client(None), headers


def body(order: marketplace.OrderInfo, quantity: str, cause: str) -> dict[str, Any]:
    variant = public_id("var", order.lines[0].variant_id)
    return {"lines": [{"variant_id": variant, "quantity": quantity}], "cause": cause}


def test_a_guest_and_a_merchant_cancel(trade: Any) -> None:
    order, path, merchant, guest, headers = trade
    may = guest.get(f"{path}/cancellable", headers=headers).json()
    assert (may["at_once"], may["problem"], may["lines"][0]["left"]) == (True, None, "3")
    lines = {"lines": body(order, "1", "")["lines"]}
    seen = guest.post(f"{path}/cancellations/preview", lines, headers=headers).json()
    assert (seen["total"]["amount"], seen["whole"], seen["at_once"]) == (1000, False, True)
    once = headers | {"Idempotency-Key": str(uuid4())}
    wish = body(order, "1", "changed_mind")
    made = guest.post(f"{path}/cancellations", wish, headers=once)
    assert made.status_code == 201, made.content
    assert (made.json()["state"], made.json()["refund_total"]["amount"]) == ("refunded", 1000)
    again = guest.post(f"{path}/cancellations", wish, headers=once)
    assert again.json() == made.json()
    one = guest.get(f"/cancellations/{made.json()['id']}", headers=headers).json()
    assert (one["cause"], one["lines"][0]["quantity"]) == ("changed_mind", "1")
    refused = guest.post(f"{path}/cancellations", body(order, "3", "other"), headers=headers)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "lines.0.quantity"
    gone = merchant.post(f"{path}/cancellations", {**body(order, "1", "out_of_stock")})
    assert gone.json()["state"] == "refunded", gone.content
    shown = merchant.get(path).json()
    assert (shown["lines"][0]["cancelled"], shown["cancelled_total"]["amount"]) == ("2", 2000)
    listed = merchant.get("/cancellations").json()["data"]
    assert [row["side"] for row in listed] == ["merchant", "buyer"]


def test_asked_answered_and_seen_by_nobody_else(trade: Any) -> None:
    order, path, merchant, guest, headers = trade
    assert merchant.post(f"{path}/pack", {}).json()["packing_at"]
    assert guest.post(f"{path}/pack", {}, headers=headers).status_code in (401, 403)
    whole = guest.post(f"{path}/cancel", {"reason": "late"}, headers=headers)
    assert whole.json()["code"] == "marketplace.merchant_must_agree"
    made = [
        guest.post(f"{path}/cancellations", body(order, "1", "too_slow"), headers=headers).json()
        for _n in range(3)
    ]
    assert {one["state"] for one in made} == {"requested"}
    due = guest.get(f"/cancellations/{made[0]['id']}", headers=headers).json()
    assert due["answer_by"] > due["requested_at"]
    assert due["by_itself"] is False
    first, second, third = (f"/cancellations/{one['id']}" for one in made)
    assert guest.post(f"{first}/accept", {}, headers=headers).status_code in (401, 403)
    assert merchant.post(f"{first}/accept", {"answer": "Gladly."}).json()["state"] == "refunded"
    assert (
        merchant.post(f"{second}/reject", {"answer": "In the box."}).json()["state"] == "rejected"
    )
    assert guest.post(f"{third}/withdraw", {}, headers=headers).json()["state"] == "withdrawn"
    late = merchant.post(f"{third}/accept", {"answer": ""})
    assert late.json()["code"] == "marketplace.cancellation_state"
    other = api_client(make_key(merchant_id=make_world(1).shops[0].merchant_id).raw)
    buyer = api_client(make_key(kind="buyer", person_id=make_person().id).raw)
    for stranger in (other, buyer, api_client(None)):
        assert stranger.get(first).status_code == 404
        assert stranger.get(f"{path}/cancellable").status_code == 404
    assert order_of(order.id).lines[0].cancelled == 1
