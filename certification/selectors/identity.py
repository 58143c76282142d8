"""Reads of identities: masked by default, in clear only through ``services.identity_access``."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from certification.contracts.identity import (
    AccessInfo,
    CheckInfo,
    CheckKind,
    CheckState,
    IdentityInfo,
    IdentityKind,
    IdentityState,
    NumberKind,
    PaperInfo,
    PaperKind,
    Particulars,
    Subject,
)
from certification.models import Identity, IdentityCheck, IdentityPaper
from kernel import personal
from kernel.audit.selectors import latest_of
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset

LOOKS = frozenset({"certification.identity.revealed", "certification.paper.opened"})
COUNTS = frozenset(
    {
        IdentityState.CHECKING,
        IdentityState.IN_REVIEW,
        IdentityState.NEEDS_MORE,
        IdentityState.VERIFIED,
    }
)


def subject_of(row: Identity) -> Subject:
    return Subject(IdentityKind(row.kind), row.merchant_id or row.person_id)  # type: ignore[arg-type]


def rows_of(subject: Subject) -> Any:
    """The subject's identity that isn't erased, as a query."""
    column = "merchant_id" if subject.kind == IdentityKind.COMPANY else "person_id"
    rows = Identity.objects.filter(**{column: subject.id})
    return rows.exclude(state=IdentityState.ERASED)


def identity(identity_id: UUID) -> IdentityInfo:
    """One identity, masked. Raises NotFound."""
    row = Identity.objects.filter(id=identity_id).first()
    if row is None:
        raise NotFound
    return infos([row])[0]


def identity_of(subject: Subject) -> IdentityInfo | None:
    """The subject's identity, masked, or None."""
    row = rows_of(subject).first()
    return infos([row])[0] if row else None


def merchant_with_number(*, number: str) -> UUID | None:
    """The merchant that has proven to be the company with this unified social credit code."""
    index = personal.blind_index(
        f"{NumberKind.CREDIT_CODE}:{number.strip()}", purpose="certification.identity"
    )
    rows = Identity.objects.filter(
        number_lookup=index, state=IdentityState.VERIFIED, merchant_id__isnull=False
    )
    return rows.order_by("id").values_list("merchant_id", flat=True).first()


def accesses(*, identity_id: UUID) -> list[AccessInfo]:
    """Who looked at the particulars or papers in clear, and why: the last 100, the latest first."""
    targets = [identity_id, *IdentityPaper.objects.filter(identity_id=identity_id)
               .values_list("id", flat=True)]  # fmt: skip
    return [
        AccessInfo(
            row.business_at,
            row.actor_kind,
            str(row.after.get("kind", "")),
            str(row.after.get("reason", "")),
        )
        for row in latest_of(targets, actions=LOOKS)
    ]


def level_of_subject(subject: Subject) -> str:
    """The level of assurance that holds now; ``none`` for whoever has no identity."""
    row = rows_of(subject).values_list("state", "level").first()
    return str(row[1]) if row and row[0] in COUNTS else "none"


def identities_page(
    *,
    state: str | None = None,
    queue: bool = False,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
    updated_since: datetime | None = None,
) -> PageOf[IdentityInfo]:
    """Identities, newest first; ``queue``: those in review, longest waiting first."""
    rows = Identity.objects.exclude(state=IdentityState.ERASED)
    if queue:
        rows = rows.filter(state=IdentityState.IN_REVIEW, submitted_at__isnull=False)
        order = ("submitted_at", "id")
    elif state:
        rows = rows.filter(state=state)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    return PageOf(infos(page.items), page.has_more, page.next_cursor)


def infos(rows: Sequence[Identity]) -> list[IdentityInfo]:
    """The rows as contracts, with papers and checks, in two more queries."""
    ids = [row.id for row in rows]
    personal.prefetch(ids)
    papers = _papers(ids)
    checks = _checks(ids)
    return [_info(row, papers.get(row.id, ()), checks.get(row.id, ())) for row in rows]


def _info(
    row: Identity, papers: tuple[PaperInfo, ...], checks: tuple[CheckInfo, ...]
) -> IdentityInfo:
    stated = particulars(row)
    company = row.kind == IdentityKind.COMPANY
    name = stated.name if stated else ""
    number = stated.number if stated else ""
    return IdentityInfo(
        id=row.id,
        subject=subject_of(row),
        state=IdentityState(row.state),
        level=row.level if row.state in COUNTS else "none",
        proven=tuple(row.proven),
        # A company's name and code are public; a person's are not.
        name_masked=name if company else personal.mask(name),
        number_kind=NumberKind(row.number_kind) if row.number_kind else None,
        number_masked=number if company else personal.mask(number),
        representative_masked=personal.mask(stated.representative) if stated else "",
        valid_until=row.valid_until,
        reason=row.reason,
        claimed_by=row.claimed_by,
        verified_at=row.verified_at,
        expires_at=row.expires_at,
        papers=papers,
        checks=checks,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def particulars(row: Identity) -> Particulars | None:
    """What was stated, in clear; None when nothing was, or after erasure. Personal."""
    text = personal.open_(row.id, row.particulars_sealed) if row.particulars_sealed else None
    if not text:
        return None
    fields = orjson.loads(text)
    return Particulars(
        **{**fields, "number_kind": NumberKind(fields["number_kind"])},
        valid_until=row.valid_until,
    )


def _papers(ids: Iterable[UUID]) -> dict[UUID, tuple[PaperInfo, ...]]:
    rows = IdentityPaper.objects.filter(identity_id__in=list(ids), replaced_at=None).order_by("id")
    found: dict[UUID, tuple[PaperInfo, ...]] = {}
    for row in rows.defer("data_sealed"):
        found[row.identity_id] = (*found.get(row.identity_id, ()), paper_info(row))
    return found


def paper_info(row: IdentityPaper) -> PaperInfo:
    return PaperInfo(
        id=row.id,
        kind=PaperKind(row.kind),
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        expires_on=row.expires_on,
        uploaded_at=row.uploaded_at,
    )


def _checks(ids: Iterable[UUID]) -> dict[UUID, tuple[CheckInfo, ...]]:
    found: dict[UUID, tuple[CheckInfo, ...]] = {}
    for row in IdentityCheck.objects.filter(identity_id__in=list(ids)).order_by("id"):
        one = CheckInfo(
            kind=CheckKind(row.kind),
            state=CheckState(row.state),
            outcome=row.outcome,
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            last4=row.last4,
        )
        found[row.identity_id] = (*found.get(row.identity_id, ()), one)
    return found
