"""Certificates of merchants and of those acting for them; the operator's desk."""

from typing import Annotated, Any, Literal
from uuid import UUID

from asn1crypto import pem
from django.http import HttpResponse
from ninja.params.functions import Query
from pydantic import Field

from certification.api.routes import BOTH, SORTS, MerchantId, PersonId, merchant_of, routes
from certification.contracts.authority import Algorithm, CertificateInfo
from certification.errors.authority import (
    AlgorithmNotOffered,
    AuthorityUnavailable,
    CertificateExternalIdTaken,
    CertificateKeyReused,
    CertificateNotUsable,
    InvalidRequestFile,
    InvalidSubject,
    KeyIsTheHolders,
    Sm2NotAvailable,
    UnknownProfile,
)
from certification.errors.identity import AssuranceTooLow
from certification.pki.certificates import pem_chain
from certification.selectors import certificates
from certification.services import enrol, revoke
from certification.services.apply_certificate import apply_certificate
from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import InvalidTransition, NotFound, PreconditionFailed
from kernel.files import file_answer
from kernel.ids import public_id

CertificateId = Annotated[UUID, Id("cer")]
Reason = Literal[
    "unspecified", "key_compromise", "affiliation_changed", "superseded",
    "cessation_of_operation", "privilege_withdrawn",
]  # fmt: skip
ERRORS = (
    AlgorithmNotOffered, AssuranceTooLow, AuthorityUnavailable, CertificateExternalIdTaken,
    CertificateKeyReused, InvalidRequestFile, InvalidSubject, KeyIsTheHolders, Sm2NotAvailable,
    UnknownProfile,
)  # fmt: skip
EXAMPLE: dict[str, Any] = {
    "id": "cer_01k00000000000000000000000",
    "state": "valid",
    "expired": False,
    "profile": "organization",
    "algorithm": "p256",
    "merchant": "mer_01k00000000000000000000000",
    "person": None,
    "subject": {"common_name": "黑龙江玉米贸易有限公司"},
    "serial": "5d01a6b7c3f24e0f9a0b6c5d4e3f2a10",
    "key_held_here": True,
    "certificate_pem": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
    "not_before": "2026-05-01T08:00:00Z",
    "not_after": "2028-04-30T08:00:00Z",
    "revoked_at": None,
    "reason": None,
    "renews": None,
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}


class CertificateOut(Schema):
    id: CertificateId
    state: str = Field(description="requested, valid, suspended, revoked, failed")
    expired: bool
    profile: str
    algorithm: str = Field(description="p256, sm2")
    merchant: MerchantId | None
    person: PersonId | None
    subject: dict[str, str]
    serial: str = Field(description="Hexadecimal")
    key_held_here: bool
    certificate_pem: str
    not_before: Timestamp | None
    not_after: Timestamp | None
    revoked_at: Timestamp | None
    reason: str | None
    renews: CertificateId | None
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class CertificateBody(Schema):
    profile: str = Field(max_length=40, examples=["organization"])
    algorithm: Algorithm | None = Field(None, description="p256 unless given")
    csr: str | None = Field(
        None, max_length=10_000, description="PKCS#10 in PEM: you keep the key. Without: we do."
    )
    days: int | None = Field(None, ge=1, le=1825)
    metadata: Metadata = Field(default_factory=dict)


class CertificateIn(CertificateBody):
    external_id: ExternalId | None = None


class RenewIn(Schema):
    csr: str | None = Field(None, max_length=10_000)


class RevokeIn(Schema):
    reason: Reason
    note: str = Field("", max_length=500)


class SuspendIn(Schema):
    note: str = Field("", max_length=500)


class CertificateQuery(ListQuery):
    state: Literal["requested", "valid", "suspended", "revoked", "failed", "expired"] | None = None
    profile: str | None = Field(None, max_length=40)
    algorithm: Algorithm | None = None
    serial: str | None = Field(None, max_length=60)
    ends_before: Timestamp | None = None


