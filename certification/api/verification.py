"""Verification for everyone, and the evidence of one's own documents."""

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from certification.api.routes import routes
from certification.errors.evidence import NoEvidence, UploadEmpty, UploadTooLarge
from certification.services import evidence, problem_texts
from certification.services.open_code import verify_code
from certification.services.verify_document import verify_document
from certification.verification import LIMIT, DocumentReport, Finding
from certification.verification.findings import CertificateReport
from kernel import ratelimit
from kernel.api import ApiRequest, Id, Schema, Timestamp
from kernel.errors import NotFound, TooMany
from kernel.files import file_answer

DocumentId = Annotated[UUID, Id("ctr")]
PER_MINUTE = 30
EXAMPLE: dict[str, Any] = {
    "kind": "pdf",
    "verdict": "valid",
    "summary": "Everything holds.",
    "title": "",
    "sha256": "0" * 64,
    "size": 115326,
    "checked_at": "2026-05-01T08:00:00Z",
    "problems": [],
    "signatures": [
        {
            "kind": "pdf",
            "field": "Seller",
            "signer": "Alpha Grain",
            "verdict": "valid",
            "level": "B-LTA",
            "time": "2026-04-30T02:11:09Z",
            "time_proven": True,
            "unchanged": True,
            "reason": "Contract HT-2026-0001",
            "location": "Changchun",
            "certificate": {
                "subject": "Alpha Grain",
                "organisation": "Alpha Grain",
                "issuer": "corn Test Issuing CA P-256 G1",
                "serial": "41996085fd2dc2a5",
                "valid_from": "2026-04-01T00:00:00Z",
                "valid_to": "2028-04-01T00:00:00Z",
                "status_then": "good",
                "status_now": "good",
                "revoked_at": None,
                "test_only": True,
            },
            "problems": [],
        }
    ],
    "timestamps": [
        {
            "authority": "corn Timestamp authority",
            "time": "2026-04-30T02:11:10Z",
            "verdict": "valid",
            "valid_to": "2031-04-01T00:00:00Z",
            "problems": [],
        }
    ],
}


class VerificationProblemOut(Schema):
    code: str = Field(description="changed, revoked, expired, unknown_root, … (docs/evidence.md)")
    text: str


class VerifiedCertificateOut(Schema):
    subject: str
    organisation: str
    issuer: str
    serial: str
    valid_from: Timestamp
    valid_to: Timestamp
    status_then: str = Field(
        description="At the time of signing: good, suspended, revoked, unknown"
    )
    status_now: str = Field(description="good, suspended, revoked, expired, unknown")
    revoked_at: Timestamp | None
    test_only: bool


class SignatureOut(Schema):
    kind: str = Field(description="pdf, sm2, seal")
    field: str
    signer: str
    verdict: str
    level: str = Field(description="B-B, B-T, B-LT, B-LTA (PAdES), SM2")
    time: Timestamp | None
    time_proven: bool
    unchanged: bool
    reason: str
    location: str
    certificate: VerifiedCertificateOut | None
    problems: list[VerificationProblemOut]


class DocumentTimestampOut(Schema):
    authority: str
    time: Timestamp
    verdict: str
    valid_to: Timestamp
    problems: list[VerificationProblemOut]


class VerificationOut(Schema):
    kind: str = Field(description="pdf, package")
    verdict: str = Field(description="valid, invalid, unproven")
    summary: str
    title: str
    sha256: str
    size: int
    checked_at: Timestamp
    problems: list[VerificationProblemOut]
    signatures: list[SignatureOut]
    timestamps: list[DocumentTimestampOut]


@routes.post(
    "/verifications",
    summary="Verify a signed PDF or an evidence package: the file as body; nothing is kept",
    permission="public",
    response=VerificationOut,
    takes=("application/pdf", "application/zip"),
    errors=(UploadEmpty, UploadTooLarge),
    example=EXAMPLE,
)
def verify(request: ApiRequest) -> dict[str, Any]:
    limited(request.META.get("REMOTE_ADDR", ""))
    return render(verify_document(read_upload(request)))


