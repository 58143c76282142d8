"""Claim the order for shipping and make its parcel's record."""

from uuid import UUID

from journeys.contract import watch
from journeys.engine.definition import Run
from journeys.errors import NotShippable
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace


def do(run: Run) -> None:
    order_id = UUID(run.data["order_id"])
    marketplace.begin_ship(order_id=order_id)
    watch.require_signed(order_id)
    order = marketplace.order(order_id=order_id, with_address=True)
    if order is None or order.address is None:
        raise NotShippable("This order has no delivery address.")
    made = logistics.create_shipment(
        key=run.journey.key,
        reference=public_id("ord", order.id),
        merchant_id=order.merchant_id,
        lines=[
            logistics.ShipmentLine(title=line.sku, quantity=line.remaining)
            for line in order.lines
            if line.remaining
        ],
        weight_grams=sum(int(line.weight_grams * line.remaining) for line in order.lines),
        address=order.address,
        rate_code=order.rate_code,
    )
    run.data["shipment_id"] = str(made.id)
    run.journey.subject = str(order.id)


def undo(run: Run) -> None:
    marketplace.end_ship(order_id=UUID(run.data["order_id"]))
    logistics.cancel_shipment(shipment_id=UUID(run.data["shipment_id"]))
