"""What buyers keep: addresses, goods for later, and buying again."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest

from catalog import facade as catalog
from kernel import personal, tenancy
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id, uuid7
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.models import SavedAddress
from marketplace.services import address_book, saved_items
from tests.factories.marketplace import ADDRESS, CONTACT, make_cart, make_goods, make_order
from tests.factories.platforms import api_client, make_key, make_person
from tests.races.crowd import crowd, ok


def keep(buyer: object, number: int = 1, **fields: object) -> facade.SavedAddressInfo:
    there = replace(ADDRESS, line1=f"人民大街 {number} 号")
    return facade.save_address(buyer_id=buyer, contact=CONTACT, address=there, **fields)  # type: ignore[arg-type]


def test_one_address_is_preferred_and_the_same_is_kept_once(platform: Tenant) -> None:
    buyer = uuid7()
    first, second = keep(buyer), keep(buyer, 2)
    assert (first.preferred, second.preferred) == (True, False)
    assert keep(buyer).id == first.id
    assert keep(buyer, 3, preferred=True).preferred
    assert [one.preferred for one in facade.addresses(buyer_id=buyer)] == [True, False, False]
    facade.prefer_address(buyer_id=buyer, address_id=second.id)
    facade.forget_address(buyer_id=buyer, address_id=second.id)
    left = facade.addresses(buyer_id=buyer)
    assert [(one.address.line1, one.preferred) for one in left] == [
        ("人民大街 3 号", True), ("人民大街 1 号", False)
    ]  # fmt: skip
    changed = keep(buyer, 9, address_id=first.id)
    assert facade.address(buyer_id=buyer, address_id=first.id) == changed
    for stranger in (uuid7(), uuid7()):
        with pytest.raises(NotFound):
            facade.address(buyer_id=stranger, address_id=first.id)
        with pytest.raises(NotFound):
            keep(stranger, address_id=first.id)
        with pytest.raises(NotFound):
            facade.forget_address(buyer_id=stranger, address_id=first.id)


def test_limits_bad_input_and_erasure(platform: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address_book, "MOST", 2)
    monkeypatch.setattr(saved_items, "MOST", 1)
    buyer = uuid7()
    keep(buyer), keep(buyer, 2)
    with pytest.raises(facade.AddressBookFull):
        keep(buyer, 3)
    with pytest.raises(Invalid) as wrong:
        facade.save_address(buyer_id=buyer, contact=replace(CONTACT, phone="12"), address=ADDRESS)
    assert [problem.field for problem in wrong.value.problems] == ["contact.phone"]
    row = SavedAddress.objects.first()
    assert row is not None
    assert CONTACT.name not in row.sealed_details
    personal.erase(buyer)
    assert facade.addresses(buyer_id=buyer) == []
    other = uuid7()
    tea = make_goods()
    facade.save_item(buyer_id=other, variant_id=tea)
    facade.save_item(buyer_id=other, variant_id=tea, quantity=Decimal(3))
    [kept] = facade.saved_items(buyer_id=other).items
    assert (kept.quantity, kept.unit_price, kept.problem) == (Decimal(3), Decimal("19.90"), "")
    with pytest.raises(facade.SavedFull):
        facade.save_item(buyer_id=other, variant_id=make_goods())
    with pytest.raises(facade.UnknownVariant):
        facade.save_item(buyer_id=other, variant_id=uuid7())
    with pytest.raises(facade.InvalidQuantity):
        facade.save_item(buyer_id=other, variant_id=tea, quantity=Decimal("0.5"))


@pytest.mark.django_db(transaction=True)
def test_many_at_once_keep_one_preferred(platform: Tenant) -> None:
    buyer = uuid7()

    def one(number: int) -> None:
        with tenancy.scope(platform):
            keep(buyer, number % 3, preferred=True)

    ok(crowd([partial(one, number) for number in range(8)]))
    found = facade.addresses(buyer_id=buyer)
    assert [one.preferred for one in found] == [True, False, False]


def test_aside_and_back_again(platform: Tenant) -> None:
    person = make_person(role="buyer")
    tea = make_goods()
    cart = make_cart((tea, 3), buyer_id=person.id)
    owner = facade.CartOwner(buyer_id=person.id)
    view = facade.put_aside(cart_id=cart.id, owner=owner, variant_id=tea)
    assert view.lines == ()
    with pytest.raises(facade.LineNotFound):
        facade.put_aside(cart_id=cart.id, owner=owner, variant_id=tea)
    assert facade.is_saved(buyer_id=person.id, variant_ids=[tea]) == {tea}
    view = facade.take_up(cart_id=cart.id, owner=owner, variant_id=tea)
    assert [(line.variant_id, line.quantity) for line in view.lines] == [(tea, Decimal(3))]
    assert list(facade.saved_items(buyer_id=person.id).items) == []


def test_by_api_each_their_own(platform: Tenant) -> None:
    person = make_person(role="buyer")
    own = api_client(make_key(kind="buyer", person_id=person.id))
    other = api_client(make_key(kind="buyer"))
    body = {
        "contact": {"name": "王芳", "phone": "13800000000"},
        "address": {"region": "22", "city": "长春市", "line1": "人民大街 1 号"},
    }
    made = own.post("/addresses", body)
    assert made.status_code == 201, made.json()
    where = f"/addresses/{made.json()['id']}"
    assert own.put(where, {**body, "preferred": True}).json()["preferred"] is True
    bad = own.post("/addresses", {**body, "address": {**body["address"], "region": "99"}})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "address.region")
    assert [len(who.get("/addresses").json()["data"]) for who in (own, other)] == [1, 0]
    assert [other.put(where, body).status_code, other.delete(where).status_code] == [404, 404]
    assert own.delete(where).status_code == 204

    order = make_order(buyer_id=person.id, state="paid")
    variant = public_id("var", order.lines[0].variant_id)
    assert own.put(f"/saved/{variant}", {"quantity": "2"}).status_code == 204
    assert [row["quantity"] for row in own.get("/saved").json()["data"]] == ["2"]
    assert own.delete(f"/saved/{variant}").status_code == 204
    cart = own.post("/carts", {}).json()["id"]
    asked = {"order_id": public_id("ord", order.id)}
    again = own.post(f"/carts/{cart}/again", asked)
    assert again.json() == {"lines": 1, "gone": 0}
    assert own.post(f"/carts/{cart}/again", asked).json() == {"lines": 1, "gone": 0}
    [part] = own.get(f"/carts/{cart}").json()["merchants"]
    assert [line["quantity"] for line in part["lines"]] == ["1"], "not twice as much"
    theirs = other.post("/carts", {}).json()["id"]
    assert other.post(f"/carts/{theirs}/again", asked).status_code == 404
    catalog.withdraw_product(product_id=order.lines[0].product_id)
    gone = own.post(f"/carts/{cart}/again", asked)
    assert (gone.status_code, gone.json()["code"]) == (409, "marketplace.not_purchasable")
