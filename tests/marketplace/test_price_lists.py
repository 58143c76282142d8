"""Price lists of groups: what a price comes to, who gets it, and what orders keep of it."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock
from kernel.ids import uuid7
from kernel.tenancy import Tenant, scope
from marketplace import facade
from marketplace.domain.price_lists import VARIANT, Entry, less, resolve, steps
from marketplace.facade import PriceEntryInput
from tests.factories.catalog import make_category
from tests.factories.marketplace import make_cart, make_goods, place, set_price
from tests.factories.platforms import make_merchant, make_person, make_platform
from tests.factories.price_lists import join, make_buyer_group, make_price_list
from tests.factories.promotions import make_promotion
from tests.marketplace.test_races import at_once

DAY = timedelta(days=1)
LISTS = [uuid7() for _number in range(3)]


def seen(*values: object) -> tuple[object, ...]:
    """To compare prices with plain numbers."""
    return values


money = st.decimals("0.01", "99999", places=2)
quantities = st.decimals("0", "9999", places=3)


@st.composite
def entry(draw: st.DrawFn) -> Entry:
    near = draw(st.sampled_from([0, 1, 2, VARIANT]))
    fixed = draw(st.booleans()) and near == VARIANT
    return Entry(
        list_id=draw(st.sampled_from(LISTS)),
        near=near,
        minimum=draw(st.sampled_from([Decimal(0), Decimal("0.5"), Decimal(5), Decimal(50)])),
        unit_price=draw(money) if fixed else None,
        percent=None if fixed else draw(st.decimals("0.01", "99.99", places=2)),
    )


entries = st.lists(entry(), max_size=8, unique_by=lambda one: (one.list_id, one.near, one.minimum))


@given(entries, money, st.one_of(st.none(), money), quantities, st.randoms())
def test_a_price_is_never_nothing_nor_above_the_public_one(
    found: list[Entry], public: Decimal, more: Decimal | None, quantity: Decimal, random: object
) -> None:
    regular = public + (more or 0)
    terms = {"public": public, "regular": regular, "currency": "CNY"}
    told = resolve(found, quantity=quantity, **terms)  # type: ignore[arg-type]
    assert 0 < told.unit_price <= public
    assert (told.list_id is None) == (told.unit_price == public)
    mixed = list(found)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert resolve(mixed, quantity=quantity, **terms) == told  # type: ignore[arg-type]
    one_less = [row for row in found if row.list_id != LISTS[0]]
    fewer = resolve(one_less, quantity=quantity, **terms)  # type: ignore[arg-type]
    assert told.unit_price <= fewer.unit_price
    schedule = steps(found, **terms)  # type: ignore[arg-type]
    assert schedule[0][0] == 0
    assert [price for minimum, price in schedule if minimum <= quantity][-1] == told


@given(st.decimals("0.000001", "99999", places=6), st.decimals("0.01", "99.99", places=2))
def test_a_percentage_keeps_the_fineness_of_the_price(price: Decimal, percent: Decimal) -> None:
    told = less(price, percent, "CNY")
    assert told > 0
    assert abs(told - price * (100 - percent) / 100) <= Decimal("0.01")


def test_the_nearest_entry_counts() -> None:
    one = LISTS[0]
    rows = [
        Entry(one, 0, Decimal(0), None, Decimal(50)),
        Entry(one, 1, Decimal(0), None, Decimal(30)),
        Entry(one, 2, Decimal(0), None, Decimal(20)),
        Entry(one, VARIANT, Decimal(10), Decimal(95), None),
    ]
    terms = {"public": Decimal(100), "regular": Decimal(100), "currency": "CNY"}
    assert resolve(rows, quantity=Decimal(1), **terms).unit_price == 80  # type: ignore[arg-type]
    assert resolve(rows, quantity=Decimal(10), **terms).unit_price == 95  # type: ignore[arg-type]


@pytest.fixture
def shop(platform: Tenant) -> UUID:
    return make_merchant().id


def test_members_pay_their_price_and_orders_keep_it(shop: UUID) -> None:
    tea, cups = make_goods("20", merchant_id=shop), make_goods("9", merchant_id=shop)
    buyer, other = make_person().id, make_person().id
    group = make_buyer_group(shop, buyer)
    listed = make_price_list(
        group,
        prices={tea: "15"},
        entries=[PriceEntryInput(variant_id=tea, minimum=Decimal(10), unit_price=Decimal(12))],
    )
    cart = make_cart((tea, 2), (cups, 1), buyer_id=buyer)
    lines = {one.variant_id: one for one in facade.cart_view(cart_id=cart.id).lines}
    assert seen(lines[tea].unit_price, lines[tea].public_price) == (15, 20)
    source = lines[tea].price_list
    assert source is not None
    assert source.id == listed.id
    assert seen(lines[cups].unit_price, lines[cups].price_list) == (9, None)
    assert lines[tea].problems == ()
    view = facade.set_cart_line(cart_id=cart.id, variant_id=tea, quantity=Decimal(10))
    assert view.goods_total.amount == 12900
    group_of = place(cart, expected_total=view.total.amount)
    facade.delete_price_list(list_id=listed.id, merchant_id=shop)
    kept = facade.group(group_id=group_of.id).orders[0].lines[0]
    assert seen(kept.unit_price, kept.public_price, kept.total.amount) == (12, 20, 12000)
    assert kept.price_list is not None
    assert kept.price_list.names["en"] == "Wholesale prices"
    theirs = facade.cart_view(cart_id=make_cart((tea, 10), buyer_id=other).id)
    assert theirs.lines[0].unit_price == 20
    assert theirs.lines[0].price_list is None
    assert facade.cart_view(cart_id=make_cart((tea, 10)).id).lines[0].unit_price == 20


def test_pages_show_each_their_own(shop: UUID) -> None:
    kind = make_category()
    below = make_category(parent_id=kind.id)
    tea = make_goods("20", merchant_id=shop, category_id=below.id)
    buyer = make_person().id
    make_price_list(
        make_buyer_group(shop, buyer),
        percent="10",
        entries=[
            PriceEntryInput(category_id=kind.id, percent=Decimal(25)),
            PriceEntryInput(variant_id=tea, minimum=Decimal(5), percent=Decimal(50)),
        ],
    )
    [mine] = facade.listings(buyer_id=buyer).items
    [public] = facade.listings().items
    assert seen(mine.lowest, mine.regular) == (15, 20)
    assert mine.price_list is not None
    assert seen(public.lowest, public.regular, public.price_list) == (20, None, None)
    offer = facade.product_offers(slug_or_id=mine.card.slug, buyer_id=buyer).offers[tea]
    assert seen(offer.unit_price, offer.public_price) == (15, 20)
    assert [seen(one.minimum, one.unit_price) for one in offer.steps] == [(5, 10)]
    assert facade.product_offers(slug_or_id=mine.card.slug).offers[tea].unit_price == 20
    assert facade.prices([tea])[tea].unit_price == 20


def test_a_sale_and_a_list_dont_add_up(shop: UUID) -> None:
    """The percentage is off the regular price; what is lower counts."""
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    make_price_list(make_buyer_group(shop, buyer), percent="10")
    facade.plan_sale(
        merchant_id=shop, variant_id=tea, unit_price=Decimal(17), ends_at=clock.business() + DAY
    )
    line = facade.cart_view(cart_id=make_cart((tea, 1), buyer_id=buyer).id).lines[0]
    assert seen(line.unit_price, line.price_list) == (17, None)
    found = facade.prices([tea])[tea]
    assert found.lowest_before == 20  # the public price's, whatever members pay


def test_a_tile_says_what_others_pay_now(shop: UUID) -> None:
    """The sale's price, which is the public one while it lasts; as on the product's page."""
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    make_price_list(make_buyer_group(shop, buyer), prices={tea: "12"})
    facade.plan_sale(
        merchant_id=shop, variant_id=tea, unit_price=Decimal(15), ends_at=clock.business() + DAY
    )
    [mine] = facade.listings(buyer_id=buyer).items
    offer = facade.product_offers(slug_or_id=mine.card.slug, buyer_id=buyer).offers[tea]
    assert seen(offer.unit_price, offer.public_price) == (12, 15)
    assert seen(mine.lowest, mine.regular) == (12, 15)
    [public] = facade.listings().items
    assert seen(public.lowest, public.regular) == (15, 20)


def test_promotions_are_worked_out_on_the_groups_price(shop: UUID) -> None:
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    make_price_list(make_buyer_group(shop, buyer), prices={tea: "10"})
    make_promotion(merchant_id=shop, amount=500)
    view = facade.cart_view(cart_id=make_cart((tea, 1), buyer_id=buyer).id)
    assert seen(view.goods_total.amount, view.discount_total.amount) == (1000, 500)


def test_what_isnt_in_force_changes_nothing(shop: UUID) -> None:
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    group = make_buyer_group(shop)
    member = join(group, buyer)
    now = clock.business()
    listed = make_price_list(group, prices={tea: "15"}, starts_at=now + DAY, ends_at=now + 2 * DAY)
    cart = make_cart((tea, 1), buyer_id=buyer)

    def price() -> Decimal | None:
        return facade.cart_view(cart_id=cart.id).lines[0].unit_price

    assert price() == 20
    with clock.offset(3 * DAY):
        assert price() == 20
    with clock.offset(DAY + timedelta(minutes=1)):
        assert price() == 15
        change: dict[str, Any] = {"group_id": group.id, "merchant_id": shop, "code": group.code}
        facade.change_buyer_group(**change, names=group.names, active=False)
        assert price() == 20
        facade.change_buyer_group(**change, names=group.names, active=True)
        given = facade.PriceListInput(
            group_id=group.id, code=listed.code, names=listed.names, active=False
        )
        facade.change_price_list(list_id=listed.id, merchant_id=shop, given=given)
        assert price() == 20
        facade.change_price_list(
            list_id=listed.id,
            merchant_id=shop,
            given=facade.PriceListInput(group_id=group.id, code=listed.code, names=listed.names),
        )
        assert price() == 15
        facade.leave_group(member_id=member, buyer_id=buyer)
        assert price() == 20


def test_signing_in_prices_the_guests_cart_anew(shop: UUID) -> None:
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    make_price_list(make_buyer_group(shop, buyer), prices={tea: "15"})
    guest = make_cart((tea, 1))
    assert guest.token is not None
    mine = facade.merge_carts(token=guest.token, buyer_id=buyer)
    line = facade.cart_view(cart_id=mine.id).lines[0]
    assert seen(line.unit_price, line.price_added) == (15, 20)
    assert line.problems == ("price_changed",)


def test_who_leaves_while_checking_out_is_told(shop: UUID) -> None:
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    group = make_buyer_group(shop, buyer)
    listed = make_price_list(group, prices={tea: "15"})
    cart = make_cart((tea, 1), buyer_id=buyer)
    shown = facade.cart_view(cart_id=cart.id).total.amount
    row = PriceEntryInput(variant_id=tea, unit_price=Decimal(16))
    facade.put_price_entries(list_id=listed.id, merchant_id=shop, rows=[row])
    with pytest.raises(facade.TotalChanged) as caught:
        place(cart, expected_total=shown)
    [line] = caught.value.params["lines"]
    assert seen(line["price_added"], line["unit_price"]) == ("15.00", "16.00")
    assert place(cart, expected_total=shown + 100).goods_total.amount == 1600


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_list_that_changes_at_this_moment(shop: UUID, platform: Tenant) -> None:
    """The order is at what the buyer saw, or isn't placed."""
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    listed = make_price_list(make_buyer_group(shop, buyer), prices={tea: "15"})
    row = PriceEntryInput(variant_id=tea, unit_price=Decimal(16))
    cart = make_cart((tea, 1), buyer_id=buyer)
    shown = facade.cart_view(cart_id=cart.id).total.amount
    placed, _put = at_once(
        platform,
        partial(place, cart, expected_total=shown),
        partial(facade.put_price_entries, list_id=listed.id, merchant_id=shop, rows=[row]),
    )
    if not isinstance(placed, facade.TotalChanged):
        [line] = placed.orders[0].lines
        assert seen(line.unit_price, placed.goods_total.amount) == (15, 1500)
    cart = make_cart((tea, 1), buyer_id=buyer)
    assert facade.cart_view(cart_id=cart.id).lines[0].unit_price == 16


