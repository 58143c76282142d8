"""A merchant says how its goods reach buyers: by parcel, brought by itself, fetched."""

import re

import pytest

from kernel import mail
from kernel.ids import public_id
from kernel.outbox import drain
from logistics import facade as logistics
from marketplace import facade as marketplace
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.storefront import Browser, Goods, buy, make_goods, operator, owner_of
from tests.storefront.test_returns import text

pytestmark = pytest.mark.usefixtures("platform")
PAGE = "/merchant/delivery/"
PARCEL = {"kind": "sandbox", "name_0": "快递", "name_1": "Parcel", "first_price": "8",
          "step_price": "1.50", "days_min": "1", "days_max": "4", "most": "30"}  # fmt: skip
FETCHED = {"kind": "pickup", "name_0": "自提", "name_1": "Pick-up", "place_0": "人民大街 1 号",
           "place_1": "1 Renmin Street, 9–18", "days_min": "0", "days_max": "1",
           "most": "30"}  # fmt: skip


def rules(goods: Goods) -> list[dict[str, object]]:
    return [one.rule for one in logistics.rates(merchant_id=goods.merchant.id)]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_several_ways_by_zone(language: str) -> None:
    goods = make_goods()
    desk = owner_of(goods.merchant, language)
    platforms_own = {"en": "Standard parcel", "zh-hans": "标准快递"}[language]
    assert platforms_own in text(desk.see(PAGE)), "what holds until then"
    desk.send(PAGE, page=PAGE, **PARCEL, regions=["22", "21", "23", "11", "12"])
    desk.send(PAGE, page=PAGE, **{**PARCEL, "name_1": "Far", "first_price": "20"}, regions=["54"])
    near, far = rules(goods)
    assert (near["regions"], near["first_price"], far["first_price"]) == (
        ["22", "21", "23", "11", "12"], 800, 2000,
    )  # fmt: skip
    assert near["code"] != far["code"]
    seen = text(desk.see(PAGE))
    assert {"en": "and 1 more", "zh-hans": "另有 1 个"}[language] in seen
    first, second = logistics.rates(merchant_id=goods.merchant.id)
    where = f"{PAGE}{second.id}/"
    assert 'value="20' in text(desk.see(where))
    desk.send(where, page=where, **{**PARCEL, "first_price": "30"})
    assert [one["first_price"] for one in rules(goods)] == [800, 2000], "no button, nothing done"
    desk.send(where, page=where, do="save", **{**PARCEL, "first_price": "25"})
    assert [one["first_price"] for one in rules(goods)] == [800, 2500]
    # Another tab had the list from before: nothing is written over, and it is said.
    assert desk.send(where, page=where, do="save", **PARCEL).status_code == 404
    assert desk.see(f"{PAGE}{first.id}/").status_code == 404
    first = logistics.rates(merchant_id=goods.merchant.id)[0]
    stranger = owner_of(make_merchant())
    assert stranger.see(f"{PAGE}{first.id}/").status_code == 404
    desk.send(f"{PAGE}{first.id}/", page=f"{PAGE}{first.id}/", do="remove")
    assert [one["first_price"] for one in rules(goods)] == [2500]


def test_the_first_may_stand_beside_the_platforms() -> None:
    goods = make_goods()
    desk = owner_of(goods.merchant)
    assert "keep_standard" in text(desk.see(PAGE))
    desk.send(PAGE, page=PAGE, **FETCHED, keep_standard="on")
    assert rules(goods)[:-1] == logistics.standard_rates()
    found = logistics.quotes(merchant_id=goods.merchant.id, region="22", weight_grams=500)
    assert [one.carrier for one in found] == ["pickup", "sandbox"]
    assert "keep_standard" not in text(desk.see(PAGE))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"first_price": ""}, "first_price"),
        ({"first_price": "-1"}, "first_price"),
        ({"days_max": "0"}, "days_max"),
        ({"regions": ["99"]}, "regions"),
        ({"kind": "pickup"}, "place_0"),
        ({"kind": "rocket"}, "kind"),
        ({"name_0": ""}, "name_0"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, object], field: str) -> None:
    goods = make_goods()
    desk = owner_of(goods.merchant)
    answer = desk.send(PAGE, page=PAGE, **{**PARCEL, **change})
    assert (answer.status_code, rules(goods)) == (422, [])
    assert f'href="#id_{field}"' in text(answer)


def fetched_order() -> tuple[Goods, Browser, Browser, marketplace.OrderInfo]:
    """A guest's order that is fetched, ready for it."""
    goods, guest = make_goods(), Browser()
    desk = owner_of(goods.merchant)
    desk.send(PAGE, page=PAGE, **FETCHED)
    buy(guest, goods)
    [order] = marketplace.orders(limit=1).items
    assert (order.carrier, order.rate_name["en"]) == (
        "pickup", "Pick-up · 1 Renmin Street, 9–18",
    )  # fmt: skip
    where = f"/merchant/orders/{public_id('ord', order.id)}/"
    assert "Ready to be fetched" in text(desk.see(where))
    desk.send(f"{where}act/", page=where, do="ship")
    drain()
    return goods, desk, guest, marketplace.orders(limit=1).items[0]


