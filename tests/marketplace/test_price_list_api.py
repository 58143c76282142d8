"""Groups of buyers and price lists by the API alone; the demo's; and what an erasure leaves."""

from typing import Any

import pytest

from config.demo.wholesale import open_wholesale
from kernel.ids import public_id
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.models import GroupMember
from marketplace.privacy import price_groups
from marketplace.subscribers import person_erased
from platforms.events import PersonErased
from tests.factories.marketplace import make_cart, make_goods
from tests.factories.platforms import api_client, make_key, make_merchant, make_person
from tests.factories.price_lists import make_buyer_group, secret_of_last_letter

NAMES = {"zh-Hans": "批发", "en": "Wholesale"}


def body(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    return answer.json() if answer.content else None


def test_from_the_group_to_the_order(platform: Tenant) -> None:
    shop, person = make_merchant(), make_person()
    tea = make_goods("20", merchant_id=shop.id)
    seller = api_client(make_key(merchant_id=shop.id))
    buyer = api_client(make_key(kind="buyer", person_id=person.id))
    group = body(seller.post("/buyer-groups", {"code": "w", "names": NAMES}), 201)
    members = f"/buyer-groups/{group['id']}/members"
    invited = body(seller.post(members, {"email": person.email}), 201)
    assert (invited["state"], invited["email"]) == ("invited", person.email)
    joined = body(buyer.post("/price-groups", {"token": secret_of_last_letter()}), 201)
    assert joined["name"] == NAMES
    assert body(buyer.get("/price-groups"))["data"] == [joined]
    for state in ("%00", "anything"):
        body(seller.get(f"{members}?state={state}"), 422)
    [member] = body(seller.get(members))["data"]
    assert member["state"] == "member"
    assert public_id("per", person.id) not in str(member)
    given = {"buyer_group_id": group["id"], "code": "w-1", "names": NAMES}
    for never in ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59-08:00", "0001-01-01T00:00:00+08:00"):
        refused = body(seller.post("/price-lists", given | {"ends_at": never}), 422)
        assert [one["field"] for one in refused["errors"]] == ["ends_at"]
    listed = body(seller.post("/price-lists", given), 201)
    assert (listed["state"], listed["entries"]) == ("running", 0)
    variant = public_id("var", tea)
    rows = [
        {"variant_id": variant, "unit_price": "15.90"},
        {"variant_id": variant, "minimum": "10", "percent": "50"},
    ]
    entries = f"/price-lists/{listed['id']}/entries"
    refused = body(seller.put(entries, {"entries": [*rows, {"variant_id": variant}]}), 422)
    assert [one["field"] for one in refused["errors"]] == ["entries.2.unit_price"]
    assert len(body(seller.put(entries, {"entries": rows}))["data"]) == 2
    found = body(seller.get(entries, query={"variant_id": variant}))["data"]
    assert {(row["minimum"], row["unit_price"], row["percent"]) for row in found} == {
        ("0", "15.90", None),
        ("10", None, "50.00"),
    }
    cart = body(buyer.post("/carts", {"lines": [{"variant_id": variant, "quantity": "10"}]}), 201)
    [line] = cart["merchants"][0]["lines"]
    assert (line["unit_price"], line["public_price"]) == ("10.00", "20.00")
    assert line["price_list"] == {"id": listed["id"], "name": NAMES}
    tile = body(buyer.get("/storefront/products"))["data"][0]
    assert (tile["lowest_price"], tile["price_list"]["id"]) == ("15.90", listed["id"])
    page = body(buyer.get(f"/storefront/products/{tile['id']}"))["variants"][0]
    assert (page["unit_price"], page["steps"][0]["unit_price"]) == ("15.90", "10.00")
    guest = body(api_client(None).get(f"/storefront/products/{tile['id']}"))["variants"][0]
    assert (guest["unit_price"], guest["price_list"], guest["steps"]) == ("20.00", None, [])
    stale = {"If-Match": '"0"'}
    assert (
        seller.request("DELETE", f"/price-lists/{listed['id']}", headers=stale).status_code == 412
    )
    body(seller.delete(f"{entries}/{found[0]['id']}"), 204)
    body(seller.delete(f"/price-lists/{listed['id']}"), 204)
    assert body(buyer.get(f"/carts/{cart['id']}"))["merchants"][0]["lines"][0]["price_list"] is None
    body(buyer.delete(f"/price-groups/{joined['id']}"), 204)
    assert body(seller.get(members))["data"] == []
    body(seller.delete(f"/buyer-groups/{group['id']}"), 204)
    types = set(OutboxEvent.objects.values_list("type", flat=True))
    assert {"marketplace.group_member.moved.v1", "marketplace.price_list.changed.v1"} <= types


def test_the_demos_restaurant(platform: Tenant) -> None:
    shop, chef = make_merchant(), make_person()
    tea = make_goods("20", merchant_id=shop.id)
    for _again in range(2):
        open_wholesale(shop.id, chef.id, chef.email)
    [group] = facade.buyer_groups(merchant_id=shop.id).items
    assert (group.members, group.lists) == (1, 1)
    line = facade.cart_view(cart_id=make_cart((tea, 10), buyer_id=chef.id).id).lines[0]
    assert str(line.unit_price) == "16.40"


def test_an_erased_person_is_in_no_group(platform: Tenant) -> None:
    shop, person = make_merchant(), make_person()
    make_buyer_group(shop.id, person.id)
    [told] = price_groups(person.id)
    assert told["names"] == {"zh-Hans": "批发", "en": "Wholesale"}
    person_erased(PersonErased(person_id=person.id), None)  # type: ignore[arg-type]
    assert not GroupMember.objects.exists()


@pytest.mark.parametrize("path", ["/buyer-groups", "/price-lists"])
def test_who_may_not_price_may_not_look(platform: Tenant, path: str) -> None:
    key = make_key(merchant_id=make_merchant().id, scopes=("orders:read",))
    assert api_client(key).get(path).status_code == 403
    assert api_client(None).get(path).status_code == 401
