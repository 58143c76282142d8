"""A part of an order isn't to be sent: what would go back, and the wish."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from kernel import audit, clock
from kernel.ids import uuid7
from kernel.money import Money
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_cancelling import (
    BUYERS_CAUSES,
    MERCHANTS_CAUSES,
    CancelCause,
    CancellationInfo,
    CancellationPreview,
)
from marketplace.domain.quantities import plain_quantity, quantity_problem
from marketplace.errors import InvalidCancellation, MerchantMustAgree, OrderNotFound
from marketplace.models import ORDERS, Cancellation, CancellationLine, Order, OrderLine
from marketplace.selectors.cancellations import (
    BUYER,
    at_once,
    cancellation_info,
    computed,
    left_of,
    lines_of,
    preview_of,
    problem_of,
)
from marketplace.selectors.returns import refundable
from marketplace.services.cancelling.moving import WORDS, set_amounts, tell
from marketplace.services.days import days_from_now


def preview_cancellation(
    *, order_id: UUID, lines: Mapping[UUID, Decimal], side: str = BUYER
) -> CancellationPreview:
    """What would go back if so much of these lines weren't sent. Raises OrderNotFound,
    NotCancellableNow, NothingLeftToCancel, InvalidCancellation."""
    order = ORDERS.one("id = %s", [order_id])
    if order is None:
        raise OrderNotFound
    rows = lines_of(order_id)
    _check_lines(order, rows, lines, side)
    return preview_of(order, rows, lines, side)


def request_cancellation(
    *,
    key: UUID,
    order_id: UUID,
    lines: Mapping[UUID, Decimal],
    cause: str,
    side: str = BUYER,
    text: str = "",
    must_be_at_once: bool = False,
) -> CancellationInfo:
    """Ask that so much of these lines (ids of the order's lines) isn't sent.

    The same ``key`` again is the same cancellation. ``must_be_at_once``: the caller carries it out
    in this transaction, and wants to be refused where the merchant answers first. Raises
    OrderNotFound, NotCancellableNow, NothingLeftToCancel, MerchantMustAgree, InvalidCancellation.
    """
    if len(text) > WORDS:
        raise InvalidCancellation(_("At most %(n)s characters.") % {"n": WORDS}, field="text")
    known_causes = BUYERS_CAUSES if side == BUYER else MERCHANTS_CAUSES
    if cause not in known_causes:
        told = _("One of %(all)s.") % {"all": ", ".join(sorted(known_causes))}
        raise InvalidCancellation(told, field="cause")
    with atomic():
        order = locks.order(order_id)
        known = Cancellation.objects.filter(key=key, order_id=order_id).first()
        if known is not None:
            return cancellation_info(known)
        rows = lines_of(order_id)
        _check_lines(order, rows, lines, side)
        if must_be_at_once and not at_once(order, side, rows, lines):
            raise MerchantMustAgree(state=str(order.state))
        row = _made(key, order, side, cause, text.strip())
        if not must_be_at_once:
            row.answer_by = days_from_now("cancel_answer_days")
        parts = {
            line_id: CancellationLine(parent=row, line_id=line_id, quantity=quantity)
            for line_id, quantity in lines.items()
        }
        found, row.whole = computed(order, rows, lines)
        set_amounts(row, parts, found, most=refundable(order))
        row.save(force_insert=True)
        CancellationLine.objects.bulk_create(parts.values())
        audit.record(
            action="marketplace.cancellation.requested",
            target=row,
            after={
                "order_id": order.id,
                "side": side,
                "cause": cause,
                "lines": {str(line): str(quantity) for line, quantity in lines.items()},
                "refund": Money(row.refund_total, row.currency),
            },
        )
        if not must_be_at_once:
            tell(row, events.CancellationRequested, cause=str(row.cause))
        return cancellation_info(row)


def _made(key: UUID, order: Order, side: str, cause: str, text: str) -> Cancellation:
    count = Cancellation.objects.filter(order_id=order.id).count()
    return Cancellation(
        id=uuid7(),
        key=key,
        order=order,
        number=f"{order.number}-C{count + 1}",
        merchant_id=order.merchant_id,
        buyer_id=order.buyer_id,
        currency=order.currency,
        side=side,
        cause=CancelCause(cause),
        text=text,
        requested_at=clock.business(),
    )


def _check_lines(
    order: Order, rows: Iterable[OrderLine], lines: Mapping[UUID, Decimal], side: str
) -> None:
    """That so much of the lines is left to be cancelled."""
    known = {line.id: line for line in rows}
    left = left_of(known.values(), side)
    problem = problem_of(order, left, side)
    if problem is not None:
        raise problem
    if not lines:
        raise InvalidCancellation(_("Name at least one line."), field="lines")
    for place, (line_id, quantity) in enumerate(lines.items()):
        line, here = known.get(line_id), f"lines.{place}"
        if line is None:
            raise InvalidCancellation(_("The order has no such line."), field=f"{here}.line")
        if quantity_problem(quantity, line.unit) or quantity > left[line_id]:
            most = plain_quantity(left[line_id])
            raise InvalidCancellation(
                _("More than nothing and at most %(left)s; whole numbers where goods are counted.")
                % {"left": most},
                field=f"{here}.quantity",
                left=format(most, "f"),
            )
