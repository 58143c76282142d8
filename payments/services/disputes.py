"""Complaints: a buyer opens one, both sides show evidence, an operator decides."""

from datetime import timedelta
from uuid import UUID, uuid5

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, jobs, outbox
from kernel.errors import Conflict, Invalid
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import together
from payments import events_guarantee as events
from payments import ledger, locks
from payments.contracts import IntentState, RefundShare
from payments.contracts_guarantee import (
    REASONS,
    DisputeInfo,
    DisputeKind,
    DisputeState,
    EvidenceAbout,
    Side,
)
from payments.domain.postings import Book
from payments.errors_guarantee import AlreadyDisputed, DisputeClosed, NotDisputable
from payments.models import Dispute, DisputePart, IntentShare, PaymentIntent
from payments.selectors.disputes import dispute_info
from payments.services import evidence, freezing
from payments.services.books import book_of
from payments.services.refund import prepare_refund
from platforms import facade as platforms

OPEN = (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)
BATCH = 200


def open_complaint(
    *, key: UUID, escrow_id: UUID, reason: str, text: str = "", amount: Money | None = None
) -> DisputeInfo:
    """A buyer wants ``amount`` (all that isn't refunded) of an order's money back.

    While it is open nothing of it is released, and of what was as much as the merchant has is kept
    back. The same ``key`` again is the same complaint. Raises NotFound, NotDisputable,
    AlreadyDisputed, Invalid.
    """
    if reason not in REASONS:
        raise Invalid(_("One of %(all)s.") % {"all": ", ".join(REASONS)}, field="reason")
    with together():
        intent, share, escrow = locks.escrow(escrow_id)
        dispute_id = uuid5(key, "complaint")
        known = Dispute.objects.filter(id=dispute_id).first()
        if known is not None:
            return dispute_info(known)
        left = share.amount - share.refunded
        wanted = left if amount is None else amount.amount
        _may_complain(intent, share, left)
        if (amount is not None and amount.currency != share.currency) or not 0 < wanted <= left:
            raise Invalid(
                _("Between the smallest unit and %(left)s.")
                % {"left": Money(left, share.currency)},
                field="amount",
            )
        if DisputePart.objects.filter(share=share, open=True).exists():
            raise AlreadyDisputed
        row = _made(dispute_id, intent, share, escrow.payer_id, wanted, reason)
        part = DisputePart(
            id=freezing.part_id(row.id, 0),
            dispute=row,
            share=share,
            merchant_id=share.merchant_id,
            amount=wanted,
        )
        part.save(force_insert=True)
        book = book_of(intent)
        lock(book, intent, [share])
        freezing.freeze(book, row, [(part, share)])
        opened(row)
        if text.strip():
            evidence.add(row, side=Side.BUYER, text=text)
        return dispute_info(row)


def _made(
    id: UUID, intent: PaymentIntent, share: IntentShare, payer: UUID | None, amount: int,
    reason: str,
) -> Dispute:  # fmt: skip
    days = int(platforms.setting("payments", "dispute_days"))
    row = Dispute(
        id=id,
        kind=DisputeKind.COMPLAINT,
        intent=intent,
        merchant_id=share.merchant_id,
        payer_id=payer,
        reference=share.reference,
        amount=amount,
        currency=share.currency,
        reason=reason,
        due_at=clock.business() + timedelta(days=days),
    )
    row.save(force_insert=True)
    return row


def answer(*, dispute_id: UUID, text: str = "") -> DisputeInfo:
    """The merchant has said and shown all: it is to be decided. Answered before: as it is.
    Raises NotFound, DisputeClosed."""
    with together():
        _intent, _shares, row = locks.dispute(dispute_id)
        must_be_open(row)
        if text.strip():
            evidence.add(row, side=Side.MERCHANT, text=text)
        if row.state == DisputeState.NEEDS_RESPONSE:
            _to_review(row, "answered")
            row.answered_at = clock.business()
            row.save()
            if row.kind == DisputeKind.CHARGEBACK:
                jobs.enqueue(
                    "payments.send_evidence", {"dispute_id": str(row.id)}, unique=str(row.id)
                )
        return dispute_info(row)


def add_evidence(
    *,
    dispute_id: UUID,
    side: str,
    text: str = "",
    file: bytes | None = None,
    name: str = "",
    about: str = EvidenceAbout.OTHER,
) -> DisputeInfo:
    """A side says or shows something more. Raises NotFound, DisputeClosed, InvalidEvidence."""
    with together():
        _intent, _shares, row = locks.dispute(dispute_id)
        must_be_open(row)
        evidence.add(row, side=Side(side), text=text, file=file, name=name, about=about)
        row.save()
        _updated(row)
        return dispute_info(row)


