"""What the identity routes take and answer."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from certification.contracts.identity import (
    IdentityInfo,
    IdentityKind,
    NumberKind,
    PaperInfo,
    PaperKind,
)
from kernel.api import Day, Id, ListQuery, Schema, Timestamp
from kernel.ids import public_id

IdentityId = Annotated[UUID, Id("idn")]
PaperId = Annotated[UUID, Id("idp")]
Of = Literal["merchant", "me"]
STATED: dict[str, Any] = {
    "name": "长春江茶贸易有限公司",
    "number_kind": "credit_code",
    "number": "91110000600037341L",
    "representative": "王芳",
}
PAPER: dict[str, Any] = {
    "id": "idp_01k00000000000000000000000",
    "kind": "business_licence",
    "content_type": "image/jpeg",
    "size": 48213,
    "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    "expires_on": "2036-05-01",
    "uploaded_at": "2026-05-01T08:00:00Z",
}
EXAMPLE: dict[str, Any] = {
    "id": "idn_01k00000000000000000000000",
    "kind": "company",
    "merchant": "mer_01k00000000000000000000000",
    "person": None,
    "state": "verified",
    "level": "verified",
    "proven": ["registry", "documents"],
    "name": "长春江茶贸易有限公司",
    "number_kind": "credit_code",
    "number": "91110000600037341L",
    "representative": "王*",
    "valid_until": None,
    "reason": None,
    "claimed": False,
    "verified_at": "2026-05-01T08:00:00Z",
    "expires_at": "2028-05-01T08:00:00Z",
    "papers": [PAPER],
    "checks": [
        {
            "kind": "registry",
            "state": "passed",
            "outcome": "match",
            "asked_at": "2026-05-01T08:00:00Z",
            "answered_at": "2026-05-01T08:00:01Z",
            "account_last4": None,
        }
    ],
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
LIST = {"data": [EXAMPLE], "has_more": False, "next_cursor": None}


class PaperOut(Schema):
    id: PaperId
    kind: str
    content_type: str
    size: int
    sha256: str
    expires_on: date | None
    uploaded_at: Timestamp


class CheckOut(Schema):
    kind: str = Field(description="registry, portrait, account")
    state: str = Field(description="asked, pending, passed, failed, given_up")
    outcome: str | None
    asked_at: Timestamp
    answered_at: Timestamp | None
    account_last4: str | None


class IdentityOut(Schema):
    id: IdentityId
    kind: str
    merchant: Annotated[UUID, Id("mer")] | None
    person: Annotated[UUID, Id("per")] | None
    state: str = Field(
        description="draft, checking, in_review, needs_more, verified, rejected, expired, erased"
    )
    level: str = Field(description="none, basic, verified, strong")
    proven: list[str]
    name: str = Field(description="A person's is masked")
    number_kind: str | None
    number: str = Field(description="A person's is masked")
    representative: str = Field(description="Masked")
    valid_until: date | None
    reason: str | None
    claimed: bool
    verified_at: Timestamp | None
    expires_at: Timestamp | None
    papers: list[PaperOut]
    checks: list[CheckOut]
    created_at: Timestamp
    updated_at: Timestamp


class StatedIn(Schema):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    number_kind: NumberKind
    number: Annotated[str, Field(min_length=4, max_length=40)]
    representative: Annotated[str, Field(max_length=100)] = ""
    representative_number: Annotated[str, Field(max_length=30)] = ""
    address: Annotated[str, Field(max_length=300)] = ""
    valid_until: Day | None = None
    of: Of = Field("merchant", description="Whose: your merchant's, or your own")


class OfIn(Schema):
    of: Of = "merchant"


class OfQuery(Schema):
    of: Of = "merchant"


class PaperQuery(OfQuery):
    kind: PaperKind
    expires_on: Day | None = None


class ProofAccountIn(Schema):
    holder: Annotated[str, Field(min_length=1, max_length=200)]
    bank: Annotated[str, Field(min_length=1, max_length=100)]
    account: Annotated[str, Field(min_length=8, max_length=50)]


class AmountIn(Schema):
    amount: Annotated[int, Field(strict=True, ge=1, le=10_000, description="In fen")]


class IdentityReasonIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class IdentityApproveIn(Schema):
    registry_by_hand: bool = False


class ClearOut(Schema):
    name: str
    number_kind: str
    number: str
    representative: str
    representative_number: str
    address: str
    valid_until: date | None


class IdentityQuery(ListQuery):
    state: str | None = Field(None, max_length=20)
    queue: bool = Field(False, description="Those to be reviewed, longest waiting first")


class ReasonQuery(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=300)]


class CallbackReceived(Schema):
    new: bool


def render(info: IdentityInfo) -> dict[str, Any]:
    company = info.subject.kind == IdentityKind.COMPANY
    return {
        "id": info.public_id,
        "kind": str(info.subject.kind),
        "merchant": public_id("mer", info.subject.id) if company else None,
        "person": None if company else public_id("per", info.subject.id),
        "state": str(info.state),
        "level": info.level,
        "proven": list(info.proven),
        "name": info.name_masked,
        "number_kind": str(info.number_kind) if info.number_kind else None,
        "number": info.number_masked,
        "representative": info.representative_masked,
        "valid_until": info.valid_until,
        "reason": info.reason or None,
        "claimed": info.claimed_by is not None,
        "verified_at": info.verified_at,
        "expires_at": info.expires_at,
        "papers": [render_paper(paper) for paper in info.papers],
        "checks": [
            {
                "kind": str(check.kind),
                "state": str(check.state),
                "outcome": check.outcome or None,
                "asked_at": check.asked_at,
                "answered_at": check.answered_at,
                "account_last4": check.last4 or None,
            }
            for check in info.checks
        ],
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def render_paper(paper: PaperInfo) -> dict[str, Any]:
    return {
        "id": paper.public_id,
        "kind": str(paper.kind),
        "content_type": paper.content_type,
        "size": paper.size,
        "sha256": paper.sha256,
        "expires_on": paper.expires_on,
        "uploaded_at": paper.uploaded_at,
    }
