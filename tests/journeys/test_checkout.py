"""Checkout, fulfilment and cancellation through every context, against the sandbox over HTTP."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from inventory import facade as inventory
from journeys import facade as journeys
from journeys.models import Journey
from kernel import jobs, outbox
from kernel.ids import public_id
from kernel.money import Money
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from tests.factories.sandbox import make_account, serving
from tests.factories.world import World, connect, make_world

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(platform: Any) -> Iterator[str]:
    """A sandbox that the platform is connected to; yields its secret key."""
    with serving() as url:
        key = make_account()
        connect(url, key)
        yield key


def available(world: World) -> list[Decimal]:
    found = inventory.availability([shop.variant_id for shop in world.shops])
    return [found[shop.variant_id] for shop in world.shops]


def balanced() -> None:
    report = payments.trial_balance()
    assert report.balanced, report.problems


@pytest.mark.parametrize("method", ["offline_test", "pm_card_visa"])
def test_paid(sandbox: str, method: str) -> None:
    world = make_world(2)
    info = world.buy(2, 3, method=method)
    assert info.state == "done"
    assert info.group_id is not None
    group = marketplace.group(group_id=info.group_id)
    assert {order.state for order in group.orders} == {"paid"}
    assert [order.goods_total.amount for order in group.orders] == [2000, 3000]
    assert [order.commission.amount for order in group.orders] == [100, 150]
    assert available(world) == [98, 97]
    intent = payments.intent_for(reference=public_id("ogr", group.id))
    assert (intent.state, intent.amount) == ("succeeded", group.total)
    for order in group.orders:
        balance = payments.balance(merchant_id=order.merchant_id)
        assert balance.pending == order.total - order.commission
        assert balance.available == Money(0, "CNY")
    balanced()


DECLINED = "pm_card_visa_chargeDeclinedInsufficientFunds"


def test_declined_is_paid_another_way(sandbox: str) -> None:
    world = make_world(2)
    info = world.buy(2, 3, method=DECLINED)
    assert info.state == "waiting"
    assert info.declined is not None
    assert info.declined["code"] == "insufficient_funds"
    assert available(world) == [98, 97], "the goods stay held"
    again = journeys.pay_again(checkout_id=info.id, payment_method=DECLINED)
    assert again.state == "waiting"
    paid = journeys.pay_again(checkout_id=info.id, payment_method="pm_card_visa")
    assert (paid.state, paid.order_ids) == ("done", info.order_ids)
    assert paid.group_id is not None
    intent = payments.intent_for(reference=public_id("ogr", paid.group_id))
    assert intent.state == "succeeded"
    with pytest.raises(journeys.JourneyFinished):
        journeys.pay_again(checkout_id=info.id, payment_method="offline_test")
    balanced()


@pytest.mark.parametrize("how", ["deadline", "left"])
def test_declined_and_given_up_leaves_everything_as_it_was(sandbox: str, how: str) -> None:
    from journeys.engine.sweep import sweep
    from kernel import clock

    world = make_world(2)
    cart = world.cart(2, 3)
    info = journeys.start_checkout(key=uuid4(), cart_id=cart, payment_method=DECLINED)
    if how == "deadline":
        Journey.objects.update(deadline=clock.business())
        assert sweep() == 1
    else:
        journeys.leave_checkout(checkout_id=info.id)
    info = journeys.checkout(checkout_id=info.id)
    assert info.state == "undone"
    assert info.error is not None
    assert info.error["code"].startswith("journeys.")
    assert available(world) == [100, 100]
    view = marketplace.cart_view(cart_id=cart)
    assert [line.quantity for line in view.lines] == [2, 3]
    assert info.intent_id is not None
    assert payments.intent(intent_id=info.intent_id).state == "canceled"
    again = journeys.start_checkout(key=uuid4(), cart_id=cart, payment_method="pm_card_visa")
    assert again.state == "done"
    balanced()


def test_out_of_stock_is_refused_before_anything(sandbox: str) -> None:
    world = make_world(2, stock=5)
    cart = world.cart(2, 6)
    with pytest.raises(inventory.OutOfStock):
        journeys.start_checkout(key=uuid4(), cart_id=cart, payment_method="pm_card_visa")
    assert not Journey.objects.exists()
    assert available(world) == [5, 5]
    assert len(marketplace.cart_view(cart_id=cart).lines) == 2


def test_three_d_secure_waits_and_goes_on(sandbox: str) -> None:
    import requests

    world = make_world(1)
    info = world.buy(1, method="pm_card_threeDSecure2Required", return_url="http://127.0.0.1/back")
    assert info.state == "waiting"
    assert info.redirect_url.startswith("http://127.0.0.1:")
    assert available(world) == [99]
    assert journeys.resume_checkout(checkout_id=info.id).state == "waiting"
    page = requests.get(info.redirect_url, timeout=5)
    assert page.status_code == 200
    assert 'name="approve"' in page.text
    requests.post(info.redirect_url, data={"approve": "1"}, timeout=5, allow_redirects=False)
    assert journeys.resume_checkout(checkout_id=info.id).state == "done"
    balanced()


def test_deadline_gives_goods_and_cart_back(sandbox: str) -> None:
    from journeys.engine.sweep import sweep
    from kernel import clock

    world = make_world(1)
    info = world.buy(1, method="pm_card_threeDSecure2Required", return_url="http://127.0.0.1/back")
    assert info.state == "waiting"
    Journey.objects.update(deadline=clock.business())
    assert sweep() == 1
    info = journeys.checkout(checkout_id=info.id)
    assert info.state == "undone"
    assert info.error is not None
    assert info.error["code"] == "journeys.deadline_passed"
    assert available(world) == [100]
    balanced()


def test_shipped_delivered_released_and_on_the_timeline(sandbox: str) -> None:
    import requests

    world = make_world(1)
    info = world.buy(1, method="pm_card_visa")
    [order_id] = info.order_ids
    shipped = journeys.ship_order(order_id=order_id)
    assert shipped.state == "done"
    order = marketplace.order(order_id=order_id)
    assert order is not None
    assert (order.state, order.waybill != "") == ("shipped", True)
    [parcel] = logistics.shipments_for(reference=public_id("ord", order_id))
    from logistics.models import CarrierAccount

    base = CarrierAccount.objects.get().base_url
    for _ in range(4):
        requests.post(
            f"{base}/v1/waybills/{parcel.waybill}/advance",
            headers={"Authorization": f"Bearer {sandbox}"},
            timeout=5,
        )
    logistics.poll_shipment(shipment_id=parcel.id)
    outbox.drain()
    order = marketplace.order(order_id=order_id)
    assert order is not None
    assert order.state == "delivered"
    kinds = [line.kind for line in journeys.timeline(order_id=order_id)]
    assert kinds[0] == "marketplace.order.placed.v1"
    for kind in (
        "payments.intent.captured.v1",
        "marketplace.order.paid.v1",
        "logistics.shipment.booked.v1",
        "marketplace.order.shipped.v1",
        "logistics.shipment.delivered.v1",
        "marketplace.order.delivered.v1",
    ):
        assert kind in kinds
    with pytest.raises(marketplace.OrderState):
        journeys.cancel_order(order_id=order_id)
    balanced()


@pytest.mark.parametrize("method", ["offline_test", "pm_card_visa"])
def test_cancelled_before_shipping(sandbox: str, method: str) -> None:
    world = make_world(2)
    info = world.buy(2, 3, method=method)
    first, second = info.order_ids
    done = journeys.cancel_order(order_id=first, reason="changed_mind")
    assert done.state == "done"
    states = [marketplace.order(order_id=o) for o in (first, second)]
    assert [order.state for order in states if order] == ["cancelled", "paid"]
    assert available(world) == [100, 97]
    again = journeys.cancel_order(order_id=first)
    assert again.id == done.id, "a second click joins the first"
    with pytest.raises(marketplace.OrderState):
        journeys.ship_order(order_id=first)
    gone = marketplace.order(order_id=first)
    assert gone is not None
    assert payments.balance(merchant_id=gone.merchant_id).pending == Money(0, "CNY")
    balanced()
    # The platform's rule says what of the commission comes back: nothing, from now on.
    platforms.change_settings(settings={"payments": {"commission_back": "none"}})
    assert journeys.cancel_order(order_id=second).state == "done"
    kept = marketplace.order(order_id=second)
    assert kept is not None
    left = payments.balance(merchant_id=kept.merchant_id)
    assert (left.pending, left.free) == (Money(0, "CNY"), -kept.commission)
    balanced()
    jobs.drain()
