"""Refunds of payments that a merchant collected itself; those of orders go through the orders."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    MoneyIO,
    Schema,
    Timestamp,
    set_etag,
)
from kernel.errors import NotFound, fields_told
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.intent_shapes import Failure
from payments.api.routes import BOTH, SORTS, Own, PaymentId, Positive, RefundId, routes, visible_to
from payments.contracts import IntentInfo, RefundInfo, RefundShare
from payments.errors import (
    ExternalIdTaken,
    IntentNotRefundable,
    InvalidShares,
    KeyReused,
    RefundTooLarge,
)
from payments.services import refund as refunding

EXAMPLE: dict[str, Any] = {
    "id": "ref_01k00000000000000000000000",
    "state": "succeeded",
    "payment": "pay_01k00000000000000000000000",
    "amount": {"amount": 12900, "currency": "CNY"},
    "reason": "requested_by_customer",
    "shares": [
        {
            "merchant": "mer_01k00000000000000000000000",
            "reference": "A-1007",
            "amount": {"amount": 12900, "currency": "CNY"},
            "commission_back": {"amount": 645, "currency": "CNY"},
            "subsidy_back": {"amount": 0, "currency": "CNY"},
        }
    ],
    "failure": None,
    "external_id": "A-1007-R1",
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
REQUEST_EXAMPLE = {
    "payment": "pay_01k00000000000000000000000",
    "amount": {"amount": 12900, "currency": "CNY"},
    "reason": "requested_by_customer",
    "external_id": "A-1007-R1",
}


class RefundShareIO(Schema):
    merchant: Annotated[UUID, Id("mer")]
    reference: str
    amount: MoneyIO
    commission_back: MoneyIO
    subsidy_back: MoneyIO = Field(description="What goes back to the platform")


class RefundOut(Schema):
    id: RefundId
    state: str = Field(description="pending, succeeded, failed")
    payment: PaymentId
    amount: MoneyIO
    reason: str
    shares: list[RefundShareIO]
    failure: Failure | None
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class RefundBody(Schema):
    payment: PaymentId
    amount: Positive | None = Field(None, description="All that is left, if not given")
    reason: Annotated[str, Field(max_length=100)] = ""
    to: Literal["source", "wallet"] = Field(
        "source", description="Back to where it came from, or to the payer's wallet"
    )
    reference: str | None = Field(
        None, description="Which share, by its reference; needed when the payment has several"
    )
    metadata: Metadata = Field(default_factory=dict)


class RefundIn(RefundBody, Own):
    pass


class RefundQuery(ListQuery):
    payment: PaymentId | None = None
    state: Literal["pending", "succeeded", "failed"] | None = None


def render(info: RefundInfo) -> dict[str, Any]:
    failure = {"code": info.failure_code, "message": info.failure_message}
    return {
        "id": info.public_id,
        "state": info.state,
        "payment": public_id("pay", info.intent_id),
        "amount": info.amount,
        "reason": info.reason,
        "shares": [
            {
                "merchant": public_id("mer", share.merchant_id),
                "reference": share.reference,
                "amount": share.amount,
                "commission_back": share.commission_back,
                "subsidy_back": share.subsidy_back,
            }
            for share in info.shares
        ],
        "failure": failure if info.failure_code else None,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/refunds",
    summary="Refunds of your money",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[RefundOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_refunds(request: ApiRequest, q: RefundQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.refunds_page(
        merchant_id=request.actor.merchant_id,
        intent_id=q.payment,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/refunds",
    summary="Refund a payment, or part of it",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    status=201,
    response=RefundOut,
    errors=(NotFound, IntentNotRefundable, RefundTooLarge, InvalidShares, ExternalIdTaken),
    example=EXAMPLE,
    request_example=REQUEST_EXAMPLE,
    outside=True,
)
def create_refund(request: ApiRequest, body: RefundIn) -> dict[str, Any]:
    return _refund(request, body, body.external_id, request.idempotency_token)


@routes.put(
    "/refunds/by-external-id/{external_id}",
    summary="Refund under your own id: made once, however often it is sent",
    audience={"merchant"},
    scope="payments:write",
    permission="money",
    response=RefundOut,
    errors=(
        NotFound,
        IntentNotRefundable,
        RefundTooLarge,
        InvalidShares,
        KeyReused,
        ExternalIdTaken,
    ),
    example=EXAMPLE,
    request_example={key: REQUEST_EXAMPLE[key] for key in ("payment", "amount", "reason")},
    outside=True,
)
def upsert_refund(request: ApiRequest, external_id: ExternalId, body: RefundBody) -> dict[str, Any]:
    known = refunding.key_of(request.actor.merchant_id, external_id)
    return _refund(request, body, external_id, known or request.idempotency_token)


@routes.get(
    "/refunds/{refund_id}",
    summary="One refund",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=RefundOut,
    example=EXAMPLE,
)
def get_refund(request: ApiRequest, refund_id: RefundId) -> dict[str, Any]:
    info = selectors.refund(refund_id=refund_id)
    visible_to(request.actor, selectors.refund_row(refund_id).merchant_id)
    set_etag(request, info.version)
    return render(info)


def _refund(
    request: ApiRequest, body: RefundBody, external_id: str | None, key: UUID
) -> dict[str, Any]:
    intent = selectors.intent(intent_id=body.payment)
    visible_to(request.actor, intent.merchant_id)
    with fields_told(lambda name: name.removeprefix("shares.0.")):
        info = refunding.refund_intent(
            key=key,
            intent_id=intent.id,
            shares=[_share(intent, body, key)],
            reason=body.reason,
            external_id=external_id,
            metadata=body.metadata,
            to_wallet=body.to == "wallet",
        )
    set_etag(request, info.version)
    return render(info)


def _share(intent: IntentInfo, body: RefundBody, key: UUID) -> RefundShare:
    found = [s for s in intent.shares if body.reference in (None, s.reference)]
    if len(found) != 1:
        raise InvalidShares(_("Name one of the payment's shares."), field="reference")
    share = found[0]
    amount = body.amount.money() if body.amount else share.amount - share.refunded
    if body.amount is None:
        known = refunding.amount_of(key)  # repeated after a crash: what was left then
        amount = known or amount
    if not amount:
        raise IntentNotRefundable
    return RefundShare(merchant_id=share.merchant_id, reference=share.reference, amount=amount)
