"""The part isn't sent any more: counted for good, and back on sale unless it isn't there;
promised no more where it hasn't come yet."""

from decimal import Decimal
from uuid import UUID

from inventory import facade as inventory
from journeys.contract import watch
from journeys.engine.definition import Run
from journeys.services.delivered import release_later
from kernel.sealed_text import opened
from marketplace import facade as marketplace


def do(run: Run) -> None:
    found = marketplace.accept_cancellation(
        cancellation_id=_asked_for(run),
        restock=run.data.get("restock"),
        answer=opened(run.data.get("answer", "")),
        by_itself=run.data.get("by_itself", False),
    )
    run.data["cancellation_id"] = run.journey.subject = str(found.id)
    if found.whole:
        watch.call_off(found.order_id)
    else:
        watch.require_none(found.order_id)
    order = marketplace.order(order_id=found.order_id)
    if order is not None:
        release_later(order)  # what was sent before has arrived, and nothing is left to send
    promised = inventory.promises_of([found.group_id]).get(found.group_id)
    if found.restocked or promised:
        inventory.restock(
            key=found.id,
            lines=[
                inventory.StockLine(variant_id=line.variant_id, quantity=line.quantity)
                for line in found.lines
            ],
            reason="order_cancelled",
            reservation=found.group_id,
            there=bool(found.restocked),
        )


def _asked_for(run: Run) -> UUID:
    """The cancellation: one that was asked for, else it is made here, in the same commit."""
    data = run.data
    if "cancellation_id" in data:
        return UUID(data["cancellation_id"])
    return marketplace.request_cancellation(
        key=run.journey.key,
        order_id=UUID(data["order_id"]),
        lines={UUID(line): Decimal(quantity) for line, quantity in data["lines"]},
        cause=data["cause"],
        side=data["side"],
        text=opened(data["text"]),
        must_be_at_once=True,
    ).id
