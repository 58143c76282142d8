"""Goods sold before they were there: which order a promise belongs to, and the letter to the buyer
when its day moves."""

from typing import Any
from uuid import UUID

from django.utils import formats, translation
from django.utils.translation import gettext as _

from inventory import events
from journeys.services.return_letters import addressed
from kernel import mail
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms

OVER = frozenset({"cancelling", "cancelled"})


def order_with(event: Any) -> marketplace.OrderInfo | None:
    """The order that the promise was made for, as it stands; None when there is none."""
    try:
        orders = marketplace.group(group_id=event.key).orders
    except marketplace.OrderNotFound:
        return None  # the reservation of somebody who sells elsewhere
    return next((one for one in orders if _line(one, event.variant_id)), None)


def orders_of(event: Any) -> list[UUID]:
    """The order's id, for its timeline."""
    found = order_with(event)
    return [found.id] if found else []


def write_of_moved(event: events.PromiseMoved) -> None:
    """The buyer is told of the new day, unless nothing of it is left to be sent."""
    order = order_with(event)
    line = _line(order, event.variant_id) if order else None
    if order is None or line is None or order.state in OVER or not line.unsent:
        return
    secret = "" if order.buyer_id else f"?t={marketplace.guest_token(order.group_id)}"
    for address, language, subject in addressed(order.id, order.buyer_id):
        with translation.override(language):
            titles = platforms.in_language(line.titles, language) or line.sku
            days = {"was": _day(event.was), "day": _day(event.due_on)}
            context = {
                "number": order.number,
                "title": _("The goods that you ordered are sent on another day"),
                "text": _(
                    "The merchant promised them for %(was)s and now says %(day)s. You can wait, or "
                    "cancel what hasn't been sent on the order's page."
                )
                % days,
                "lines": [titles],
                "link": platforms.platform_url(f"/orders/{public_id('ord', order.id)}/{secret}"),
            }
        mail.send(
            to=address,
            template="journeys/parcel",
            context=context,
            language=language,
            subject=subject,
        )


def _line(order: marketplace.OrderInfo, variant_id: UUID) -> marketplace.OrderLineInfo | None:
    return next((line for line in order.lines if line.variant_id == variant_id), None)


def _day(value: Any) -> str:
    return formats.date_format(value, "DATE_FORMAT")
