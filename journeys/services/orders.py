"""Cancel and accept orders."""

from uuid import UUID, uuid5

from journeys.contracts import JourneyInfo
from journeys.engine import start
from journeys.models import Journey
from journeys.selectors import journey_info
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.sealed_text import sealed
from kernel.transactions import atomic
from marketplace import facade as marketplace
from payments import facade as payments


def cancel_order(*, order_id: UUID, reason: str = "", by_buyer: bool = False) -> JourneyInfo:
    """Cancel a paid order before it ships: money and goods go back. ``by_buyer``: not once the
    merchant packs it.

    The key comes from the order, so a second click joins the first. Raises OrderState,
    MerchantMustAgree, NotCancellable.
    """
    order = marketplace.order(order_id=order_id)
    buyer = order.buyer_id if order else None
    words = sealed(buyer or order_id, reason)
    data = {"order_id": str(order_id), "reason": words, "by_buyer": by_buyer}
    return _begin("cancel", order_id, data)


def accept_order(*, order_id: UUID) -> marketplace.OrderInfo:
    """The buyer confirms receipt (确认收货): the order is completed and its money released, in one
    commit. Confirmed before: as it is. Raises OrderNotFound, OrderState, EscrowFrozen."""
    with atomic():
        order = marketplace.complete_order(order_id=order_id)
        held = payments.escrow_for(
            reference=public_id("ord", order_id), merchant_id=order.merchant_id
        )
        if held is not None and held.state in ("held", "frozen") and held.held:
            payments.accept_escrow(escrow_id=held.id)
    return order


def _begin(kind: str, order_id: UUID, data: dict[str, object]) -> JourneyInfo:
    order = marketplace.order(order_id=order_id)
    if order is None:
        raise NotFound
    # A run that was undone doesn't bar the next one: each gets the number of those before it.
    earlier = Journey.objects.filter(kind=kind, subject=str(order_id), state="undone").count()
    key = uuid5(order_id, f"{kind}:{earlier}")
    journey = start(kind, key=key, data=dict(data), merchant_id=order.merchant_id)
    return journey_info(journey)
