"""Parts of orders that aren't sent, for tests."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from journeys import facade as journeys
from marketplace import facade as marketplace
from tests.factories.world import World


def bought(
    world: World, *quantities: int, method: str = "offline_test", **more: Any
) -> list[marketplace.OrderInfo]:
    """A paid purchase of so many of each shop's goods."""
    info = world.buy(*quantities, method=method, **more)
    assert info.state == "done", info
    return [order_of(order_id) for order_id in info.order_ids]


def order_of(order_id: UUID) -> marketplace.OrderInfo:
    """The order as it stands."""
    found = marketplace.order(order_id=order_id)
    assert found is not None
    return found


def wanted(order: marketplace.OrderInfo, *quantities: int | str) -> dict[UUID, Decimal]:
    """So much of the order's lines, in their order; nothing of those with 0."""
    return {
        line.id: Decimal(quantity)
        for line, quantity in zip(order.lines, quantities, strict=False)
        if quantity
    }


def cancel(
    order: marketplace.OrderInfo,
    *quantities: int | str,
    side: str = "buyer",
    cause: str = "",
    **more: Any,
) -> marketplace.CancellationInfo:
    """So much of the order's lines cancelled by a side."""
    return journeys.cancel_lines(
        key=more.pop("key", None) or uuid4(),
        order_id=order.id,
        lines=wanted(order, *quantities),
        cause=cause or ("changed_mind" if side == "buyer" else "out_of_stock"),
        side=side,
        **more,
    )


def ask_to_cancel(order_id: UUID) -> marketplace.CancellationInfo:
    """A buyer's wish about one piece of an order that is being packed, not answered yet."""
    found = cancel(order_of(order_id), 1, text="I have one already.")
    assert found.state == "requested", found
    return found
