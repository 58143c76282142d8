"""Manual entries (手工分录) with four eyes: the only adjustments of the ledger there are."""

from dataclasses import replace
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, tenancy
from kernel.actors import current_actor
from kernel.currencies import active
from kernel.errors import Forbidden, Invalid, NotFound
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import ledger, locks
from payments.domain.chart import OWNED, Account, Code
from payments.domain.postings import Book
from payments.domain.settlements import exchange
from payments.errors import EntryRefused, KeyReused, SamePerson
from payments.ledger_contracts import EntryInfo, EntrySide, EntryState
from payments.models import ManualEntry
from payments.recon_contracts import ExceptionState
from payments.selectors.books import entry_info
from payments.selectors.corrections import exception_of


def propose_entry(
    *,
    key: UUID,
    name: str,
    reason: str,
    debit: EntrySide,
    credit: EntrySide,
    amount: Money,
    reference: str = "",
    bought: Money | None = None,
) -> EntryInfo:
    """Ask for an entry; nothing is booked before another operator approves it. With ``bought`` it
    is an exchange: ``amount`` from a wallet to liquidity, ``bought`` from there into that wallet.

    The same ``key`` again is the same entry. Raises Forbidden without a person, Invalid,
    KeyReused.
    """
    person = _person()
    active(amount.currency, field="amount.currency")
    if amount.amount <= 0:
        raise Invalid(_("An entry is of more than nothing."), field="amount")
    if not name.strip():
        raise Invalid(_("Give the entry a name."), field="name")
    if not reason.strip():
        raise Invalid(_("Say why it is needed."), field="reason")
    for side, field in ((debit, "debit"), (credit, "credit")):
        _check(side, field)
    if debit == credit:
        raise Invalid(_("Debit and credit are the same account."), field="credit")
    if bought is not None:
        _check_exchange(debit, credit, amount, bought)
    _check_reference(reference)
    row = ManualEntry(
        key=key,
        name=name.strip(),
        reason=reason.strip(),
        debit_code=debit.code,
        debit_owner=debit.owner,
        credit_code=credit.code,
        credit_owner=credit.owner,
        amount=amount.amount,
        currency=amount.currency,
        bought=bought.amount if bought else None,
        bought_currency=bought.currency if bought else "",
        reference=reference,
        proposed_by=person,
    )
    with together():
        row.touch()
        ManualEntry.objects.bulk_create([row], ignore_conflicts=True)
        known = ManualEntry.objects.get(key=key)
        if known.id != row.id:
            if _asked(known) != _asked(row):
                raise KeyReused(field="Idempotency-Key")
            return entry_info(known)
        audit.record("payments.manual_entry.proposed", target=row, after=_asked(row))
    return entry_info(row)


def approve_entry(*, entry_id: UUID, note: str = "") -> EntryInfo:
    """Book it, as somebody else than who proposed it. Approved before: as it is. Raises NotFound,
    SamePerson, EntryRefused when the ledger refuses it, InvalidTransition."""
    person = _person()
    with together():
        row = locks.manual_entry(entry_id)
        if row.state == EntryState.APPROVED:
            return entry_info(row)
        if row.proposed_by == person:
            raise SamePerson
        row.move(EntryState.APPROVED, action="payments.manual_entry.approved", reason=note)
        try:
            ledger.post_all(_transfers(row))
        except ledger.LedgerRefused as refused:
            raise EntryRefused(result=refused.result) from refused
        _decide(row, person, note)
        return entry_info(row)


def reject_entry(*, entry_id: UUID, note: str) -> EntryInfo:
    """Refuse it, or, as who proposed it, take it back. Ended so before: as it is. Raises NotFound,
    Invalid without a note, InvalidTransition."""
    person = _person()
    if not note.strip():
        raise Invalid(_("Say why."), field="note")
    with together():
        row = locks.manual_entry(entry_id)
        own = row.proposed_by == person
        to = EntryState.WITHDRAWN if own else EntryState.REJECTED
        if row.state != to:
            row.move(to, action=f"payments.manual_entry.{to.value}", reason=note)
            _decide(row, person, note)
        return entry_info(row)


def _decide(row: ManualEntry, person: UUID, note: str) -> None:
    row.decided_by, row.decided_at, row.note = person, clock.business(), note.strip()
    row.save()


def _person() -> UUID:
    actor = current_actor()
    if actor.kind != "operator" or actor.person_id is None:
        raise Forbidden
    return actor.person_id


def _check_reference(reference: str) -> None:
    """One that names an exception of the reconciliation (``rex_…``) names an open one."""
    try:
        known = exception_of(reference)
    except NotFound as error:
        raise Invalid(_("There is no such exception."), field="reference") from error
    if known is not None and known.state != ExceptionState.OPEN:
        raise Invalid(_("That exception is dealt with already."), field="reference")


def _check(side: EntrySide, field: str) -> None:
    if side.code not in list(Code):
        raise Invalid(_("There is no such account."), field=f"{field}.code")
    if (side.code in OWNED) != (side.owner is not None):
        raise Invalid(
            _("Name whose account it is; an account of the platform has no owner."),
            field=f"{field}.owner",
        )


def _asked(row: ManualEntry) -> dict[str, object]:
    return {
        "name": row.name,
        "reason": row.reason,
        "debit": [row.debit_code, row.debit_owner],
        "credit": [row.credit_code, row.credit_owner],
        "amount": Money(row.amount, row.currency),
        "bought": None if row.bought is None else Money(row.bought, row.bought_currency),
        "reference": row.reference,
    }


def _check_exchange(debit: EntrySide, credit: EntrySide, sold: Money, bought: Money) -> None:
    active(bought.currency, field="bought.currency")
    if (debit.code, credit.code) != (Code.WALLET, Code.LIQUIDITY):
        raise Invalid(_("An exchange goes from a wallet to liquidity."), field="bought")
    if bought.amount <= 0:
        raise Invalid(_("An entry is of more than nothing."), field="bought.amount")
    if bought.currency == sold.currency:
        raise Invalid(_("Name another currency than the one that is sold."), field="bought")


def _transfers(row: ManualEntry) -> list[ledger.Transfer]:
    if row.bought is None or row.debit_owner is None:
        return [_transfer(row)]
    here = tenancy.current_id()
    found = exchange(
        Book(here, row.currency), Book(here, row.bought_currency), id=row.id,
        owner_id=row.debit_owner, sold=row.amount, bought=row.bought, reference=row.reference,
    )  # fmt: skip
    return [replace(one, document=public_id("men", row.id)) for one in found]


def _transfer(row: ManualEntry) -> ledger.Transfer:
    def account(code: str, owner: UUID | None) -> Account:
        return Account(tenancy.current_id(), code, row.currency, owner)

    return ledger.Transfer(
        id=uuid5(row.id, "manual"),
        debit=account(row.debit_code, row.debit_owner),
        credit=account(row.credit_code, row.credit_owner),
        amount=Money(row.amount, row.currency),
        code="manual",
        journal=row.id,
        merchant_id=row.debit_owner or row.credit_owner,
        reference=row.reference,
        document=public_id("men", row.id),
    )
