"""Transfers that came in and aren't simply a payment: why, what to do, and doing it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp, set_etag
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.routes import SORTS, PaymentId, routes
from payments.errors import CreditNotOpen, GatewayNotConfigured
from payments.services import bank_credits
from payments.stray import CreditInfo

CreditId = Annotated[UUID, Id("bcr")]
OPERATORS = {"operator"}
EXAMPLE: dict[str, Any] = {
    "id": "bcr_01k00000000000000000000000",
    "state": "overpaid",
    "account": "6228480000000017",
    "amount": {"amount": 12900, "currency": "CNY"},
    "used": {"amount": 12000, "currency": "CNY"},
    "left": {"amount": 900, "currency": "CNY"},
    "returned": {"amount": 0, "currency": "CNY"},
    "payment": "pay_01k00000000000000000000000",
    "payer": "王芳 ••••4321",
    "remittance": "A-1007",
    "reason": "too_much",
    "suggestion": "return",
    "suggested_payment": None,
    "failure_code": None,
    "received_at": "2026-05-01T08:00:00Z",
    "created_at": "2026-05-01T08:00:10Z",
    "updated_at": "2026-05-01T08:00:10Z",
}


class CreditOut(Schema):
    id: CreditId
    state: str = Field(description="matched, unmatched, underpaid, overpaid, returning, returned")
    account: str = Field(description="The virtual account it came to")
    amount: MoneyIO
    used: MoneyIO = Field(description="What went to the payment")
    left: MoneyIO
    returned: MoneyIO
    payment: PaymentId | None
    payer: str
    remittance: str
    reason: str | None = Field(
        description="unknown_account, already_paid, payment_over, other_currency, too_little, "
        "too_much"
    )
    suggestion: str | None = Field(description="match, return, wait")
    suggested_payment: PaymentId | None = Field(description="An open payment that it may be for")
    failure_code: str | None = Field(description="Why the bank refused the last return")
    received_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp


class CreditQuery(ListQuery):
    state: (
        Literal["matched", "unmatched", "underpaid", "overpaid", "returning", "returned"] | None
    ) = None
    open: bool | None = Field(None, description="true: only what waits for a decision")


class MatchIn(Schema):
    payment: PaymentId


def render(info: CreditInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "account": info.account,
        "amount": info.amount,
        "used": info.used,
        "left": info.left,
        "returned": info.returned,
        "payment": public_id("pay", info.intent_id) if info.intent_id else None,
        "payer": info.payer,
        "remittance": info.remittance,
        "reason": info.reason or None,
        "suggestion": info.suggestion or None,
        "suggested_payment": public_id("pay", info.suggested) if info.suggested else None,
        "failure_code": info.failure_code or None,
        "received_at": info.received_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/payments/bank-credits",
    summary="Transfers that came in; open=true for those that wait for a decision",
    audience=OPERATORS,
    scope="payments:read",
    permission="money.see",
    response=ListOf[CreditOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_credits(request: ApiRequest, q: CreditQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.credits_page(
        state=q.state,
        only_open=bool(q.open),
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.get(
    "/payments/bank-credits/{credit_id}",
    summary="One transfer that came in",
    audience=OPERATORS,
    scope="payments:read",
    permission="money.see",
    response=CreditOut,
    errors=(NotFound,),
    example=EXAMPLE,
)
def get_credit(request: ApiRequest, credit_id: CreditId) -> dict[str, Any]:
    info = selectors.credit(credit_id=credit_id)
    set_etag(request, info.version)
    return render(info)


@routes.post(
    "/payments/bank-credits/{credit_id}/match",
    summary="Use a transfer that nobody knew for a payment",
    audience=OPERATORS,
    scope="payments:write",
    permission="money",
    response=CreditOut,
    errors=(NotFound, CreditNotOpen),
    example={**EXAMPLE, "state": "matched"},
    request_example={"payment": "pay_01k00000000000000000000000"},
)
def match_credit(request: ApiRequest, credit_id: CreditId, body: MatchIn) -> dict[str, Any]:
    bank_credits.match_credit(credit_id=credit_id, intent_id=body.payment)
    return render(selectors.credit(credit_id=credit_id))


@routes.post(
    "/payments/bank-credits/{credit_id}/return",
    summary="Send what is left of a transfer back to its payer",
    audience=OPERATORS,
    scope="payments:write",
    permission="money",
    response=CreditOut,
    errors=(NotFound, CreditNotOpen, GatewayNotConfigured),
    example={**EXAMPLE, "state": "returning"},
    outside=True,
)
def return_credit(request: ApiRequest, credit_id: CreditId) -> dict[str, Any]:
    bank_credits.return_credit(credit_id=credit_id)
    return render(selectors.credit(credit_id=credit_id))
