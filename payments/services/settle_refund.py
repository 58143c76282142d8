"""What a gateway's word does to a refund: one function for all who bring it."""

import logging

from kernel import outbox
from kernel.ids import public_id
from kernel.money import Money
from payments import events, ledger, locks
from payments.contracts import (
    BANK_TRANSFER,
    FAILED,
    PENDING,
    REJECTED,
    SUCCEEDED,
    WALLET,
    Outcome,
    RefundState,
)
from payments.domain import postings
from payments.models import IntentShare, PaymentIntent, Refund, RefundShare
from payments.services import escrows
from payments.services.books import book_of
from payments.services.checks import next_check

log = logging.getLogger("quancheng.payments")


def settle(intent: PaymentIntent, refund: Refund, outcome: Outcome) -> None:
    """Apply ``outcome`` to the locked refund, in the caller's transaction.

    Failure is the last word: a refund that succeeded may still come back, a failed one stays so.
    """
    if outcome.provider_id and not refund.gateway_id:
        refund.gateway_id = outcome.provider_id
    if refund.state == RefundState.FAILED:
        if outcome.status == SUCCEEDED:
            log.error("payments: refund %s succeeded though failed here", refund.id)
        return None
    if outcome.status in (FAILED, REJECTED):
        return _fail(intent, refund, outcome)
    if refund.state == RefundState.SUCCEEDED:
        return None
    if outcome.status == SUCCEEDED:
        if (outcome.amount, outcome.currency) != (refund.amount, refund.currency):
            log.error("payments: refund %s is over another amount at the gateway", refund.id)
        else:
            return _succeed(intent, refund)
    refund.checks += 1
    refund.next_check_at = next_check(refund.checks)
    refund.save()
    return None


def own_outcome(refund: Refund) -> Outcome:
    """What our own record says, in a gateway's words; recording it changes nothing."""
    status = {"succeeded": SUCCEEDED, "failed": FAILED, "pending": PENDING}[str(refund.state)]
    return Outcome(
        status,
        provider_id=refund.gateway_id or "",
        amount=refund.amount,
        currency=refund.currency,
        code=refund.failure_code,
        message=refund.failure_message,
    )


def _succeed(intent: PaymentIntent, refund: Refund) -> None:
    parts, _released = _parts(intent, refund)
    book = book_of(intent)
    transfers = postings.post_refund(book, refund_id=refund.id, gateway=refund.gateway, parts=parts)
    if refund.gateway == WALLET and refund.amount:
        assert intent.payer_id is not None  # checked when the refund was begun
        transfers.append(
            postings.wallet(
                book,
                id=refund.id,
                owner_id=intent.payer_id,
                amount=refund.amount,
                step="wallet_refund",
                reference=intent.reference,
                document=public_id("ref", refund.id),
            )
        )
    if refund.gateway == BANK_TRANSFER and refund.amount:
        transfers.append(
            postings.unclaimed(
                book,
                id=refund.id,
                amount=refund.amount,
                step="bank_refund",
                document=public_id("ref", refund.id),
            )
        )
    ledger.post_all(transfers)
    refund.move(RefundState.SUCCEEDED, action="payments.refund.succeeded")
    refund.next_check_at = None
    refund.save()
    escrows.refunded(locks.shares(intent.id))
    outbox.append(
        events.RefundSucceeded(
            refund_id=refund.id,
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(refund.amount, refund.currency),
            shares=[
                events.SharePart(
                    part.merchant_id,
                    part.reference,
                    book.money(part.to_buyer),
                    book.money(part.commission_back),
                    book.money(part.subsidy_back),
                )
                for part in parts
            ],
        ),
        aggregate=refund,
        merchant_id=refund.merchant_id,
    )


def _fail(intent: PaymentIntent, refund: Refund, outcome: Outcome) -> None:
    parts, released = _parts(intent, refund)
    book = book_of(intent)
    undo = postings.void_refund if refund.state == RefundState.PENDING else postings.reverse_refund
    ledger.post_all(
        undo(book, refund_id=refund.id, gateway=refund.gateway, parts=parts, released=released)
    )
    _give_back(intent, refund, parts)
    refund.move(
        RefundState.FAILED, action="payments.refund.failed", reason=outcome.code or "refused"
    )
    refund.failure_code = outcome.code or "refused"
    refund.failure_message = outcome.message
    refund.next_check_at = None
    refund.save()
    outbox.append(
        events.RefundFailed(
            refund_id=refund.id,
            intent_id=intent.id,
            reference=intent.reference,
            amount=Money(refund.amount, refund.currency),
            failure_code=refund.failure_code,
        ),
        aggregate=refund,
        merchant_id=refund.merchant_id,
    )


def _give_back(intent: PaymentIntent, refund: Refund, parts: list[postings.RefundPosting]) -> None:
    """Take the refund out of the counters: it may be asked for again."""
    shares = {share.place: share for share in locks.shares(intent.id)}
    touched = []
    for part in parts:
        share = shares[part.place]
        share.refunded -= part.to_buyer
        share.commission_refunded -= part.commission_back
        share.subsidy_refunded -= part.subsidy_back
        if share.released_at is None:
            share.taken -= part.from_pending
        touched.append(share)
    IntentShare.objects.bulk_update(
        touched, ["refunded", "commission_refunded", "subsidy_refunded", "taken"]
    )
    intent.amount_refunded -= refund.amount
    intent.save(update_fields=["amount_refunded"])


def _parts(
    intent: PaymentIntent, refund: Refund
) -> tuple[list[postings.RefundPosting], frozenset[int]]:
    """The refund's parts, and the places of the shares that have been released."""
    shares = {share.id: share for share in locks.shares(intent.id)}
    parts = [
        postings.RefundPosting(
            place=shares[row.share_id].place,
            merchant_id=row.merchant_id,
            reference=row.reference,
            commission_back=row.commission_back,
            from_pending=row.from_pending,
            from_available=row.from_available,
            from_owed=row.from_owed,
            subsidy_back=row.subsidy_back,
        )
        for row in RefundShare.objects.filter(refund=refund).order_by("id")
    ]
    released = frozenset(s.place for s in shares.values() if s.released_at is not None)
    return parts, released
