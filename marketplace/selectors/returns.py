"""Reads of returns: what may be returned of an order, what would go back, what was asked for."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from kernel import clock, personal
from kernel.ids import public_id
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from marketplace.contracts_returns import (
    COUNTED,
    DROPPED,
    FAULTS,
    Returnable,
    ReturnInfo,
    ReturnLineInfo,
    ReturnPictureInfo,
    ReturnPreview,
)
from marketplace.domain.returns import Amounts, Bought, amounts, last_moment
from marketplace.errors import (
    NothingLeftToReturn,
    NotReturnable,
    OrderNotFound,
    ReturnDisputed,
    ReturnNotFound,
    ReturnTooLate,
)
from marketplace.models import LINES, ORDERS, Order, OrderLine, Return, ReturnLine, ReturnPicture
from payments import facade as payments
from platforms import facade as platforms

AFTER_DELIVERY = (Order.State.DELIVERED, Order.State.COMPLETED)

_OF_RETURN = re.compile(r"-R\d+$")  # an order's own number may hold -R too, before its end


def paid_of(line: OrderLine) -> int:
    """What the buyer paid for a line, in minor units."""
    return line.total - line.discount_total


def return_until(order: Order) -> datetime | None:
    """Until when a return may be asked for; None for what isn't delivered or never may."""
    days = int(platforms.setting("marketplace", "return_days"))
    if order.state not in AFTER_DELIVERY or order.delivered_at is None or not days:
        return None
    return last_moment(timezone.localtime(order.delivered_at), days)


def spoken_for(order_id: UUID, *, states: Collection[str] | None = None) -> dict[UUID, Decimal]:
    """How much of each line returns are about: those in ``states``, else all but dropped ones."""
    rows = ReturnLine.objects.filter(parent__order_id=order_id)
    rows = (
        rows.exclude(parent__state__in=DROPPED)
        if states is None
        else rows.filter(parent__state__in=states)
    )
    found: dict[UUID, Decimal] = {}
    for line_id, quantity in rows.values_list("line_id", "quantity"):
        found[line_id] = found.get(line_id, Decimal(0)) + quantity
    return found


def left_of(order_id: UUID) -> dict[UUID, Decimal]:
    """How much of each line was sent and no return is about."""
    taken = spoken_for(order_id)
    lines = LINES.all("order_id = %s ORDER BY position", [order_id])
    return {
        line.id: line.quantity - line.cancelled - taken.get(line.id, Decimal(0)) for line in lines
    }


def problem_of(order: Order, left: Mapping[UUID, Decimal]) -> NotReturnable | None:
    """Why nothing of the order can be returned now; None when something can."""
    until = return_until(order)
    if until is None:
        return NotReturnable(state=str(order.state))
    if clock.business() >= until:
        return ReturnTooLate(return_until=until)
    if not any(left.values()):
        return NothingLeftToReturn()
    reference = public_id("ord", order.id)
    if any(one.open for one in payments.disputes_of(reference=reference)):
        return ReturnDisputed()
    return None


def returnable(*, order_id: UUID) -> Returnable:
    """What may be returned of an order. Raises OrderNotFound."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    left = left_of(order_id)
    problem = problem_of(order, left)
    return Returnable(return_until(order), left, problem.code if problem else "")


def computed(order: Order, wanted: Mapping[UUID, Decimal], cause: str) -> Amounts:
    """What goes back for so much of the order's lines, after what cancellations and returns gave
    back before."""
    counted = spoken_for(order.id, states=COUNTED)
    lines = {
        line.id: Bought(
            paid_of(line),
            line.quantity,
            line.cancelled + counted.get(line.id, Decimal(0)),
            line.platform_discount,
        )
        for line in LINES.all("order_id = %s ORDER BY position", [order.id])
    }
    before = Return.objects.filter(order_id=order.id, state__in=COUNTED)
    shipping = order.shipping_total - sum(before.values_list("shipping_refund", flat=True))
    return amounts(
        lines,
        wanted,
        shipping_left=max(0, shipping),
        fault=cause in FAULTS,
        rule=str(platforms.setting("marketplace", "return_shipping")),
    )


def refundable(order: Order) -> tuple[int, int]:
    """What is left of the order's payment to give back, and of the platform's part, in minor
    units."""
    held = payments.escrow_for(reference=public_id("ord", order.id), merchant_id=order.merchant_id)
    if held is None:
        return 0, 0
    return held.amount.amount - held.refunded.amount, held.subsidy.amount


def preview_of(order: Order, wanted: Mapping[UUID, Decimal], cause: str) -> ReturnPreview:
    """``computed`` as contract, at most what is left of the payment."""
    found = computed(order, wanted, cause)
    return ReturnPreview(
        {line: Money(found.lines[line], order.currency) for line in wanted},
        Money(found.shipping, order.currency),
        Money(min(found.total, refundable(order)[0]), order.currency),
    )


def order_return(*, return_id: UUID) -> ReturnInfo:
    """One return with its pictures' names. Raises ReturnNotFound."""
    row = Return.objects.filter(id=return_id).first()
    if row is None:
        raise ReturnNotFound
    return return_info(row)


