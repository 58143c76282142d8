"""How payment intents look on the wire."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from pydantic import Field

from kernel.api import ExternalId, Id, ListQuery, Metadata, MoneyIO, Schema, Timestamp
from kernel.ids import public_id
from payments.api.routes import Own, PaymentId, Positive
from payments.contracts import BANK_TRANSFER, CARD, IntentInfo
from payments.services import page_tokens

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
    "next_action": None,
    "payment_page": "https://market.example/p/corn/pay/01k00000000000000000000000.dGhpcyBpc24ndCBvbmU/",
    "return_url": None,
    "expires_at": None,
    "capture_method": "automatic",
    "amount_authorized": None,
    "capture_before": None,
    "failure": None,
    "shares": [
        {
            "merchant": "mer_01k00000000000000000000000",
            "reference": "A-1007",
            "amount": {"amount": 12900, "currency": "CNY"},
            "commission": {"amount": 645, "currency": "CNY"},
            "refunded": ZERO,
            "commission_refunded": ZERO,
            "subsidy": ZERO,
            "subsidy_refunded": ZERO,
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
WAITING = {
    **EXAMPLE,
    "state": "requires_action",
    "next_action": {
        "type": "scan_code",
        "code": "weixin://wxpay/bizpayurl?pr=p4lpSuKzz",
        "url": None,
        "account": None,
    },
}
AUTHORIZED = {
    **EXAMPLE,
    "state": "requires_capture",
    "capture_method": "manual",
    "amount_authorized": {"amount": 12900, "currency": "CNY"},
    "capture_before": "2026-05-08T08:00:00Z",
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
    subsidy: MoneyIO = Field(description="What the platform adds for its promotions")
    subsidy_refunded: MoneyIO
    available_at: Timestamp | None
    released_at: Timestamp | None


class Failure(Schema):
    code: str
    message: str


class Account(Schema):
    bank: str
    holder: str
    number: str


class NextAction(Schema):
    type: str = Field(description="open_page, scan_code, transfer")
    url: str | None = Field(description="open_page: where the buyer confirms")
    code: str | None = Field(description="scan_code: what the QR code says")
    account: Account | None = Field(description="transfer: where the buyer pays to")


class IntentOut(Schema):
    id: PaymentId
    state: str = Field(
        description="requires_payment_method, processing, requires_action, requires_capture, "
        "succeeded, canceled"
    )
    amount: MoneyIO
    amount_refunded: MoneyIO
    reference: str
    description: str
    payment_method_types: list[str]
    redirect_url: str | None = Field(description="Where the buyer must confirm")
    next_action: NextAction | None = Field(description="What the buyer must do now")
    payment_page: str = Field(description="The hosted page: send the buyer there, or this link")
    return_url: str | None = Field(description="Where the hosted page leads back to")
    expires_at: Timestamp | None = Field(description="The last moment to pay")
    capture_method: str = Field(description="automatic, or manual: authorise now, capture later")
    amount_authorized: MoneyIO | None
    capture_before: Timestamp | None = Field(description="When the authorisation lapses")
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
    return_url: Annotated[str, Field(max_length=2000, pattern="^https?://")] | None = None
    expires_at: Timestamp | None = None
    capture_method: Literal["automatic", "manual"] = "automatic"


class CaptureIn(Schema):
    amount: Positive | None = Field(None, description="Less than authorised frees the rest")


class IntentChange(Schema):
    description: Text | None = None
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class IntentConfirmIn(Schema):
    payment_method: Annotated[
        str,
        Field(
            min_length=1,
            max_length=255,
            description="alipay, alipay_page, wechat, bank_transfer, offline_test, a card's token",
        ),
    ]
    return_url: Annotated[str, Field(max_length=2000, pattern="^https?://")] | None = None


class IntentQuery(ListQuery):
    state: (
        Literal[
            "requires_payment_method",
            "processing",
            "requires_action",
            "requires_capture",
            "succeeded",
            "canceled",
        ]
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
        "next_action": next_action(info),
        "payment_page": page_tokens.address(info.id),
        "return_url": info.return_url or None,
        "expires_at": info.pay_by,
        "capture_method": info.capture_method,
        "amount_authorized": info.amount_authorized,
        "capture_before": info.capture_before,
        "failure": failure if info.failure_code else None,
        "shares": [
            {
                "merchant": public_id("mer", share.merchant_id),
                "reference": share.reference,
                "amount": share.amount,
                "commission": share.commission,
                "refunded": share.refunded,
                "commission_refunded": share.commission_refunded,
                "subsidy": share.subsidy,
                "subsidy_refunded": share.subsidy_refunded,
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


def next_action(info: IntentInfo) -> dict[str, Any] | None:
    """What the buyer must do now."""
    if info.state != "requires_action":
        return None
    found: dict[str, Any] = {"type": "open_page", "url": None, "code": None, "account": None}
    if info.redirect_url:
        return {**found, "url": info.redirect_url}
    if info.gateway == BANK_TRANSFER and info.qr:
        return {**found, "type": "transfer", "account": orjson.loads(info.qr)}
    return {**found, "type": "scan_code", "code": info.qr} if info.qr else None
