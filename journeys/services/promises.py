"""Goods sold before they were there: which order a promise belongs to, and the letters to the buyer
when its day moves and when all has come."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.utils import formats
from django.utils.translation import gettext as _

from inventory import events
from journeys.models import TimelineEntry
from journeys.services import order_letters
from journeys.services.order_letters import addressed, title_of
from kernel.quantity import Quantity
from marketplace import facade as marketplace

COME = "journeys.letter.goods_came"
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

    def said() -> tuple[str, str]:
        days = {"was": _day(event.was), "day": _day(event.due_on)}
        return _("The goods that you ordered are sent on another day"), _(
            "The merchant promised them for %(was)s and now says %(day)s. You can wait, or "
            "cancel what hasn't been sent on the order's page."
        ) % days

    order_letters.send(order, addressed(order.id, order.buyer_id), said, lambda: [title_of(line)])


def write_of_come(order: marketplace.OrderInfo | None, at: datetime) -> None:
    """The buyer is told once, when nothing of the order is waited for any more: each variant's
    arrival is an event of its own, and several may be at work at once."""
    if order is None or order.state in OVER or any(line.waiting for line in order.lines):
        return
    come = [one for one in order.lines if one.unsent and one.promise and one.promise.filled]
    readers = addressed(order.id, order.buyer_id)
    if not come or not readers or not _claimed(order.id, at):
        return
    days = [one.promise.due_on for one in order.lines if one.early and one.promise]

    def said() -> tuple[str, str]:
        text = _("Nothing of your order is waited for any more. This has come:")
        if days:
            day = {"day": _day(max(days))}
            text = _("Nothing of your order is waited for; it is sent from %(day)s on:") % day
        return _("The goods that you ordered ahead have come"), text

    order_letters.send(order, readers, said, lambda: [_goods(line) for line in come])


def _claimed(order_id: UUID, at: datetime) -> bool:
    """Whether the letter is ours to write: the line on the order's timeline that tells of it is
    there once. Who comes second waits for the first one's transaction."""
    line = TimelineEntry(
        order_id=order_id, event_id=uuid5(order_id, COME), kind=COME, actor_kind="system", at=at
    )  # fmt: skip
    TimelineEntry.objects.bulk_create([line], ignore_conflicts=True)
    return TimelineEntry.objects.filter(id=line.id).exists()


def _goods(line: marketplace.OrderLineInfo) -> str:
    filled = line.promise.filled if line.promise else Decimal(0)
    return f"{title_of(line)} × {Quantity(min(filled, line.unsent), line.unit).text()}"


def _line(order: marketplace.OrderInfo, variant_id: UUID) -> marketplace.OrderLineInfo | None:
    return next((line for line in order.lines if line.variant_id == variant_id), None)


def _day(value: Any) -> str:
    return formats.date_format(value, "DATE_FORMAT")
