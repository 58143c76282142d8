"""Goods of a parcel that has arrived go back while others of the order are still to come."""

from contextlib import suppress
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory import facade as inventory
from journeys import facade as journeys
from journeys.services.delivered import on_delivered
from kernel.errors import DomainError
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from tests.factories.cancelling import bought, cancel, order_of, wanted
from tests.factories.exchanges import approve, back, confirmed, make_sizes, resend, swap
from tests.factories.exchanges import sent as sent_back
from tests.factories.promotions import make_promotion
from tests.factories.returns import ask, on_its_way
from tests.factories.world import make_world
from tests.journeys.test_ahead import ahead, promised
from tests.journeys.test_returns import at_once, balanced, held, later, left


def send(order: marketplace.OrderInfo, quantity: int, *, arrives: bool = True) -> Any:
    """A parcel with so much of the order's line, and its shipment."""
    key, shipment = uuid4(), uuid4()
    marketplace.begin_ship(order_id=order.id, key=key, lines=wanted(order, quantity))
    marketplace.mark_shipped(order_id=order.id, key=key, shipment_id=shipment)
    if arrives:
        on_delivered(order_id=order.id, shipment_id=shipment)
    return shipment


def given_back(order: marketplace.OrderInfo, quantity: int, **more: Any) -> marketplace.ReturnInfo:
    """A return of so much of what has arrived, carried out."""
    found = on_its_way(order, quantity, **more)
    assert journeys.receive_return(return_id=found.id, restock=True).state == "done"
    return marketplace.order_return(return_id=found.id)


def test_what_has_arrived_goes_back_at_once(platform: Any) -> None:
    world = make_world(1)
    [order] = bought(world, 3)
    shipment = send(order, 1, arrives=False)
    with pytest.raises(marketplace.NotReturnable):
        ask(order, 1)
    on_delivered(order_id=order.id, shipment_id=shipment)
    may = marketplace.returnable(order_id=order.id)
    assert list(may.left.values()) == [1]
    assert not may.problem
    with pytest.raises(marketplace.InvalidReturn) as refused:
        ask(order, 2)
    assert refused.value.params["left"] == "1"
    with later(days=30):  # the days begin with the last parcel
        back = given_back(order, 1)
        assert back.refund.amount == 1000
        assert left(world) == [98]
        assert order_of(order.id).state == "partly_shipped"
        nothing = marketplace.returnable(order_id=order.id)
        assert nothing.problem == "marketplace.nothing_left_to_return"
        assert send(order, 2)
        assert order_of(order.id).state == "delivered"
        last = given_back(order_of(order.id), 2)
    assert last.shipping_refund == order.shipping_total, "nothing of the order is kept"
    assert held(order).refunded == order.total
    balanced()


@pytest.mark.parametrize("first", ["return", "cancel"])
@pytest.mark.parametrize("rule", ["fault_or_whole", "fault"])
def test_the_rest_is_cancelled_before_or_after(platform: Any, first: str, rule: str) -> None:
    """Whichever comes first, the same goes back altogether; the order was sent, not cancelled."""
    platforms.change_settings(settings={"marketplace": {"return_shipping": rule}})
    make_promotion(kind="percentage", percent=Decimal("7.7"))
    [order] = bought(make_world(1, price="33.33"), 3)
    send(order, 2)
    acts: list[Any] = [partial(given_back, order, 2), partial(cancel, order, 1)]
    for act in acts if first == "return" else reversed(acts):
        act()
    now = order_of(order.id)
    assert now.state == "delivered"
    kept = 0 if rule == "fault_or_whole" else order.shipping_total.amount
    assert held(order).refunded.amount == order.total.amount - kept
    assert held(order).subsidy.amount == 0
    assert bool(held(order).commission.amount) == bool(kept), "in proportion to the delivery"
    with later(days=60):
        payments.release_due()
        marketplace.complete_delivered_orders()
    assert order_of(order.id).state == "completed"
    balanced()


def test_delivery_isnt_given_back_twice(platform: Any) -> None:
    """A return for a fault of the merchant's brought it back already."""
    [order] = bought(make_world(1), 2)
    send(order, 1)
    assert given_back(order, 1, cause="damaged").shipping_refund == order.shipping_total
    assert cancel(order, 1).shipping_refund.amount == 0
    assert held(order).refunded == order.total
    balanced()


def test_what_is_still_to_come_stays_promised(platform: Any) -> None:
    """What comes back on sale is what had been there; then it fills the promise of the rest."""
    world = make_world(1, stock=1)
    ahead(world)
    [order] = bought(world, 3)
    send(order, 1)
    journeys.receive_return(return_id=on_its_way(order, 1).id, restock=False)
    assert promised(world) == 2


