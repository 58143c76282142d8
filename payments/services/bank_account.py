"""Changing where a merchant's money goes takes two people (四眼原则), and payouts rest after it."""

import re
from datetime import datetime
from uuid import UUID

import orjson
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, outbox, personal
from kernel.actors import Actor, current_actor
from kernel.errors import Invalid, NotFound
from kernel.pagination import PageOf, keyset
from kernel.transactions import together
from payments import events_guarantee as events
from payments.contracts_terms import ChangeInfo, ChangeState
from payments.errors_guarantee import ChangeWaits, NeedsSecondPerson
from payments.models import AccountChange
from payments.services import plans
from platforms import facade as platforms


def propose(*, merchant_id: UUID, bank: str, holder: str, number: str) -> ChangeInfo:
    """Propose another account; a second person confirms it. Raises Invalid, ChangeWaits when one
    waits already."""
    clean = re.sub(r"[\s-]", "", number)
    if not re.fullmatch(r"[A-Z0-9]{8,34}", clean):
        raise Invalid(_("An account number has 8 to 34 digits or capital letters."), field="number")
    for name, value in (("bank", bank), ("holder", holder)):
        if not value.strip():
            raise Invalid(_("Name the bank and the holder."), field=name)
    platforms.merchant(merchant_id)
    with together():
        row = AccountChange(
            merchant_id=merchant_id,
            bank=bank.strip()[:100],
            last4=clean[-4:],
            details_sealed=personal.seal(
                merchant_id, orjson.dumps([bank.strip(), holder.strip(), clean]).decode()
            ),
            proposed_by=_who(current_actor()),
        )
        row.touch()
        AccountChange.objects.bulk_create([row], ignore_conflicts=True)
        if not AccountChange.objects.filter(id=row.id).exists():
            raise ChangeWaits
        audit.record(
            action="payments.account_change.proposed",
            target=row,
            after={"merchant": merchant_id, "bank": row.bank, "last4": row.last4},
        )
        _tell(events.AccountChangeProposed(row.id, merchant_id, row.last4), row)
        return change_info(row)


def confirm(*, change_id: UUID) -> ChangeInfo:
    """A second person confirms: the account is changed, and payouts rest for some days. Confirmed
    before: as it is. Raises NotFound, NeedsSecondPerson, InvalidTransition."""
    with together():
        row = _locked(change_id)
        if row.state == ChangeState.CONFIRMED:
            return change_info(row)
        _must_differ(row)
        opened = personal.open_(row.merchant_id, row.details_sealed)
        if opened is None:
            raise NotFound
        bank, holder, number = orjson.loads(opened)
        _decided(row, ChangeState.CONFIRMED, "")
        platforms.update_merchant(
            merchant_id=row.merchant_id,
            payout_account=platforms.BankAccount(
                bank=bank, holder=holder, number=number, last4=number[-4:]
            ),
            account_confirmed=True,
        )
        plans.hold(row.merchant_id)
        _tell(events.AccountChanged(row.id, row.merchant_id, row.last4), row)
        return change_info(row)


def refuse(*, change_id: UUID, reason: str) -> ChangeInfo:
    """Anybody who may decide it, the proposer too, stops it. Raises NotFound, InvalidTransition."""
    with together():
        row = _locked(change_id)
        own = row.proposed_by == _who(current_actor())
        _decided(row, ChangeState.WITHDRAWN if own else ChangeState.REFUSED, reason)
        return change_info(row)


def change(*, change_id: UUID) -> ChangeInfo:
    """One change. Raises NotFound."""
    row = AccountChange.objects.filter(id=change_id).first()
    if row is None:
        raise NotFound
    return change_info(row)


def changes_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ChangeInfo]:
    """A merchant's changes, or all of the platform."""
    wanted = {"merchant_id": merchant_id, "state": state, "updated_at__gte": updated_since}
    rows = AccountChange.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(change_info)


def change_info(row: AccountChange) -> ChangeInfo:
    """The contract of a row."""
    return ChangeInfo(
        id=row.id,
        state=str(row.state),
        merchant_id=row.merchant_id,
        bank=row.bank,
        last4=row.last4,
        proposed_by=row.proposed_by,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _decided(row: AccountChange, state: ChangeState, reason: str) -> None:
    row.move(state, action=f"payments.account_change.{state}", reason=reason[:200])
    row.decided_by, row.decided_at = _who(current_actor()), clock.business()
    row.reason = reason[:300]
    row.save()


def _must_differ(row: AccountChange) -> None:
    """Two keys of one shop prove nothing: the second is a person, or the platform's operator."""
    actor = current_actor()
    if _who(actor) == row.proposed_by or (actor.kind == "merchant" and actor.person_id is None):
        raise NeedsSecondPerson


def _who(actor: Actor) -> UUID:
    found = actor.person_id or actor.id
    if found is None:
        raise NeedsSecondPerson
    return found


def _locked(change_id: UUID) -> AccountChange:
    row = AccountChange.objects.select_for_update().filter(id=change_id).first()
    if row is None:
        raise NotFound
    return row


def _tell(event: outbox.Event, row: AccountChange) -> None:
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
