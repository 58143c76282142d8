"""Chargebacks: the gateway took the money for the buyer's bank; it decides who keeps it."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from kernel import clock
from kernel.failpoints import hit
from kernel.ids import public_id
from kernel.money import Money
from kernel.transactions import atomic, together
from payments import ledger, locks
from payments.contracts import CARD
from payments.contracts_guarantee import DisputeInfo, DisputeKind, DisputeState, Side
from payments.domain.chart import Code
from payments.domain.commission import commission_back, subsidy_back
from payments.domain.postings import Book, RefundPosting
from payments.errors_guarantee import GatewaySilent
from payments.gateways.stripe_protocol import StripeProtocol
from payments.models import Dispute, DisputePart, IntentShare, PaymentIntent
from payments.selectors.disputes import dispute_info
from payments.services import disputes, escrows, evidence, freezing, gateway_account
from payments.services.books import book_of
from platforms import facade as platforms

log = logging.getLogger("quancheng.payments")
_SPACE = UUID("3b1c2a58-5f6f-4e86-9d0c-6f1f6a1f2d10")
_REASONS = {
    "product_not_received": "not_received",
    "product_unacceptable": "not_as_described",
    "fraudulent": "fraudulent",
    "duplicate": "duplicate",
}


def record(subject: Mapping[str, Any]) -> DisputeInfo | None:
    """Take in a dispute as the gateway's protocol shows it; None if it isn't over one of ours.

    Open: the money that the gateway took is contested, and the merchant's is frozen. Won: the
    gateway gives it back. Lost: it is taken from the merchant, with the commission's part from
    the platform. In any order, each once.
    """
    gateway_id, status = str(subject.get("id") or ""), str(subject.get("status") or "")
    payment = str(subject.get("payment_intent") or "")
    if not gateway_id or not payment or status.startswith("warning"):
        return None
    rows = PaymentIntent.objects.filter(gateway=CARD, gateway_id=payment)
    intent_id = rows.values_list("id", flat=True).first()
    if intent_id is None:
        return None
    with together():
        intent = locks.intent(intent_id)
        shares = locks.shares(intent.id)
        row = Dispute.objects.select_for_update().filter(gateway_id=gateway_id).first()
        if row is None:
            row = _open(intent, shares, gateway_id, subject)
            if row is None:
                return None
        if row.state not in disputes.OPEN:
            return dispute_info(row)
        if status == "won":
            _won(intent, shares, row)
        elif status == "lost":
            _lost(intent, shares, row)
        elif status == "under_review" and row.state == DisputeState.NEEDS_RESPONSE:
            row.move(DisputeState.UNDER_REVIEW, action="payments.dispute.under_review")
            row.answered_at = row.answered_at or clock.business()
            row.save()
        return dispute_info(row)


def _open(
    intent: PaymentIntent, shares: list[IntentShare], gateway_id: str, subject: Mapping[str, Any]
) -> Dispute | None:
    amount = subject.get("amount")
    currency = str(subject.get("currency") or "").upper()
    if type(amount) is not int or amount <= 0 or currency != intent.currency:
        log.error("payments: chargeback %s of %s is over another currency", gateway_id, intent.id)
        return None
    book = book_of(intent)
    disputes.lock(book, intent, shares)
    row = Dispute(
        id=uuid5(_SPACE, f"{intent.platform_id}:{gateway_id}"),
        kind=DisputeKind.CHARGEBACK,
        intent=intent,
        merchant_id=shares[0].merchant_id if len({s.merchant_id for s in shares}) == 1 else None,
        payer_id=intent.payer_id,
        reference=shares[0].reference if len(shares) == 1 else intent.reference,
        amount=amount,
        currency=currency,
        fee=_fee(subject),
        reason=_REASONS.get(str(subject.get("reason")), "other"),
        due_at=_due(subject),
        gateway_id=gateway_id[:255],
    )
    row.save(force_insert=True)
    parts = _divide(row, shares, amount)
    moves = [
        _move(book, row, "withdrawn", Code.CONTESTED, intent.gateway, amount, "chargeback_taken")
    ]
    if row.fee:
        moves.append(
            _move(book, row, "fee", Code.DISPUTE_FEE, intent.gateway, row.fee, "dispute_fee_paid")
        )
    ledger.post_all(moves)
    for part, share in parts:  # it can't be refunded as well
        share.refunded += part.amount
        share.save(update_fields=["refunded"])
        intent.amount_refunded += part.amount
    intent.save(update_fields=["amount_refunded"])
    freezing.freeze(book, row, parts)
    disputes.opened(row)
    return row


def _divide(
    row: Dispute, shares: list[IntentShare], amount: int
) -> list[tuple[DisputePart, IntentShare]]:
    """In proportion to what isn't refunded. What another chargeback contests already, and what is
    more than all of that together, is the platform's own affair."""
    contested = set()
    for share in shares:
        for part in DisputePart.objects.filter(share=share, open=True).select_related("dispute"):
            if part.dispute.kind == DisputeKind.CHARGEBACK:
                contested.add(share.id)
                continue
            disputes.withdraw_complaint(dispute_id=part.dispute_id)  # the bank decides now
            share.refresh_from_db()
    left = [0 if share.id in contested else share.amount - share.refunded for share in shares]
    whole = min(amount, sum(left))
    if not whole:
        return []
    wanted = Money(whole, row.currency).allocate(left)
    parts = []
    for place, (share, value) in enumerate(zip(shares, wanted, strict=True)):
        if value.amount:
            part = DisputePart(
                id=freezing.part_id(row.id, place),
                dispute=row,
                share=share,
                merchant_id=share.merchant_id,
                amount=value.amount,
            )
            part.save(force_insert=True)
            parts.append((part, share))
    return parts


