"""Pay a merchant out: its available money goes in transit at once, a job carries it to the bank."""

from collections.abc import Mapping
from uuid import UUID

import orjson

from kernel import audit, clock, jobs, outbox, personal, tenancy
from kernel.failpoints import hit
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import events, ledger, locks, selectors
from payments.contracts import (
    FAILED,
    PENDING,
    REJECTED,
    SUCCEEDED,
    UNKNOWN,
    Outcome,
    PayoutInfo,
    PayoutState,
)
from payments.domain.chart import Code
from payments.domain.postings import Book, payout
from payments.errors import (
    BelowMinimum,
    ExternalIdTaken,
    GatewayNotConfigured,
    InsufficientBalance,
    KeyReused,
    NoPayoutAccount,
    PayoutsPaused,
)
from payments.errors_guarantee import PayoutsOnHold
from payments.models import Payout
from payments.providers.base import PayoutOrder
from payments.services import gateway_account, plans
from payments.services.checks import next_check
from platforms import facade as platforms


def create_payout(
    *,
    merchant_id: UUID,
    amount: Money | None = None,
    key: UUID,
    currency: str | None = None,
    external_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
) -> PayoutInfo:
    """Start a payout of ``amount``, or of all that is available in ``currency`` (the platform's).

    The same ``key`` again is the same payout. Raises PayoutsPaused, NoPayoutAccount, BelowMinimum,
    InsufficientBalance, KeyReused, GatewayNotConfigured.
    """
    with together():
        known = Payout.objects.filter(key=key).first()
        if known is not None:
            return _same(known, merchant_id, amount)
        account = _account(merchant_id)
        code = amount.currency if amount else currency or platforms.get_platform().currency
        book = Book(tenancy.current_id(), code)
        value = _value(book, merchant_id, amount)
        row = Payout(
            key=key,
            merchant_id=merchant_id,
            amount=value,
            currency=code,
            destination_sealed=personal.seal(
                merchant_id,
                orjson.dumps([account.bank, account.holder, account.number]).decode(),
            ),
            destination_last4=account.last4,
            external_id=external_id,
            metadata=dict(metadata or {}),
            next_check_at=next_check(0),
        )
        row.touch()
        Payout.objects.bulk_create([row], ignore_conflicts=True)
        if not Payout.objects.filter(id=row.id).exists():
            known = Payout.objects.filter(key=key).first()
            if known is None:
                raise ExternalIdTaken(field="external_id")
            return _same(known, merchant_id, amount)
        start = payout(book, payout_id=row.id, merchant_id=merchant_id, amount=value, step="start")
        try:
            ledger.post_all([start])
        except ledger.LedgerRefused as refused:
            raise _insufficient(book, merchant_id) from refused
        audit.record(
            action="payments.payout.created",
            target=row,
            after={"merchant": merchant_id, "amount": book.money(value)},
        )
        jobs.enqueue("payments.send_payout", {"payout_id": str(row.id)}, unique=str(row.id))
        return selectors.payout_info(row)


def key_of(merchant_id: UUID, external_id: str) -> UUID | None:
    """The key of the merchant's payout with this id of its own, if there is one."""
    rows = Payout.objects.filter(merchant_id=merchant_id, external_id=external_id)
    return rows.values_list("key", flat=True).first()


def perform_payout(*, payout_id: UUID) -> Outcome:
    """Ask the bank to transfer, or how the transfer stands; repeatable under the payout's id."""
    row = Payout.objects.get(id=payout_id)
    if row.state in (PayoutState.PAID, PayoutState.FAILED):
        return Outcome(UNKNOWN)  # recording it changes nothing
    destination = personal.open_(row.merchant_id, row.destination_sealed)
    bank, holder, number = orjson.loads(destination) if destination else ("", "", "")
    order = PayoutOrder(
        payout_id=row.id,
        reference=public_id("pot", row.id),
        amount=Money(row.amount, row.currency),
        bank=bank,
        holder=holder,
        number=number,
        provider_id=row.provider_id,
    )
    return gateway_account.payout_provider().find(order)


