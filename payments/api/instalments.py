"""One order paid in instalments: a deposit now, the rest later."""

from typing import Annotated, Any, Literal
from uuid import UUID

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
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.escrow import EscrowId
from payments.api.routes import (
    BOTH,
    SORTS,
    MerchantId,
    Own,
    PaymentId,
    Positive,
    routes,
    visible_to,
)
from payments.contracts_instalments import InstalmentPlanInfo
from payments.errors import ExternalIdTaken, InvalidPaymentMethod, KeyReused
from payments.services import instalments

PlanId = Annotated[UUID, Id("ins")]
EXAMPLE: dict[str, Any] = {
    "id": "ins_01k00000000000000000000000",
    "state": "active",
    "merchant": "mer_01k00000000000000000000000",
    "reference": "A-1007",
    "amount": {"amount": 100000, "currency": "CNY"},
    "paid": {"amount": 30000, "currency": "CNY"},
    "on_default": "forfeit",
    "grace_days": 3,
    "remind_days": 3,
    "instalments": [
        {
            "place": 0,
            "state": "paid",
            "amount": {"amount": 30000, "currency": "CNY"},
            "due_at": "2026-05-01T08:00:00Z",
            "paid_at": "2026-05-01T08:01:00Z",
            "payment": "pay_01k00000000000000000000000",
            "escrow": "esc_01k00000000000000000000000",
        },
        {
            "place": 1,
            "state": "due",
            "amount": {"amount": 70000, "currency": "CNY"},
            "due_at": "2026-06-01T08:00:00Z",
            "paid_at": None,
            "payment": "pay_01k00000000000000000000001",
            "escrow": "esc_01k00000000000000000000001",
        },
    ],
    "acceptance_token": None,
    "external_id": None,
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
REQUEST = {
    "amount": {"amount": 100000, "currency": "CNY"},
    "reference": "A-1007",
    "instalments": [
        {
            "amount": {"amount": 30000, "currency": "CNY"},
            "due_at": "2026-05-01T08:00:00Z",
        },
        {
            "amount": {"amount": 70000, "currency": "CNY"},
            "due_at": "2026-06-01T08:00:00Z",
        },
    ],
    "on_default": "forfeit",
}


class InstalmentOut(Schema):
    place: int
    state: str = Field(description="due, overdue, paid, ended")
    amount: MoneyIO
    due_at: Timestamp
    paid_at: Timestamp | None
    payment: PaymentId
    escrow: EscrowId


class InstalmentPlanOut(Schema):
    id: PlanId
    state: str = Field(description="active, completed, defaulted, canceled")
    merchant: MerchantId
    reference: str
    amount: MoneyIO
    paid: MoneyIO
    on_default: str
    grace_days: int
    remind_days: int
    instalments: list[InstalmentOut]
    acceptance_token: str | None = Field(description="Only when opened: for your buyer")
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class InstalmentIn(Schema):
    amount: Positive
    due_at: Timestamp = Field(description="Business time")


class InstalmentPlanIn(Own):
    amount: Positive
    reference: Annotated[str, Field(min_length=1, max_length=100, description="Your order")]
    instalments: Annotated[list[InstalmentIn], Field(min_length=2, max_length=36)]
    on_default: Literal["keep", "forfeit", "refund"] = "keep"
    grace_days: Annotated[int, Field(ge=0, le=90)] = 3
    remind_days: Annotated[int, Field(ge=0, le=60)] = 3
    accept: Literal["buyer", "time", "inspection"] = "buyer"
    category: Annotated[str, Field(max_length=200)] = ""
    payment_method_types: Annotated[list[str], Field(min_length=1, max_length=5)] = ["card"]


class PlanQuery(ListQuery):
    state: Literal["active", "completed", "defaulted", "canceled"] | None = None


def render(info: InstalmentPlanInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "merchant": public_id("mer", info.merchant_id),
        "reference": info.reference,
        "amount": info.amount,
        "paid": info.paid,
        "on_default": info.on_default,
        "grace_days": info.grace_days,
        "remind_days": info.remind_days,
        "instalments": [
            {
                "place": one.place,
                "state": one.state,
                "amount": one.amount,
                "due_at": one.due_at,
                "paid_at": one.paid_at,
                "payment": public_id("pay", one.intent_id),
                "escrow": public_id("esc", one.escrow_id),
            }
            for one in info.instalments
        ],
        "acceptance_token": info.token or None,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/instalment-plans",
    summary="Orders paid in instalments",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[InstalmentPlanOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_plans(request: ApiRequest, q: PlanQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return instalments.instalment_plans_page(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/instalment-plans",
    summary="Have one order paid in instalments; each is a payment to confirm when it is due",
    audience={"merchant"},
    scope="payments:write",
    permission="money",
    status=201,
    response=InstalmentPlanOut,
    errors=(Invalid, InvalidPaymentMethod, KeyReused, ExternalIdTaken),
    example={**EXAMPLE, "acceptance_token": "J4pvQ8o2b0mZc5s1v7YwR3kX9dTnLq6e"},
    request_example=REQUEST,
)
def open_plan(request: ApiRequest, body: InstalmentPlanIn) -> dict[str, Any]:
    assert request.actor.merchant_id is not None  # the route is for merchants only
    info = instalments.open_plan(
        key=request.idempotency_token,
        merchant_id=request.actor.merchant_id,
        reference=body.reference,
        amount=body.amount.money(),
        parts=[(one.amount.money(), one.due_at) for one in body.instalments],
        on_default=body.on_default,
        grace_days=body.grace_days,
        remind_days=body.remind_days,
        accept_by=body.accept,
        category=body.category,
        payment_method_types=body.payment_method_types,
        external_id=body.external_id,
        metadata=body.metadata,
    )
    return _shown(request, info)


@routes.get(
    "/instalment-plans/{plan_id}",
    summary="One plan",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=InstalmentPlanOut,
    example=EXAMPLE,
)
def get_plan(request: ApiRequest, plan_id: PlanId) -> dict[str, Any]:
    info = instalments.instalment_plan(plan_id=plan_id)
    visible_to(request.actor, info.merchant_id)
    return _shown(request, info)


@routes.post(
    "/instalment-plans/{plan_id}/cancel",
    summary="Have nothing more paid; what was paid stays held",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    response=InstalmentPlanOut,
    errors=(NotFound, InvalidTransition),
    example={**EXAMPLE, "state": "canceled"},
)
def cancel_plan(request: ApiRequest, plan_id: PlanId) -> dict[str, Any]:
    visible_to(request.actor, instalments.instalment_plan(plan_id=plan_id).merchant_id)
    return _shown(request, instalments.cancel_plan(plan_id=plan_id))


def _shown(request: ApiRequest, info: InstalmentPlanInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
