"""Disputes: a buyer complains, both sides show evidence, an operator or a bank decides."""

from base64 import b64encode
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Base64Bytes, Field

from kernel.actors import Actor
from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp, set_etag
from kernel.errors import Conflict, Invalid, NotFound
from kernel.ids import public_id
from kernel.money import Money
from kernel.pagination import PageOf
from payments.api.escrow import EscrowId
from payments.api.routes import (
    BOTH,
    SORTS,
    MerchantId,
    PaymentId,
    Positive,
    RefundId,
    party_filter,
    routes,
)
from payments.contracts_guarantee import DisputeInfo, EvidenceAbout
from payments.errors_guarantee import (
    AlreadyDisputed,
    DisputeClosed,
    InvalidEvidence,
    NotDisputable,
)
from payments.selectors import disputes as reading
from payments.selectors import escrow as escrows
from payments.services import disputes, evidence, guarantee

DisputeId = Annotated[UUID, Id("dsp")]
EvidenceId = Annotated[UUID, Id("dev")]
ANYONE = {"guest", "buyer", "merchant", "operator"}
SUM = {"amount": 12900, "currency": "CNY"}
ZERO = {"amount": 0, "currency": "CNY"}
EXAMPLE: dict[str, Any] = {
    "id": "dsp_01k00000000000000000000000",
    "kind": "complaint",
    "state": "needs_response",
    "payment": "pay_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "reference": "A-1007",
    "amount": SUM,
    "refunded": ZERO,
    "fee": ZERO,
    "reason": "not_as_described",
    "due_at": "2026-05-08T08:00:00Z",
    "answered_at": None,
    "decided_at": None,
    "decision": None,
    "refund": None,
    "evidence": [
        {
            "id": "dev_01k00000000000000000000000",
            "side": "buyer",
            "about": "other",
            "text": "Two of five boxes were wet.",
            "file": None,
            "created_at": "2026-05-01T08:00:00Z",
        }
    ],
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
Words = Annotated[str, Field(max_length=5000)]
Token = Annotated[str, Field(max_length=100)]


class DisputeFileOut(Schema):
    name: str
    type: str
    size: int
    sha256: str


class EvidenceOut(Schema):
    id: EvidenceId
    side: str = Field(description="buyer, merchant, operator")
    about: str = Field(description="What the file shows")
    text: str
    file: DisputeFileOut | None
    created_at: Timestamp


class FileContent(Schema):
    name: str
    type: str
    content: str = Field(description="Base64")


class DisputeOut(Schema):
    id: DisputeId
    kind: str = Field(description="complaint, chargeback")
    state: str = Field(
        description="needs_response, under_review, won (for the merchant), lost, withdrawn"
    )
    payment: PaymentId
    merchant: MerchantId | None
    reference: str
    amount: MoneyIO
    refunded: MoneyIO = Field(description="What the decision gives the buyer")
    fee: MoneyIO = Field(description="What the gateway asks for a chargeback")
    reason: str
    due_at: Timestamp = Field(description="Until when the merchant may answer")
    answered_at: Timestamp | None
    decided_at: Timestamp | None
    decision: str | None
    refund: RefundId | None
    evidence: list[EvidenceOut] = Field(description="Not in lists")
    created_at: Timestamp
    updated_at: Timestamp


class ComplaintIn(Schema):
    escrow: EscrowId
    token: Token | None = Field(None, description="The acceptance_token of a buyer without account")
    reason: Literal[
        "not_received", "not_as_described", "damaged", "wrong_quantity", "fraudulent",
        "duplicate", "other",
    ]  # fmt: skip
    text: Words = ""
    amount: Positive | None = Field(None, description="All that isn't refunded, if not given")


class TokenIn(Schema):
    token: Token | None = None


class EvidenceIn(Schema):
    text: Words = ""
    file: Base64Bytes | None = Field(None, description="PDF, PNG or JPEG up to 5 MB, in Base64")
    name: Annotated[str, Field(max_length=200)] = ""
    about: EvidenceAbout = Field(
        EvidenceAbout.OTHER,
        description="What the file shows; of a chargeback's, the bank takes one of each",
    )
    token: Token | None = None


class DisputeAnswerIn(Schema):
    text: Words = ""


class DecisionIn(Schema):
    refund: MoneyIO | None = Field(None, description="What the buyer gets back; none: nothing")
    reason: Annotated[str, Field(min_length=1, max_length=500)]


class DisputeQuery(ListQuery):
    state: Literal["needs_response", "under_review", "won", "lost", "withdrawn"] | None = None
    kind: Literal["complaint", "chargeback"] | None = None


def render(info: DisputeInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "kind": info.kind,
        "state": info.state,
        "payment": public_id("pay", info.intent_id),
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "reference": info.reference,
        "amount": info.amount,
        "refunded": info.refunded,
        "fee": info.fee,
        "reason": info.reason,
        "due_at": info.due_at,
        "answered_at": info.answered_at,
        "decided_at": info.decided_at,
        "decision": info.decision or None,
        "refund": public_id("ref", info.refund_id) if info.refund_id else None,
        "evidence": [
            {
                "id": public_id("dev", one.id),
                "side": one.side,
                "about": one.about,
                "text": one.text,
                "file": {
                    "name": one.file_name,
                    "type": one.file_type,
                    "size": one.file_size,
                    "sha256": one.file_sha256,
                }
                if one.file_name
                else None,
                "created_at": one.created_at,
            }
            for one in info.evidence
        ],
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/disputes",
    summary="Complaints and chargebacks",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission=("money.see", "disputes"),
    response=ListOf[DisputeOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_disputes(request: ApiRequest, q: DisputeQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return reading.disputes_page(
        **party_filter(request.actor),
        state=q.state,
        kind=q.kind,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/disputes",
    summary="Complain about an order whose money is kept: it is frozen until the decision",
    audience=ANYONE,
    scope="payments:write",
    permission="disputes",
    status=201,
    response=DisputeOut,
    errors=(NotFound, Invalid, NotDisputable, AlreadyDisputed),
    example=EXAMPLE,
    request_example={
        "escrow": "esc_01k00000000000000000000000",
        "reason": "not_as_described",
        "text": "Two of five boxes were wet.",
    },
)
def open_dispute(request: ApiRequest, body: ComplaintIn) -> dict[str, Any]:
    row = escrows.escrow_row(body.escrow)
    if not _is_buyer(request.actor, row.payer_id, row.token_digest, body.token):
        raise NotFound
    info = disputes.open_complaint(
        key=request.idempotency_token,
        escrow_id=body.escrow,
        reason=body.reason,
        text=body.text,
        amount=body.amount.money() if body.amount else None,
    )
    return _shown(request, info)


@routes.get(
    "/disputes/{dispute_id}",
    summary="One dispute with its evidence",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission=("money.see", "disputes"),
    response=DisputeOut,
    example=EXAMPLE,
)
def get_dispute(request: ApiRequest, dispute_id: DisputeId) -> dict[str, Any]:
    _side(request.actor, dispute_id)
    return _shown(request, reading.dispute(dispute_id=dispute_id))


@routes.post(
    "/disputes/{dispute_id}/evidence",
    summary="Say or show something",
    audience=ANYONE,
    scope="payments:write",
    permission="disputes",
    response=DisputeOut,
    errors=(NotFound, DisputeClosed, InvalidEvidence),
    example=EXAMPLE,
    request_example={"text": "The waybill, signed.", "file": "JVBERi0xLjcK", "name": "waybill.pdf"},
)
def add_evidence(request: ApiRequest, dispute_id: DisputeId, body: EvidenceIn) -> dict[str, Any]:
    info = disputes.add_evidence(
        dispute_id=dispute_id,
        side=_side(request.actor, dispute_id, body.token),
        text=body.text,
        file=body.file,
        name=body.name,
        about=body.about,
    )
    return _shown(request, info)


@routes.get(
    "/disputes/{dispute_id}/evidence/{evidence_id}",
    summary="A piece's file",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission=("money.see", "disputes"),
    response=FileContent,
    example={"name": "waybill.pdf", "type": "application/pdf", "content": "JVBERi0xLjcK"},
)
def get_evidence(
    request: ApiRequest, dispute_id: DisputeId, evidence_id: EvidenceId
) -> dict[str, Any]:
    _side(request.actor, dispute_id)
    name, kind, content = evidence.file_of(dispute_id=dispute_id, evidence_id=evidence_id)
    return {"name": name, "type": kind, "content": b64encode(content).decode()}


@routes.post(
    "/disputes/{dispute_id}/answer",
    summary="Answer: nothing more will be said, it may be decided",
    audience={"merchant"},
    scope="payments:write",
    permission="disputes",
    response=DisputeOut,
    errors=(NotFound, DisputeClosed, InvalidEvidence),
    example={**EXAMPLE, "state": "under_review", "answered_at": "2026-05-02T08:00:00Z"},
    request_example={"text": "They were dry when the carrier took them."},
)
def answer(request: ApiRequest, dispute_id: DisputeId, body: DisputeAnswerIn) -> dict[str, Any]:
    _side(request.actor, dispute_id)
    return _shown(request, disputes.answer(dispute_id=dispute_id, text=body.text))


@routes.post(
    "/disputes/{dispute_id}/withdraw",
    summary="Withdraw a complaint",
    audience=ANYONE,
    scope="payments:write",
    permission="disputes",
    response=DisputeOut,
    errors=(NotFound, DisputeClosed, Conflict),
    example={**EXAMPLE, "state": "withdrawn", "decided_at": "2026-05-02T08:00:00Z"},
    request_example={"token": None},
)
def withdraw(request: ApiRequest, dispute_id: DisputeId, body: TokenIn) -> dict[str, Any]:
    if _side(request.actor, dispute_id, body.token) == "merchant":
        raise NotFound
    return _shown(request, disputes.withdraw_complaint(dispute_id=dispute_id))


@routes.post(
    "/disputes/{dispute_id}/decision",
    summary="Decide a complaint",
    audience={"operator"},
    scope="payments:write",
    permission="disputes",
    response=DisputeOut,
    errors=(NotFound, DisputeClosed, Invalid, Conflict),
    example={
        **EXAMPLE,
        "state": "lost",
        "refunded": {"amount": 5160, "currency": "CNY"},
        "decision": "Two of five boxes",
        "decided_at": "2026-05-03T08:00:00Z",
        "refund": "ref_01k00000000000000000000000",
    },
    request_example={
        "refund": {"amount": 5160, "currency": "CNY"},
        "reason": "Two of five boxes",
    },
)
def decide(request: ApiRequest, dispute_id: DisputeId, body: DecisionIn) -> dict[str, Any]:
    refund = Money(body.refund.amount, body.refund.currency) if body.refund else None
    info = disputes.decide(dispute_id=dispute_id, refund=refund, reason=body.reason)
    return _shown(request, info)


def _is_buyer(actor: Actor, payer_id: UUID | None, digest: str, token: str | None) -> bool:
    if token and digest and guarantee.digest(token) == digest:
        return True
    if actor.kind == "operator":
        return True
    return actor.kind == "buyer" and payer_id is not None and actor.person_id == payer_id


def _side(actor: Actor, dispute_id: UUID, token: str | None = None) -> str:
    """On whose side the caller is. Raises NotFound for strangers."""
    info = reading.dispute(dispute_id=dispute_id)
    if actor.kind == "operator":
        return "operator"
    if actor.kind == "merchant" and actor.merchant_id is not None:
        if reading.is_party(dispute_id=dispute_id, merchant_id=actor.merchant_id):
            return "merchant"
    elif actor.kind == "buyer" and actor.person_id and actor.person_id == info.payer_id:
        return "buyer"
    if token and info.merchant_id:
        held = escrows.escrow_for(reference=info.reference, merchant_id=info.merchant_id)
        if held and guarantee.digest(token) == escrows.escrow_row(held.id).token_digest:
            return "buyer"
    raise NotFound


def _shown(request: ApiRequest, info: DisputeInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
