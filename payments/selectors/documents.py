"""Payments, refunds and payouts as contracts, never ORM objects for strangers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from kernel import gathered
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from kernel.questions import ask
from payments.contracts import (
    CARD,
    IN_HOUSE,
    CaptureMethod,
    DepositInfo,
    IntentInfo,
    PayoutInfo,
    Purpose,
    RefundInfo,
    RefundShareInfo,
    ShareInfo,
)
from payments.gateways.base import Charge, RefundOrder
from payments.locks import attempts_of, attempts_question
from payments.models import (
    INTENTS,
    SHARES,
    Attempt,
    Deposit,
    IntentShare,
    PaymentIntent,
    Payout,
    Refund,
    RefundShare,
    SavedMethod,
)


def intent_row(intent_id: UUID) -> PaymentIntent:
    """The row, not locked. Raises NotFound."""
    row: PaymentIntent | None = gathered.remembered(PaymentIntent, intent_id)
    row = row or INTENTS.one("id = %s", [intent_id])
    if row is None:
        raise NotFound
    return row


def intent_with_attempts(intent_id: UUID) -> tuple[PaymentIntent, list[Attempt]]:
    """The row, not locked, and its attempts, oldest first. Raises NotFound."""
    if gathered.remembered(PaymentIntent, intent_id) is not None:
        return intent_row(intent_id), attempts_of(intent_id)
    rows, attempts = ask(INTENTS.question("id = %s", [intent_id]), attempts_question(intent_id))
    if not rows:
        raise NotFound
    return rows[0], attempts


def intent(*, intent_id: UUID) -> IntentInfo:
    """One intent. Raises NotFound."""
    return intent_info(intent_row(intent_id))


def intent_for(*, reference: str) -> IntentInfo:
    """The intent of the caller's reference; the paid one if there are several. Raises NotFound."""
    rows = list(PaymentIntent.objects.filter(reference=reference).order_by("-id")[:20])
    if not rows:
        raise NotFound
    return intent_info(next((row for row in rows if row.state == "succeeded"), rows[0]))


