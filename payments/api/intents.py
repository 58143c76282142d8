"""Payment intents: a merchant whose orders live elsewhere collects money here."""

from decimal import Decimal
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
    check_if_match,
    set_etag,
)
from kernel.errors import InvalidTransition, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.routes import BOTH, SORTS, Own, PaymentId, Positive, routes, visible_to
from payments.contracts import CARD, IntentInfo, Share
from payments.errors import (
    ExternalIdTaken,
    GatewayNotConfigured,
    InvalidPaymentMethod,
    InvalidShares,
    PaymentDeclined,
)
from payments.services import cancel_intent as cancelling
from payments.services import change_intent as changing
from payments.services import confirm_intent as confirming
from payments.services import create_intent as creating
from platforms import facade as platforms

ZERO = {"amount": 0, "currency": "CNY"}
EXAMPLE: dict[str, Any] = {
    "id": "pay_01k00000000000000000000000",
    "state": "requires_payment_method",
    "amount": {"amount": 12900, "currency": "CNY"},
    "amount_refunded": ZERO,
    "reference": "A-1007",
    "description": "Two jars of honey",
    "payment_method_types": ["card"],
    "redirect_url": None,
    "failure": None,
    "shares": [
        {
            "merchant": "mer_01k00000000000000000000000",
            "reference": "A-1007",
            "amount": {"amount": 12900, "currency": "CNY"},
            "commission": {"amount": 645, "currency": "CNY"},
            "refunded": ZERO,
            "commission_refunded": ZERO,
            "available_at": None,
            "released_at": None,
        }
    ],
    "external_id": "A-1007",
    "metadata": {"erp": "A-17"},
    "captured_at": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
PAID = {**EXAMPLE, "state": "succeeded", "captured_at": "2026-05-01T08:01:00Z"}
REQUEST_EXAMPLE = {
    "amount": {"amount": 12900, "currency": "CNY"},
    "reference": "A-1007",
    "description": "Two jars of honey",
    "payment_method_types": ["card"],
    "external_id": "A-1007",
    "metadata": {"erp": "A-17"},
}
PUT_EXAMPLE = {key: value for key, value in REQUEST_EXAMPLE.items() if key != "external_id"}
Text = Annotated[str, Field(max_length=500)]


class ShareOut(Schema):
    merchant: Annotated[UUID, Id("mer")]
    reference: str
    amount: MoneyIO
    commission: MoneyIO
    refunded: MoneyIO
    commission_refunded: MoneyIO
    available_at: Timestamp | None
    released_at: Timestamp | None


class Failure(Schema):
    code: str
    message: str


class IntentOut(Schema):
    id: PaymentId
    state: str = Field(
        description="requires_payment_method, processing, requires_action, succeeded, canceled"
    )
    amount: MoneyIO
    amount_refunded: MoneyIO
    reference: str
    description: str
    payment_method_types: list[str]
    redirect_url: str | None = Field(description="Where the buyer must confirm")
    failure: Failure | None = Field(description="Why the last attempt failed")
    shares: list[ShareOut]
    external_id: ExternalId | None
    metadata: Metadata
    captured_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class IntentBody(Schema):
    amount: Positive
    reference: Annotated[str, Field(max_length=100, description="Your order's number")] = ""
    description: Text = ""
    payment_method_types: Annotated[list[str], Field(min_length=1, max_length=5)] = [CARD]
    metadata: Metadata = Field(default_factory=dict)


class IntentIn(IntentBody, Own):
    pass


class IntentChange(Schema):
    description: Text | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class ConfirmIn(Schema):
    payment_method: Annotated[
        str, Field(min_length=1, max_length=255, description="A card's token, or offline_test")
    ]
    return_url: Annotated[str, Field(max_length=2000, pattern="^https?://")] | None = None


class IntentQuery(ListQuery):
    state: (
        Literal["requires_payment_method", "processing", "requires_action", "succeeded", "canceled"]
        | None
    ) = None
    reference: str | None = Field(None, max_length=100)


def render(info: IntentInfo) -> dict[str, Any]:
    failure = {"code": info.failure_code, "message": info.failure_message}
    return {
        "id": info.public_id,
        "state": info.state,
        "amount": info.amount,
        "amount_refunded": info.amount_refunded,
        "reference": info.reference,
        "description": info.description,
        "payment_method_types": info.payment_method_types,
        "redirect_url": info.redirect_url or None,
        "failure": failure if info.failure_code else None,
        "shares": [
            {
                "merchant": public_id("mer", share.merchant_id),
                "reference": share.reference,
                "amount": share.amount,
                "commission": share.commission,
                "refunded": share.refunded,
                "commission_refunded": share.commission_refunded,
                "available_at": share.available_at,
                "released_at": share.released_at,
            }
            for share in info.shares
        ],
        "external_id": info.external_id,
        "metadata": info.metadata,
        "captured_at": info.captured_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _shown(request: ApiRequest, info: IntentInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)


def _create(request: ApiRequest, body: IntentBody, external_id: str | None) -> IntentInfo:
    merchant_id = request.actor.merchant_id
    assert merchant_id is not None  # the route is for merchants only
    amount = body.amount.money()
    rate = Decimal(str(platforms.setting("payments", "commission_rate")))
    return creating.create_intent(
        key=request.idempotency_token,
        reference=body.reference,
        amount=amount,
        shares=[
            Share(
                merchant_id=merchant_id,
                reference=body.reference,
                amount=amount,
                commission=amount.percent(rate),
            )
        ],
        payment_method_types=body.payment_method_types,
        description=body.description,
        merchant_id=merchant_id,
        external_id=external_id,
        metadata=body.metadata,
        hold=False,
    )


@routes.get(
    "/payments/intents",
    summary="Payments you collect yourself",
    audience=BOTH,
    scope="payments:read",
    response=ListOf[IntentOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_intents(request: ApiRequest, q: IntentQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.intents_page(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        reference=q.reference,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/payments/intents",
    summary="Begin a payment",
    audience={"merchant"},
    scope="payments:write",
    status=201,
    response=IntentOut,
    errors=(ExternalIdTaken, InvalidPaymentMethod, InvalidShares),
    example=EXAMPLE,
    request_example=REQUEST_EXAMPLE,
)
def create_intent(request: ApiRequest, body: IntentIn) -> dict[str, Any]:
    return _shown(request, _create(request, body, body.external_id))


@routes.put(
    "/payments/intents/by-external-id/{external_id}",
    summary="Begin the payment with your own id, or change its description and metadata",
    audience={"merchant"},
    scope="payments:write",
    response=IntentOut,
    errors=(
        ExternalIdTaken,
        InvalidPaymentMethod,
        InvalidShares,
        changing.AmountFixed,
        PreconditionFailed,
    ),
    example=EXAMPLE,
    request_example=PUT_EXAMPLE,
)
def upsert_intent(request: ApiRequest, external_id: ExternalId, body: IntentBody) -> dict[str, Any]:
    known = changing.by_external_id(request.actor.merchant_id, external_id)
    if known is None:
        return _shown(request, _create(request, body, external_id))
    info = changing.change_intent(
        intent_id=known,
        amount=body.amount.money(),
        description=body.description,
        metadata=body.metadata,
        check=lambda version: check_if_match(request, version),
    )
    return _shown(request, info)


@routes.get(
    "/payments/intents/{payment_id}",
    summary="One payment",
    audience=BOTH,
    scope="payments:read",
    response=IntentOut,
    example=EXAMPLE,
)
def get_intent(request: ApiRequest, payment_id: PaymentId) -> dict[str, Any]:
    return _shown(request, _visible(request, payment_id))


@routes.patch(
    "/payments/intents/{payment_id}",
    summary="Change a payment's description, metadata or your id for it",
    audience=BOTH,
    scope="payments:write",
    response=IntentOut,
    errors=(ExternalIdTaken, PreconditionFailed),
    example=EXAMPLE,
    request_example={"metadata": {"erp": "A-18"}},
)
def change_intent(request: ApiRequest, payment_id: PaymentId, body: IntentChange) -> dict[str, Any]:
    _visible(request, payment_id)
    info = changing.change_intent(
        intent_id=payment_id,
        check=lambda version: check_if_match(request, version),
        **body.model_dump(exclude_unset=True),
    )
    return _shown(request, info)


@routes.post(
    "/payments/intents/{payment_id}/confirm",
    summary="Collect the payment",
    audience=BOTH,
    scope="payments:write",
    response=IntentOut,
    errors=(PaymentDeclined, InvalidTransition, InvalidPaymentMethod, GatewayNotConfigured),
    example=PAID,
    request_example={"payment_method": "pm_card_visa", "return_url": "https://shop.example/paid"},
    outside=True,
)
def confirm_intent(request: ApiRequest, payment_id: PaymentId, body: ConfirmIn) -> dict[str, Any]:
    _visible(request, payment_id)
    info = confirming.confirm_intent(
        intent_id=payment_id,
        payment_method=body.payment_method,
        return_url=body.return_url or "",
        key=request.idempotency_token,
    )
    if info.state == "requires_payment_method":
        raise PaymentDeclined(
            info.failure_message or None,
            decline_code=info.failure_code,
            payment=info.public_id,
        )
    return _shown(request, info)


@routes.post(
    "/payments/intents/{payment_id}/cancel",
    summary="Give a payment up that isn't paid yet",
    audience=BOTH,
    scope="payments:write",
    response=IntentOut,
    errors=(InvalidTransition, GatewayNotConfigured),
    example={**EXAMPLE, "state": "canceled"},
    outside=True,
)
def cancel_intent(request: ApiRequest, payment_id: PaymentId) -> dict[str, Any]:
    _visible(request, payment_id)
    info = cancelling.cancel_intent(intent_id=payment_id)
    if info.state == "succeeded":
        raise InvalidTransition(_("It is paid; refund it instead."), state=info.state, allowed=[])
    return _shown(request, info)


def _visible(request: ApiRequest, payment_id: UUID) -> IntentInfo:
    info = selectors.intent(intent_id=payment_id)
    visible_to(request.actor, info.merchant_id)
    return info