def returns_of(*, order_id: UUID) -> list[ReturnInfo]:
    """An order's returns, the latest first."""
    return _infos(Return.objects.filter(order_id=order_id).order_by("-id"))


def returns_page(
    *,
    merchant_id: UUID | None = None,
    buyer_id: UUID | None = None,
    order_id: UUID | None = None,
    state: str | None = None,
    number: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ReturnInfo]:
    """A merchant's, a buyer's, an order's, or all of the platform. ``number`` is a return's, or
    that of its order."""
    wanted = {
        "merchant_id": merchant_id,
        "buyer_id": buyer_id,
        "order_id": order_id,
        "state": state,
        "updated_at__gte": updated_since,
    }
    rows = Return.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    if number:
        rows = rows.filter(order__number=_OF_RETURN.sub("", number))
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(_infos(page.items), page.has_more, page.next_cursor)


def picture_of(*, return_id: UUID, picture_id: UUID) -> tuple[str, str, bytes]:
    """(name, type, content) of a picture. Raises ReturnNotFound, also once it was erased."""
    row = ReturnPicture.objects.filter(id=picture_id, parent_id=return_id).first()
    content = personal.open_data(return_id, bytes(row.sealed)) if row else None
    if row is None or content is None:
        raise ReturnNotFound
    return row.name, row.type, content


def overdue(state: str, column: str, *, limit: int) -> list[UUID]:
    """Returns in ``state`` whose time in ``column`` has passed, on the business clock."""
    rows = Return.objects.filter(state=state, **{f"{column}__lte": clock.business()})
    return list(rows.order_by(column).values_list("id", flat=True)[:limit])


def return_info(row: Return) -> ReturnInfo:
    """The contract of a row."""
    return _infos([row])[0]


def _infos(rows: Iterable[Return]) -> list[ReturnInfo]:
    found = list(rows)
    ids = [row.id for row in found]
    orders = {
        order.id: order
        for order in ORDERS.all("id = ANY(%s)", [list({row.order_id for row in found})])
    }
    lines: dict[UUID, list[ReturnLine]] = {}
    for line in ReturnLine.objects.filter(parent_id__in=ids).select_related("line"):
        lines.setdefault(line.parent_id, []).append(line)
    pictures: dict[UUID, list[ReturnPicture]] = {}
    for one in ReturnPicture.objects.filter(parent_id__in=ids).defer("sealed").order_by("id"):
        pictures.setdefault(one.parent_id, []).append(one)
    return [
        _info(row, orders[row.order_id], lines.get(row.id, []), pictures.get(row.id, []))
        for row in found
    ]


_PLAIN = (
    "id", "order_id", "number", "merchant_id", "buyer_id", "cause", "text", "answer", "send_to",
    "carrier", "waybill", "restocked", "refund_id", "dispute_id", "requested_at", "answer_by",
    "answered_at", "send_by", "sent_at", "receive_by", "received_at", "closed_at", "version",
    "created_at", "updated_at",
)  # fmt: skip


def _info(
    row: Return, order: Order, lines: list[ReturnLine], pictures: list[ReturnPicture]
) -> ReturnInfo:
    values: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    return ReturnInfo(
        **values,
        state=str(row.state),
        group_id=order.group_id,
        lines=tuple(
            ReturnLineInfo(
                line_id=one.line_id,
                variant_id=one.line.variant_id,
                sku=one.line.sku,
                titles=one.line.titles,
                unit=one.line.unit,
                quantity=one.quantity,
                refund=Money(one.refund, row.currency),
            )
            for one in sorted(lines, key=lambda one: one.line.position)
        ),
        shipping_refund=Money(row.shipping_refund, row.currency),
        refund=Money(row.refund_total, row.currency),
        platform_back=Money(row.platform_back, row.currency),
        pictures=tuple(
            ReturnPictureInfo(one.id, one.name, one.type, one.size, one.sha256) for one in pictures
        ),
    )
