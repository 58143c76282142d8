"""Row locks, taken in this order: intent, its shares, escrow, dispute, refund, payout or deposits,
request for an invoice, a merchant's series of invoices, then (inside the ledger's function) ledger
accounts by id."""

from collections.abc import Sequence
from uuid import UUID

from kernel import gathered, tenancy
from kernel.errors import NotFound
from kernel.questions import Question, ask
from kernel.transactions import cursor
from payments.models import (
    ATTEMPTS,
    INTENTS,
    SHARES,
    Attempt,
    Deposit,
    Dispute,
    Escrow,
    IntentShare,
    InvoiceRequest,
    InvoiceSeries,
    ManualEntry,
    PaymentIntent,
    Payout,
    ReconException,
    Refund,
)


def intent(intent_id: UUID) -> PaymentIntent:
    """The intent, locked. Raises NotFound."""
    made: PaymentIntent | None = gathered.remembered(PaymentIntent, intent_id)
    return made or _found(*ask(_intent(intent_id)))


def intent_with_attempts(intent_id: UUID) -> tuple[PaymentIntent, list[Attempt]]:
    """The intent, locked, and its attempts, which change under this lock alone, oldest first.
    Raises NotFound."""
    made: PaymentIntent | None = gathered.remembered(PaymentIntent, intent_id)
    if made is not None:
        return made, attempts_of(intent_id)
    found, attempts = ask(_intent(intent_id), attempts_question(intent_id))
    return _found(found), attempts


def payment(intent_id: UUID) -> tuple[PaymentIntent, list[Attempt], list[IntentShare]]:
    """``intent_with_attempts``, and its shares in their order, locked. Raises NotFound."""
    made: PaymentIntent | None = gathered.remembered(PaymentIntent, intent_id)
    if made is not None:
        return made, attempts_of(intent_id), shares(intent_id)
    found, attempts, parts = ask(
        _intent(intent_id), attempts_question(intent_id), _shares(intent_id)
    )
    return _found(found), attempts, parts


def shares(intent_id: UUID) -> list[IntentShare]:
    """The intent's shares in their order, locked; the intent is locked already."""
    made: list[IntentShare] | None = gathered.remembered(IntentShare, intent_id)
    return ask(_shares(intent_id))[0] if made is None else made


def attempts_of(intent_id: UUID) -> list[Attempt]:
    """The attempts of an intent, oldest first; not locked, they change under its lock alone."""
    made: list[Attempt] | None = gathered.remembered(Attempt, intent_id)
    return ask(attempts_question(intent_id))[0] if made is None else made


def attempts_question(intent_id: UUID) -> Question[list[Attempt]]:
    """``attempts_of``, to be asked with others."""
    return ATTEMPTS.question("intent_id = %s ORDER BY id", [intent_id])


def _intent(intent_id: UUID) -> Question[list[PaymentIntent]]:
    return INTENTS.question("id = %s FOR UPDATE", [intent_id])


def _shares(intent_id: UUID) -> Question[list[IntentShare]]:
    return SHARES.question("intent_id = %s ORDER BY place FOR UPDATE", [intent_id])


def _found(rows: list[PaymentIntent]) -> PaymentIntent:
    if not rows:
        raise NotFound
    return rows[0]


def refund(refund_id: UUID) -> tuple[PaymentIntent, Refund]:
    """The refund with its intent, both locked. Raises NotFound."""
    intent_id = Refund.objects.filter(id=refund_id).values_list("intent_id", flat=True).first()
    if intent_id is None:
        raise NotFound
    owner = intent(intent_id)
    return owner, Refund.objects.select_for_update().get(id=refund_id)


def payout(payout_id: UUID) -> Payout:
    """The payout, locked. Raises NotFound."""
    row = Payout.objects.select_for_update().filter(id=payout_id).first()
    if row is None:
        raise NotFound
    return row


def manual_entry(entry_id: UUID) -> ManualEntry:
    """The manual entry, locked. Raises NotFound."""
    row = ManualEntry.objects.select_for_update().filter(id=entry_id).first()
    if row is None:
        raise NotFound
    return row


def deposits(deposit_ids: Sequence[UUID]) -> list[Deposit]:
    """The deposits, locked in the order of their ids. Raises NotFound unless all are there."""
    rows = Deposit.objects.select_for_update().filter(id__in=deposit_ids).order_by("id")
    found = list(rows)
    if len(found) != len(set(deposit_ids)):
        raise NotFound
    return found


def recon_exception(exception_id: UUID) -> ReconException:
    """The exception, locked. Raises NotFound."""
    row = ReconException.objects.select_for_update().filter(id=exception_id).first()
    if row is None:
        raise NotFound
    return row


def escrow(escrow_id: UUID) -> tuple[PaymentIntent, IntentShare, Escrow]:
    """The escrow with its intent and share, all locked. Raises NotFound."""
    found = Escrow.objects.filter(id=escrow_id).values_list("intent_id", "share_id").first()
    if found is None:
        raise NotFound
    owner = intent(found[0])
    share = next(one for one in shares(owner.id) if one.id == found[1])
    return owner, share, Escrow.objects.select_for_update().get(id=escrow_id)


def dispute(dispute_id: UUID) -> tuple[PaymentIntent, list[IntentShare], Dispute]:
    """The dispute with its intent and that one's shares, all locked. Raises NotFound."""
    found = Dispute.objects.filter(id=dispute_id).values_list("intent_id", flat=True).first()
    if found is None:
        raise NotFound
    owner = intent(found)
    return owner, shares(owner.id), Dispute.objects.select_for_update().get(id=dispute_id)


def reconciliation() -> None:
    """Days of a platform are compared one at a time."""
    with cursor() as sql:
        sql.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"payments.reconciliation:{tenancy.current_id()}"],
        )


def invoice_request(request_id: UUID) -> tuple[PaymentIntent, IntentShare, InvoiceRequest]:
    """The request for an invoice with its intent and share, all locked. Raises NotFound."""
    rows = InvoiceRequest.objects.filter(id=request_id)
    found = rows.values_list("intent_id", "share_id").first()
    if found is None:
        raise NotFound
    owner = intent(found[0])
    share = next(one for one in shares(owner.id) if one.id == found[1])
    return owner, share, InvoiceRequest.objects.select_for_update().get(id=request_id)


def invoice_series(merchant_id: UUID, year: int) -> InvoiceSeries:
    """The merchant's series of a year, locked; begun if there is none."""
    InvoiceSeries.objects.bulk_create(
        [InvoiceSeries(merchant_id=merchant_id, year=year)], ignore_conflicts=True
    )
    rows = InvoiceSeries.objects.select_for_update()
    return rows.get(merchant_id=merchant_id, year=year)
