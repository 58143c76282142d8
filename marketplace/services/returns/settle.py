"""The goods are back, or a complaint was decided: what a return comes to."""

from uuid import UUID

from django.utils.translation import gettext

from kernel import clock
from kernel.money import Money
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_returns import ReturnInfo, ReturnKind, ReturnState, Turned
from marketplace.errors import NothingLeftToReturn, WrongReturnState
from marketplace.models import Order, Return, ReturnLine
from marketplace.selectors.pieces import pieces_of
from marketplace.selectors.returns import return_info
from marketplace.services.returns.moving import move, tell
from marketplace.services.returns.replacing import count, put_back, turn

DISPUTABLE = (ReturnState.REJECTED, ReturnState.RESENT)


def receive_return(*, return_id: UUID, restocked: bool) -> ReturnInfo:
    """The goods are with the merchant: what goes back is counted for good, under the order's
    lock. Received before: as it is. Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.kind == ReturnKind.EXCHANGE:
            raise WrongReturnState(
                gettext("It is an exchange: receive it as one, or refund it instead."),
                state=str(row.state),
                allowed=[],
            )
        if row.state == ReturnState.RECEIVED:
            return return_info(row)
        move(row, ReturnState.RECEIVED)
        refund = count(order, row)
        row.restocked, row.received_at = restocked, clock.business()
        row.save()
        tell(row, events.ReturnReceived, restocked=restocked, refund=refund)
        return return_info(row)


def restock_return(*, return_id: UUID) -> None:
    """What was received goes back on sale. Told again: as it is. Raises ReturnNotFound,
    RestockRefused."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        put_back(row)


def mark_return_refunded(*, return_id: UUID, refund_id: UUID | None) -> ReturnInfo:
    """The money is back. Told again: as it is. Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.REFUNDED:
            _refunded(row, refund_id)
        return return_info(row)


def disputable_return(*, return_id: UUID) -> ReturnInfo:
    """The return, locked with its order for the rest of the caller's transaction, if the buyer may
    complain about it, or has: the refusal, or a replacement that didn't come. Called before the
    money is locked, as all that moves an exchange locks the order first and its money then.

    Raises ReturnNotFound, WrongReturnState; NothingLeftToReturn when another return has become
    about these goods."""
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.dispute_id is None:
            _check_disputable(order, row)
        return return_info(row)


def note_return_dispute(*, return_id: UUID, dispute_id: UUID) -> ReturnInfo:
    """The buyer complains about it. Raises as ``disputable_return``."""
    with atomic():
        order, row = locks.return_with_order(return_id)
        _check_disputable(order, row)
        row.dispute_id = dispute_id
        row.save()
        return return_info(row)


def settle_disputed_return(
    *, dispute_id: UUID, refund_id: UUID | None, refunded: Money
) -> ReturnInfo | None:
    """The complaint over a refused return was decided for the buyer, who got ``refunded`` back.
    None when it isn't about a return; told again: as it is."""
    found = Return.objects.filter(dispute_id=dispute_id).values_list("id", flat=True).first()
    if found is None:
        return None
    with atomic():
        order, row = locks.return_with_order(found)
        if row.state in DISPUTABLE and refunded:
            if row.kind == ReturnKind.EXCHANGE:
                if row.state == ReturnState.RESENT:
                    move(row, ReturnState.RECEIVED)
                turn(order, row, Turned.DECIDED)
            row.refund_total = refunded.amount
            _refunded(row, refund_id)
        return return_info(row)


def _check_disputable(order: Order, row: Return) -> None:
    if row.state not in DISPUTABLE:
        raise WrongReturnState(state=str(row.state), allowed=[])
    if row.state == ReturnState.REJECTED:
        _still_there(order, row)


def _still_there(order: Order, row: Return) -> None:
    """What was refused may have been asked for again: only one of the two can be decided."""
    left = {one.id: one.left for one in pieces_of(order)}
    for line in ReturnLine.objects.filter(parent=row):
        if left.get(line.of_id or line.line_id, 0) < line.quantity:
            raise NothingLeftToReturn


def _refunded(row: Return, refund_id: UUID | None) -> None:
    move(row, ReturnState.REFUNDED)
    row.refund_id, row.closed_at = refund_id, clock.business()
    row.save()
    tell(row, events.ReturnRefunded, refund=Money(row.refund_total, row.currency))
