"""Placing: frozen prices, one order for each merchant, refusals that leave nothing behind."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog import facade as catalog
from kernel import clock, personal
from kernel.ids import parse_public_id, uuid7
from kernel.money import Money
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from kernel.transactions import connection
from logistics import facade as logistics
from logistics.facade import Address
from marketplace import facade
from marketplace.facade import Contact
from marketplace.models import Order, OrderGroup, OrderLine
from payments import facade as payments
from platforms import facade as platforms
from tests.factories.catalog import make_category, make_product
from tests.factories.marketplace import (
    ADDRESS,
    CONTACT,
    make_cart,
    make_goods,
    make_group,
    place,
    set_price,
)
from tests.factories.platforms import make_merchant, make_person


def nothing_was_placed() -> bool:
    return not (OrderGroup.objects.exists() or Order.objects.exists())


@pytest.mark.parametrize("viewer", ["America/Los_Angeles", "UTC", "Pacific/Auckland"])
def test_numbers_carry_the_houses_day_wherever_the_buyer_is(platform: Tenant, viewer: str) -> None:
    cart = make_cart((make_goods("19.90"), 1))
    with clock.frozen(datetime(2026, 12, 31, 16, 30, tzinfo=UTC)), timezone.override(viewer):
        assert place(cart).number.startswith("20270101-")


def test_one_order_for_each_merchant(platform: Tenant) -> None:
    merchant = make_merchant()
    tea = make_goods("19.90", merchant_id=merchant.id)
    rice = make_goods("0.335", merchant_id=merchant.id)
    corn = make_goods("7.25")
    cart = make_cart((tea, 2), (corn, 4), (rice, 3))
    group = place(cart, note="Please ring twice")
    assert [len(order.lines) for order in group.orders] == [2, 1]
    first, second = group.orders
    assert (first.merchant_id, first.number) == (merchant.id, f"{group.number}-1")
    assert second.number == f"{group.number}-2"
    assert first.goods_total == Money(3980 + 101)
    assert second.goods_total == Money(2900)
    # 5 kg and 4 kg to the north-east: 6.00 for the first kilogram, 1.00 for each beyond it.
    assert first.shipping_total == Money(1000)
    assert second.shipping_total == Money(900)
    assert group.total == first.total + second.total == Money(4081 + 1000 + 2900 + 900)
    assert first.commission_rate == Decimal(5)
    assert first.commission == Money(204), "5 % of 40.81 is 2.0405"
    assert [line.total for line in first.lines] == [Money(3980), Money(101)]
    assert facade.group(group_id=group.id) == group
    view = facade.cart_view(cart_id=cart.id)
    assert view.lines == ()
    assert view.has_address, "kept for the next time"
    told = OutboxEvent.objects.filter(type="marketplace.order.placed.v1")
    assert {event.aggregate_id for event in told} == {first.id, second.id}
    assert {event.merchant_id for event in told} == {first.merchant_id, second.merchant_id}
    audited = AuditRecord.objects.filter(action="marketplace.order.placed")
    assert {row.target_id for row in audited} == {first.id, second.id}


def test_the_price_is_frozen(platform: Tenant) -> None:
    tea = make_goods("19.90")
    group = make_group((tea, 2))
    set_price(tea, "99")
    product = catalog.product(catalog.variants([tea])[tea].product_id)
    catalog.withdraw_product(product_id=product.id)
    [order] = facade.group(group_id=group.id).orders
    assert order.lines[0].unit_price == Decimal("19.90")
    assert order.goods_total == Money(3980)
    assert order.lines[0].titles == product.titles


def test_the_commission_is_frozen(platform: Tenant) -> None:
    [order] = make_group((make_goods("10"), 1)).orders
    platforms.change_settings(settings={"marketplace": {"commission_rate": "12.5"}})
    [later] = make_group((make_goods("10"), 1)).orders
    found = facade.order(order_id=order.id)
    assert found is not None
    assert found.commission == Money(50)
    assert later.commission == Money(125)


def test_the_rule_in_force_when_ordered_counts(platform: Tenant) -> None:
    """By merchant and category, each rule once an order, to the fen; kept when rules change."""
    merchant = make_merchant().id
    fresh = make_category(slug="fresh")
    fruit = make_category(slug="fruit", parent_id=fresh.id)
    apple = make_goods("3.33", merchant_id=merchant, category_id=fruit.id)
    pear = make_goods("3.33", merchant_id=merchant, category_id=fruit.id)
    kale = make_goods("10", merchant_id=merchant, category_id=fresh.id)
    tea = make_goods("0.99", merchant_id=merchant)
    other = make_goods("20")
    rule = payments.add_rule(rate=Decimal("2.5"), category="fresh/fruit")
    payments.add_rule(rate=Decimal(1), category="fresh", fixed=100, currency="CNY")
    payments.add_rule(rate=Decimal(50), category="fresh", fixed=1, currency="USD")
    wanted = (apple, 1), (pear, 1), (kale, 2), (tea, 1), (other, 1)
    first, second = make_group(*wanted).orders
    # 6.66 at 2.5 % is 16.65; 20.00 at 1 % and 1.00; 0.99 at the marketplace's 5 %
    assert first.commission == Money(17 + 120 + 5)
    assert first.commission_rate == Decimal("5.1356"), "142 of 27.65"
    assert (second.commission, second.commission_rate) == (Money(100), Decimal(5))
    payments.end_rule(rule_id=rule.id, at=clock.business() + timedelta(seconds=1))
    payments.add_rule(
        rate=Decimal(3), merchant_id=merchant, valid_from=clock.business() + timedelta(days=1)
    )
    with clock.offset(timedelta(days=2)):
        later, _ = make_group(*wanted).orders
    assert (later.commission, later.commission_rate) == (Money(83), Decimal(3))
    before = facade.order(order_id=first.id)
    assert before is not None
    assert before.commission == first.commission
    payments.add_rule(rate=Decimal(0), merchant_id=merchant, minimum=10**6, currency="CNY")
    greedy, _ = make_group(*wanted).orders
    assert greedy.commission == greedy.goods_total, "never more than the goods"


def test_the_same_key_gives_the_same_group(platform: Tenant) -> None:
    tea = make_goods()
    cart, key = make_cart((tea, 1)), uuid7()
    group = place(cart, key=key)
    assert place(cart, key=key) == group
    facade.add_to_cart(cart_id=cart.id, variant_id=tea, quantity=Decimal(5))
    assert place(cart, key=key) == group
    assert len(facade.cart_view(cart_id=cart.id).lines) == 1
    with pytest.raises(facade.KeyUsed):
        place(make_cart((tea, 1)), key=key)
    with pytest.raises(facade.CartNotFound):
        facade.place_order_group(key=uuid7(), cart_id=uuid7())
    assert OrderGroup.objects.count() == 1


def test_a_cart_is_ordered_once(platform: Tenant) -> None:
    cart = make_cart((make_goods(), 1))
    place(cart)
    with pytest.raises(facade.CartEmpty):
        place(cart)
    assert OrderGroup.objects.count() == 1


def test_what_cant_be_bought_is_named(platform: Tenant) -> None:
    goods = {name: make_goods("10") for name in ("fine", "withdrawn", "unpriced", "closed")}
    known = catalog.variants(goods.values())
    cart = make_cart(*((variant, 1) for variant in goods.values()))
    catalog.withdraw_product(product_id=known[goods["withdrawn"]].product_id)
    facade.withdraw_offer(
        merchant_id=known[goods["unpriced"]].merchant_id, variant_id=goods["unpriced"]
    )
    platforms.suspend_merchant(merchant_id=known[goods["closed"]].merchant_id, reason="review")
    with pytest.raises(facade.NotPurchasable) as caught:
        place(cart)
    named = {
        parse_public_id("var", line["variant_id"]): line["reason"]
        for line in caught.value.params["lines"]
    }
    assert named == {
        goods["withdrawn"]: "not_for_sale",
        goods["unpriced"]: "no_price",
        goods["closed"]: "merchant_closed",
    }
    assert nothing_was_placed()
    assert len(facade.cart_view(cart_id=cart.id).lines) == 4, "the cart is as it was"


def test_another_total_than_shown_is_refused_and_explained(platform: Tenant) -> None:
    tea, rice = make_goods("10"), make_goods("20")
    cart = make_cart((tea, 2), (rice, 1))
    shown = facade.cart_view(cart_id=cart.id).total
    set_price(tea, "10.01")
    with pytest.raises(facade.TotalChanged) as caught:
        place(cart, expected_total=shown.amount)
    assert caught.value.status == 409
    params = caught.value.params
    assert params["total"] == {"amount": shown.amount + 2, "currency": "CNY"}
    [line] = params["lines"]
    assert parse_public_id("var", line["variant_id"]) == tea
    assert (line["price_added"], line["unit_price"]) == ("10.00", "10.01")
    assert nothing_was_placed()
    group = place(cart, expected_total=shown.amount + 2)
    assert group.total.amount == shown.amount + 2


def test_it_must_be_known_where_it_goes(platform: Tenant) -> None:
    tea = make_goods()
    cart = make_cart((tea, 1), address=False)
    with pytest.raises(facade.AddressMissing):
        place(cart)
    far = Address(**{**vars(ADDRESS), "region": "65"})
    contact = Contact("李雷", "13900000000")
    group = place(cart, contact=contact, address=far)
    assert group.orders[0].shipping_total == Money(1800)
    order = facade.order(order_id=group.orders[0].id, with_address=True)
    assert order is not None
    assert order.contact == contact
    assert order.address == Address(**{**vars(far), "name": "李雷", "phone": "13900000000"})


def test_the_chosen_delivery_must_still_be_offered(platform: Tenant) -> None:
    tea = make_goods("10")
    cart = make_cart((tea, 1))
    [part] = facade.cart_view(cart_id=cart.id).merchants
    with pytest.raises(facade.ShippingChoiceGone):
        place(cart, shipping={part.merchant_id: "rocket"})
    heavy = catalog.VariantInput(sku="H", options={"size": "huge"}, weight_grams=60_000)
    with pytest.raises(logistics.TooHeavy):
        place(make_cart((make_goods(inputs=[heavy]), 1)))
    assert nothing_was_placed()


def test_what_is_personal_is_sealed_and_can_be_erased(platform: Tenant) -> None:
    buyer = make_person(role="buyer")
    group = place(make_cart((make_goods(), 1), buyer_id=buyer.id), note="Ring twice")
    row = OrderGroup.objects.get(id=group.id)
    assert row.subject_id == buyer.id
    assert "王芳" not in row.sealed_details
    assert "Ring" not in row.sealed_note
    found = facade.order(order_id=group.orders[0].id, with_address=True)
    assert found is not None
    assert (found.contact, found.address, found.note) == (CONTACT, ADDRESS, "Ring twice")
    assert "王芳" not in repr(found)
    personal.erase(buyer.id)
    found = facade.order(order_id=group.orders[0].id, with_address=True)
    assert found is not None
    assert (found.contact, found.address, found.note) == (None, None, "")


def test_placing_takes_a_fixed_number_of_statements(platform: Tenant) -> None:
    merchants = [make_merchant() for _n in range(4)]

    def run(lines: int) -> int:
        goods = []
        for merchant in merchants:
            product = make_product(variants=lines, merchant_id=merchant.id)
            for variant in product.variants:
                set_price(variant.id)
                goods.append((variant.id, 1))
        cart = make_cart(*goods)
        with CaptureQueriesContext(connection()) as queries, personal.keyring():
            group = place(cart)
        assert sum(len(order.lines) for order in group.orders) == 4 * lines
        return len(queries)

    few = run(1)
    assert run(6) == few
    told = "with the two of the transaction, the read of promotions, the shops' gates and holidays"
    assert few <= 18, told


def test_lines_add_up_in_the_database_too(platform: Tenant) -> None:
    group = make_group((make_goods("0.333333"), 7), (make_goods("3.335"), 3))
    for order in group.orders:
        sums = OrderLine.objects.filter(order_id=order.id).values_list("total", flat=True)
        assert sum(sums) == order.goods_total.amount
