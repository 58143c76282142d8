"""An order's parcels as pages show them: what is in each, where it is, and what is left to send."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from journeys import facade as journeys
from logistics import facade as logistics
from marketplace import facade as marketplace
from storefront import order_contracts


@dataclass(frozen=True)
class Card:
    """A parcel, with where it is; None while the carrier hasn't got it. ``code``, for the buyer's
    eyes only, fetches it where it waits."""

    parcel: marketplace.ParcelInfo
    shipment: logistics.ShipmentInfo | None
    code: str = ""


def of_order(order: marketplace.OrderInfo, *, for_buyer: bool = False) -> list[Card]:
    """The first sent first."""
    return [
        Card(parcel, shipment, code_of(shipment) if for_buyer else "")
        for parcel, shipment in journeys.parcels_with_tracking(order_id=order.id)
    ]


def code_of(shipment: logistics.ShipmentInfo | None) -> str:
    """What fetches a parcel that waits to be fetched; empty for all others."""
    waits = shipment is not None and (shipment.carrier, shipment.state) == (
        logistics.PICKUP, "booked",
    )  # fmt: skip
    return logistics.pickup_code(shipment.id) if shipment is not None and waits else ""


def to_send(
    order: marketplace.OrderInfo, contract: order_contracts.ContractCard | None
) -> dict[str, Any]:
    """Whether, and what of it, can be sent now, for the merchant's page."""
    left = marketplace.left_to_send(order_id=order.id)
    return {
        "left_to_send": left,
        "why_not_ship": why_not_ship(order, contract, some=any(left.values())),
        "partly": any(line.sent for line in order.lines),
        "several": sum(left.values()) > 1,
    }


def why_not_ship(
    order: marketplace.OrderInfo,
    contract: order_contracts.ContractCard | None,
    *,
    some: bool,
) -> str:
    """Why nothing of the order can be sent now; empty when ``some`` of it can."""
    if some and contract is not None and not contract.binding:
        return _("The contract isn't signed by both yet.")
    if some:
        return ""
    if order.state == "pending_payment":
        return _("The order isn't paid yet.")
    if order.state in ("cancelled", "cancelling"):
        return _("The order is cancelled.")
    if order.state == "shipping":
        return _("The carrier hasn't answered yet; the booking goes on by itself.")
    if order.state in ("paid", "partly_shipped"):
        return _("What is left isn't there yet, or is sent later; the lines say when.")
    return _("The order is shipped already.")


def sent_words(order: marketplace.OrderInfo) -> str:
    """What is said when a parcel is booked: what the merchant does next."""
    match order.carrier:
        case logistics.PICKUP:
            return _("The buyer is told that it can be fetched. Ask for the code when it is.")
        case logistics.OWN:
            return _("Noted. Say on this page when it is on its way and when the buyer has it.")
    return _("Booked with the carrier. Print the waybill and hand the parcel over.")