def record_payout(*, payout_id: UUID, outcome: Outcome) -> PayoutInfo:
    """Commit what the bank answered; booked once, whoever brings the news first."""
    with together():
        row = locks.payout(payout_id)
        if row.state in (PayoutState.PAID, PayoutState.FAILED):
            return selectors.payout_info(row)
        if outcome.provider_id and not row.provider_id:
            row.provider_id = outcome.provider_id
        if outcome.status == SUCCEEDED and _agrees(row, outcome):
            _finish(row, PayoutState.PAID, "paid", outcome)
        elif outcome.status in (FAILED, REJECTED):
            _finish(row, PayoutState.FAILED, "failed", outcome)
        else:
            if outcome.status == PENDING and row.state == PayoutState.PENDING:
                row.move(PayoutState.IN_TRANSIT, action="payments.payout.in_transit")
            row.checks += 1
            row.next_check_at = next_check(row.checks)
            row.save()
        return selectors.payout_info(row)


def send_payout(*, payout_id: UUID) -> PayoutInfo:
    """Perform and record; the caller has no transaction open."""
    hit("payments.payout.before_call")
    outcome = perform_payout(payout_id=payout_id)
    hit("payments.payout.after_call")
    return record_payout(payout_id=payout_id, outcome=outcome)


def _finish(row: Payout, state: PayoutState, step: str, outcome: Outcome) -> None:
    book = Book(tenancy.current_id(), row.currency)
    ledger.post_all(
        [payout(book, payout_id=row.id, merchant_id=row.merchant_id, amount=row.amount, step=step)]
    )
    row.move(state, action=f"payments.payout.{step}", reason=outcome.code)
    row.next_check_at = None
    event: outbox.Event
    if state == PayoutState.PAID:
        row.paid_at = clock.business()
        event = events.PayoutPaid(row.id, row.merchant_id, book.money(row.amount))
        plans.succeeded(row.merchant_id)
    else:
        row.failure_code = outcome.code or "refused"
        row.failure_message = outcome.message
        event = events.PayoutFailed(
            row.id, row.merchant_id, book.money(row.amount), row.failure_code
        )
    row.save()
    outbox.append(event, aggregate=row, merchant_id=row.merchant_id)
    if state == PayoutState.FAILED:
        plans.failed(row)


def _agrees(row: Payout, outcome: Outcome) -> bool:
    return (outcome.amount, outcome.currency) == (row.amount, row.currency)


def _account(merchant_id: UUID) -> platforms.BankAccount:
    if not platforms.merchant(merchant_id).approved:
        raise PayoutsPaused
    account = platforms.payout_account(merchant_id)
    if account is None or not account.number:
        raise NoPayoutAccount
    if not gateway_account.is_configured():
        raise GatewayNotConfigured
    resting = plans.paused(merchant_id)
    if resting is not None:
        reason, until = resting
        raise PayoutsOnHold(reason=reason, paused_until=until.isoformat() if until else None)
    return account


def _value(book: Book, merchant_id: UUID, amount: Money | None) -> int:
    """The amount to pay out in minor units; all that is available, read under lock, for None."""
    minimum = int(platforms.setting("payments", "payout_minimum"))
    if amount is not None:
        value = amount.amount
    else:
        available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
        ledger.lock_accounts([available, book.of(Code.MERCHANT_TRANSIT, merchant_id)])
        value = ledger.account_balances([available])[available.id]
        if value <= 0:
            raise _insufficient(book, merchant_id)
    if value < minimum:
        raise BelowMinimum(field="amount", minimum=book.money(minimum).as_api())
    return value


def _insufficient(book: Book, merchant_id: UUID) -> InsufficientBalance:
    available = book.of(Code.MERCHANT_AVAILABLE, merchant_id)
    value = ledger.account_balances([available])[available.id]
    return InsufficientBalance(available=book.money(max(0, value)).as_api())


def _same(row: Payout, merchant_id: UUID, amount: Money | None) -> PayoutInfo:
    wanted = (merchant_id, amount.amount if amount else row.amount)
    if (row.merchant_id, row.amount) != wanted:
        raise KeyReused(payout=public_id("pot", row.id))
    return selectors.payout_info(row)
