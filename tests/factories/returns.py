"""Delivered orders and returns for tests."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from journeys.services.delivered import on_delivered
from marketplace import facade as marketplace
from tests.factories.world import World


def deliver(order_id: UUID) -> marketplace.OrderInfo:
    """The order, handed over just now."""
    marketplace.begin_ship(order_id=order_id)
    marketplace.mark_shipped(order_id=order_id, waybill="SF1")
    on_delivered(order_id=order_id)
    found = marketplace.order(order_id=order_id)
    assert found is not None
    return found


def delivered(
    world: World, *quantities: int, method: str = "offline_test", **more: Any
) -> list[marketplace.OrderInfo]:
    """A purchase of so many of each shop's goods, all delivered."""
    info = world.buy(*quantities, method=method, **more)
    assert info.state == "done", info
    return [deliver(order_id) for order_id in info.order_ids]


def ask(
    order: marketplace.OrderInfo, *quantities: int | str, cause: str = "no_reason", **more: Any
) -> marketplace.ReturnInfo:
    """A return of so much of the order's lines; all of the first unless told."""
    wanted = quantities or (str(order.lines[0].quantity),)
    return marketplace.request_return(
        key=uuid4(),
        order_id=order.id,
        lines={
            line.id: Decimal(quantity)
            for line, quantity in zip(order.lines, wanted, strict=False)
            if quantity
        },
        cause=cause,
        **more,
    )


def make_return(order_id: UUID) -> marketplace.ReturnInfo:
    """A return of all of a delivered order, with a picture."""
    order = marketplace.order(order_id=order_id)
    assert order is not None
    shown = marketplace.ReturnPictureIn("lid.png", b"\x89PNG\r\n\x1a\n lid")
    return ask(order, cause="damaged", text="The lid is broken.", pictures=[shown])


def on_its_way(
    order: marketplace.OrderInfo, *quantities: int | str, cause: str = "no_reason"
) -> marketplace.ReturnInfo:
    """A return that was approved and sent."""
    found = ask(order, *quantities, cause=cause)
    marketplace.approve_return(return_id=found.id, send_to="长春市人民大街 1 号")
    return marketplace.send_return(return_id=found.id, carrier="顺丰", waybill="SF998877")