def intents_page(
    *,
    merchant_id: UUID | None,
    state: str | None = None,
    reference: str | None = None,
    topups_of: UUID | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[IntentInfo]:
    """Intents made by a merchant; all of the platform for None. ``topups_of``: only those into
    that owner's wallet."""
    rows: QuerySet[PaymentIntent] = PaymentIntent.objects.all()
    if topups_of is not None:
        rows = rows.filter(purpose=Purpose.TOPUP, payer_id=topups_of)
    rows = _narrowed(rows, merchant_id=merchant_id, state=state, updated_since=updated_since)
    if reference is not None:
        rows = rows.filter(reference=reference)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    ids = [row.id for row in page.items]
    shares: dict[UUID, list[IntentShare]] = {}
    for share in IntentShare.objects.filter(intent_id__in=ids).order_by("place"):
        shares.setdefault(share.intent_id, []).append(share)
    return page.map(lambda row: intent_info(row, shares.get(row.id, [])))


def intent_info(row: PaymentIntent, shares: Sequence[IntentShare] | None = None) -> IntentInfo:
    """The contract of a row; reads the shares unless they are given."""
    if shares is None:
        shares = SHARES.all("intent_id = %s ORDER BY place", [row.id])
    return IntentInfo(
        id=row.id,
        state=str(row.state),
        reference=row.reference,
        description=row.description,
        amount=Money(row.amount, row.currency),
        amount_refunded=Money(row.amount_refunded, row.currency),
        shares=tuple(_share_info(share) for share in shares),
        payment_method_types=tuple(row.payment_method_types),
        merchant_id=row.merchant_id,
        purpose=str(row.purpose),
        payer_id=row.payer_id,
        gateway=row.gateway,
        gateway_id=row.gateway_id,
        redirect_url=row.redirect_url,
        failure_code=row.failure_code,
        failure_message=row.failure_message,
        cancel_requested=row.cancel_requested,
        external_id=row.external_id,
        metadata=row.metadata,
        captured_at=row.captured_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        qr=row.qr,
        capture_method=row.capture_method,
        amount_authorized=(
            None if row.amount_authorized is None else Money(row.amount_authorized, row.currency)
        ),
        capture_before=row.capture_before,
        pay_by=row.pay_by,
        return_url=row.return_url,
    )


def _share_info(share: IntentShare) -> ShareInfo:
    return ShareInfo(
        merchant_id=share.merchant_id,
        reference=share.reference,
        amount=Money(share.amount, share.currency),
        commission=Money(share.commission, share.currency),
        refunded=Money(share.refunded, share.currency),
        commission_refunded=Money(share.commission_refunded, share.currency),
        subsidy=Money(share.subsidy, share.currency),
        subsidy_refunded=Money(share.subsidy_refunded, share.currency),
        available_at=share.available_at,
        released_at=share.released_at,
    )


def charge(intent: PaymentIntent, attempt: Attempt, attempts: Sequence[Attempt]) -> Charge:
    """What a gateway needs to know for an attempt, one of all that were made."""
    return Charge(
        intent_id=intent.id,
        attempt_id=attempt.id,
        amount=Money(intent.amount, intent.currency),
        payment_method=attempt.payment_method,
        return_url=attempt.return_url,
        description=intent.description,
        reference=intent.reference,
        provider_id=intent.gateway_id,
        pay_by=intent.pay_by,
        manual_capture=intent.capture_method == CaptureMethod.MANUAL,
        save_card=attempt.save_card,
        anew=attempt.gateway not in IN_HOUSE and _begun_before(attempt, attempts),
        customer=_customer(intent),
    )


def _begun_before(attempt: Attempt, attempts: Sequence[Attempt]) -> bool:
    """Whether an earlier attempt at the same gateway was left: its payment there is closed, and
    this one needs its own."""
    return any(
        one.gateway == attempt.gateway and one.provider_id is not None and one.id < attempt.id
        for one in attempts
    )


def _customer(intent: PaymentIntent) -> str:
    """What the gateway calls the payer, if a card of theirs was saved there."""
    if intent.payer_id is None or intent.gateway != CARD:
        return ""
    rows = SavedMethod.objects.filter(person_id=intent.payer_id, gateway=CARD)
    return rows.order_by("-id").values_list("customer", flat=True).first() or ""


def refund_row(refund_id: UUID) -> Refund:
    """The row with its intent, not locked. Raises NotFound."""
    row = Refund.objects.select_related("intent").filter(id=refund_id).first()
    if row is None:
        raise NotFound
    return row


def refund_order(row: Refund) -> RefundOrder:
    """What a gateway needs to know for a refund."""
    return RefundOrder(
        refund_id=row.id,
        payment_id=row.intent.gateway_id or "",
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        provider_id=row.gateway_id,
        total=Money(row.intent.amount, row.intent.currency),
    )


def refund(*, refund_id: UUID) -> RefundInfo:
    """One refund. Raises NotFound."""
    row = Refund.objects.filter(id=refund_id).first()
    if row is None:
        raise NotFound
    return refund_info(row)


def refunds_page(
    *,
    merchant_id: UUID | None,
    intent_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[RefundInfo]:
    """Refunds of one merchant's money alone; all of the platform for None."""
    rows: QuerySet[Refund] = Refund.objects.all()
    rows = _narrowed(rows, merchant_id=merchant_id, state=state, updated_since=updated_since)
    if intent_id is not None:
        rows = rows.filter(intent_id=intent_id)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    parts: dict[UUID, list[RefundShare]] = {}
    for part in RefundShare.objects.filter(refund_id__in=[r.id for r in page.items]):
        parts.setdefault(part.refund_id, []).append(part)
    return page.map(lambda row: refund_info(row, parts.get(row.id, [])))


def refund_info(row: Refund, parts: Iterable[RefundShare] | None = None) -> RefundInfo:
    """The contract of a row; reads the parts unless they are given."""
    if parts is None:
        parts = RefundShare.objects.filter(refund_id=row.id)
    return RefundInfo(
        id=row.id,
        state=str(row.state),
        intent_id=row.intent_id,
        amount=Money(row.amount, row.currency),
        shares=tuple(
            RefundShareInfo(
                merchant_id=part.merchant_id,
                reference=part.reference,
                amount=Money(part.amount, row.currency),
                commission_back=Money(part.commission_back, row.currency),
                subsidy_back=Money(part.subsidy_back, row.currency),
            )
            for part in sorted(parts, key=lambda part: part.id)
        ),
        reason=row.reason,
        failure_code=row.failure_code,
        failure_message=row.failure_message,
        external_id=row.external_id,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def payout(*, payout_id: UUID) -> PayoutInfo:
    """One payout. Raises NotFound."""
    row = Payout.objects.filter(id=payout_id).first()
    if row is None:
        raise NotFound
    return payout_info(row)


def payouts_page(
    *,
    merchant_id: UUID | None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[PayoutInfo]:
    """A merchant's payouts; all of the platform for None."""
    rows: QuerySet[Payout] = Payout.objects.all()
    rows = _narrowed(rows, merchant_id=merchant_id, state=state, updated_since=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(payout_info)


def payout_info(row: Payout) -> PayoutInfo:
    """The contract of a row."""
    return PayoutInfo(
        id=row.id,
        state=str(row.state),
        merchant_id=row.merchant_id,
        amount=Money(row.amount, row.currency),
        destination_last4=row.destination_last4,
        failure_code=row.failure_code,
        failure_message=row.failure_message,
        external_id=row.external_id,
        metadata=row.metadata,
        paid_at=row.paid_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def deposit(*, deposit_id: UUID) -> DepositInfo:
    """One deposit. Raises NotFound."""
    row = Deposit.objects.filter(id=deposit_id).first()
    if row is None:
        raise NotFound
    return deposit_info(row)


def deposits_page(
    *,
    merchant_id: UUID | None = None,
    payer_id: UUID | None = None,
    reference: str | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[DepositInfo]:
    """Deposits for a merchant's matters, of a payer, or all of the platform."""
    rows = _narrowed(
        Deposit.objects.all(),
        merchant_id=merchant_id,
        payer_id=payer_id,
        reference=reference,
        state=state,
        updated_since=updated_since,
    )
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(deposit_info)


def deposit_info(row: Deposit) -> DepositInfo:
    """The contract of a row."""
    return DepositInfo(
        id=row.id,
        state=str(row.state),
        payer_id=row.payer_id,
        merchant_id=row.merchant_id,
        reference=row.reference,
        amount=Money(row.amount, row.currency),
        forfeited=Money(row.forfeited, row.currency),
        reason=row.reason,
        ended_at=row.ended_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


def _narrowed(rows: QuerySet[Any], **wanted: Any) -> QuerySet[Any]:
    since = wanted.pop("updated_since")
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return rows.filter(updated_at__gte=since) if since is not None else rows
