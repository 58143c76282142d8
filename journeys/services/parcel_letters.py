"""A letter to the buyer for each parcel: what is in it, its waybill, whether more is to come."""

from django.utils import translation
from django.utils.translation import gettext as _

from journeys.services.return_letters import addressed
from kernel import mail
from kernel.ids import public_id
from kernel.quantity import Quantity
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
    path = f"/orders/{public_id('ord', order.id)}/"
    secret = "" if order.buyer_id else f"?t={marketplace.guest_token(order.group_id)}"
    for address, language, subject in addressed(order.id, order.buyer_id):
        with translation.override(language):
            context = {
                "number": parcel.number,
                "title": _("A parcel is on its way to you"),
                "text": _text(event, only=len(found) == 1),
                "lines": [*_goods(parcel), *_waybill(parcel)],
                "link": platforms.platform_url(f"{path}{secret}#parcels"),
            }
        mail.send(
            to=address,
            template="journeys/parcel",
            context=context,
            language=language,
            subject=subject,
        )


def _text(event: events.ParcelEvent, *, only: bool) -> str:
    if isinstance(event, events.OrderPartlyShipped):
        return _("The rest of your order follows in another parcel. In this one:")
    if only:
        return _("All of your order is in it:")
    return _("With it, all of your order has been sent. In this parcel:")


def _waybill(parcel: marketplace.ParcelInfo) -> list[str]:
    return [_("Waybill: %(number)s") % {"number": parcel.waybill}] if parcel.waybill else []


def _goods(parcel: marketplace.ParcelInfo) -> list[str]:
    tag = "zh-Hans" if (translation.get_language() or "zh").startswith("zh") else "en"
    return [
        f"{line.titles.get(tag) or next(iter(line.titles.values()), line.sku)}"
        f" × {Quantity(line.quantity, line.unit).text()}"
        for line in parcel.lines
    ]
