"""Consent to automatic signing, and bulk signing by it."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja.params.functions import Query
from pydantic import Field

from certification.api.routes import BOTH, MerchantId, merchant_of, routes
from certification.contracts.evidence import BulkInfo, ConsentInfo, RowInfo
from certification.errors.authority import CertificateNotUsable, KeyNotHeld
from certification.errors.evidence import BulkExternalIdTaken, InvalidRows, NoAutomaticConsent
from certification.services import bulk
from kernel.actors import Actor
from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Schema,
    Timestamp,
    Whole,
    set_etag,
)
from kernel.errors import InvalidTransition, NotFound
from kernel.files import file_answer
from kernel.ids import public_id
from kernel.pagination import PageOf

ConsentId = Annotated[UUID, Id("aco")]
BulkId = Annotated[UUID, Id("blk")]
TemplateId = Annotated[UUID, Id("ctt")]
CertificateId = Annotated[UUID, Id("cer")]
ConfirmationId = Annotated[UUID, Id("cnf")]
JobId = Annotated[UUID, Id("job")]
CONSENT: dict[str, Any] = {
    "id": "aco_01k00000000000000000000000",
    "state": "given",
    "template": "ctt_01k00000000000000000000000",
    "party": "seller",
    "certificate": "cer_01k00000000000000000000000",
    "given_at": "2026-05-01T08:00:00Z",
    "valid_until": "2027-05-01T08:00:00Z",
    "withdrawn_at": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
BULK: dict[str, Any] = {
    "id": "blk_01k00000000000000000000000",
    "state": "queued",
    "merchant": "mer_01k00000000000000000000000",
    "template": "ctt_01k00000000000000000000000",
    "consent": "aco_01k00000000000000000000000",
    "total": 10000,
    "signed": 0,
    "failed": 0,
    "job": "job_01k00000000000000000000000",
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
    "finished_at": None,
}
ROW = {
    "place": 1,
    "state": "signed",
    "sha256": "0" * 64,
    "problem": "",
    "signed_at": "2026-05-01T08:00:00Z",
}


class ConsentIn(Schema):
    template: TemplateId
    party: str = Field(min_length=1, max_length=40, description="The role you sign in")
    certificate: CertificateId
    confirmation: ConfirmationId = Field(
        description="Second factor for certification.automatic_signing over the SHA-256 of "
        "template|party|certificate (their UUIDs)"
    )
    valid_until: Timestamp


class BulkConsentOut(Schema):
    id: ConsentId
    state: str = Field(description="given, withdrawn")
    template: TemplateId
    party: str
    certificate: CertificateId
    given_at: Timestamp
    valid_until: Timestamp
    withdrawn_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class BulkIn(Schema):
    consent: ConsentId
    csv: str = Field(
        min_length=1,
        max_length=8_000_000,
        description="A header of the template's fields and ROLE.name columns, a contract a row",
    )
    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)


class BulkOut(Schema):
    id: BulkId
    state: str = Field(description="queued, done, cancelled")
    merchant: MerchantId
    template: TemplateId
    consent: ConsentId
    total: int
    signed: int
    failed: int
    job: JobId | None
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp
    finished_at: Timestamp | None


class BulkRowOut(Schema):
    place: int
    state: str = Field(description="waiting, signed, failed")
    sha256: str
    problem: str
    signed_at: Timestamp | None


class RowQuery(ListQuery):
    state: str | None = None


@routes.post(
    "/automatic-consents",
    summary="Consent to sign contracts of a template automatically, with your second factor",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    status=201,
    response=BulkConsentOut,
    errors=(CertificateNotUsable, KeyNotHeld, NotFound),
    example=CONSENT,
    request_example={
        "template": CONSENT["template"],
        "party": "seller",
        "certificate": CONSENT["certificate"],
        "confirmation": "cnf_01k00000000000000000000000",
        "valid_until": "2027-05-01T08:00:00Z",
    },
)
def give_consent(request: ApiRequest, body: ConsentIn) -> dict[str, Any]:
    person = request.actor.person_id
    if person is None:
        raise NotFound(_("A person gives this consent, not a key."))
    info = bulk.give_consent(
        merchant_id=merchant_of(request.actor),
        person_id=person,
        template_id=body.template,
        party=body.party,
        certificate_id=body.certificate,
        confirmation_id=body.confirmation,
        valid_until=body.valid_until,
    )
    set_etag(request, info.version)
    return _consent(info)


@routes.get(
    "/automatic-consents",
    summary="Your consents to automatic signing, newest first",
    audience={"merchant"},
    scope="certification:read",
    permission="contracts",
    response=ListOf[BulkConsentOut],
    example={"data": [CONSENT], "has_more": False, "next_cursor": None},
)
def list_consents(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = bulk.consents_page(
        merchant_id=merchant_of(request.actor), cursor=q.cursor, limit=q.limit
    )
    return page.map(_consent)


@routes.post(
    "/automatic-consents/{consent_id}/withdraw",
    summary="Withdraw a consent: nothing more is signed by it",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    response=BulkConsentOut,
    example={**CONSENT, "state": "withdrawn"},
)
def withdraw_consent(request: ApiRequest, consent_id: ConsentId) -> dict[str, Any]:
    info = bulk.withdraw_consent(consent_id=consent_id, merchant_id=merchant_of(request.actor))
    set_etag(request, info.version)
    return _consent(info)


@routes.post(
    "/bulk-signings",
    summary="Sign a list of contracts by a job; GET it to follow",
    audience={"merchant"},
    scope="certification:write",
    permission="contracts",
    status=202,
    response=BulkOut,
    errors=(NoAutomaticConsent, InvalidRows, BulkExternalIdTaken),
    example=BULK,
    request_example={"consent": CONSENT["id"], "csv": "quantity,buyer.name\n200,Beta Feed\n"},
)
def start_bulk(request: ApiRequest, body: BulkIn) -> dict[str, Any]:
    info = bulk.start_bulk(
        merchant_id=merchant_of(request.actor),
        consent_id=body.consent,
        text=body.csv,
        external_id=body.external_id,
        metadata=body.metadata,
    )
    set_etag(request, info.version)
    return _bulk(info)


@routes.get(
    "/bulk-signings",
    summary="Your bulk signings, newest first, and how far each is",
    audience={"merchant"},
    scope="certification:read",
    permission="contracts",
    response=ListOf[BulkOut],
    example={"data": [BULK], "has_more": False, "next_cursor": None},
)
def list_bulks(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = bulk.bulk_signings_page(
        merchant_id=merchant_of(request.actor), cursor=q.cursor, limit=q.limit
    )
    return page.map(_bulk)


@routes.get(
    "/bulk-signings/{bulk_id}",
    summary="A bulk signing and how far it is",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=BulkOut,
    example=BULK,
)
def get_bulk(request: ApiRequest, bulk_id: BulkId) -> dict[str, Any]:
    info = _visible(request.actor, bulk_id)
    set_etag(request, info.version)
    return _bulk(info)


@routes.post(
    "/bulk-signings/{bulk_id}/cancel",
    summary="Sign no more of it; what is signed stays",
    audience={"merchant"},
    scope="certification:write",
    permission="contracts",
    response=BulkOut,
    errors=(InvalidTransition,),
    example={**BULK, "state": "cancelled"},
)
def cancel_bulk(request: ApiRequest, bulk_id: BulkId) -> dict[str, Any]:
    info = bulk.cancel_bulk(bulk_id=bulk_id, merchant_id=merchant_of(request.actor))
    set_etag(request, info.version)
    return _bulk(info)


@routes.get(
    "/bulk-signings/{bulk_id}/contracts",
    summary="Its contracts in the list's order; those that failed say why",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=ListOf[BulkRowOut],
    example={"data": [ROW], "has_more": False, "next_cursor": None},
)
def list_rows(
    request: ApiRequest, bulk_id: BulkId, q: RowQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    _visible(request.actor, bulk_id)
    page = bulk.rows_page(bulk_id=bulk_id, state=q.state, cursor=q.cursor, limit=q.limit)
    return page.map(_row)


@routes.get(
    "/bulk-signings/{bulk_id}/contracts/{place}",
    summary="A signed contract of it (PDF)",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=None,
    sends="application/pdf",
)
def download_row(request: ApiRequest, bulk_id: BulkId, place: Whole) -> HttpResponse:
    _visible(request.actor, bulk_id)
    content = bulk.signed_document(bulk_id=bulk_id, place=place)
    return file_answer(content, "application/pdf", f"contract-{place}.pdf")


def _visible(actor: Actor, bulk_id: UUID) -> BulkInfo:
    mine = None if actor.kind == "operator" else merchant_of(actor)
    return bulk.bulk_signing(bulk_id=bulk_id, merchant_id=mine)


def _consent(info: ConsentInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "template": public_id("ctt", info.template_id),
        "party": info.party,
        "certificate": public_id("cer", info.certificate_id),
        "given_at": info.given_at,
        "valid_until": info.valid_until,
        "withdrawn_at": info.withdrawn_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _bulk(info: BulkInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "merchant": public_id("mer", info.merchant_id),
        "template": public_id("ctt", info.template_id),
        "consent": public_id("aco", info.consent_id),
        "total": info.total,
        "signed": info.signed,
        "failed": info.failed,
        "job": public_id("job", info.job_id) if info.job_id else None,
        "external_id": info.external_id,
        "metadata": dict(info.metadata),
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "finished_at": info.finished_at,
    }


def _row(info: RowInfo) -> dict[str, Any]:
    return {
        "place": info.place,
        "state": info.state,
        "sha256": info.sha256,
        "problem": info.problem,
        "signed_at": info.signed_at,
    }