def test_what_comes_back_fills_the_rests_promise(platform: Any) -> None:
    world = make_world(1, stock=1)
    ahead(world)
    [order] = bought(world, 3)
    send(order, 1)
    given_back(order, 1)
    own = world.shops[0].merchant_id
    told = [one.reason for one in inventory.movements_page(merchant_id=own).items]
    assert "order_returned" in told, "it came back, and then filled the promise"
    assert promised(world) == 1
    assert set(marketplace.left_to_send(order_id=order.id).values()) == {1}
    cancel(order, 2)
    assert promised(world) == 0
    assert left(world) == [1]
    balanced()


def test_exchanged_while_the_rest_is_to_come(platform: Any) -> None:
    """The replacement and the rest go their own ways; given back, both bring all of the money."""
    shop = make_sizes()
    [order] = bought(shop.world, 3)
    send(order, 1)
    found = swap(order)
    back(found)
    resend(found)
    send(order, 1)
    assert order_of(order.id).state == "partly_shipped"
    assert confirmed(found).state == "exchanged"
    cancel(order, 1)
    assert order_of(order.id).state == "delivered"
    for piece in marketplace.returnable(order_id=order.id).pieces:
        last = marketplace.request_return(
            key=uuid4(), order_id=order.id, lines={piece.id: piece.left}, cause="no_reason"
        )
        approve(last)
        sent_back(last)
        assert journeys.receive_return(return_id=last.id).state == "done"
    assert held(order).refunded == order.total
    balanced()


@pytest.mark.django_db(transaction=True)
def test_arriving_returning_and_cancelling_at_once(platform: Any) -> None:
    world = make_world(1)
    for _round in range(4):
        [order] = bought(world, 3)
        send(order, 1)
        second = send(order, 1, arrives=False)
        at_once(
            platform,
            partial(given_back, order, 1),
            partial(given_back, order, 1),
            partial(cancel, order, 1),
            partial(on_delivered, order_id=order.id, shipment_id=second),
        )
        now = order_of(order.id)
        returns = marketplace.returns_of(order_id=order.id)
        assert now.state == "delivered"
        assert 1 <= len(returns) <= 2
        for _n in range(2 - len(returns)):
            given_back(order_of(order.id), 1)
        assert held(order).refunded == order.total
    balanced()


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_course(platform: Any, data: st.DataObject) -> None:
    """Sent, arrived, returned, received and cancelled in any order: nothing is returned that hasn't
    come, nothing goes back twice, and with nothing kept all of the money is back."""
    full = data.draw(st.booleans())
    platforms.change_settings(
        settings={"payments": {"commission_back": "full" if full else "proportional"}}
    )
    world = make_world(1, price=data.draw(st.sampled_from(["0.03", "9.99", "33.33"])))
    if data.draw(st.booleans()):
        make_promotion(kind="percentage", percent=Decimal("7.7"))
    [order] = bought(world, data.draw(st.integers(2, 6)))
    course = _Course(order, data)
    acts = ("send", "arrive", "return", "receive", "cancel")
    for act in data.draw(st.lists(st.sampled_from(acts), max_size=14)):
        with suppress(DomainError):
            getattr(course, f"do_{act}")()
        course.sound()
    course.to_the_end()
    assert held(order).refunded == order.total
    assert (held(order).subsidy.amount, held(order).commission.amount) == (0, 0)
    balanced()


class _Course:
    """One order on its way, and what is out of it."""

    def __init__(self, order: marketplace.OrderInfo, data: st.DataObject) -> None:
        self.order, self.data = order, data
        self.going: list[Any] = []
        self.returns: list[marketplace.ReturnInfo] = []

    def do_send(self) -> None:
        self.going.append(send(self.order, self.data.draw(st.integers(1, 3)), arrives=False))

    def do_arrive(self) -> None:
        if self.going:
            on_delivered(order_id=self.order.id, shipment_id=self.going.pop(0))

    def do_return(self) -> None:
        self.returns.append(on_its_way(self.order, self.data.draw(st.integers(1, 3))))

    def do_receive(self) -> None:
        if self.returns:
            one = self.returns.pop(self.data.draw(st.integers(0, len(self.returns) - 1)))
            journeys.receive_return(return_id=one.id, restock=self.data.draw(st.booleans()))

    def do_cancel(self) -> None:
        cancel(self.order, self.data.draw(st.integers(1, 3)))

    def sound(self) -> None:
        [line] = order_of(self.order.id).lines
        taken = sum(one.lines[0].quantity for one in marketplace.returns_of(order_id=self.order.id))
        assert 0 <= taken <= line.delivered <= line.sent <= line.quantity - line.cancelled
        assert held(self.order).refunded <= self.order.total

    def to_the_end(self) -> None:
        """The rest sent or cancelled, all of it arrived, and given back."""
        rest = int(order_of(self.order.id).lines[0].unsent)
        if rest and self.data.draw(st.booleans()):
            cancel(self.order, rest)
        elif rest:
            self.going.append(send(self.order, rest, arrives=False))
        while self.going:
            self.do_arrive()
        while self.returns:
            self.do_receive()
        for kept in marketplace.returnable(order_id=self.order.id).left.values():
            if kept:
                given_back(self.order, int(kept))