def _won(intent: PaymentIntent, shares: list[IntentShare], row: Dispute) -> None:
    parts = disputes.parts_of(row, shares)
    book = book_of(intent)
    disputes.lock(book, intent, shares)
    ledger.post_all(
        [
            ledger.Transfer(
                id=uuid5(row.id, "reinstated"),
                debit=book.clearing(intent.gateway),
                credit=book.of(Code.CONTESTED),
                amount=book.money(row.amount),
                code="chargeback_returned",
                journal=row.id,
                document=public_id("dsp", row.id),
            )
        ]
    )
    for part, share in parts:
        share.refunded -= part.amount
        share.save(update_fields=["refunded"])
        intent.amount_refunded -= part.amount
    intent.save(update_fields=["amount_refunded"])
    freezing.thaw(book, parts)
    disputes.close(row, DisputeState.WON, refunded=0, reason="won")


def _lost(intent: PaymentIntent, shares: list[IntentShare], row: Dispute) -> None:
    parts = disputes.parts_of(row, shares)
    book = book_of(intent)
    disputes.lock(book, intent, shares)
    freezing.thaw(book, parts)
    rule = str(platforms.setting("payments", "commission_back"))
    fees = Money(row.fee, row.currency).allocate([part.amount for part, _share in parts] or [1])
    for (part, share), fee in zip(parts, fees, strict=False):
        ours = subsidy_back(
            amount=share.amount,
            subsidy=share.subsidy,
            refunded=share.refunded - part.amount,
            returned=share.subsidy_refunded,
            refund=part.amount,
        )
        back = commission_back(
            amount=share.amount,
            commission=share.commission,
            refunded=share.refunded - part.amount,
            returned=share.commission_refunded,
            refund=part.amount,
            rule=rule,
            subsidy_back=ours,
        )
        share.commission_refunded += back
        share.subsidy_refunded += ours
        pending = min(part.amount + ours - back, share.held)
        share.taken += pending
        share.save(update_fields=["commission_refunded", "subsidy_refunded", "taken"])
        known = {"commission": back, "pending": pending, "subsidy": ours}
        _charge(book, row, part, share, known, fee.amount)
    rest = row.amount - sum(part.amount for part, _share in parts)
    if rest:
        ledger.post_all(
            [
                ledger.Transfer(
                    id=uuid5(row.id, "rest"),
                    debit=book.of(Code.DISPUTE_FEE),
                    credit=book.of(Code.CONTESTED),
                    amount=book.money(rest),
                    code="chargeback_loss",
                    journal=row.id,
                    document=public_id("dsp", row.id),
                )
            ]
        )
    escrows.refunded(shares)
    disputes.close(row, DisputeState.LOST, refunded=row.amount, reason="lost")