def render(info: CertificateInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "expired": info.expired,
        "profile": info.profile,
        "algorithm": str(info.algorithm),
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "person": public_id("per", info.person_id) if info.person_id else None,
        "subject": dict(info.subject),
        "serial": info.serial,
        "key_held_here": info.key_id is not None,
        "certificate_pem": pem.armor("CERTIFICATE", info.der).decode() if info.der else "",
        "not_before": info.not_before,
        "not_after": info.not_after,
        "revoked_at": info.revoked_at,
        "reason": info.reason or None,
        "renews": public_id("cer", info.renews_id) if info.renews_id else None,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/certificates",
    summary="Your certificates; all of the platform for operators",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=ListOf[CertificateOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_certificates(request: ApiRequest, q: CertificateQuery = Query(...)) -> Any:
    q.expands(())
    return certificates.certificates_page(
        merchant_id=None if request.actor.kind == "operator" else merchant_of(request.actor),
        state=q.state,
        profile=q.profile,
        algorithm=q.algorithm.value if q.algorithm else None,
        serial=q.serial,
        ends_before=q.ends_before,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/certificates",
    summary="Apply for a certificate; the names come from your verified identity",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    status=201,
    response=CertificateOut,
    errors=ERRORS,
    example=EXAMPLE,
    request_example={"profile": "organization", "algorithm": "p256"},
)
def create_certificate(request: ApiRequest, body: CertificateIn) -> dict[str, Any]:
    return _apply(request, body, body.external_id)


@routes.put(
    "/certificates/by-external-id/{external_id}",
    summary="Apply under your own id: made once, however often it is sent; another profile, kind "
    "of key or csr is refused",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    response=CertificateOut,
    errors=ERRORS,
    example={**EXAMPLE, "external_id": "C-17"},
    request_example={"profile": "organization", "algorithm": "p256"},
)
def upsert_certificate(
    request: ApiRequest, external_id: ExternalId, body: CertificateBody
) -> dict[str, Any]:
    known = certificates.by_external_id(
        merchant_id=merchant_of(request.actor), external_id=external_id
    )
    if known is None:
        return _apply(request, body, external_id)
    enrol.check_same(
        certificate_id=known.id, profile=body.profile, algorithm=body.algorithm, csr=_csr(body)
    )
    set_etag(request, known.version)
    return render(known)


@routes.get(
    "/certificates/{certificate_id}",
    summary="One certificate",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=CertificateOut,
    example=EXAMPLE,
)
def get_certificate(request: ApiRequest, certificate_id: CertificateId) -> dict[str, Any]:
    info = _visible(request, certificate_id)
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/certificates/{certificate_id}/chain",
    summary="The certificate and its issuers as PEM, the root last",
    audience=BOTH,
    scope="certification:read",
    permission="contracts",
    response=None,
    sends="application/pem-certificate-chain",
)
def get_chain(request: ApiRequest, certificate_id: CertificateId) -> HttpResponse:
    info = _visible(request, certificate_id)
    if not info.der:
        raise NotFound
    data = pem_chain([info.der, *info.chain])
    return file_answer(data, "application/pem-certificate-chain", f"{info.serial}.pem")


@routes.post(
    "/certificates/{certificate_id}/renew",
    summary="A new certificate with a new key for the same holder",
    audience={"merchant"},
    scope="certification:write",
    permission="company",
    status=201,
    response=CertificateOut,
    errors=(*ERRORS, CertificateNotUsable),
    example=EXAMPLE,
    request_example={},
)
def renew_certificate(
    request: ApiRequest, certificate_id: CertificateId, body: RenewIn
) -> dict[str, Any]:
    _visible(request, certificate_id)
    info = enrol.renew(
        certificate_id=certificate_id,
        key=request.idempotency_token,
        csr=_csr(body),
    )
    set_etag(request, info.version)
    return render(info)


@routes.post(
    "/certificates/{certificate_id}/revoke",
    summary="Revoke for good: CRL and OCSP say so at once",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=CertificateOut,
    errors=(InvalidTransition, PreconditionFailed),
    example={**EXAMPLE, "state": "revoked", "reason": "key_compromise"},
    request_example={"reason": "key_compromise"},
)
def revoke_certificate(
    request: ApiRequest, certificate_id: CertificateId, body: RevokeIn
) -> dict[str, Any]:
    check_if_match(request, _visible(request, certificate_id).version)
    info = revoke.revoke(certificate_id=certificate_id, reason=body.reason, note=body.note)
    set_etag(request, info.version)
    return render(info)


@routes.post(
    "/certificates/{certificate_id}/suspend",
    summary="Hold a certificate until it is resumed",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=CertificateOut,
    errors=(InvalidTransition, PreconditionFailed),
    example={**EXAMPLE, "state": "suspended", "reason": "certificate_hold"},
    request_example={"note": "Laptop lost"},
)
def suspend_certificate(
    request: ApiRequest, certificate_id: CertificateId, body: SuspendIn
) -> dict[str, Any]:
    check_if_match(request, _visible(request, certificate_id).version)
    info = revoke.suspend(certificate_id=certificate_id, note=body.note)
    set_etag(request, info.version)
    return render(info)


@routes.post(
    "/certificates/{certificate_id}/resume",
    summary="Take the hold away",
    audience=BOTH,
    scope="certification:write",
    permission={"merchant": "company", "operator": "contracts"},
    response=CertificateOut,
    errors=(InvalidTransition, PreconditionFailed),
    example=EXAMPLE,
)
def resume_certificate(request: ApiRequest, certificate_id: CertificateId) -> dict[str, Any]:
    check_if_match(request, _visible(request, certificate_id).version)
    info = revoke.resume(certificate_id=certificate_id)
    set_etag(request, info.version)
    return render(info)


def _apply(request: ApiRequest, body: CertificateBody, external_id: str | None) -> dict[str, Any]:
    info = apply_certificate(
        key=request.idempotency_token,
        profile=body.profile,
        merchant_id=merchant_of(request.actor),
        person_id=request.actor.person_id,
        algorithm=body.algorithm,
        csr=_csr(body),
        days=body.days,
        external_id=external_id,
        metadata=body.metadata,
    )
    set_etag(request, info.version)
    return render(info)


def _csr(body: CertificateBody | RenewIn) -> bytes | None:
    return body.csr.encode() if body.csr is not None else None


def _visible(request: ApiRequest, certificate_id: UUID) -> CertificateInfo:
    info = certificates.certificate(certificate_id=certificate_id)
    if request.actor.kind != "operator" and (
        info.merchant_id is None or info.merchant_id != request.actor.merchant_id
    ):
        raise NotFound
    return info
