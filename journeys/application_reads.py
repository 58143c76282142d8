"""Reads: applications to become a merchant, one's own and the operator's list."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from certification import facade as certification
from journeys.contracts_onboarding import (
    LIVE,
    ApplicationInfo,
    ApplicationRow,
    ApplicationState,
    Checklist,
    DocumentInfo,
    DocumentKind,
    EntryInfo,
)
from journeys.errors import ApplicationNotFound
from journeys.models import ApplicationDocument, ApplicationEntry, MerchantApplication
from journeys.onboarding import fields, opening, records, terms
from journeys.onboarding.begin import missing
from kernel import clock, personal
from kernel.errors import NotFound
from kernel.ids import parse_public_id
from kernel.pagination import PageOf, keyset
from platforms import facade as platforms

FOUND_BY_NAME = 50


def application(*, application_id: UUID) -> ApplicationInfo:
    """One application with everything. Raises ApplicationNotFound."""
    row = MerchantApplication.objects.filter(id=application_id).first()
    if row is None:
        raise ApplicationNotFound
    return info_of(row)


def own_application(*, person_id: UUID) -> ApplicationInfo | None:
    """The person's latest application, however it stands."""
    rows = MerchantApplication.objects.filter(person_id=person_id).order_by("-id")
    row = rows.exclude(state=ApplicationState.ERASED).first()
    return info_of(row) if row else None


def applications_of(*, person_id: UUID) -> list[ApplicationInfo]:
    """All applications of the person, the latest first."""
    rows = MerchantApplication.objects.filter(person_id=person_id)
    return [info_of(row) for row in rows.order_by("-id")]


def application_of_merchant(*, merchant_id: UUID) -> UUID | None:
    """The application by which a merchant came, if it came so."""
    rows = MerchantApplication.objects.filter(merchant_id=merchant_id)
    found: UUID | None = rows.order_by("-id").values_list("id", flat=True).first()
    return found


def setting_up(*, merchant_id: UUID) -> Checklist | None:
    """What a merchant that was approved by an application still has to set up; None once its shop
    is open, and for others."""
    rows = MerchantApplication.objects.filter(
        merchant_id=merchant_id, state=ApplicationState.APPROVED
    )
    return opening.checklist(merchant_id) if rows.exists() else None


def applications_page(
    *,
    state: str | None = None,
    query: str | None = None,
    older_than: int | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ApplicationRow]:
    """Applications as the operator sees them; without ``state`` all but drafts and what was erased.

    ``query``: an application's id, a unified social credit code, or words of the shop's name.
    ``older_than``: handed in at least so many days ago.
    """
    rows: QuerySet[MerchantApplication] = MerchantApplication.objects.all()
    if state:
        rows = rows.filter(state=state)
    else:
        rows = rows.exclude(state__in=[ApplicationState.DRAFT, ApplicationState.ERASED])
    if older_than is not None:
        rows = rows.filter(submitted_at__lte=clock.business() - timedelta(days=older_than))
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    if query:
        rows = rows.filter(_matching(query.strip()))
    page = keyset(rows, order=order, cursor=cursor, limit=limit)
    with personal.keyring():
        personal.prefetch(row.id for row in page.items)
        return page.map(_line)


def waiting_applications() -> int:
    """How many wait for an operator's review."""
    return int(MerchantApplication.objects.filter(state=ApplicationState.IN_REVIEW).count())


def document_content(*, application_id: UUID, document_id: UUID) -> tuple[DocumentInfo, bytes]:
    """A paper itself. Raises NotFound, also once it was erased."""
    row = ApplicationDocument.objects.filter(id=document_id, application_id=application_id).first()
    data = personal.open_data(application_id, bytes(row.data_sealed)) if row else None
    if row is None or data is None:
        raise NotFound
    return document_info(row), data


def info_of(row: MerchantApplication) -> ApplicationInfo:
    """The contract of a row."""
    filled = fields.opened(row)
    found = records.journey_of(row) if row.attempt else None
    contract = found.data.get("contract_id") if found else None
    draft = row.state in (ApplicationState.DRAFT, ApplicationState.NEEDS_MORE)
    return ApplicationInfo(
        id=row.id,
        person_id=row.person_id,
        merchant_id=row.merchant_id,
        state=ApplicationState(row.state),
        attempt=row.attempt,
        fields=filled,
        documents=tuple(document_info(one) for one in records.papers(row)),
        missing=tuple(missing(row, filled)) if draft else (),
        asked=fields.asked_of(row) if row.state == ApplicationState.NEEDS_MORE else {},
        reason=row.reason,
        answer_by=row.answer_by if row.state in LIVE else None,
        submitted_at=row.submitted_at,
        decided_at=row.decided_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
        contract_id=UUID(contract) if contract else None,
        level=_level(row.merchant_id),
        level_needed=terms.level_needed(),
        entries=tuple(_entries([row.id])),
    )


def document_info(row: ApplicationDocument) -> DocumentInfo:
    """The contract of a row."""
    return DocumentInfo(
        id=row.id,
        kind=DocumentKind(row.kind),
        name=row.name,
        content_type=row.content_type,
        size=row.size,
        sha256=row.sha256,
        uploaded_at=row.uploaded_at,
    )


def _entries(ids: Iterable[UUID]) -> list[EntryInfo]:
    rows = ApplicationEntry.objects.filter(application_id__in=list(ids)).order_by("id")
    return [EntryInfo(one.what, one.at, one.actor_kind, one.text, one.kind) for one in rows]


def _level(merchant_id: UUID | None) -> str:
    if merchant_id is None:
        return "none"
    return certification.assurance_of(certification.Subject.merchant(merchant_id))


def _matching(query: str) -> Q:
    try:
        return Q(id=parse_public_id("map", query))
    except NotFound:
        pass
    by_name = platforms.find_merchants(words=query, limit=FOUND_BY_NAME, approved=False)
    index = fields.company_index(query.upper())
    return Q(company_lookup=index) | Q(merchant_id__in=[one.id for one in by_name])


def _line(row: MerchantApplication) -> ApplicationRow:
    filled = fields.opened(row)
    return ApplicationRow(
        id=row.id,
        merchant_id=row.merchant_id,
        state=ApplicationState(row.state),
        names=filled.names,
        company=filled.company,
        submitted_at=row.submitted_at,
        answer_by=row.answer_by if row.state in LIVE else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
