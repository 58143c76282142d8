"""Placing and pricing at the same moment, on real PostgreSQL."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from kernel import tenancy
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.records.outbox import OutboxEvent
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.facade import OrderGroupInfo
from marketplace.models import Offer, Order, OrderGroup, PriceRecord
from tests.factories.catalog import make_product, make_variant
from tests.factories.marketplace import make_cart, make_goods, make_group, place, set_price
from tests.factories.platforms import make_person

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(tenant: Tenant, *calls: Callable[[], Any]) -> list[Any]:
    """Run the calls in threads that start together; answers or refusals, in the order given."""
    barrier = threading.Barrier(len(calls))
    found: list[Any] = [None] * len(calls)

    def run(place_: int, call: Callable[[], Any]) -> None:
        try:
            with tenancy.scope(tenant):
                barrier.wait(120)
                try:
                    found[place_] = call()
                except DomainError as error:
                    found[place_] = error
        except BaseException as error:
            found[place_] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def test_one_key_in_parallel_places_one_group(platform: Tenant) -> None:
    cart, key = make_cart((make_goods(), 1), (make_goods(), 2)), uuid7()
    found = at_once(platform, *[lambda: place(cart, key=key)] * 8)
    assert all(isinstance(group, OrderGroupInfo) for group in found), found
    assert {group.id for group in found} == {OrderGroup.objects.get().id}
    assert Order.objects.count() == 2
    assert OutboxEvent.objects.filter(type="marketplace.order.placed.v1").count() == 2


def test_a_cart_sent_twice_places_one_group(platform: Tenant) -> None:
    cart = make_cart((make_goods(), 1))
    found = at_once(platform, *[lambda: place(cart)] * 8)
    groups = [group for group in found if isinstance(group, OrderGroupInfo)]
    refused = [error for error in found if isinstance(error, facade.CartEmpty)]
    assert (len(groups), len(refused)) == (1, 7), found
    assert OrderGroup.objects.count() == 1


def test_lines_put_in_at_once_are_all_there(platform: Tenant) -> None:
    tea = make_goods()
    cart = make_cart(address=False)

    def add() -> Any:
        return facade.add_to_cart(cart_id=cart.id, variant_id=tea, quantity=Decimal(1))

    at_once(platform, *[add] * 6)
    [line] = facade.cart_view(cart_id=cart.id).lines
    assert line.quantity == 6


def test_what_is_put_in_while_ordering_is_ordered_or_stays(platform: Tenant) -> None:
    tea, rice = make_goods(), make_goods()
    for _round in range(5):
        cart = make_cart((tea, 1))
        group, _view = at_once(
            platform,
            lambda: place(cart),  # noqa: B023
            lambda: facade.add_to_cart(
                cart_id=cart.id,  # noqa: B023
                variant_id=rice,
                quantity=Decimal(1),
            ),
        )
        ordered = {line.variant_id for order in group.orders for line in order.lines}
        left = {line.variant_id for line in facade.cart_view(cart_id=cart.id).lines}
        assert ordered | left == {tea, rice}
        assert not ordered & left


def test_a_buyers_first_cart_is_one(platform: Tenant) -> None:
    buyer = make_person(role="buyer")
    found = at_once(platform, *[lambda: facade.open_cart(buyer_id=buyer.id)] * 6)
    assert len({cart.id for cart in found}) == 1, found


def test_a_first_price_set_at_once_is_one_offer(platform: Tenant) -> None:
    variant = make_variant()

    def price(value: int) -> Callable[[], Any]:
        return lambda: set_price(variant, Decimal(value))

    found = at_once(platform, *[price(n) for n in range(1, 7)])
    assert len({offer.id for offer in found}) == 1, found
    offer = Offer.objects.get()
    assert offer.version == 6
    kept = PriceRecord.objects.order_by("-id").values_list("unit_price", flat=True)
    assert set(kept) == {1, 2, 3, 4, 5, 6}
    assert len(kept) == 6
    assert offer.unit_price in kept


def test_batches_in_opposite_orders_dont_block_each_other(platform: Tenant) -> None:
    product = make_product(variants=30)
    ids = [variant.id for variant in product.variants]

    def batch(order: list[UUID], price: int) -> Callable[[], Any]:
        rows = [facade.PriceInput(variant, Decimal(price), "CNY") for variant in order]
        return lambda: facade.set_prices(merchant_id=product.merchant_id, rows=rows)

    for start in (1, 10):  # new offers first, then the ones that are there
        calls = [batch(ids if n % 2 else ids[::-1], start + n) for n in range(4)]
        for found in at_once(platform, *calls):
            assert isinstance(found, list), found
            assert all(isinstance(offer, facade.OfferInfo) for offer in found)
    assert len({offer.unit_price for offer in facade.prices(ids).values()}) == 1
    assert Offer.objects.count() == 30


def test_paid_and_cancelled_at_once_is_one_of_them(platform: Tenant) -> None:
    for _round in range(4):
        group = make_group((make_goods(), 1), (make_goods(), 1))

        def pay(group_id: UUID = group.id) -> None:
            facade.mark_group_paid(group_id=group_id)

        def drop(group_id: UUID = group.id) -> None:
            facade.cancel_group(group_id=group_id, reason="declined", restore_cart=True)

        found = at_once(platform, pay, drop, pay, drop)
        assert all(e is None or isinstance(e, facade.OrderState) for e in found), found
        states = {order.state for order in facade.group(group_id=group.id).orders}
        assert states == {"cancelled"}  # whoever came first, dropping is what comes last


def test_shipping_and_cancelling_at_once_is_one_of_them(platform: Tenant) -> None:
    for _round in range(4):
        order = make_group(paid=True).orders[0]

        def ship(order_id: UUID = order.id) -> Any:
            return facade.begin_ship(order_id=order_id)

        def cancel(order_id: UUID = order.id) -> Any:
            return facade.begin_cancel(order_id=order_id)

        found = at_once(platform, ship, cancel)
        assert sum(isinstance(one, facade.OrderState) for one in found) == 1, found
