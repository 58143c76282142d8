"""Reads: contracts, never ORM objects for strangers."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet

from kernel import tenancy
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from payments.contracts import (
    Balance,
    BalanceTransaction,
    IntentInfo,
    PayoutInfo,
    RefundInfo,
    RefundShareInfo,
    ShareInfo,
)
from payments.domain.chart import Account, Code
from payments.domain.transfer import Flag
from payments.gateways.base import Charge, RefundOrder
from payments.ledger.balances import merchant_balances
from payments.models import (
    Attempt,
    IntentShare,
    LedgerTransfer,
    PaymentIntent,
    Payout,
    Refund,
    RefundShare,
)
from platforms import facade as platforms

# Transfers that carry the merchant's name but leave its balance alone.
WITHOUT_EFFECT = ("commission_refund", "commission_restored", "payout_paid")


def intent_row(intent_id: UUID) -> PaymentIntent:
    """The row, not locked. Raises NotFound."""
    row = PaymentIntent.objects.filter(id=intent_id).first()
    if row is None:
        raise NotFound
    return row


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
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[IntentInfo]:
    """Intents made by a merchant; all of the platform for None."""
    rows: QuerySet[PaymentIntent] = PaymentIntent.objects.all()
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
        shares = list(IntentShare.objects.filter(intent_id=row.id).order_by("place"))
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
    )


def _share_info(share: IntentShare) -> ShareInfo:
    return ShareInfo(
        merchant_id=share.merchant_id,
        reference=share.reference,
        amount=Money(share.amount, share.currency),
        commission=Money(share.commission, share.currency),
        refunded=Money(share.refunded, share.currency),
        commission_refunded=Money(share.commission_refunded, share.currency),
        available_at=share.available_at,
        released_at=share.released_at,
    )


def charge(intent: PaymentIntent, attempt: Attempt) -> Charge:
    """What a gateway needs to know for an attempt."""
    return Charge(
        intent_id=intent.id,
        attempt_id=attempt.id,
        amount=Money(intent.amount, intent.currency),
        payment_method=attempt.payment_method,
        return_url=attempt.return_url,
        description=intent.description,
        reference=intent.reference,
        provider_id=intent.gateway_id,
    )


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


def balances(*, merchant_id: UUID) -> list[Balance]:
    """The merchant's money by currency; at least the platform's own currency, if all is zero."""
    found = merchant_balances(merchant_id)
    if found:
        return found
    nothing = Money(0, platforms.get_platform().currency)
    return [Balance(pending=nothing, available=nothing, in_transit=nothing, owed=nothing)]


def balance(*, merchant_id: UUID, currency: str | None = None) -> Balance:
    """The merchant's money in one currency (the platform's own)."""
    wanted = currency or platforms.get_platform().currency
    for found in merchant_balances(merchant_id):
        if found.currency == wanted:
            return found
    nothing = Money(0, wanted)
    return Balance(pending=nothing, available=nothing, in_transit=nothing, owed=nothing)


def balance_transactions_page(
    *,
    merchant_id: UUID,
    type: str | None = None,
    order: str | None = None,
    source: str | None = None,
    sort: tuple[str, ...] = ("-created_at", "-id"),
    since: datetime | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[BalanceTransaction]:
    """Every posted movement of the merchant's balance; ``order`` and ``source`` are public ids."""
    rows = (
        LedgerTransfer.objects.filter(merchant_id=merchant_id)
        .annotate(unposted=F("flags").bitand(int(Flag.PENDING | Flag.VOID)))
        .filter(unposted=0)
        .exclude(code__in=WITHOUT_EFFECT)
    )
    for column, value in (("code", type), ("reference", order), ("document", source)):
        if value is not None:
            rows = rows.filter(**{column: value})
    if since is not None:
        rows = rows.filter(created_at__gte=since)
    page = keyset(rows, order=sort, cursor=cursor, limit=limit)
    return page.map(lambda row: _movement(row, merchant_id))


def _movement(row: LedgerTransfer, merchant_id: UUID) -> BalanceTransaction:
    platform = tenancy.current_id()

    def effect(code: Code) -> int:
        account = Account(platform, code, row.currency, merchant_id).id
        return row.amount * ((row.credit_id == account) - (row.debit_id == account))

    pending = effect(Code.MERCHANT_PENDING)
    available = effect(Code.MERCHANT_AVAILABLE)
    owed = effect(Code.MERCHANT_OWED)
    return BalanceTransaction(
        id=row.id,
        type=row.code,
        amount=Money(pending + available + owed, row.currency),
        pending=Money(pending, row.currency),
        available=Money(available, row.currency),
        order=row.reference,
        source=row.document,
        business_at=row.business_at,
        created_at=row.created_at,
    )


def _narrowed(rows: QuerySet[Any], **wanted: Any) -> QuerySet[Any]:
    since = wanted.pop("updated_since")
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return rows.filter(updated_at__gte=since) if since is not None else rows
