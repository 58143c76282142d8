"""The money is back: so are the goods, and the order is cancelled."""

from uuid import UUID

from inventory import facade as inventory
from journeys.engine.definition import Run
from marketplace import facade as marketplace


def do(run: Run) -> None:
    order = marketplace.order(order_id=UUID(run.data["order_id"]))
    if order is None:
        raise marketplace.OrderNotFound
    inventory.restock(
        key=run.journey.key,
        lines=[
            inventory.StockLine(variant_id=line.variant_id, quantity=line.remaining)
            for line in order.lines
            if line.remaining
        ],
        reason="order_cancelled",
        reservation=order.group_id,
    )
    marketplace.mark_cancelled(order_id=order.id)
