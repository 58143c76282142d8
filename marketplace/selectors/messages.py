"""Reads of orders' messages."""

from uuid import UUID

from django.db.models import Exists, OuterRef

from marketplace.contracts_messages import MessageInfo
from marketplace.models import MessageMark, OrderMessage


def messages_of(*, order_id: UUID) -> list[MessageInfo]:
    """An order's messages, oldest first."""
    return [
        message_info(row) for row in OrderMessage.objects.filter(order_id=order_id).order_by("id")
    ]


def unread(*, order_id: UUID, side: str) -> int:
    """How many messages of others the side hasn't read."""
    mark = MessageMark.objects.filter(order_id=order_id, side=side).first()
    rows = OrderMessage.objects.filter(order_id=order_id).exclude(side=side)
    return rows.filter(id__gt=mark.read_id).count() if mark else rows.count()


def unread_orders(*, merchant_id: UUID, limit: int = 20) -> list[UUID]:
    """The merchant's orders with messages that it hasn't read, the latest first."""
    seen = MessageMark.objects.filter(
        order_id=OuterRef("order_id"), side="merchant", read_id__gte=OuterRef("id")
    )
    rows = (
        OrderMessage.objects.filter(~Exists(seen), merchant_id=merchant_id)
        .exclude(side="merchant")
        .order_by("-id")
    )
    return list(dict.fromkeys(rows.values_list("order_id", flat=True)[: limit * 5]))[:limit]


def message_info(row: OrderMessage) -> MessageInfo:
    """The contract of a row."""
    return MessageInfo(row.id, row.order_id, row.side, row.text, row.at)