def decide(*, dispute_id: UUID, refund: Money | None, reason: str) -> DisputeInfo:
    """An operator decides a complaint: ``refund`` of it goes to the buyer (None: nothing), with
    the commission's part by the platform's rule; the rest is as before the complaint.

    Decided the same way before: as it is. Raises NotFound, DisputeClosed, Invalid, Conflict for a
    chargeback, which the buyer's bank decides.
    """
    with together():
        intent, shares, row = locks.dispute(dispute_id)
        if row.kind != DisputeKind.COMPLAINT:
            raise Conflict(_("The buyer's bank decides a chargeback."))
        value = refund.amount if refund else 0
        if row.state in (DisputeState.WON, DisputeState.LOST) and row.refunded == value:
            return dispute_info(row)
        must_be_open(row)
        if (refund is not None and refund.currency != row.currency) or not 0 <= value <= row.amount:
            raise Invalid(
                _("From nothing to %(amount)s.") % {"amount": Money(row.amount, row.currency)},
                field="refund",
            )
        parts = parts_of(row, shares)
        book = book_of(intent)
        lock(book, intent, [share for _part, share in parts])
        freezing.thaw(book, parts)
        if value:
            row.refund_id = _refund(intent, row, parts[0][1], value)
        state = DisputeState.LOST if value else DisputeState.WON
        close(row, state, refunded=value, reason=reason)
        return dispute_info(row)


def withdraw_complaint(*, dispute_id: UUID) -> DisputeInfo:
    """The buyer has nothing to complain of any more. Withdrawn before: as it is. Raises NotFound,
    DisputeClosed, Conflict for a chargeback."""
    with together():
        intent, shares, row = locks.dispute(dispute_id)
        if row.kind != DisputeKind.COMPLAINT:
            raise Conflict(_("The buyer's bank decides a chargeback."))
        if row.state == DisputeState.WITHDRAWN:
            return dispute_info(row)
        must_be_open(row)
        parts = parts_of(row, shares)
        book = book_of(intent)
        lock(book, intent, [share for _part, share in parts])
        freezing.thaw(book, parts)
        close(row, DisputeState.WITHDRAWN, refunded=0, reason="withdrawn")
        return dispute_info(row)


def pass_overdue() -> int:
    """Complaints whose merchant let the time for an answer pass go on to the decision."""
    with together():
        due = Dispute.objects.select_for_update(skip_locked=True).filter(
            state=DisputeState.NEEDS_RESPONSE,
            kind=DisputeKind.COMPLAINT,
            due_at__lte=clock.business(),
        )
        rows = list(due.order_by("due_at", "id")[:BATCH])
        for row in rows:
            _to_review(row, "no answer in time")
            row.save()
        return len(rows)


def lock(book: Book, intent: PaymentIntent, shares: list[IntentShare]) -> None:
    """Lock every account that the dispute may move."""
    merchants = [share.merchant_id for share in shares]
    ledger.lock_accounts(freezing.accounts_of(book, merchants, gateway=intent.gateway))


def parts_of(row: Dispute, shares: list[IntentShare]) -> list[tuple[DisputePart, IntentShare]]:
    """The dispute's parts with their locked shares."""
    by_id = {share.id: share for share in shares}
    found = DisputePart.objects.filter(dispute=row).order_by("id")
    return sorted(((part, by_id[part.share_id]) for part in found), key=lambda pair: pair[1].place)


def must_be_open(row: Dispute) -> None:
    """Raises DisputeClosed."""
    if row.state not in OPEN:
        raise DisputeClosed(state=str(row.state))


def opened(row: Dispute) -> None:
    """Audit and event of a new dispute."""
    audit.record(
        action="payments.dispute.opened",
        target=row,
        after={"kind": row.kind, "amount": Money(row.amount, row.currency), "reason": row.reason},
    )
    outbox.append(
        events.DisputeOpened(
            row.id,
            row.kind,
            row.reference,
            Money(row.amount, row.currency),
            row.reason,
            row.due_at,
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def close(row: Dispute, state: DisputeState, *, refunded: int, reason: str) -> None:
    """End the dispute, with its event."""
    row.move(state, action=f"payments.dispute.{state}", reason=reason[:200])
    row.refunded, row.decision, row.decided_at = refunded, reason[:500], clock.business()
    row.save()
    outbox.append(
        events.DisputeClosed(
            row.id, row.kind, row.reference, str(state), Money(refunded, row.currency)
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )


def _may_complain(intent: PaymentIntent, share: IntentShare, left: int) -> None:
    if intent.state != IntentState.SUCCEEDED or left <= 0:
        raise NotDisputable(refundable=Money(max(0, left), share.currency).as_api())
    days = int(platforms.setting("payments", "complaint_days"))
    if share.released_at is not None and share.released_at + timedelta(days) < clock.business():
        raise NotDisputable(_("Its money was released more than %(n)s days ago.") % {"n": days})


def _refund(intent: PaymentIntent, row: Dispute, share: IntentShare, value: int) -> UUID:
    refund = prepare_refund(
        key=uuid5(row.id, "refund"),
        intent_id=intent.id,
        shares=[RefundShare(share.merchant_id, share.reference, Money(value, row.currency))],
        reason=public_id("dsp", row.id),
    )
    jobs.enqueue("payments.refresh_refund", {"refund_id": str(refund.id)}, unique=str(refund.id))
    return refund.id


def _to_review(row: Dispute, why: str) -> None:
    row.move(DisputeState.UNDER_REVIEW, action="payments.dispute.under_review", reason=why)
    _updated(row)


def _updated(row: Dispute) -> None:
    outbox.append(
        events.DisputeUpdated(row.id, row.reference, str(row.state)),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
