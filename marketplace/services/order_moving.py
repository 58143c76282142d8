"""How an order moves on: refused with this context's own error, named in events."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext

from marketplace.errors import OrderState
from marketplace.models import Order

State = Order.State


def move(order: Order, to: str, action: str, reason: str = "") -> None:
    """``Order.move``; the caller saves. Raises OrderState."""
    move_all([order], to, action, reason)


def move_all(orders: Sequence[Order], to: str, action: str, reason: str = "") -> None:
    """``Order.move_all``; the caller saves. Raises OrderState before any has moved."""
    for order in orders:
        if not order.TRANSITIONS.allows(order.state, to):
            raise wrong(order)
    Order.move_all(orders, to, action=action, reason=reason[:200])


def wrong(order: Order) -> OrderState:
    """The refusal that says how the order stands, and what may follow."""
    return OrderState(
        gettext("The order %(number)s is in the state: %(state)s.")
        % {"number": order.number, "state": State(order.state).label},
        state=str(order.state),
        allowed=sorted(order.TRANSITIONS.moves[State(order.state)]),
    )


def named(order: Order) -> dict[str, Any]:
    """What every event of an order says."""
    return {
        "order_id": order.id,
        "group_id": order.group_id,
        "number": order.number,
        "merchant_id": order.merchant_id,
    }