def test_another_shops_list_never_prices_these_goods(shop: UUID) -> None:
    """Even an entry for goods that have changed hands, or of a category that both sell in."""
    kind = make_category()
    tea, buyer = make_goods("20", merchant_id=shop, category_id=kind.id), make_person().id
    foreign = make_buyer_group(make_merchant().id, buyer)
    with pytest.raises(facade.InvalidPriceList):
        make_price_list(foreign, prices={tea: "1"})
    make_price_list(
        foreign, percent="90", entries=[PriceEntryInput(category_id=kind.id, percent=Decimal(95))]
    )
    line = facade.cart_view(cart_id=make_cart((tea, 1), buyer_id=buyer).id).lines[0]
    assert seen(line.unit_price, line.price_list) == (20, None)


def test_another_platforms_lists_are_as_if_absent(shop: UUID) -> None:
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    group = make_buyer_group(shop, buyer)
    listed = make_price_list(group, prices={tea: "15"})
    with scope(make_platform()):
        assert facade.own_memberships(buyer_id=buyer).items == []
        assert facade.price_lists(merchant_id=None).items == []
        with pytest.raises(facade.PriceListNotFound):
            facade.price_list(list_id=listed.id, merchant_id=shop)
        with pytest.raises(facade.BuyerGroupNotFound):
            facade.delete_buyer_group(group_id=group.id, merchant_id=shop)


