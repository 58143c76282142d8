"""Orders of goods that aren't there yet: sent when they come, cancelled when they don't."""

import threading
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections

from inventory import facade as inventory
from inventory.facade import StockLine
from journeys import facade as journeys
from journeys.services import promises
from kernel import clock, mail, outbox, tenancy
from kernel.transactions import atomic
from marketplace import facade as marketplace
from tests.factories.cancelling import bought, cancel, order_of, wanted
from tests.factories.catalog import make_variant
from tests.factories.inventory import make_stock
from tests.factories.world import Shop, World, make_world

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def ahead(world: World, mode: str = "backorder", of: int = 0, **more: Any) -> None:
    """The first (or another) shop's variant is sold ahead: so many, within a week."""
    values: dict[str, Any] = {"limit": Decimal(5), "lead_days": 7} | more
    own = world.shops[of]
    inventory.set_ahead(merchant_id=own.merchant_id, variant_id=own.variant_id, mode=mode, **values)


def come(world: World, quantity: int, of: int = 0) -> None:
    own = world.shops[of]
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
    assert line.promise.due_on == clock.today() + 7 * DAY
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
    day = clock.today() + 3 * DAY
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
    later = clock.today() + 20 * DAY
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


CAME = ("ordered ahead have come", "预订的商品已到货")


def told(order: marketplace.OrderInfo) -> list[str]:
    """The letters that say that everything has come."""
    outbox.drain()
    found = [one.subject + one.body for one in mail.letters(limit=50).items]
    return [text for text in found if order.number in text and any(one in text for one in CAME)]


def both(world: World, quantity: int = 2) -> marketplace.OrderInfo:
    """One order for so many of each of two variants of the shop, all of it promised."""
    own = world.shops[0]
    two = make_variant(merchant_id=own.merchant_id)
    marketplace.set_price(
        merchant_id=own.merchant_id, variant_id=two, unit_price=Decimal(5), currency="CNY"
    )
    make_stock(0, variant_id=two)
    world.shops.append(Shop(own.merchant_id, two))
    for n in (0, 1):
        ahead(world, of=n)
    [order] = bought(world, quantity, quantity)
    return order


def test_one_letter_when_the_last_that_was_promised_has_come(platform: Any) -> None:
    world = make_world(1, stock=0)
    order = both(world)
    come(world, 2)
    assert told(order) == []  # the other one is waited for
    come(world, 1, of=1)
    assert told(order) == []
    come(world, 5, of=1)
    [letter] = told(order)
    for line in order.lines:
        assert f"{line.titles['zh-Hans']} × 2" in letter
    kinds = [one.kind for one in journeys.timeline(order_id=order.id)]
    assert kinds.count("inventory.promise.filled.v1") == 3
    assert kinds.count("journeys.letter.goods_came") == 1


def test_two_arrivals_at_once_and_a_replay_write_one_letter(platform: Any) -> None:
    world = make_world(1, stock=0)
    order = both(world)
    come(world, 2)
    come(world, 2, of=1)  # neither is told of yet: each of them finds that all has come
    assert len(told(order)) == 1
    promises.write_of_come(order_of(order.id), clock.business())
    assert len(told(order)) == 1


@pytest.mark.django_db(transaction=True)
def test_several_at_once_claim_the_letter_once(platform: Any) -> None:
    world = make_world(1, stock=0)
    ahead(world)
    [order] = bought(world, 2)
    come(world, 2)
    start = threading.Barrier(4)

    def write() -> None:
        with tenancy.scope(platform), atomic():
            found = order_of(order.id)
            start.wait(60)
            promises.write_of_come(found, clock.business())
        connections.close_all()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told(order)) == 1


def test_what_is_cancelled_isnt_waited_for(platform: Any) -> None:
    world = make_world(1, stock=0)
    order = both(world)
    come(world, 2)
    assert told(order) == []
    [at] = [n for n, line in enumerate(order.lines) if line.variant_id == world.shops[1].variant_id]
    cancel(order, *(2 if n == at else 0 for n in range(2)))
    [letter] = told(order)
    assert letter.count("× 2") == 1


def test_no_letter_of_what_is_sent_or_over_and_a_preorder_names_its_day(platform: Any) -> None:
    world = make_world(1, stock=0)
    ahead(world)
    [sent], [over] = bought(world, 1), bought(world, 1)
    outbox.drain()
    come(world, 1)
    parcel(sent)
    assert told(sent) == []
    journeys.cancel_order(order_id=over.id, by_buyer=True)
    come(world, 5)
    assert told(over) == []

    world = make_world(1, stock=0)
    partly = both(world)
    come(world, 2)
    parcel(partly)
    come(world, 2, of=1)
    [letter] = told(partly)
    assert letter.count("×") == 1

    world = make_world(1, stock=0)
    day = clock.today() + 3 * DAY
    ahead(world, "preorder", release_on=day)
    [early] = bought(world, 2)
    come(world, 2)
    [letter] = told(early)
    assert f"{day.month}月{day.day}日" in letter


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
    day = clock.today() + 3 * DAY
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
