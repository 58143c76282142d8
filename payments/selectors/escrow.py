"""Escrow as a contract."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from payments.contracts_guarantee import EscrowInfo, SplitInfo
from payments.models import Escrow, EscrowSplit, IntentShare


def escrow_row(escrow_id: UUID) -> Escrow:
    """The row, not locked. Raises NotFound."""
    row = Escrow.objects.filter(id=escrow_id).first()
    if row is None:
        raise NotFound
    return row


def escrow(*, escrow_id: UUID) -> EscrowInfo:
    """One escrow. Raises NotFound."""
    return escrow_info(escrow_row(escrow_id))


def escrow_for(*, reference: str, merchant_id: UUID | None = None) -> EscrowInfo | None:
    """The latest escrow of an order."""
    rows = Escrow.objects.filter(reference=reference)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    row = rows.order_by("-id").first()
    return escrow_info(row) if row else None


def escrows_page(
    *,
    merchant_id: UUID | None = None,
    payer_id: UUID | None = None,
    state: str | None = None,
    reference: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[EscrowInfo]:
    """A merchant's, a buyer's, or all of the platform."""
    rows = Escrow.objects.all()
    wanted = {
        "merchant_id": merchant_id,
        "payer_id": payer_id,
        "state": state,
        "reference": reference,
        "updated_at__gte": updated_since,
    }
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    shares = IntentShare.objects.in_bulk([row.share_id for row in page.items])
    splits: dict[UUID, list[EscrowSplit]] = {}
    for one in EscrowSplit.objects.filter(escrow_id__in=[row.id for row in page.items]):
        splits.setdefault(one.escrow_id, []).append(one)
    return page.map(lambda row: escrow_info(row, shares[row.share_id], splits.get(row.id, [])))


def escrow_info(
    row: Escrow,
    share: IntentShare | None = None,
    splits: Iterable[EscrowSplit] | None = None,
    *,
    token: str = "",
) -> EscrowInfo:
    """The contract of a row; reads what isn't given."""
    if share is None:
        share = IntentShare.objects.get(id=row.share_id)
    if splits is None:
        splits = EscrowSplit.objects.filter(escrow_id=row.id)

    def money(amount: int) -> Money:
        return Money(amount, share.currency)

    return EscrowInfo(
        id=row.id,
        state=str(row.state),
        intent_id=row.intent_id,
        merchant_id=row.merchant_id,
        payer_id=row.payer_id,
        reference=row.reference,
        accept=row.accept,
        release_days=row.release_days,
        amount=money(share.amount),
        commission=money(share.commission - share.commission_refunded),
        subsidy=money(share.subsidy - share.subsidy_refunded),
        refunded=money(share.refunded),
        released=money(share.released),
        held=money(share.held),
        splits=tuple(
            SplitInfo(one.kind, one.name, one.payee_id, money(one.amount), money(one.paid))
            for one in sorted(splits, key=lambda one: one.place)
        ),
        delivered_at=row.delivered_at,
        release_at=_release_at(share),
        accepted_at=row.accepted_at,
        inspected=row.inspected,
        inspection_report=row.inspection_report,
        external_id=row.external_id,
        metadata=row.metadata,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        token=token,
    )


def _release_at(share: IntentShare) -> datetime | None:
    """When what is held is released by itself, as far as that is known."""
    if share.released_at is not None or share.available_at is None:
        return None
    return max(share.available_at, share.held_until or share.available_at)
