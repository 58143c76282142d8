"""Disputes as contracts."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from kernel import personal
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from payments.contracts_guarantee import DisputeInfo, EvidenceInfo
from payments.models import Dispute, DisputeEvidence, DisputePart


def dispute(*, dispute_id: UUID) -> DisputeInfo:
    """One dispute with its evidence. Raises NotFound."""
    row = Dispute.objects.filter(id=dispute_id).first()
    if row is None:
        raise NotFound
    return dispute_info(row)


def is_party(*, dispute_id: UUID, merchant_id: UUID) -> bool:
    """Whether it is about the merchant's money."""
    return DisputePart.objects.filter(dispute_id=dispute_id, merchant_id=merchant_id).exists()


def disputes_of(*, reference: str) -> list[DisputeInfo]:
    """All disputes over an order, the latest first."""
    return [
        dispute_info(row) for row in Dispute.objects.filter(reference=reference).order_by("-id")
    ]


def disputes_page(
    *,
    merchant_id: UUID | None = None,
    payer_id: UUID | None = None,
    state: str | None = None,
    kind: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[DisputeInfo]:
    """Those of a merchant, of a buyer, or all of the platform; without evidence."""
    wanted = {
        "payer_id": payer_id,
        "state": state,
        "kind": kind,
        "updated_at__gte": updated_since,
    }
    rows = Dispute.objects.filter(
        **{name: value for name, value in wanted.items() if value is not None}
    )
    if merchant_id is not None:
        mine = DisputePart.objects.filter(merchant_id=merchant_id).values("dispute_id")
        rows = rows.filter(id__in=mine)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return page.map(lambda row: dispute_info(row, ()))


def dispute_info(row: Dispute, evidence: Iterable[DisputeEvidence] | None = None) -> DisputeInfo:
    """The contract of a row; reads the evidence unless it is given."""
    if evidence is None:
        evidence = DisputeEvidence.objects.filter(dispute_id=row.id).defer("file_sealed")
    return DisputeInfo(
        id=row.id,
        kind=row.kind,
        state=str(row.state),
        intent_id=row.intent_id,
        merchant_id=row.merchant_id,
        payer_id=row.payer_id,
        reference=row.reference,
        amount=Money(row.amount, row.currency),
        refunded=Money(row.refunded, row.currency),
        fee=Money(row.fee, row.currency),
        reason=row.reason,
        due_at=row.due_at,
        answered_at=row.answered_at,
        decided_at=row.decided_at,
        decision=row.decision,
        refund_id=row.refund_id,
        evidence=tuple(
            EvidenceInfo(
                id=one.id,
                side=one.side,
                about=one.about,
                text=(personal.open_(row.id, one.text_sealed) or "") if one.text_sealed else "",
                file_name=one.file_name,
                file_type=one.file_type,
                file_size=one.file_size,
                file_sha256=one.file_sha256,
                created_at=one.created_at,
            )
            for one in sorted(evidence, key=lambda one: one.id)
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )
