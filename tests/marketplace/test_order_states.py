"""Orders go their way, once, and only theirs."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.jobs import run_periodic
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.sealed_text import opened
from kernel.tenancy import Tenant
from marketplace import facade
from marketplace.facade import OrderInfo
from marketplace.models import Order
from tests.factories.marketplace import make_cart, make_goods, make_group, make_order, place
from tests.factories.platforms import make_platform

State = Order.State


def told(order: OrderInfo) -> list[str]:
    rows = OutboxEvent.objects.filter(aggregate_id=order.id).order_by("version")
    return [row.type.split(".")[2] for row in rows]


def fresh(order: OrderInfo) -> OrderInfo:
    found = facade.order(order_id=order.id)
    assert found is not None
    return found


def test_from_placed_to_delivered(platform: Tenant) -> None:
    order = make_order(state="delivered")
    assert told(order) == ["placed", "paid", "shipped", "delivered"]
    times = [order.placed_at, order.paid_at, order.shipped_at, order.delivered_at]
    known = [time for time in times if time is not None]
    assert known == sorted(known)
    assert len(known) == 4
    assert order.waybill == "SF1"
    actions = AuditRecord.objects.filter(target_id=order.id).order_by("created_at", "id")
    assert [row.action.rpartition(".")[2] for row in actions] == [
        "placed",
        "paid",
        "shipping",
        "shipped",
        "delivered",
    ]


def test_every_step_may_be_repeated(platform: Tenant) -> None:
    order = make_order(state="delivered")
    facade.mark_group_paid(group_id=order.group_id)
    facade.mark_shipped(order_id=order.id, waybill="SF2")
    facade.mark_delivered(order_id=order.id)
    assert fresh(order) == order
    gone = make_order(state="cancelled")
    facade.mark_cancelled(order_id=gone.id)
    facade.cancel_group(group_id=gone.group_id, reason="again", restore_cart=True)
    assert fresh(gone) == gone
    assert told(gone) == ["placed", "paid", "cancelled"]


ACTIONS: dict[str, Callable[[OrderInfo], Any]] = {
    "pay": lambda order: facade.mark_group_paid(group_id=order.group_id),
    "ship": lambda order: facade.begin_ship(order_id=order.id),
    "shipped": lambda order: facade.mark_shipped(order_id=order.id),
    "delivered": lambda order: facade.mark_delivered(order_id=order.id),
    "cancel": lambda order: facade.begin_cancel(order_id=order.id),
    "cancelled": lambda order: facade.mark_cancelled(order_id=order.id),
    "drop": lambda order: facade.cancel_group(group_id=order.group_id, reason="x"),
}
REFUSED = [
    ("pending_payment", "ship"),
    ("pending_payment", "shipped"),
    ("pending_payment", "delivered"),
    ("pending_payment", "cancel"),
    ("paid", "delivered"),
    ("shipping", "cancel"),
    ("shipping", "drop"),
    ("shipped", "ship"),
    ("shipped", "cancel"),
    ("shipped", "cancelled"),
    ("shipped", "drop"),
    ("delivered", "cancel"),
    ("cancelling", "ship"),
    ("cancelling", "shipped"),
    ("cancelled", "pay"),
    ("cancelled", "ship"),
    ("cancelled", "cancel"),
]


@pytest.mark.parametrize(("state", "action"), REFUSED)
def test_steps_out_of_turn_are_refused(platform: Tenant, state: str, action: str) -> None:
    order = make_order(state=state)
    before = told(order)
    with pytest.raises(facade.OrderState) as caught:
        ACTIONS[action](order)
    assert caught.value.status == 409
    assert caught.value.params["state"] == state
    assert fresh(order) == order
    assert told(order) == before


def test_shipping_can_be_given_up(platform: Tenant) -> None:
    order = make_order(state="shipping")
    facade.end_ship(order_id=order.id)
    facade.end_ship(order_id=order.id)
    assert fresh(order).state == State.PAID
    again = facade.begin_ship(order_id=order.id)
    assert again.address is not None
    assert [line.variant_id for line in again.lines] == [line.variant_id for line in order.lines]


def test_cancelling_can_be_given_up(platform: Tenant) -> None:
    order = make_order(state="cancelling")
    assert order.cancel_reason == "changed my mind"
    facade.abandon_cancel(order_id=order.id)
    facade.abandon_cancel(order_id=order.id)
    assert fresh(order).state == State.PAID
    assert fresh(order).cancel_reason == ""


def test_a_cancelled_order_says_whether_it_was_paid(platform: Tenant) -> None:
    unpaid, paid = make_order(), make_order(state="cancelled")
    facade.cancel_group(group_id=unpaid.group_id, reason="payment declined")
    rows = OutboxEvent.objects.filter(type="marketplace.order.cancelled.v1")
    said = {
        row.aggregate_id: (row.payload["was_paid"], opened(row.payload["reason"])) for row in rows
    }
    assert said == {
        unpaid.id: (False, "payment declined"),
        paid.id: (True, "changed my mind"),
    }


def test_a_dropped_group_gives_the_cart_back(platform: Tenant) -> None:
    tea, rice, corn = make_goods("1"), make_goods("2"), make_goods("3")
    cart = make_cart((tea, 2), (rice, 3))
    group = place(cart)
    facade.add_to_cart(cart_id=cart.id, variant_id=corn, quantity=Decimal(1))
    facade.add_to_cart(cart_id=cart.id, variant_id=rice, quantity=Decimal(1))
    facade.cancel_group(group_id=group.id, reason="declined", restore_cart=True)
    facade.cancel_group(group_id=group.id, reason="declined", restore_cart=True)
    view = facade.cart_view(cart_id=cart.id)
    assert {line.variant_id: line.quantity for line in view.lines} == {tea: 2, rice: 4, corn: 1}
    assert {order.state for order in facade.group(group_id=group.id).orders} == {"cancelled"}


def test_a_paid_group_can_be_dropped(platform: Tenant) -> None:
    group = make_group(paid=True)
    facade.cancel_group(group_id=group.id, reason="undone")
    assert [order.state for order in facade.group(group_id=group.id).orders] == ["cancelled"]


def test_one_shipped_order_keeps_the_whole_group(platform: Tenant) -> None:
    group = make_group((make_goods(), 1), (make_goods(), 1), paid=True)
    facade.mark_shipped(order_id=group.orders[1].id)
    with pytest.raises(facade.OrderState):
        facade.cancel_group(group_id=group.id, reason="undone")
    states = [order.state for order in facade.group(group_id=group.id).orders]
    assert states == ["paid", "shipped"]


def test_orders_are_completed_by_the_business_clock(db: None) -> None:
    tenant = make_platform()
    with tenancy.scope(tenant):
        order, other = make_order(state="delivered"), make_order(state="shipped")
        with clock.offset(timedelta(days=6, hours=23)):
            assert run_periodic("marketplace.complete_delivered") == {"completed": 0}
        with clock.offset(timedelta(days=7, minutes=1)):
            assert run_periodic("marketplace.complete_delivered") == {"completed": 1}
            assert run_periodic("marketplace.complete_delivered") == {"completed": 0}
        done = fresh(order)
        assert done.state == State.COMPLETED
        assert done.completed_at is not None
        assert done.delivered_at is not None
        assert done.completed_at - done.delivered_at >= timedelta(days=7)
        assert told(order)[-1] == "completed"
        assert fresh(other).state == State.SHIPPED


def test_absent_orders_are_absent(platform: Tenant) -> None:
    assert facade.order(order_id=uuid7()) is None
    for call in (facade.begin_ship, facade.mark_delivered, facade.begin_cancel):
        with pytest.raises(facade.OrderNotFound):
            call(order_id=uuid7())
    for group_call in (
        lambda: facade.group(group_id=uuid7()),
        lambda: facade.mark_group_paid(group_id=uuid7()),
        lambda: facade.cancel_group(group_id=uuid7(), reason="x"),
    ):
        with pytest.raises(facade.OrderNotFound):
            group_call()
