"""Carts: lines, notices, delivery, whose they are, and joining them at sign-in."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from catalog import facade as catalog
from kernel import clock, personal
from kernel.actors import GUEST, Actor
from kernel.errors import Invalid
from kernel.ids import uuid7
from kernel.jobs import run_periodic
from kernel.money import Money
from kernel.tenancy import Tenant
from logistics import facade as logistics
from logistics.facade import Address
from marketplace import facade
from marketplace.facade import CartView, Contact
from marketplace.models import Cart
from marketplace.selectors import goods
from platforms import facade as platforms
from tests.factories.catalog import make_variant
from tests.factories.inventory import make_stock
from tests.factories.marketplace import ADDRESS, CONTACT, make_cart, make_goods, set_price
from tests.factories.platforms import make_merchant, make_person


def problems(view: CartView) -> dict[UUID, tuple[str, ...]]:
    return {line.variant_id: line.problems for line in view.lines}


def test_lines_are_added_set_and_removed(platform: Tenant) -> None:
    tea, rice = make_goods("19.90"), make_goods("0.335")
    cart = make_cart((tea, 2), address=False)
    assert cart.token
    facade.add_to_cart(cart_id=cart.id, variant_id=tea, quantity=Decimal(1))
    view = facade.add_to_cart(cart_id=cart.id, variant_id=rice, quantity=Decimal(3))
    assert {line.variant_id: int(line.quantity) for line in view.lines} == {tea: 3, rice: 3}
    assert [line.total for line in view.lines] == [Money(5970), Money(101)]
    assert view.goods_total == view.total == Money(6071)
    assert len(view.merchants) == 2
    assert view.missing == ("address",)
    view = facade.set_cart_line(cart_id=cart.id, variant_id=rice, quantity=Decimal(1))
    assert view.goods_total == Money(5970 + 34)
    view = facade.set_cart_line(cart_id=cart.id, variant_id=rice, quantity=Decimal(0))
    assert [line.variant_id for line in view.lines] == [tea]
    with pytest.raises(facade.LineNotFound):
        facade.remove_cart_line(cart_id=cart.id, variant_id=rice)
    view = facade.remove_cart_line(cart_id=cart.id, variant_id=tea)
    assert view.missing == ("lines", "address")


def test_what_is_remembered_of_sellers_needs_not_be_right(platform: Tenant) -> None:
    tea, rice = make_goods(), make_goods()
    cart = make_cart((tea, 1), (rice, 1))
    right = facade.cart_view(cart_id=cart.id)
    place = (platform.id, tea)
    goods._SELLERS[place] = make_merchant().id
    assert facade.cart_view(cart_id=cart.id) == right
    goods._SELLERS[place] = make_merchant().id
    found = facade.place_order_group(key=uuid7(), cart_id=cart.id)
    sellers = {part.merchant_id for part in right.merchants}
    assert {order.merchant_id for order in found.orders} == sellers
    assert goods._SELLERS[place] in sellers


@pytest.mark.parametrize("quantity", ["0", "-1", "1.5", "10000", "NaN"])
def test_wrong_quantities_are_refused(platform: Tenant, quantity: str) -> None:
    cart = make_cart(address=False)
    with pytest.raises(facade.InvalidQuantity):
        facade.add_to_cart(cart_id=cart.id, variant_id=make_goods(), quantity=Decimal(quantity))
    assert facade.cart_view(cart_id=cart.id).lines == ()


def test_more_than_9999_together_is_refused(platform: Tenant) -> None:
    tea = make_goods()
    cart = make_cart((tea, 9999), address=False)
    with pytest.raises(facade.InvalidQuantity):
        facade.add_to_cart(cart_id=cart.id, variant_id=tea, quantity=Decimal(1))


def test_what_isnt_for_sale_doesnt_go_in(platform: Tenant) -> None:
    cart = make_cart(address=False)
    draft, unpriced = make_variant(published=False), make_variant()
    set_price(draft)
    for variant in (draft, unpriced):
        with pytest.raises(facade.NotPurchasable):
            facade.add_to_cart(cart_id=cart.id, variant_id=variant, quantity=Decimal(1))
    with pytest.raises(facade.UnknownVariant):
        facade.add_to_cart(cart_id=cart.id, variant_id=uuid7(), quantity=Decimal(1))


def test_what_changed_since_is_said(platform: Tenant) -> None:
    names = ["same", "dearer", "withdrawn", "unpriced", "closed", "short"]
    goods = {name: make_goods("10", stock=5) for name in names}
    cart = make_cart(*((variant, 1) for variant in goods.values()))
    known = catalog.variants(goods.values())
    set_price(goods["dearer"], "11")
    catalog.withdraw_product(product_id=known[goods["withdrawn"]].product_id)
    facade.withdraw_offer(
        merchant_id=known[goods["unpriced"]].merchant_id, variant_id=goods["unpriced"]
    )
    platforms.suspend_merchant(merchant_id=known[goods["closed"]].merchant_id, reason="review")
    facade.set_cart_line(cart_id=cart.id, variant_id=goods["short"], quantity=Decimal(6))
    view = facade.cart_view(cart_id=cart.id)
    assert problems(view) == {
        goods["same"]: (),
        goods["dearer"]: ("price_changed",),
        goods["withdrawn"]: ("not_for_sale",),
        goods["unpriced"]: ("no_price",),
        goods["closed"]: ("merchant_closed",),
        goods["short"]: ("short_stock",),
    }
    assert view.goods_total == Money(1000 + 1100 + 6000)
    assert "problems" in view.missing
    dearer = next(line for line in view.lines if line.variant_id == goods["dearer"])
    assert (dearer.price_added, dearer.unit_price) == (Decimal("10.00"), Decimal("11.00"))


def test_delivery_is_quoted_for_each_merchant(platform: Tenant) -> None:
    tea, rice = make_goods("10"), make_goods("20")
    cart = make_cart((tea, 2), (rice, 1))
    view = facade.cart_view(cart_id=cart.id)
    assert view.orderable
    assert [part.load.weight_grams for part in view.merchants] == [2000, 1000]
    charges = [part.chosen.price for part in view.merchants if part.chosen]
    assert charges == [Money(700), Money(600)]
    assert view.shipping_total == Money(1300)
    assert view.total == Money(4000 + 1300)
    assert [part.total for part in view.merchants] == [Money(2700), Money(2600)]


def test_a_way_of_delivery_is_chosen(platform: Tenant) -> None:
    tea = make_goods("10")
    cart = make_cart((tea, 1))
    [part] = facade.cart_view(cart_id=cart.id).merchants
    rule = {
        "carrier": "sandbox",
        "regions": ["22"],
        "first_grams": 1000,
        "step_grams": 1000,
        "step_price": 100,
        "max_grams": 50_000,
        "days_min": 1,
        "days_max": 2,
        "free_from": None,
    }
    rules = [
        {**rule, "code": "slow", "name": {"en": "Slow"}, "first_price": 300},
        {**rule, "code": "fast", "name": {"en": "Fast"}, "first_price": 1500},
    ]
    logistics.set_rates(merchant_id=part.merchant_id, rules=rules)
    assert facade.cart_view(cart_id=cart.id).shipping_total == Money(300), "the cheapest"
    view = facade.choose_shipping(cart_id=cart.id, choices={part.merchant_id: "fast"})
    assert view.shipping_total == Money(1500)
    with pytest.raises(facade.ShippingChoiceGone) as caught:
        facade.choose_shipping(cart_id=cart.id, choices={part.merchant_id: "rocket"})
    assert caught.value.params["offered"] == ["slow", "fast"]
    logistics.set_rates(merchant_id=part.merchant_id, rules=rules[:1])
    view = facade.cart_view(cart_id=cart.id)
    assert view.shipping_total is None
    assert view.missing == ("shipping",)


def test_one_merchant_who_doesnt_deliver_there_doesnt_hide_the_others(platform: Tenant) -> None:
    near, far = make_goods("10"), make_goods("10", inputs=heavy())
    view = facade.cart_view(cart_id=make_cart((near, 1), (far, 1)).id)
    by_variant = {part.lines[0].variant_id: part for part in view.merchants}
    assert by_variant[near].chosen is not None
    assert by_variant[far].problem == "logistics.too_heavy"
    assert view.missing == ("shipping",)


def heavy() -> list[catalog.VariantInput]:
    return [catalog.VariantInput(sku="H", options={"size": "huge"}, weight_grams=60_000)]


def test_contact_and_address_are_sealed(platform: Tenant) -> None:
    cart = make_cart()
    row = Cart.objects.get(id=cart.id)
    assert "王芳" not in row.sealed_details
    assert row.subject_id == cart.id
    assert facade.cart_details(cart_id=cart.id) == (CONTACT, ADDRESS)
    personal.erase(cart.id)
    assert facade.cart_details(cart_id=cart.id) is None


@pytest.mark.parametrize(
    ("contact", "address", "fields"),
    [
        ({"name": " "}, {}, ["contact.name"]),
        ({"phone": "abc"}, {"city": ""}, ["address.city", "contact.phone"]),
        ({"email": "nowhere"}, {"line1": ""}, ["address.line1", "contact.email"]),
        ({}, {"region": "99"}, ["address.region"]),
    ],
)
def test_wrong_addresses_are_refused(
    platform: Tenant, contact: dict[str, str], address: dict[str, str], fields: list[str]
) -> None:
    cart = make_cart(address=False)
    with pytest.raises(Invalid) as caught:
        facade.set_cart_address(
            cart_id=cart.id,
            contact=Contact(**{**vars(CONTACT), **contact}),
            address=Address(**{**vars(ADDRESS), **address}),
        )
    assert sorted(p.field for p in caught.value.problems) == fields
    assert facade.cart_details(cart_id=cart.id) is None


def test_a_cart_shows_itself_to_its_owner_only(platform: Tenant) -> None:
    buyer, other = make_person(role="buyer"), make_person(role="buyer")
    mine = make_cart(buyer_id=buyer.id, address=False)
    guest = make_cart(address=False)
    assert mine.token is None
    assert facade.open_cart(buyer_id=buyer.id).id == mine.id, "a buyer has one cart"
    assert facade.cart_for(buyer_id=buyer.id) == facade.cart_for(buyer_id=buyer.id)
    assert facade.cart_for(token="cart_wrong") is None

    def opens(cart_id: UUID, actor: Actor, token: str | None) -> bool:
        try:
            return facade.cart_of_actor(actor=actor, cart_id=cart_id, token=token).id == cart_id
        except facade.CartNotFound:
            return False

    def person(person_id: UUID) -> Actor:
        return Actor(kind="buyer", person_id=person_id)

    assert opens(mine.id, person(buyer.id), None)
    assert not opens(mine.id, person(other.id), None)
    assert not opens(mine.id, GUEST, guest.token)
    assert opens(guest.id, GUEST, guest.token)
    assert not opens(guest.id, GUEST, None)
    assert not opens(guest.id, GUEST, "cart_wrong")
    assert not opens(guest.id, person(other.id), guest.token)
    assert not opens(guest.id, Actor(kind="merchant", merchant_id=make_merchant().id), guest.token)
    assert not opens(uuid7(), GUEST, guest.token)


def test_carts_are_joined_at_sign_in(platform: Tenant) -> None:
    tea, rice, corn = make_goods("1"), make_goods("2"), make_goods("3", stock=None)
    make_stock(100, variant_id=corn)
    buyer = make_person(role="buyer")
    mine = make_cart((tea, 5), (rice, 9998), buyer_id=buyer.id, address=False)
    guest = make_cart((rice, 3), (corn, 1))
    assert guest.token
    joined = facade.merge_carts(token=guest.token, buyer_id=buyer.id)
    assert joined.id == mine.id
    view = facade.cart_view(cart_id=mine.id)
    assert {line.variant_id: line.quantity for line in view.lines} == {
        tea: 5,
        rice: 9999,
        corn: 1,
    }
    assert facade.cart_details(cart_id=mine.id) == (CONTACT, ADDRESS)
    assert Cart.objects.get(id=mine.id).subject_id == buyer.id, "sealed anew, for the buyer"
    assert facade.cart_for(token=guest.token) is None
    again = facade.merge_carts(token=guest.token, buyer_id=buyer.id)
    assert again.line_count == 3


def test_the_buyers_own_address_stays(platform: Tenant) -> None:
    buyer = make_person(role="buyer")
    mine = make_cart(buyer_id=buyer.id)
    guest = make_cart(address=False)
    other = Address(**{**vars(ADDRESS), "region": "11", "city": "北京市"})
    facade.set_cart_address(cart_id=guest.id, contact=CONTACT, address=other)
    assert guest.token
    facade.merge_carts(token=guest.token, buyer_id=buyer.id)
    details = facade.cart_details(cart_id=mine.id)
    assert details is not None
    assert details[1].region == "22"
    assert facade.cart_view(cart_id=mine.id).region == "22"


def test_a_cart_has_at_most_100_lines(platform: Tenant) -> None:
    cart = make_cart(address=False)
    row = Cart.objects.get(id=cart.id)
    row.lines = [[str(uuid7()), "1", None] for _n in range(100)]
    row.save()
    with pytest.raises(facade.CartFull):
        facade.add_to_cart(cart_id=cart.id, variant_id=make_goods(), quantity=Decimal(1))
    view = facade.cart_view(cart_id=cart.id)
    assert len(view.unknown) == 100
    assert "problems" in view.missing


def test_carts_that_nobody_came_back_to_are_forgotten(platform: Tenant) -> None:
    tea = make_goods()
    buyer = make_person(role="buyer")
    mine = make_cart((tea, 1), buyer_id=buyer.id)
    bought, left, fresh = make_cart((tea, 1)), make_cart((tea, 1)), make_cart((tea, 1))
    group = facade.place_order_group(key=uuid7(), cart_id=bought.id)
    long_ago = clock.system() - timedelta(days=61)
    Cart.objects.filter(id__in=[mine.id, bought.id, left.id]).update(updated_at=long_ago)
    assert run_periodic("marketplace.forget_carts") == {"forgotten": 2}
    assert set(Cart.objects.values_list("id", flat=True)) == {mine.id, fresh.id}
    assert personal.erased(left.id)
    order = facade.order(order_id=group.orders[0].id, with_address=True)
    assert order is not None
    assert order.contact == CONTACT
    assert run_periodic("marketplace.forget_carts") == {"forgotten": 0}