@routes.get(
    "/verifications/{code}",
    summary="Verify the document with this printed code",
    permission="public",
    response=VerificationOut,
    errors=(NoEvidence,),
    example={**EXAMPLE, "kind": "package"},
)
def verify_by_code(request: ApiRequest, code: str) -> dict[str, Any]:
    limited(request.META.get("REMOTE_ADDR", ""))
    return render(verify_code(code))


@routes.get(
    "/evidence/{document_id}",
    summary="The evidence package (ZIP) of a document that your side has signed",
    audience={"buyer", "merchant"},
    scope="certification:read",
    permission="contracts",
    response=None,
    sends="application/zip",
    errors=(NoEvidence,),
)
def download_evidence(request: ApiRequest, document_id: DocumentId) -> HttpResponse:
    actor = request.actor
    person_id = None if actor.merchant_id else actor.person_id
    if not evidence.signed_by(
        document_id=document_id, merchant_id=actor.merchant_id, person_id=person_id
    ):
        raise NotFound
    info, content = evidence.package(document_id=document_id)
    name = f"evidence-{info.document_id.hex[-8:]}-{info.generation}.zip"
    return file_answer(content, "application/zip", name)


def read_upload(request: ApiRequest) -> bytes:
    """The body, refused before it is read when it says to be too large, and while it is read
    when it turns out to be. Raises UploadEmpty, UploadTooLarge."""
    try:
        announced = int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        announced = 0
    if announced > LIMIT:
        raise UploadTooLarge(limit=LIMIT)
    if request.content_type == "multipart/form-data":
        sent = request.FILES.get("file")
        data = sent.read() if sent is not None else b""
    else:
        data = request.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise UploadTooLarge(limit=LIMIT)
    if not data:
        raise UploadEmpty(field="file")
    return data


def limited(address: str) -> None:
    """Verification costs more than other requests: so many a minute and address."""
    verdict = ratelimit.hit(f"verify:{address}", limit=PER_MINUTE, seconds=60)
    if not verdict.allowed:
        raise TooMany(
            _("%(limit)s verifications a minute are allowed.") % {"limit": PER_MINUTE},
            retry_after=verdict.reset,
        )


def render(report: DocumentReport) -> dict[str, Any]:
    return {
        "kind": report.kind,
        "verdict": report.verdict,
        "summary": problem_texts.verdict_text(report.verdict),
        "title": report.title,
        "sha256": report.sha256,
        "size": report.size,
        "checked_at": report.checked_at,
        "problems": _problems(report.findings),
        "signatures": [
            {
                "kind": one.kind,
                "field": one.field,
                "signer": one.signer,
                "verdict": one.verdict,
                "level": one.level,
                "time": one.time,
                "time_proven": not one.time_claimed_only,
                "unchanged": one.unchanged,
                "reason": one.reason,
                "location": one.location,
                "certificate": _certificate(one.certificate) if one.certificate else None,
                "problems": _problems(one.findings),
            }
            for one in report.signatures
        ],
        "timestamps": [
            {
                "authority": one.authority,
                "time": one.time,
                "verdict": one.verdict,
                "valid_to": one.valid_to,
                "problems": _problems(one.findings),
            }
            for one in report.timestamps
        ],
    }


def _problems(findings: tuple[Finding, ...]) -> list[dict[str, str]]:
    return [{"code": str(one.problem), "text": problem_texts.problem_text(one)} for one in findings]


def _certificate(found: CertificateReport) -> dict[str, Any]:
    return {
        "subject": found.subject,
        "organisation": found.organisation,
        "issuer": found.issuer,
        "serial": found.serial,
        "valid_from": found.valid_from,
        "valid_to": found.valid_to,
        "status_then": found.status_then,
        "status_now": found.status_now,
        "revoked_at": found.revoked_at,
        "test_only": found.test_only,
    }
