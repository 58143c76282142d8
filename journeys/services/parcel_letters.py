"""A letter to the buyer for each parcel: what is in it, its waybill, whether more is to come."""

from django.utils import translation
from django.utils.translation import gettext as _

from journeys.services import order_letters
from journeys.services.order_letters import addressed, title_of
from kernel.quantity import Quantity
from logistics import facade as logistics
from marketplace import events
from marketplace import facade as marketplace
from platforms import facade as platforms

KINDS = (events.OrderPartlyShipped, events.OrderShipped)


def write(event: events.ParcelEvent) -> None:
    """The parcel's letter. None when no parcel went: what was left of the order was cancelled."""
    order = marketplace.order(order_id=event.order_id)
    found = marketplace.parcels_of(order_id=event.order_id)
    parcel = next((one for one in found if one.number == event.parcel), None)
    if order is None or parcel is None:
        return
    order_letters.send(
        order,
        addressed(order.id, order.buyer_id),
        lambda: (_subject(order), _text(event, only=len(found) == 1)),
        lambda: [*_goods(parcel), *_how(order, parcel)],
        number=parcel.number,
        anchor="#parcels",
    )


def _text(event: events.ParcelEvent, *, only: bool) -> str:
    if isinstance(event, events.OrderPartlyShipped):
        return _("The rest of your order follows in another parcel. In this one:")
    if only:
        return _("All of your order is in it:")
    return _("With it, all of your order has been sent. In this parcel:")


def _subject(order: marketplace.OrderInfo) -> str:
    if order.carrier == logistics.PICKUP:
        return _("Your goods are ready to be fetched")
    return _("A parcel is on its way to you")


def _how(order: marketplace.OrderInfo, parcel: marketplace.ParcelInfo) -> list[str]:
    """The waybill; of what is fetched where, and the code to show there."""
    if order.carrier != logistics.PICKUP or parcel.shipment_id is None:
        return _waybill(parcel)
    return [
        platforms.in_language(order.rate_name, translation.get_language() or ""),
        _("Show this code there: %(code)s") % {"code": logistics.pickup_code(parcel.shipment_id)},
    ]


def _waybill(parcel: marketplace.ParcelInfo) -> list[str]:
    return [_("Waybill: %(number)s") % {"number": parcel.waybill}] if parcel.waybill else []


def _goods(parcel: marketplace.ParcelInfo) -> list[str]:
    return [
        f"{title_of(line)} × {Quantity(line.quantity, line.unit).text()}" for line in parcel.lines
    ]
