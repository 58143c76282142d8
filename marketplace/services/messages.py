"""Writing and reading an order's messages."""

from uuid import UUID

from django.utils.translation import gettext as _

from kernel import clock, outbox
from kernel.actors import current_actor
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_messages import MessageInfo
from marketplace.errors import InvalidMessage
from marketplace.models import MessageMark, Order, OrderMessage
from marketplace.selectors.messages import message_info

LONGEST = 2000
MOST = 500  # of one order
SIDES = ("buyer", "merchant", "operator")


def write_message(*, key: UUID, order_id: UUID, side: str, text: str) -> MessageInfo:
    """Say something about the order to the other side; the platform's operator reads and writes
    too. The same ``key`` again is the same message. Raises OrderNotFound, InvalidMessage."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise InvalidMessage(_("Between 1 and %(n)s characters.") % {"n": LONGEST}, field="text")
    with atomic():
        order = locks.order(order_id)
        known = OrderMessage.objects.filter(key=key, order=order).first()
        if known is not None:
            return message_info(known)
        if OrderMessage.objects.filter(order=order).count() >= MOST:
            raise InvalidMessage(_("At most %(n)s messages.") % {"n": MOST}, field="text")
        row = OrderMessage(
            key=key,
            order=order,
            merchant_id=order.merchant_id,
            subject_id=order.buyer_id or order.id,
            side=side,
            person_id=current_actor().person_id,
            text=text,
            at=clock.system(),
        )
        row.save(force_insert=True)
        _mark(order, side, row.id)
        order.save(update_fields=["updated_at"])
        event = events.OrderMessageWritten(
            message_id=row.id,
            order_id=order.id,
            number=order.number,
            merchant_id=order.merchant_id,
            side=side,
        )
        outbox.append(event, aggregate=order, merchant_id=order.merchant_id)
        return message_info(row)


def read_messages(*, order_id: UUID, side: str) -> None:
    """The side has seen all that there is. Raises OrderNotFound."""
    last = OrderMessage.objects.filter(order_id=order_id).order_by("-id").first()
    if last is None:
        return
    read = MessageMark.objects.filter(order_id=order_id, side=side, read_id__gte=last.id)
    if not read.exists():
        with atomic():
            _mark(locks.order(order_id), side, last.id)


def _mark(order: Order, side: str, read_id: UUID) -> None:
    """Under the order's lock."""
    mark = MessageMark.objects.filter(order=order, side=side).first()
    if mark is None:
        MessageMark(order=order, side=side, read_id=read_id).save(force_insert=True)
    elif mark.read_id < read_id:
        mark.read_id = read_id
        mark.save(update_fields=["read_id"])
