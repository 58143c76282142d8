"""What merchant and buyer do with a return until the goods are back, and what time does."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from inventory import facade as inventory
from kernel import clock
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_returns import ReturnInfo, ReturnKind, ReturnState, Turned
from marketplace.errors import InvalidReturn, ReplacementMissing
from marketplace.models import Order, Return
from marketplace.selectors.returns import overdue, return_info
from marketplace.services.days import days_from_now
from marketplace.services.returns.moving import WORDS, move, tell
from marketplace.services.returns.replacing import give, hold, let_go, turn

BATCH = 200


def approve_return(
    *,
    return_id: UUID,
    answer: str = "",
    send_to: str = "",
    variants: Mapping[UUID, UUID] | None = None,
    refund: bool = False,
) -> ReturnInfo:
    """The merchant takes it back; ``send_to`` is where to, its first warehouse unless named. Of an
    exchange the replacement is held from now on: what the buyer wished, or what ``variants`` names
    by its lines; with ``refund`` the money is given instead.
    Approved before: as it is. Raises ReturnNotFound, WrongReturnState, InvalidReturn,
    ReplacementMissing."""
    _short(answer, "answer")
    _short(send_to, "send_to")
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.APPROVED:
            _approve(row, answer=answer, send_to=send_to)
            if row.kind == ReturnKind.EXCHANGE and refund:
                turn(order, row, Turned.MERCHANT)
            elif row.kind == ReturnKind.EXCHANGE:
                give(order, row, variants or {})
                hold(row)
        return return_info(row)


def _approve(row: Return, *, answer: str, send_to: str) -> None:
    move(row, ReturnState.APPROVED)
    row.answer = answer.strip()
    row.send_to = send_to.strip() or return_address(row.merchant_id)
    row.answered_at = clock.business()
    row.send_by = days_from_now("return_send_days")
    row.save()
    tell(row, events.ReturnApproved)


def return_address(merchant_id: UUID) -> str:
    """Where the merchant's goods go back to unless told otherwise: its first warehouse that has an
    address; empty without one."""
    found = inventory.warehouses_page(merchant_id=merchant_id, limit=20).items
    places = sorted((one for one in found if one.active and one.address), key=lambda w: w.priority)
    return places[0].address if places else ""


def reject_return(*, return_id: UUID, answer: str) -> ReturnInfo:
    """The merchant refuses it, or what arrived, and says why; the buyer may complain to the
    platform. Refused before: as it is. Raises ReturnNotFound, WrongReturnState, InvalidReturn."""
    _short(answer, "answer")
    if not answer.strip():
        raise InvalidReturn(_("Say why."), field="answer")
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.REJECTED:
            move(row, ReturnState.REJECTED, answer)
            row.answer = answer.strip()
            row.answered_at = row.closed_at = clock.business()
            row.save()
            let_go(row)
            tell(row, events.ReturnRejected)
        return return_info(row)


def withdraw_return(*, return_id: UUID) -> ReturnInfo:
    """The buyer keeps the goods. Withdrawn before: as it is. Raises ReturnNotFound,
    WrongReturnState."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.WITHDRAWN:
            _close(row, ReturnState.WITHDRAWN, events.ReturnWithdrawn)
        return return_info(row)


def send_return(*, return_id: UUID, carrier: str, waybill: str) -> ReturnInfo:
    """The buyer has sent the goods. Told again: the waybill as it is told now. Raises
    ReturnNotFound, WrongReturnState, InvalidReturn."""
    carrier, waybill = carrier.strip()[:40], waybill.strip()[:60]
    if not waybill:
        raise InvalidReturn(_("Copy it from the carrier's receipt."), field="waybill")
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state == ReturnState.SENT and (row.carrier, row.waybill) == (carrier, waybill):
            return return_info(row)
        if row.state != ReturnState.SENT:
            move(row, ReturnState.SENT)
            row.sent_at = clock.business()
            row.receive_by = days_from_now("return_receive_days")
        row.carrier, row.waybill = carrier, waybill
        row.save()
        tell(row, events.ReturnSent, carrier=carrier, waybill=waybill)
        return return_info(row)


def pass_overdue_returns() -> tuple[int, int]:
    """Approve what no merchant answered in time, let lapse what no buyer sent in time: how many
    of each."""
    approved = overdue(ReturnState.REQUESTED, "answer_by", limit=BATCH)
    lapsed = overdue(ReturnState.APPROVED, "send_by", limit=BATCH)
    return sum(map(_approve_late, approved)), sum(map(_lapse, lapsed))


def _approve_late(return_id: UUID) -> bool:
    """With the replacement that the buyer wished; where it isn't there any more, for the money."""
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.REQUESTED:
            return False
        _approve(row, answer="", send_to="")
        if row.kind == ReturnKind.EXCHANGE:
            _hold_or_refund(order, row)
        return True


def _hold_or_refund(order: Order, row: Return) -> None:
    try:
        hold(row)
    except ReplacementMissing:
        turn(order, row, Turned.OUT_OF_STOCK)


def _lapse(return_id: UUID) -> bool:
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != ReturnState.APPROVED:
            return False
        _close(row, ReturnState.LAPSED, events.ReturnLapsed)
        return True


def _close(row: Return, state: ReturnState, event: type[events.ReturnEvent]) -> None:
    move(row, state)
    row.closed_at = clock.business()
    row.save()
    let_go(row)
    tell(row, event)


def _short(text: str, field: str) -> None:
    if len(text) > WORDS:
        raise InvalidReturn(_("At most %(n)s characters.") % {"n": WORDS}, field=field)
