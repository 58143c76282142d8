"""Payouts of a merchant's available balance."""

from typing import Any, Literal

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    Currency,
    ExternalId,
    ListOf,
    ListQuery,
    Metadata,
    MoneyIO,
    Schema,
    Timestamp,
    set_etag,
)
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.intent_shapes import Failure
from payments.api.routes import (
    BOTH,
    SORTS,
    MerchantId,
    Own,
    PayoutId,
    Positive,
    merchant_of,
    routes,
    visible_to,
)
from payments.contracts import PayoutInfo
from payments.errors import (
    BelowMinimum,
    ExternalIdTaken,
    GatewayNotConfigured,
    InsufficientBalance,
    KeyReused,
    NoPayoutAccount,
    PayoutsPaused,
)
from payments.errors_guarantee import PayoutsOnHold
from payments.services import payout as paying

ERRORS = (
    PayoutsPaused,
    PayoutsOnHold,
    NoPayoutAccount,
    BelowMinimum,
    InsufficientBalance,
    GatewayNotConfigured,
)
EXAMPLE: dict[str, Any] = {
    "id": "pot_01k00000000000000000000000",
    "state": "pending",
    "merchant": "mer_01k00000000000000000000000",
    "amount": {"amount": 12255, "currency": "CNY"},
    "destination_last4": "4321",
    "failure": None,
    "external_id": None,
    "metadata": {},
    "paid_at": None,
    "created_at": "2026-05-09T08:00:00Z",
    "updated_at": "2026-05-09T08:00:00Z",
}


class PayoutOut(Schema):
    id: PayoutId
    state: str = Field(description="pending, in_transit, paid, failed")
    merchant: MerchantId
    amount: MoneyIO
    destination_last4: str
    failure: Failure | None
    external_id: ExternalId | None
    metadata: Metadata
    paid_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class PayoutBody(Schema):
    amount: Positive | None = Field(None, description="All that is available, if not given")
    currency: Currency | None = Field(None, description="Of what is available, without an amount")
    metadata: Metadata = Field(default_factory=dict)


class PayoutIn(PayoutBody, Own):
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class PayoutQuery(ListQuery):
    state: Literal["pending", "in_transit", "paid", "failed"] | None = None


def render(info: PayoutInfo) -> dict[str, Any]:
    failure = {"code": info.failure_code, "message": info.failure_message}
    return {
        "id": info.public_id,
        "state": info.state,
        "merchant": public_id("mer", info.merchant_id),
        "amount": info.amount,
        "destination_last4": info.destination_last4,
        "failure": failure if info.failure_code else None,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "paid_at": info.paid_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/payouts",
    summary="Payouts to the bank",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[PayoutOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_payouts(request: ApiRequest, q: PayoutQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.payouts_page(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/payouts",
    summary="Pay out what is available",
    audience=BOTH,
    scope="payouts:write",
    permission="payouts",
    status=201,
    response=PayoutOut,
    errors=(*ERRORS, ExternalIdTaken),
    example=EXAMPLE,
    request_example={"amount": {"amount": 12255, "currency": "CNY"}},
)
def create_payout(request: ApiRequest, body: PayoutIn) -> dict[str, Any]:
    info = paying.create_payout(
        merchant_id=merchant_of(request.actor, body.merchant),
        amount=body.amount.money() if body.amount else None,
        currency=body.currency,
        key=request.idempotency_token,
        external_id=body.external_id,
        metadata=body.metadata,
    )
    set_etag(request, info.version)
    return render(info)


@routes.put(
    "/payouts/by-external-id/{external_id}",
    summary="Pay out under your own id: made once, however often it is sent",
    audience={"merchant"},
    scope="payouts:write",
    permission="payouts",
    response=PayoutOut,
    errors=(*ERRORS, KeyReused, ExternalIdTaken),
    example={**EXAMPLE, "external_id": "P-17"},
    request_example={"amount": {"amount": 12255, "currency": "CNY"}},
)
def upsert_payout(request: ApiRequest, external_id: ExternalId, body: PayoutBody) -> dict[str, Any]:
    info = paying.create_payout(
        merchant_id=merchant_of(request.actor),
        amount=body.amount.money() if body.amount else None,
        currency=body.currency,
        key=paying.key_of(merchant_of(request.actor), external_id) or request.idempotency_token,
        external_id=external_id,
        metadata=body.metadata,
    )
    set_etag(request, info.version)
    return render(info)


@routes.get(
    "/payouts/{payout_id}",
    summary="One payout",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=PayoutOut,
    example=EXAMPLE,
)
def get_payout(request: ApiRequest, payout_id: PayoutId) -> dict[str, Any]:
    info = selectors.payout(payout_id=payout_id)
    visible_to(request.actor, info.merchant_id)
    set_etag(request, info.version)
    return render(info)
