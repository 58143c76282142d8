"""What anyone may fetch: authorities' certificates, CRLs, OCSP responses, timestamps."""

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.http import http_date
from ninja.params.functions import Query
from pydantic import Field

from certification.api.routes import MerchantId, routes
from certification.pki import statuses as ocsp
from certification.pki import timestamps
from certification.selectors import authorities
from certification.services import stamp, statuses
from kernel import clock
from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.ids import public_id
from kernel.pagination import PageOf

AuthorityId = Annotated[UUID, Id("cau")]
TimestampId = Annotated[UUID, Id("tst")]
QUESTION_MAX = 16_384
EXAMPLE: dict[str, Any] = {
    "id": "cau_01k00000000000000000000000",
    "algorithm": "p256",
    "role": "issuing",
    "generation": 1,
    "subject": "corn Test Issuing CA P-256 G1",
    "key_identifier": "8afe23a267d2b83790aaf758baf7c52ab9ad58b0",
    "parent": "cau_01k00000000000000000000001",
    "crl_number": 4,
    "certificate_pem": "-----BEGIN CERTIFICATE-----\n…\n-----END CERTIFICATE-----\n",
    "not_before": "2026-05-01T08:00:00Z",
    "not_after": "2041-04-27T08:00:00Z",
}


class AuthorityOut(Schema):
    id: AuthorityId
    algorithm: str
    role: str
    generation: int
    subject: str
    key_identifier: str
    parent: AuthorityId | None
    crl_number: int
    certificate_pem: str
    not_before: Timestamp
    not_after: Timestamp


class TimestampOut(Schema):
    id: TimestampId
    at: Timestamp
    hash: str
    imprint: str = Field(description="Hexadecimal")
    policy: str
    merchant: MerchantId | None
    purpose: str


@routes.get(
    "/authorities",
    summary="The platform's own test authorities, roots included",
    permission="public",
    response=ListOf[AuthorityOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_authorities(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = authorities.authorities_page(cursor=q.cursor, limit=q.limit)
    return page.map(authorities.shown)


@routes.get(
    "/authorities/{authority_id}/certificate",
    summary="The authority's certificate (DER)",
    permission="public",
    response=None,
    sends="application/pkix-cert",
)
def authority_certificate(request: ApiRequest, authority_id: AuthorityId) -> HttpResponse:
    info = authorities.authority(authority_id=authority_id)
    return _binary(info.certificate, "application/pkix-cert", seconds=86_400)


@routes.get(
    "/authorities/{authority_id}/crl",
    summary="The authority's certificate revocation list (DER)",
    permission="public",
    response=None,
    sends="application/pkix-crl",
)
def authority_crl(request: ApiRequest, authority_id: AuthorityId) -> HttpResponse:
    info = statuses.revocation_list(authority_id=authority_id)
    left = (info.next_update - clock.business()).total_seconds()
    response = _binary(info.der, "application/pkix-crl", seconds=int(max(0, min(300, left))))
    response["Last-Modified"] = http_date(info.this_update.timestamp())
    return response


@routes.post(
    "/ocsp",
    summary="OCSP (RFC 6960): the request in DER as body",
    permission="public",
    response=None,
    sends="application/ocsp-response",
    takes="application/ocsp-request",
)
def ocsp_post(request: ApiRequest) -> HttpResponse:
    body = request.read(QUESTION_MAX + 1)
    too_long = len(body) > QUESTION_MAX
    answer = ocsp.refusal("malformed_request") if too_long else statuses.answer_ocsp(body)
    return _binary(answer, "application/ocsp-response", seconds=0)


@routes.get(
    "/ocsp/{path:question}",
    summary="OCSP over GET: the request in Base64, as RFC 6960 (A.1) has it",
    permission="public",
    response=None,
    sends="application/ocsp-response",
)
def ocsp_get(request: ApiRequest, question: str) -> HttpResponse:
    try:
        der = base64.b64decode(question.replace(" ", "+"), validate=True)
    except (ValueError, binascii.Error):
        der = b""
    # Without a nonce the same answer serves everyone for a while (RFC 5019, 6.2).
    return _binary(statuses.answer_ocsp(der), "application/ocsp-response", seconds=60)


@routes.post(
    "/timestamps",
    summary="Timestamp (RFC 3161): the request in DER as body; SHA-256, SHA-384, SHA-512 or SM3",
    permission="public",
    response=None,
    sends="application/timestamp-reply",
    takes="application/timestamp-query",
)
def timestamp(request: ApiRequest) -> HttpResponse:
    body = request.read(QUESTION_MAX + 1)
    if len(body) > QUESTION_MAX:
        why = timestamps.Rejected("bad_data_format", "The request is too long.")
        return _binary(timestamps.refused(why), "application/timestamp-reply", seconds=0)
    return _binary(stamp.answer(body, purpose="api"), "application/timestamp-reply", seconds=0)


@routes.get(
    "/timestamps",
    summary="The log of timestamps given",
    audience={"operator"},
    scope="certification:read", permission="contracts",
    response=ListOf[TimestampOut],
    example={
        "data": [
            {
                "id": "tst_01k00000000000000000000000", "at": "2026-05-01T08:00:00Z",
                "hash": "sha256", "imprint": "00" * 32, "policy": "2.25.1", "merchant": None,
                "purpose": "api",
            }
        ],
        "has_more": False, "next_cursor": None,
    },
)  # fmt: skip
def list_timestamps(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = authorities.timestamps_page(since=q.updated_since, cursor=q.cursor, limit=q.limit)
    return page.map(
        lambda info: {
            "id": info.public_id,
            "at": info.at,
            "hash": info.hash,
            "imprint": info.imprint.hex(),
            "policy": info.policy,
            "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
            "purpose": info.purpose,
        }
    )


def _binary(data: bytes, kind: str, *, seconds: int) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response["Cache-Control"] = f"public, max-age={seconds}" if seconds else "no-store"
    return response
