"""Freeze, return and forfeit guarantee deposits; all of it inside our own ledger."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, jobs, outbox, tenancy
from kernel.currencies import active
from kernel.errors import Invalid
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import events, ledger, locks
from payments.contracts import DepositInfo, DepositState
from payments.domain import postings
from payments.domain.chart import Code
from payments.domain.postings import Book
from payments.errors import AlreadyDeposited, InsufficientBalance, KeyReused
from payments.models import Deposit
from payments.selectors import deposit_info
from platforms import facade as platforms

BATCH = 500  # deposits returned in one transaction


def freeze_deposit(
    *, key: UUID, payer_id: UUID, merchant_id: UUID, reference: str, amount: Money
) -> DepositInfo:
    """Freeze ``amount`` of the payer's wallet for the merchant's matter ``reference``.

    A payer has one deposit held for a matter. The same ``key`` again is the same deposit. Raises
    InsufficientBalance, AlreadyDeposited, KeyReused, NotFound for the merchant.
    """
    active(amount.currency, field="amount.currency")
    if amount.amount <= 0:
        raise Invalid(_("A deposit is of more than nothing."), field="amount")
    if payer_id == merchant_id:
        raise Invalid(_("Nobody gives a deposit to themselves."), field="merchant")
    platforms.merchant(merchant_id)
    book = Book(tenancy.current_id(), amount.currency)
    wallet = book.of(Code.WALLET, payer_id)
    with together():
        row = Deposit(
            key=key,
            payer_id=payer_id,
            merchant_id=merchant_id,
            reference=reference,
            amount=amount.amount,
            currency=amount.currency,
        )
        row.touch()
        Deposit.objects.bulk_create([row], ignore_conflicts=True)
        known = Deposit.objects.filter(key=key).first()
        if known is None:
            raise AlreadyDeposited(field="reference")
        if known.id != row.id:
            return _same(known, payer_id, merchant_id, reference, amount)
        # Looked at under lock first: a transfer that the ledger refuses stays refused.
        ledger.lock_accounts([wallet, book.of(Code.DEPOSIT, payer_id)])
        stored = ledger.account_balances([wallet])[wallet.id]
        if stored < amount.amount:
            raise InsufficientBalance(available=book.money(max(0, stored)).as_api())
        ledger.post_all([_move(row, "deposit", row.amount)])
        audit.record(
            action="payments.deposit.held",
            target=row,
            after={"amount": amount, "merchant": merchant_id, "reference": reference},
        )
        outbox.append(
            events.DepositHeld(row.id, row.merchant_id, row.reference, amount),
            aggregate=row,
            merchant_id=row.merchant_id,
        )
    return deposit_info(row)


def return_deposit(*, deposit_id: UUID) -> DepositInfo:
    """Give a held deposit back to its payer's wallet; returned before: as it is. Raises NotFound,
    InvalidTransition."""
    with together():
        row = locks.deposits([deposit_id])[0]
        if row.state != DepositState.RETURNED:
            _return([row])
        return deposit_info(row)


def forfeit_deposit(*, deposit_id: UUID, reason: str, amount: Money | None = None) -> DepositInfo:
    """``amount`` (all) of a held deposit becomes the merchant's, available at once; the rest goes
    back to the payer. Forfeited before by the same amount: as it is. Raises NotFound, Invalid,
    InvalidTransition."""
    with together():
        row = locks.deposits([deposit_id])[0]
        book = Book(row.platform_id, row.currency)
        lost = book.money(row.amount) if amount is None else amount
        if lost.currency != row.currency or not 0 < lost.amount <= row.amount:
            raise Invalid(
                _("Between the smallest unit and %(amount)s.") % {"amount": book.money(row.amount)},
                field="amount",
            )
        if row.state == DepositState.FORFEITED and row.forfeited == lost.amount:
            return deposit_info(row)
        row.move(DepositState.FORFEITED, action="payments.deposit.forfeited", reason=reason)
        moves = [
            _move(row, "deposit_forfeited", lost.amount),
            postings.forfeited_to(
                book,
                id=row.id,
                merchant_id=row.merchant_id,
                amount=lost.amount,
                reference=row.reference,
                document=public_id("dep", row.id),
            ),
        ]
        if row.amount > lost.amount:
            moves.append(_move(row, "deposit_returned", row.amount - lost.amount))
        ledger.post_all(moves)
        row.forfeited, row.reason, row.ended_at = lost.amount, reason, clock.business()
        row.save()
        outbox.append(
            events.DepositForfeited(row.id, row.merchant_id, row.reference, lost),
            aggregate=row,
            merchant_id=row.merchant_id,
        )
        return deposit_info(row)


def begin_return(*, merchant_id: UUID, reference: str, keep: Collection[UUID] = ()) -> UUID:
    """Queue the return of every deposit held for a matter but those in ``keep`` (the winner's);
    the job's id. Raises Invalid when ``keep`` names one that isn't held for it."""
    held = Deposit.objects.filter(
        merchant_id=merchant_id, reference=reference, state=DepositState.HELD
    )
    if held.filter(id__in=list(keep)).count() != len(set(keep)):
        raise Invalid(_("These aren't all deposits held for it."), field="keep")
    with together():
        return jobs.enqueue(
            "payments.return_deposits",
            {
                "merchant_id": str(merchant_id),
                "reference": reference,
                "keep": [str(one) for one in keep],
            },
            merchant_id=merchant_id,
        )


def return_held(
    job: jobs.JobContext, *, merchant_id: UUID, reference: str, keep: Collection[UUID]
) -> int:
    """Return them batch by batch, each in a transaction of its own; how many. Run again after a
    crash it goes on with what is still held."""
    held = Deposit.objects.filter(
        merchant_id=merchant_id, reference=reference, state=DepositState.HELD
    ).exclude(id__in=list(keep))
    total, done = held.count(), 0
    while ids := list(held.order_by("id").values_list("id", flat=True)[:BATCH]):
        with together():
            rows = [row for row in locks.deposits(ids) if row.state == DepositState.HELD]
            _return(rows)
        done += len(rows)
        job.progress(done, max(total, done))
    return done


def _return(rows: Sequence[Deposit]) -> None:
    """In the caller's transaction: all of them or none."""
    now = clock.business()
    Deposit.move_all(rows, DepositState.RETURNED, action="payments.deposit.returned")
    for row in rows:
        row.ended_at = now
        row.touch()
    # Not as one chain: they have nothing to do with each other but their transaction.
    ledger.post_all([_move(row, "deposit_returned", row.amount) for row in rows], linked=False)
    # All get the same values: a case for each row and column would cost more than the booking.
    Deposit.objects.filter(id__in=[row.id for row in rows]).update(
        state=DepositState.RETURNED,
        ended_at=now,
        version=F("version") + 1,
        updated_at=rows[0].updated_at,
    )
    outbox.append_many(
        (
            events.DepositReturned(
                row.id, row.merchant_id, row.reference, Money(row.amount, row.currency)
            ),
            row,
            row.merchant_id,
        )
        for row in rows
    )


def _move(row: Deposit, step: str, amount: int) -> ledger.Transfer:
    return postings.wallet(
        Book(row.platform_id, row.currency),
        id=row.id,
        owner_id=row.payer_id,
        amount=amount,
        step=step,
        reference=row.reference,
        document=public_id("dep", row.id),
    )


def _same(
    row: Deposit, payer_id: UUID, merchant_id: UUID, reference: str, amount: Money
) -> DepositInfo:
    asked = (payer_id, merchant_id, reference, amount.amount, amount.currency)
    if (row.payer_id, row.merchant_id, row.reference, row.amount, row.currency) != asked:
        raise KeyReused(deposit=public_id("dep", row.id))
    return deposit_info(row)
