"""Claim what goes into the parcel and make its record."""

from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from journeys.contract import watch
from journeys.engine.definition import Run
from journeys.errors import NotShippable
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace


def do(run: Run) -> None:
    order_id = UUID(run.data["order_id"])
    wanted = run.data.get("lines")
    order = marketplace.begin_ship(
        order_id=order_id,
        key=run.journey.key,
        lines=None if wanted is None else {UUID(line): Decimal(n) for line, n in wanted},
    )
    watch.require_signed(order_id)
    parcel = marketplace.parcel_by_key(key=run.journey.key)
    if parcel is None or order.address is None:
        raise NotShippable(_("This order has no delivery address."))
    weights = {line.id: line.weight_grams for line in order.lines}
    made = logistics.create_shipment(
        key=run.journey.key,
        reference=public_id("ord", order.id),
        merchant_id=order.merchant_id,
        lines=[
            logistics.ShipmentLine(title=line.sku, quantity=line.quantity) for line in parcel.lines
        ],
        weight_grams=sum(int(weights[line.line_id] * line.quantity) for line in parcel.lines),
        address=order.address,
        rate_code=order.rate_code,
        carrier=order.carrier,
    )
    run.data["shipment_id"] = str(made.id)
    run.journey.subject = str(order.id)


def undo(run: Run) -> None:
    marketplace.end_ship(order_id=UUID(run.data["order_id"]), key=run.journey.key)
    logistics.cancel_shipment(shipment_id=UUID(run.data["shipment_id"]))
