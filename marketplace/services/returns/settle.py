"""The goods are back, or a complaint was decided: what a return comes to."""

from uuid import UUID

from kernel import clock
from kernel.money import Money
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_returns import ReturnInfo, ReturnState
from marketplace.errors import WrongReturnState
from marketplace.models import Return, ReturnLine
from marketplace.selectors.returns import computed, refundable, return_info
from marketplace.services.returns.moving import move, set_amounts, tell


def receive_return(*, return_id: UUID, restocked: bool) -> ReturnInfo:
    """The goods are with the merchant: what goes back is counted for good, under the order's
    lock. Received before: as it is. Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.state == ReturnState.RECEIVED:
            return return_info(row)
        move(row, ReturnState.RECEIVED)
        lines = {one.line_id: one for one in ReturnLine.objects.filter(parent=row)}
        found = computed(order, {key: one.quantity for key, one in lines.items()}, row.cause)
        set_amounts(row, lines, found, most=refundable(order))
        row.restocked, row.received_at = restocked, clock.business()
        row.save()
        ReturnLine.objects.bulk_update(lines.values(), ["refund"])
        refund = Money(row.refund_total, row.currency)
        tell(row, events.ReturnReceived, restocked=restocked, refund=refund)
        return return_info(row)


def mark_return_refunded(*, return_id: UUID, refund_id: UUID | None) -> ReturnInfo:
    """The money is back. Told again: as it is. Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.REFUNDED:
            _refunded(row, refund_id)
        return return_info(row)


def note_return_dispute(*, return_id: UUID, dispute_id: UUID) -> ReturnInfo:
    """The buyer complains about the refusal. Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.REJECTED:
            raise WrongReturnState(state=str(row.state), allowed=[])
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
        _order, row = locks.return_with_order(found)
        if row.state == ReturnState.REJECTED and refunded:
            row.refund_total = refunded.amount
            _refunded(row, refund_id)
        return return_info(row)


def _refunded(row: Return, refund_id: UUID | None) -> None:
    move(row, ReturnState.REFUNDED)
    row.refund_id, row.closed_at = refund_id, clock.business()
    row.save()
    tell(row, events.ReturnRefunded, refund=Money(row.refund_total, row.currency))
