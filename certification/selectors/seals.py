"""Reads of seals."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from certification.contracts.seals import SealGrantInfo, SealInfo, SealUseInfo
from certification.models.seals import Seal, SealGrant, SealUse
from certification.selectors.certificates import opened
from kernel import clock
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset


def seal(*, seal_id: UUID) -> SealInfo:
    """One seal. Raises NotFound."""
    row = Seal.objects.filter(id=seal_id).first()
    if row is None:
        raise NotFound
    return seal_info(row)


def seals_page(
    *,
    merchant_id: UUID | None = None,
    state: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[SealInfo]:
    """Seals, all of the platform for no merchant."""
    rows: QuerySet[Seal] = Seal.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if state is not None:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(seal_info)


def seal_uses_page(
    *, seal_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[SealUseInfo]:
    """The log of a seal's use, newest first."""
    rows = SealUse.objects.filter(seal_id=seal_id)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(use_info)


def seal_grants(*, seal_id: UUID) -> list[SealGrantInfo]:
    """Who has been authorised, newest first; at most 100."""
    rows = SealGrant.objects.filter(seal_id=seal_id).order_by("-id")[:100]
    return [grant_info(row) for row in rows]


def seal_info(row: Seal) -> SealInfo:
    """The contract of a row."""
    return SealInfo(
        id=row.id,
        state=str(row.state),
        expired=row.valid_until is not None and row.valid_until <= clock.business(),
        kind=row.kind,
        name=opened(row.name_sealed).decode(),
        code=row.code,
        merchant_id=row.merchant_id,
        person_id=row.person_id,
        certificate_id=row.certificate_id,
        picture=opened(row.picture_sealed),
        width_mm=row.width_mm,
        height_mm=row.height_mm,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        der=opened(row.seal_sealed),
        note=row.note,
        decided_at=row.decided_at,
        uses=row.uses,
        external_id=row.external_id,
        metadata=row.metadata,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def grant_info(row: SealGrant) -> SealGrantInfo:
    """The contract of a row."""
    return SealGrantInfo(
        row.id, row.seal_id, row.person_id, row.valid_from, row.valid_until, row.revoked_at
    )


def use_info(row: SealUse) -> SealUseInfo:
    """The contract of a row."""
    return SealUseInfo(
        id=row.id,
        seal_id=row.seal_id,
        at=row.at,
        document=row.document,
        digest=row.digest,
        actor_kind=row.actor_kind,
        person_id=row.person_id,
        grant_id=row.grant_id,
        signature_sha256=row.signature_sha256,
    )
