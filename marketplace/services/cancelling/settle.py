"""A cancellation is answered and carried out: from then on its goods aren't sent any more."""

from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from kernel import clock
from kernel.money import Money
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_cancelling import CancelCause, CancellationInfo, CancellationState
from marketplace.errors import InvalidCancellation, NotCancellableNow
from marketplace.models import Cancellation, CancellationLine, Order, OrderLine
from marketplace.selectors.cancellations import (
    AT_REST,
    cancellation_info,
    computed,
    lines_of,
)
from marketplace.selectors.parcels import unsent
from marketplace.selectors.returns import refundable
from marketplace.services.cancelling.moving import WORDS, move, set_amounts, tell
from marketplace.services.order_states import begin_cancel, mark_cancelled
from marketplace.services.shipping import follow

# What isn't there can't go back on sale.
NOT_THERE = frozenset({CancelCause.OUT_OF_STOCK})


def accept_cancellation(
    *,
    cancellation_id: UUID,
    restock: bool | None = None,
    answer: str = "",
    by_itself: bool = False,
) -> CancellationInfo:
    """The goods aren't sent: what goes back is counted for good, under the order's lock.
    ``restock``: whether they go back on sale, which the caller sees to; yes unless told or out of
    stock. With nothing of the order left, it is being cancelled; with nothing left to send but
    something sent, it is shipped, or delivered if that has arrived. ``by_itself``: the merchant
    didn't answer in time. Accepted before: as it is.
    Raises CancellationNotFound, WrongCancellationState, NotCancellableNow, InvalidCancellation."""
    if len(answer) > WORDS:
        raise InvalidCancellation(_("At most %(n)s characters.") % {"n": WORDS}, field="answer")
    with atomic():
        order, row = locks.cancellation_with_order(cancellation_id)
        if row.state in (CancellationState.REFUNDING, CancellationState.REFUNDED):
            return cancellation_info(row)
        move(row, CancellationState.REFUNDING)
        if order.state not in AT_REST:
            raise NotCancellableNow(state=str(order.state))
        _count(order, row)
        row.restocked = row.cause not in NOT_THERE if restock is None else restock
        row.answer, row.by_itself = answer.strip(), by_itself
        row.begun_at = clock.business()
        row.save()
        _on_order(order, row)
        tell(
            row,
            events.CancellationAccepted,
            cause=str(row.cause),
            side=row.side,
            whole=row.whole,
            refund=Money(row.refund_total, row.currency),
            by_itself=by_itself,
        )
        return cancellation_info(row)


def _count(order: Order, row: Cancellation) -> None:
    """Write the cancelled quantities into the order's lines, and what goes back for them."""
    lines = lines_of(order.id)
    parts = {one.line_id: one for one in CancellationLine.objects.filter(parent=row)}
    wanted = {line_id: one.quantity for line_id, one in parts.items()}
    _still_there(lines, wanted)
    found, row.whole = computed(order, lines, wanted)
    set_amounts(row, parts, found, most=refundable(order))
    CancellationLine.objects.bulk_update(parts.values(), ["refund"])
    for line_id, quantity in wanted.items():
        OrderLine.objects.filter(id=line_id).update(cancelled=F("cancelled") + quantity)


def _still_there(lines: Iterable[OrderLine], wanted: dict[UUID, Decimal]) -> None:
    """A wish may be answered after something else took from the same line."""
    for line_id, left in unsent(lines).items():
        if wanted.get(line_id, Decimal(0)) > left:
            raise InvalidCancellation(_("So much of it isn't left to be sent."), field="lines")


def _on_order(order: Order, row: Cancellation) -> None:
    order.cancelled_total += row.refund_total
    order.save()
    if row.whole:
        begin_cancel(order_id=order.id, reason=row.text or str(row.cause))
    elif order.state == Order.State.PARTLY_SHIPPED:
        follow(order)


def mark_cancellation_refunded(
    *, cancellation_id: UUID, refund_id: UUID | None
) -> CancellationInfo:
    """The money is back; an order of which nothing is left is cancelled. Told again: as it is.
    Raises CancellationNotFound, WrongCancellationState."""
    with atomic():
        order, row = locks.cancellation_with_order(cancellation_id)
        if row.state != CancellationState.REFUNDED:
            move(row, CancellationState.REFUNDED)
            row.refund_id, row.closed_at = refund_id, clock.business()
            row.save()
            tell(row, events.CancellationRefunded, refund=Money(row.refund_total, row.currency))
            if row.whole:
                mark_cancelled(order_id=order.id)
        return cancellation_info(row)


def reject_cancellation(*, cancellation_id: UUID, answer: str) -> CancellationInfo:
    """The merchant sends it all the same, and says why. Refused before: as it is. Raises
    CancellationNotFound, WrongCancellationState, InvalidCancellation."""
    if not answer.strip() or len(answer) > WORDS:
        told = _("Say why, in at most %(n)s characters.") % {"n": WORDS}
        raise InvalidCancellation(told, field="answer")
    with atomic():
        _order, row = locks.cancellation_with_order(cancellation_id)
        if row.state != CancellationState.REJECTED:
            row.answer = answer.strip()
            _close(row, CancellationState.REJECTED, events.CancellationRejected)
        return cancellation_info(row)


def withdraw_cancellation(*, cancellation_id: UUID) -> CancellationInfo:
    """The buyer wants it after all. Withdrawn before: as it is. Raises CancellationNotFound,
    WrongCancellationState."""
    with atomic():
        _order, row = locks.cancellation_with_order(cancellation_id)
        if row.state != CancellationState.WITHDRAWN:
            _close(row, CancellationState.WITHDRAWN, events.CancellationWithdrawn)
        return cancellation_info(row)


def _close(
    row: Cancellation, state: CancellationState, event: type[events.CancellationEvent]
) -> None:
    move(row, state)
    row.closed_at = clock.business()
    row.save()
    tell(row, event)
