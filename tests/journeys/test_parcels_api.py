"""Orders sent in parcels over the API: the merchant, the guest, strangers."""

from typing import Any
from uuid import uuid4

import pytest

from journeys.services.delivered import on_delivered
from kernel.ids import public_id
from marketplace import facade as marketplace
from marketplace.tokens import order_token
from tests.factories.cancelling import bought, order_of
from tests.factories.platforms import api_client, make_key, make_person
from tests.factories.sandbox import make_account, serving
from tests.factories.world import connect, make_world

pytestmark = pytest.mark.django_db(transaction=True)


def test_sent_and_followed(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 3)
    merchant = api_client(make_key(merchant_id=order.merchant_id).raw)
    guest, headers = api_client(None), {"Order-Token": order_token(order.group_id)}
    path = f"/orders/{public_id('ord', order.id)}"
    variant = public_id("var", order.lines[0].variant_id)

    def some(quantity: str) -> dict[str, Any]:
        return {"lines": [{"variant_id": variant, "quantity": quantity}]}

    with serving() as url:
        connect(url, make_account())
        once = {"Idempotency-Key": str(uuid4())}
        made = merchant.post(f"{path}/parcels", some("1"), headers=once)
        assert made.status_code == 201, made.content
        one = made.json()
        assert (one["state"], one["number"]) == ("sent", f"{order.number}-P1")
        assert (one["carrier"], one["lines"][0]["quantity"]) == ("sandbox", "1")
        assert merchant.post(f"{path}/parcels", some("1"), headers=once).json() == one
        refused = merchant.post(f"{path}/parcels", some("3"))
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == "lines.0.quantity"
        twice = {"lines": some("1")["lines"] * 2}
        named = merchant.post(f"{path}/parcels", twice).json()["errors"][0]
        assert named["field"] == "lines.1.variant_id"
        shown = merchant.get(path).json()
        assert (shown["state"], shown["waybill"]) == ("partly_shipped", one["waybill"])
        assert (shown["lines"][0]["sent"], shown["lines"][0]["delivered"]) == ("1", "0")
        assert guest.get(f"{path}/cancellable", headers=headers).json()["lines"][0]["left"] == "2"
        assert merchant.post(f"{path}/parcels", {}).json()["lines"][0]["quantity"] == "2"
        late = merchant.post(f"{path}/parcels", {})
        assert late.json()["code"] == "marketplace.order_state"
    parcel = marketplace.parcels_of(order_id=order.id)[0]
    on_delivered(order_id=order.id, shipment_id=parcel.shipment_id)
    listed = guest.get(f"{path}/parcels", headers=headers).json()["data"]
    assert [row["state"] for row in listed] == ["delivered", "sent"]
    assert "label_url" not in listed[0]
    assert merchant.get(f"/shipments/{listed[0]['shipment']}").json()["waybill"] == one["waybill"]
    assert guest.post(f"{path}/parcels", {}, headers=headers).status_code in (401, 403)
    other = api_client(make_key(merchant_id=make_world(1).shops[0].merchant_id).raw)
    buyer = api_client(make_key(kind="buyer", person_id=make_person().id).raw)
    for stranger in (other, buyer, api_client(None)):
        assert stranger.get(f"{path}/parcels").status_code == 404
    assert other.post(f"{path}/parcels", {}).status_code == 404
    assert order_of(order.id).lines[0].delivered == 1
