"""Claim the replacement and make its parcel's record. It goes the way of the order, at the
merchant's cost."""

from uuid import UUID

from django.utils.translation import gettext_lazy as _

from journeys.engine.definition import Run
from journeys.errors import NotShippable
from logistics import facade as logistics
from marketplace import facade as marketplace


def do(run: Run) -> None:
    return_id = UUID(run.data["return_id"])
    found = marketplace.begin_replacement(return_id=return_id, key=run.journey.key)
    order = marketplace.order(order_id=found.order_id, with_address=True)
    if order is None or order.address is None:
        raise NotShippable(_("This order has no delivery address."))
    given = [(line.replacement, line.quantity) for line in found.lines if line.replacement]
    made = logistics.create_shipment(
        key=run.journey.key,
        reference=found.public_id,
        merchant_id=found.merchant_id,
        lines=[logistics.ShipmentLine(title=one.sku, quantity=n) for one, n in given],
        weight_grams=sum(int(one.weight_grams * n) for one, n in given),
        address=order.address,
        rate_code=order.rate_code,
        carrier=order.carrier,
    )
    run.data["shipment_id"] = str(made.id)
    run.journey.subject = str(return_id)


def undo(run: Run) -> None:
    marketplace.end_replacement(return_id=UUID(run.data["return_id"]), key=run.journey.key)
    logistics.cancel_shipment(shipment_id=UUID(run.data["shipment_id"]))
