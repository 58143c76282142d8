"""Payment intents: a merchant whose orders live elsewhere collects money here."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from ninja.params.functions import Query

from kernel import clock
from kernel.api import (
    ApiRequest,
    ExternalId,
    ListOf,
    check_if_match,
    set_etag,
)
from kernel.errors import Invalid, InvalidTransition, PreconditionFailed
from kernel.pagination import PageOf
from payments import selectors
from payments.api.intent_shapes import (
    AUTHORIZED,
    EXAMPLE,
    PAID,
    PUT_EXAMPLE,
    REQUEST_EXAMPLE,
    WAITING,
    ZERO,
    CaptureIn,
    IntentBody,
    IntentChange,
    IntentConfirmIn,
    IntentIn,
    IntentOut,
    IntentQuery,
    render,
)
from payments.api.routes import BOTH, SORTS, PaymentId, routes, visible_to
from payments.contracts import IntentInfo, Share
from payments.errors import (
    ExternalIdTaken,
    GatewayNotConfigured,
    InvalidPaymentMethod,
    InvalidShares,
    NotCapturable,
    PaymentDeclined,
    ProviderUnavailable,
    TooLateToPay,
)
from payments.services import cancel_intent as cancelling
from payments.services import capture_intent as capturing
from payments.services import change_intent as changing
from payments.services import confirm_intent as confirming
from payments.services import create_intent as creating
from payments.services import rates


def _shown(request: ApiRequest, info: IntentInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)


def _create(
    request: ApiRequest, body: IntentBody, external_id: str | None, **more: Any
) -> IntentInfo:
    merchant_id = request.actor.merchant_id
    assert merchant_id is not None  # the route is for merchants only
    amount = body.amount.money()
    commission = rates.commission_for(merchant_id=merchant_id, amount=amount).amount
    return creating.create_intent(
        key=request.idempotency_token,
        reference=body.reference,
        amount=amount,
        shares=[
            Share(
                merchant_id=merchant_id,
                reference=body.reference,
                amount=amount,
                commission=commission,
            )
        ],
        payment_method_types=body.payment_method_types,
        description=body.description,
        merchant_id=merchant_id,
        external_id=external_id,
        metadata=body.metadata,
        hold=False,
        **more,
    )


@routes.get(
    "/payments/intents",
    summary="Payments you collect yourself",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
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
    permission="money",
    status=201,
    response=IntentOut,
    errors=(ExternalIdTaken, InvalidPaymentMethod, InvalidShares),
    example=EXAMPLE,
    request_example=REQUEST_EXAMPLE,
)
def create_intent(request: ApiRequest, body: IntentIn) -> dict[str, Any]:
    if body.expires_at and body.expires_at <= clock.business():
        raise Invalid(_("It has passed already."), field="expires_at")
    info = _create(
        request,
        body,
        body.external_id,
        pay_by=body.expires_at,
        return_url=body.return_url or "",
        capture_method=body.capture_method,
    )
    return _shown(request, info)


@routes.put(
    "/payments/intents/by-external-id/{external_id}",
    summary="Begin the payment with your own id, or change its description and metadata",
    audience={"merchant"},
    scope="payments:write",
    permission="money",
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
    permission="money.see",
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
    permission="money",
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
    permission="money",
    response=IntentOut,
    errors=(
        PaymentDeclined,
        InvalidTransition,
        InvalidPaymentMethod,
        GatewayNotConfigured,
        ProviderUnavailable,
        TooLateToPay,
    ),
    example=WAITING,
    request_example={"payment_method": "pm_card_visa", "return_url": "https://shop.example/paid"},
    outside=True,
)
def confirm_intent(
    request: ApiRequest, payment_id: PaymentId, body: IntentConfirmIn
) -> dict[str, Any]:
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
    "/payments/intents/{payment_id}/refresh",
    summary="Ask the gateway how a payment stands, after the buyer came back or scanned the code",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    response=IntentOut,
    errors=(GatewayNotConfigured,),
    example=PAID,
    outside=True,
)
def refresh_intent(request: ApiRequest, payment_id: PaymentId) -> dict[str, Any]:
    _visible(request, payment_id)
    return _shown(request, confirming.refresh_intent(intent_id=payment_id))


@routes.post(
    "/payments/intents/{payment_id}/capture",
    summary="Take what was authorised, or a part; the rest is given up",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    response=IntentOut,
    errors=(NotCapturable, GatewayNotConfigured),
    example={**AUTHORIZED, "state": "succeeded", "captured_at": "2026-05-02T08:00:00Z"},
    request_example={"amount": {"amount": 12000, "currency": "CNY"}},
    outside=True,
)
def capture_intent(request: ApiRequest, payment_id: PaymentId, body: CaptureIn) -> dict[str, Any]:
    _visible(request, payment_id)
    amount = body.amount.money() if body.amount else None
    info = capturing.capture_intent(intent_id=payment_id, amount=amount)
    if info.state == "canceled":
        raise NotCapturable(state=info.state, capturable=ZERO)
    return _shown(request, info)


@routes.post(
    "/payments/intents/{payment_id}/cancel",
    summary="Give a payment up that isn't paid yet",
    audience=BOTH,
    scope="payments:write",
    permission="money",
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