def code_on(page: str) -> str:
    found = re.search(r'pick-code">(\d{6})<', page)
    assert found
    return found[1]


def test_fetched_with_the_code_that_only_the_buyer_has() -> None:
    _goods, desk, guest, order = fetched_order()
    number = public_id("ord", order.id)
    token = marketplace.guest_token(order.group_id)
    code = code_on(text(guest.see(f"/orders/{number}/", t=token)))
    letter = next(
        one for one in mail.letters(limit=5).items if "ready to be fetched" in one.subject
    )
    assert code in letter.body
    assert "1 Renmin Street" in letter.body
    where = f"/merchant/orders/{number}/"
    seen = text(desk.see(where))
    assert code not in seen
    assert code not in text(operator().see(f"/operator/orders/{number}/"))
    [parcel] = marketplace.parcels_of(order_id=order.id)
    assert parcel.shipment_id is not None
    act = f"/merchant/parcels/{public_id('shp', parcel.shipment_id)}/handed/"
    assert act in seen
    wrong = "000000" if code != "000000" else "111111"
    assert "the buyer&#x27;s pick-up code" in text(
        desk.send(act, page=where, do="delivered", code=wrong)
    )
    stranger = owner_of(make_merchant())
    stranger.send(act, page="/merchant/orders/", do="delivered", code=code)
    desk.send(act, page=where, do="out_for_delivery", code=code)  # it isn't brought
    drain()
    assert marketplace.orders(limit=1).items[0].state == "shipped"
    desk.send(act, page=where, do="delivered", code=f" {code[:3]} {code[3:]} ")
    desk.send(act, page=where, do="delivered", code=code)  # sent twice
    drain()
    assert marketplace.orders(limit=1).items[0].state == "delivered"
    page = text(guest.see(f"/orders/{number}/", t=token))
    assert "With the buyer" in page
    assert "pick-code" not in page, "of no use any more"


def test_codes_cannot_be_guessed() -> None:
    _goods, desk, guest, order = fetched_order()
    number = public_id("ord", order.id)
    page = text(guest.see(f"/orders/{number}/", t=marketplace.guest_token(order.group_id)))
    code = int(code_on(page))
    [parcel] = marketplace.parcels_of(order_id=order.id)
    assert parcel.shipment_id is not None
    act = f"/merchant/parcels/{public_id('shp', parcel.shipment_id)}/handed/"
    for n in range(1, 11):
        desk.send(act, page="/merchant/", do="delivered", code=f"{(code + n) % 1_000_000:06d}")
    desk.send(act, page="/merchant/", do="delivered", code=f"{code:06d}")
    assert logistics.shipment(shipment_id=parcel.shipment_id).state == "booked"


def test_brought_by_the_merchant() -> None:
    goods, guest = make_goods(), Browser()
    desk = owner_of(goods.merchant)
    desk.send(PAGE, page=PAGE, **{**PARCEL, "kind": "own"})
    buy(guest, goods)
    [order] = marketplace.orders(limit=1).items
    where = f"/merchant/orders/{public_id('ord', order.id)}/"
    desk.send(f"{where}act/", page=where, do="ship")
    [parcel] = marketplace.parcels_of(order_id=order.id)
    assert parcel.shipment_id is not None
    act = f"/merchant/parcels/{public_id('shp', parcel.shipment_id)}/handed/"
    desk.send(act, page=where, do="out_for_delivery")
    assert logistics.shipment(shipment_id=parcel.shipment_id).state == "in_transit"
    assert "On its way" in text(desk.see(where))
    desk.send(act, page=where, do="delivered")
    drain()
    assert marketplace.orders(limit=1).items[0].state == "delivered"
    desk.send(act, page=where, do="nonsense")
    assert logistics.shipment(shipment_id=parcel.shipment_id).state == "delivered"


def test_by_api() -> None:
    goods, _desk, _guest, order = fetched_order()
    number = public_id("ord", order.id)
    token = marketplace.guest_token(order.group_id)
    seller = api_client(make_key(kind="merchant", merchant_id=goods.merchant.id))
    [mine] = seller.get(f"/orders/{number}/parcels").json()["data"]
    assert (mine["carrier"], mine["pickup_code"]) == ("pickup", None)
    buyer = api_client()
    [seen] = buyer.get(f"/orders/{number}/parcels", headers={"Order-Token": token}).json()["data"]
    where = f"/shipments/{mine['shipment']}/report"
    refused = seller.post(where, {"what": "delivered", "code": "12"})
    assert (refused.status_code, refused.json()["code"]) == (422, "logistics.wrong_pickup_code")
    done = seller.post(where, {"what": "delivered", "code": seen["pickup_code"]})
    assert (done.status_code, done.json()["state"]) == (200, "delivered")


def test_a_carriers_parcel_is_not_the_merchants_to_report() -> None:
    from tests.factories.logistics import book, make_shipment

    goods = make_goods()
    made = book(make_shipment(merchant_id=goods.merchant.id))
    with pytest.raises(logistics.NotByHand):
        logistics.report_by_hand(
            shipment_id=made.id, merchant_id=goods.merchant.id, what="delivered"
        )
    assert logistics.shipment(shipment_id=made.id).state == "booked"