def test_of_several_lists_the_lowest_counts(shop: UUID) -> None:
    tea, buyer = make_goods("20", merchant_id=shop), make_person().id
    first, second = make_buyer_group(shop, buyer), make_buyer_group(shop, buyer)
    make_price_list(first, prices={tea: "15"})
    low = make_price_list(second, prices={tea: "14"})
    dear = make_price_list(second, prices={tea: "25"})
    line = facade.cart_view(cart_id=make_cart((tea, 1), buyer_id=buyer).id).lines[0]
    assert line.unit_price == 14
    assert line.price_list is not None
    assert line.price_list.id == low.id
    set_price(tea, "13")
    line = facade.cart_view(cart_id=make_cart((tea, 1), buyer_id=make_person().id).id).lines[0]
    assert line.unit_price == 13
    assert dear.entries == 1


def test_entries_are_set_all_or_none(shop: UUID) -> None:
    tea, cups = make_goods("20", merchant_id=shop), make_goods("9", merchant_id=shop)
    listed = make_price_list(make_buyer_group(shop), prices={tea: "15", cups: "8"})

    def put(*rows: PriceEntryInput, replace: bool = False) -> None:
        facade.put_price_entries(list_id=listed.id, merchant_id=shop, rows=rows, replace=replace)

    wrong = [
        PriceEntryInput(variant_id=tea, unit_price=Decimal(0)),
        PriceEntryInput(variant_id=tea, unit_price=Decimal(1), percent=Decimal(1)),
        PriceEntryInput(variant_id=uuid7(), percent=Decimal(100)),
        PriceEntryInput(percent=Decimal(10), minimum=Decimal(-1)),
        PriceEntryInput(category_id=uuid7(), unit_price=Decimal(3)),
        PriceEntryInput(variant_id=cups, percent=Decimal(5)),
        PriceEntryInput(variant_id=cups, percent=Decimal(6), minimum=Decimal("0.000")),
    ]
    with pytest.raises(facade.InvalidPriceList) as caught:
        put(*wrong)
    assert [one.field for one in caught.value.problems] == [
        "entries.0.unit_price", "entries.1.unit_price", "entries.2.percent", "entries.2.variant_id",
        "entries.3.variant_id", "entries.3.minimum", "entries.4.unit_price",
        "entries.4.category_id", "entries.6.minimum",
    ]  # fmt: skip
    put(PriceEntryInput(variant_id=tea, percent=Decimal(50)))
    there = facade.price_entries(list_id=listed.id, merchant_id=shop).items
    assert {seen(one.variant_id, one.percent) for one in there} == {(tea, 50), (cups, None)}
    before = facade.price_list(list_id=listed.id, merchant_id=shop).version
    put(PriceEntryInput(variant_id=tea, percent=Decimal(50)))
    assert facade.price_list(list_id=listed.id, merchant_id=shop).version == before
    put(PriceEntryInput(variant_id=tea, percent=Decimal(40)), replace=True)
    [only] = facade.price_entries(list_id=listed.id, merchant_id=shop).items
    assert seen(only.variant_id, only.percent) == (tea, 40)
    facade.delete_price_entry(list_id=listed.id, merchant_id=shop, entry_id=only.id)
    with pytest.raises(facade.PriceEntryNotFound):
        facade.delete_price_entry(list_id=listed.id, merchant_id=shop, entry_id=only.id)
