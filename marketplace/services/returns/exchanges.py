"""What happens to an exchange once it was approved: received, replaced, confirmed, or turned into a
return for a refund; and what time does."""

from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from inventory import facade as inventory
from kernel import clock
from kernel.money import Money
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_returns import ReturnInfo, ReturnKind, ReturnState, Turned
from marketplace.errors import ReturnDisputed, WrongReturnState
from marketplace.models import Return
from marketplace.selectors.returns import overdue, return_info
from marketplace.services.days import days_from_now
from marketplace.services.returns.moving import keep_money, move, tell
from marketplace.services.returns.replacing import (
    hold,
    hold_key,
    need_exchange,
    put_back,
    turn,
)
from payments import facade as payments
from platforms import facade as platforms

State = ReturnState
BATCH = 200


def receive_exchange(*, return_id: UUID, restocked: bool) -> ReturnInfo:
    """The goods are with the merchant, or may be kept: the replacement is to be sent. Received
    before: as it is. Raises ReturnNotFound, WrongReturnState, RestockRefused."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        need_exchange(row)
        if row.state != State.RECEIVED:
            move(row, State.RECEIVED)
            row.restocked, row.received_at = restocked, clock.business()
            row.ship_by = days_from_now("exchange_ship_days")
            row.save()
            if restocked:
                put_back(row)
            nothing = Money(0, row.currency)
            tell(row, events.ReturnReceived, restocked=restocked, refund=nothing)
        return return_info(row)


def begin_replacement(*, return_id: UUID, key: UUID) -> ReturnInfo:
    """Claim the replacement for the run ``key`` that hands it to the carrier, so that it isn't
    refunded meanwhile. Claimed by it before: as it is. Raises ReturnNotFound, WrongReturnState,
    ReplacementMissing."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        need_exchange(row)
        if row.ship_key == key:
            return return_info(row)
        if row.state != State.RECEIVED or row.ship_key is not None:
            raise _in_hand(row)
        hold(row)
        row.ship_key = key
        row.save()
        return return_info(row)


def end_replacement(*, return_id: UUID, key: UUID) -> None:
    """The carrier didn't take it: it is to be sent anew, or refunded."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.ship_key == key and row.state == State.RECEIVED:
            row.ship_key = None
            row.save()


def mark_resent(*, return_id: UUID, key: UUID, shipment_id: UUID, waybill: str) -> ReturnInfo:
    """The replacement is with the carrier: its goods leave the stock. Told again: as it is.
    Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.ship_key != key:
            raise _in_hand(row)
        if row.state == State.RECEIVED:
            move(row, State.RESENT)
            inventory.commit_reservation(key=hold_key(row.id))
            row.shipment_id, row.resent_waybill = shipment_id, waybill[:60]
            row.resent_at = clock.business()
            on_the_way = int(platforms.setting("marketplace", "return_receive_days"))
            row.confirm_by = days_from_now("exchange_confirm_days") + timedelta(days=on_the_way)
            row.save()
            tell(row, events.ReturnResent, shipment_id=shipment_id, waybill=waybill)
        return return_info(row)


def mark_arrived(*, return_id: UUID, shipment_id: UUID | None = None) -> None:
    """The carrier handed the replacement over; the buyer's time to look at it begins. A shipment
    that isn't the replacement's, such as one that was called off, says nothing. Told again: as it
    is. Raises ReturnNotFound."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        ours = shipment_id in (None, row.shipment_id)
        if ours and row.state == State.RESENT and row.arrived_at is None:
            days = int(platforms.setting("marketplace", "exchange_confirm_days"))
            row.arrived_at = clock.business()
            row.confirm_by = row.arrived_at + timedelta(days=days)
            row.save()
            keep_money(row.order_id)


def confirm_exchange(*, return_id: UUID) -> ReturnInfo:
    """The buyer has the replacement. Told again: as it is. Raises ReturnNotFound,
    WrongReturnState, ReturnDisputed."""
    with atomic():
        _order, row = locks.return_with_order(return_id)
        if row.state != State.EXCHANGED:
            if _disputed(row):
                raise ReturnDisputed
            _exchanged(row)
        return return_info(row)


def _exchanged(row: Return) -> None:
    move(row, State.EXCHANGED)
    row.closed_at = clock.business()
    row.arrived_at = row.arrived_at or row.closed_at
    row.save()
    tell(row, events.ReturnExchanged)


def turn_exchange(*, return_id: UUID, why: str = Turned.MERCHANT) -> ReturnInfo:
    """No replacement after all: the money instead. With the goods here, or the replacement lost on
    its way, the refund is to be made now; else they are sent back as for any return. Turned before:
    as it is. Raises ReturnNotFound, WrongReturnState."""
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.turned:
            return return_info(row)
        need_exchange(row)
        if row.state == State.RESENT:
            if _disputed(row):
                raise ReturnDisputed
            move(row, State.RECEIVED)
        elif row.state not in (State.APPROVED, State.SENT, State.RECEIVED) or row.ship_key:
            raise _in_hand(row)
        turn(order, row, Turned(why))
        return return_info(row)


def pass_overdue_exchanges() -> tuple[int, int]:
    """End what no buyer confirmed in time; turn into refunds what no merchant replaced in time, but
    for what is in the carrier's hands just now: how many of each."""
    ended = overdue(State.RESENT, "confirm_by", limit=BATCH)
    late = overdue(State.RECEIVED, "ship_by", limit=BATCH, kind=ReturnKind.EXCHANGE)
    return sum(map(_confirm_late, ended)), sum(map(_turn_late, late))


def _confirm_late(return_id: UUID) -> bool:
    with atomic():
        _order, row = locks.return_with_order(return_id)
        due = row.confirm_by is not None and row.confirm_by <= clock.business()
        if row.state != State.RESENT or not due or _disputed(row):
            return False
        _exchanged(row)
        return True


def _turn_late(return_id: UUID) -> bool:
    with atomic():
        order, row = locks.return_with_order(return_id)
        if row.state != State.RECEIVED or row.kind != ReturnKind.EXCHANGE or row.ship_key:
            return False
        turn(order, row, Turned.NOT_SENT)
        return True


def _disputed(row: Return) -> bool:
    """Whether a complaint decides it: one that is open, or that gave money back, which this row
    follows a moment later."""
    if row.dispute_id is None:
        return False
    found = payments.dispute(dispute_id=row.dispute_id)
    return found.open or bool(found.refunded)


def _in_hand(row: Return) -> WrongReturnState:
    text = (
        _("The replacement of %(number)s is being handed to the carrier.")
        if row.ship_key and row.state == State.RECEIVED
        else _("The exchange %(number)s is in the state: %(state)s.")
    )
    said = {"number": row.number, "state": State(row.state).label}
    return WrongReturnState(text % said, state=str(row.state), allowed=[])