def _charge(
    book: Book, row: Dispute, part: DisputePart, share: IntentShare, known: dict[str, int], fee: int
) -> None:
    """Take the part from where the money is: commission, pending, available, else it is owed; with
    it what the platform added, and the gateway's fee likewise."""
    missing = part.amount + known["subsidy"] - known["commission"] - known["pending"]
    has = freezing.available(book, share.merchant_id)
    from_available = min(missing, has)
    fee_available = min(fee, has - from_available)
    merchant = share.merchant_id
    contested, fees = book.of(Code.CONTESTED), book.of(Code.DISPUTE_FEE)
    taken = RefundPosting(
        place=0,
        merchant_id=merchant,
        reference=share.reference,
        commission_back=known["commission"],
        from_pending=known["pending"],
        from_available=from_available,
        from_owed=missing - from_available,
        subsidy_back=known["subsidy"],
    )
    available, owed = (
        book.of(code, merchant) for code in (Code.MERCHANT_AVAILABLE, Code.MERCHANT_OWED)
    )
    legs = [
        *taken.legs(book, contested),
        ("fee", "dispute_fee", available, fees, fee_available),
        ("fee_owed", "dispute_fee", owed, fees, fee - fee_available),
    ]
    ledger.post_all(
        [
            ledger.Transfer(
                id=uuid5(part.id, name),
                debit=debit,
                credit=credit,
                amount=book.money(amount),
                code="chargeback" if code == "refund" else code,
                journal=row.id,
                merchant_id=merchant,
                reference=share.reference,
                document=public_id("dsp", row.id),
            )
            for name, code, debit, credit, amount in legs
            if amount
        ]
    )


def _move(
    book: Book, row: Dispute, name: str, debit: Code, gateway: str, amount: int, code: str
) -> ledger.Transfer:
    return ledger.Transfer(
        id=uuid5(row.id, name),
        debit=book.of(debit),
        credit=book.clearing(gateway),
        amount=book.money(amount),
        code=code,
        journal=row.id,
        document=public_id("dsp", row.id),
    )


def _fee(subject: Mapping[str, Any]) -> int:
    """What the gateway asks for it, from its balance transactions."""
    found = subject.get("balance_transactions")
    rows = found if isinstance(found, list) else []
    fees = [row.get("fee") for row in rows if isinstance(row, dict)]
    return sum(fee for fee in fees if type(fee) is int and fee > 0)


def _due(subject: Mapping[str, Any]) -> datetime:
    details = subject.get("evidence_details")
    due = details.get("due_by") if isinstance(details, dict) else None
    if type(due) is int:
        return datetime.fromtimestamp(due, UTC)
    return clock.business() + timedelta(days=int(platforms.setting("payments", "dispute_days")))


def refresh(gateway_id: str) -> DisputeInfo | None:
    """Ask the gateway how a dispute stands, and record it; no transaction may be open. Raises
    GatewayNotConfigured, GatewaySilent when no answer came."""
    found = _gateway().find_dispute(gateway_id)
    hit("payments.chargeback.after_call")
    if found is None:
        raise GatewaySilent
    with atomic():
        return record(found)


def send_evidence(dispute_id: UUID) -> DisputeInfo | None:
    """Hand what the merchant said and showed to the gateway, and record what it answers;
    repeatable: a file has one key, and all of it goes under one. Raises as ``refresh``."""
    row = Dispute.objects.get(id=dispute_id)
    if row.gateway_id is None:
        return None
    said = [
        piece.text
        for piece in dispute_info(row).evidence
        if piece.text and piece.side in (Side.MERCHANT, Side.OPERATOR)
    ]
    gateway, files = _gateway(), {}
    hit("payments.evidence.before_call")
    for piece, content in evidence.files_for_the_bank(row):
        uploaded = gateway.upload_evidence(
            f"{piece.about}.{piece.file_type.rpartition('/')[2]}", content, piece.file_type,
            key=f"{piece.id}-file",
        )  # fmt: skip
        if uploaded is None:
            raise GatewaySilent
        files[piece.about] = uploaded
    hit("payments.evidence.uploaded")
    text = "\n\n".join(said) or "-"
    found = gateway.send_evidence(row.gateway_id, text, files, key=f"{row.id}-evidence")
    hit("payments.evidence.after_call")
    if found is None:
        raise GatewaySilent
    with atomic():
        return record(found)


def _gateway() -> StripeProtocol:
    found = gateway_account.gateway_for(CARD)
    assert isinstance(found, StripeProtocol)  # what takes cards speaks this protocol
    return found
