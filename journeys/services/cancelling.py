"""Parts of an order that aren't sent: asked for, agreed to, refunded."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from journeys.contract import watch
from journeys.engine import start
from journeys.engine.run import advance
from journeys.models import Journey
from kernel.errors import DomainError
from kernel.sealed_text import sealed
from kernel.transactions import atomic
from marketplace import facade as marketplace

KIND = "cancel_part"
BATCH = 50


def cancel_lines(
    *,
    key: UUID,
    order_id: UUID,
    lines: Mapping[UUID, Decimal],
    cause: str,
    side: str = "buyer",
    text: str = "",
    restock: bool | None = None,
) -> marketplace.CancellationInfo:
    """So much of these lines (ids of the order's lines) isn't sent, and its money goes back: at
    once, or where the buyer has to ask, when the merchant agrees. With nothing left to send, the
    order is cancelled. ``restock``: back on sale; yes unless told or out of stock.

    The same ``key`` again is the same cancellation. Raises OrderNotFound, NotCancellableNow,
    NothingLeftToCancel, InvalidCancellation, ContractInForce, ContractCoversAll, RefundTooLarge.
    """
    order = marketplace.order(order_id=order_id)
    if order is None:
        raise marketplace.OrderNotFound
    own = uuid5(order_id, f"{KIND}:{key}")
    asked: dict[str, Any] = {"cause": cause, "side": side}
    known = marketplace.cancellation_by_key(key=own)
    if known is None:
        data = {
            **asked,
            "order_id": str(order_id),
            "lines": [[str(line), str(quantity)] for line, quantity in lines.items()],
            "text": sealed(order.buyer_id or order_id, text),
            "restock": restock,
        }
        try:
            start(KIND, key=own, data=data, merchant_id=order.merchant_id)
        except marketplace.MerchantMustAgree:
            return _asked(key=own, order_id=order_id, lines=lines, text=text, **asked)
    else:
        _carry_on(known.id)
    found = marketplace.cancellation_by_key(key=own)
    assert found is not None  # the first commit made it
    return found


def _asked(*, order_id: UUID, **wish: Any) -> marketplace.CancellationInfo:
    """The wish, for the merchant to answer; not about a part of what a contract is over, which
    can't be agreed to."""
    with atomic():
        found = marketplace.request_cancellation(order_id=order_id, **wish)
        if not found.whole:
            watch.require_none(order_id)
    return found


def accept_cancellation(
    *,
    cancellation_id: UUID,
    restock: bool | None = None,
    answer: str = "",
    by_itself: bool = False,
) -> marketplace.CancellationInfo:
    """The merchant agrees to what a buyer asked for, or didn't answer in time (``by_itself``); a
    refund that was refused is begun again.

    A second click joins the first. Raises CancellationNotFound, WrongCancellationState,
    NotCancellableNow, InvalidCancellation, ContractInForce, ContractCoversAll, RefundTooLarge.
    """
    found = marketplace.cancellation(cancellation_id=cancellation_id)
    if not _carry_on(cancellation_id):
        # A run that was put aside doesn't bar the next one: each gets the number of those before.
        earlier = _runs(cancellation_id).count()
        data = {
            "cancellation_id": str(cancellation_id),
            "restock": restock,
            "answer": sealed(found.buyer_id or cancellation_id, answer),
            "by_itself": by_itself,
        }
        key = uuid5(cancellation_id, f"{KIND}:{earlier}")
        start(KIND, key=key, data=data, merchant_id=found.merchant_id)
    return marketplace.cancellation(cancellation_id=cancellation_id)


def accept_overdue() -> int:
    """Carry out what no merchant answered in time; how many. What can't be now is looked at again
    later: a parcel that is being handed to the carrier, or a contract, decides about it."""
    accepted, after = 0, None
    while accepted < BATCH and (due := marketplace.overdue_cancellations(limit=BATCH, after=after)):
        after = due[-1]
        accepted += sum(map(_accept_late, due))
    return accepted


def _accept_late(cancellation_id: UUID) -> bool:
    try:
        return accept_cancellation(cancellation_id=cancellation_id, by_itself=True).by_itself
    except DomainError:
        return False


def _runs(cancellation_id: UUID) -> Any:
    return Journey.objects.filter(kind=KIND, subject=str(cancellation_id))


def _carry_on(cancellation_id: UUID) -> bool:
    """Carry on the run that is on its way, or was, for this cancellation; False without one."""
    run = _runs(cancellation_id).exclude(state=Journey.State.UNDONE).first()
    if run is None:
        return False
    advance(run.id)
    return True
