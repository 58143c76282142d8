"""Orders of goods that aren't there yet: sent when they come, cancelled when they don't."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from inventory import facade as inventory
from inventory.facade import StockLine
from journeys import facade as journeys
from kernel import clock, mail, outbox
from marketplace import facade as marketplace
from tests.factories.cancelling import bought, cancel, order_of, wanted
from tests.factories.world import World, make_world

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ahead(world: World, mode: str = "backorder", **more: Any) -> None:
    """The first shop's variant is sold ahead: so many, within a week."""
    values: dict[str, Any] = {"limit": Decimal(5), "lead_days": 7} | more
    own = world.shops[0]
    inventory.set_ahead(merchant_id=own.merchant_id, variant_id=own.variant_id, mode=mode, **values)


def come(world: World, quantity: int) -> None:
    own = world.shops[0]
    [place] = inventory.stock_page(variant_id=own.variant_id).items
    inventory.adjust_stock(
        merchant_id=own.merchant_id, variant_id=own.variant_id, warehouse_id=place.warehouse_id,
        delta=Decimal(quantity), reason="received",
    )  # fmt: skip


def promised(world: World) -> Decimal:
    own = world.shops[0].variant_id
    return inventory.aheads([own])[own].promised


def parcel(order: marketplace.OrderInfo) -> None:
    marketplace.mark_shipped(order_id=order.id)


def test_what_is_there_is_sent_first_and_the_rest_when_it_has_come(platform: Any) -> None:
    world = make_world(1, stock=2)
    ahead(world)
    view = marketplace.cart_view(cart_id=world.cart(4))
    [wanted_line] = view.lines
    assert view.orderable
    assert wanted_line.waits == 2
    assert wanted_line.sellable
    assert wanted_line.sellable.how == "backorder"
    [order] = bought(world, 4)
    [line] = order.lines
    assert line.waiting == 2
    assert line.promise
    assert line.promise.due_on == inventory.today() + 7 * DAY
    assert set(marketplace.left_to_send(order_id=order.id).values()) == {2}
    with pytest.raises(marketplace.InvalidParcel):
        marketplace.begin_ship(order_id=order.id, lines=wanted(order, 3))
    parcel(order)
    assert order_of(order.id).state == "partly_shipped"
    with pytest.raises(marketplace.GoodsAwaited):
        parcel(order)
    come(world, 3)
    parcel(order)
    assert order_of(order.id).state == "shipped"
    outbox.drain()
    told = {one.kind: one.title for one in journeys.timeline(order_id=order.id)}
    assert "inventory.promise.made.v1" in told
    assert "inventory.promise.filled.v1" in told
    assert inventory.availability([line.variant_id]) == {line.variant_id: 1}


def test_too_many_for_the_limit_cannot_be_ordered(platform: Any) -> None:
    world = make_world(1, stock=2)
    ahead(world, limit=Decimal(1))
    view = marketplace.cart_view(cart_id=world.cart(4))
    assert "short_stock" in view.lines[0].problems
    assert view.lines[0].waits == 0
    with pytest.raises(inventory.OutOfStock):
        world.buy(4)
    assert promised(world) == 0


def test_a_preorder_isnt_sent_before_its_day_though_it_is_there(platform: Any) -> None:
    world = make_world(1, stock=2)
    day = inventory.today() + 3 * DAY
    ahead(world, "preorder", release_on=day)
    [order] = bought(world, 2)
    with pytest.raises(marketplace.GoodsAwaited):
        parcel(order)
    with clock.offset(3 * DAY):
        parcel(order)
        assert order_of(order.id).state == "shipped"


def test_cancelling_gives_up_the_promise(platform: Any) -> None:
    world = make_world(1, stock=1)
    ahead(world)
    [order] = bought(world, 4)
    assert promised(world) == 3
    cancel(order, 1)
    assert promised(world) == 2
    cancel(order_of(order.id), 1, side="merchant", cause="out_of_stock")
    assert promised(world) == 1
    journeys.cancel_order(order_id=order.id, by_buyer=True)
    assert order_of(order.id).state == "cancelled"
    assert promised(world) == 0
    own = world.shops[0].variant_id
    assert inventory.availability([own]) == {own: 1}


def test_a_day_that_passed_lets_the_buyer_go_though_it_is_packed(platform: Any) -> None:
    world = make_world(1, stock=1)
    ahead(world)
    [order] = bought(world, 3)
    marketplace.start_packing(order_id=order.id)
    assert not marketplace.cancellable(order_id=order.id).at_once
    assert cancel(order, 1).state == "requested"
    with clock.offset(8 * DAY):
        assert inventory.late_count(world.shops[0].merchant_id) == 1
        with pytest.raises(marketplace.MerchantMustAgree):
            journeys.cancel_order(order_id=order.id, by_buyer=True)
        # Two weren't there on the promised day; one of them is asked for already.
        done = cancel(order, 1)
        assert done.state == "refunded"
        assert promised(world) == 1


def test_the_buyer_is_told_of_another_day(platform: Any) -> None:
    world = make_world(1, stock=0)
    ahead(world)
    [order] = bought(world, 2)
    own = world.shops[0]
    outbox.drain()
    later = inventory.today() + 20 * DAY
    inventory.move_promises(merchant_id=own.merchant_id, variant_id=own.variant_id, due_on=later)
    outbox.drain()
    [line] = order_of(order.id).lines
    assert line.promise
    assert line.promise.due_on == later
    [letter] = [
        one
        for one in mail.letters().items
        if "another day" in one.subject + one.body or "改" in one.subject
    ]
    assert order.number in letter.body + letter.subject
    shown = [one.title for one in journeys.timeline(order_id=order.id)]
    assert any(str(later) in title for title in shown), shown
    with clock.offset(8 * DAY):
        marketplace.start_packing(order_id=order.id)
        # The buyer had agreed to the first day.
        assert marketplace.cancellable(order_id=order.id).at_once


def test_a_checkout_that_fails_leaves_no_promise(platform: Any) -> None:
    world = make_world(1, stock=0)
    ahead(world)
    key = marketplace.open_cart().id
    inventory.reserve(
        key=key, lines=[StockLine(world.shops[0].variant_id, Decimal(2))],
        expires_at=clock.business() + DAY,
    )  # fmt: skip
    assert promised(world) == 2
    inventory.release_reservation(key=key)
    assert promised(world) == 0


def test_a_preorder_put_off_lets_the_buyer_go_though_it_is_packed(platform: Any) -> None:
    world = make_world(1, stock=2)
    day = inventory.today() + 3 * DAY
    ahead(world, "preorder", release_on=day)
    [order] = bought(world, 2)
    marketplace.start_packing(order_id=order.id)
    ahead(world, "preorder", release_on=day + 300 * DAY)
    assert not marketplace.cancellable(order_id=order.id).at_once
    with clock.offset(4 * DAY):
        with pytest.raises(marketplace.GoodsAwaited):
            parcel(order)
        assert order_of(order.id).lines[0].broken
        assert cancel(order, 1).state == "refunded"
        journeys.cancel_order(order_id=order.id, by_buyer=True)
        assert order_of(order.id).state == "cancelled"
