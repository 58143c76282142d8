"""Escrow: the money of an order, your own or one kept elsewhere, until the goods are accepted."""

from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    DecimalStr,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Metadata,
    Minor,
    MoneyIO,
    Schema,
    Timestamp,
    set_etag,
)
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.routes import (
    BOTH,
    SORTS,
    MerchantId,
    Own,
    PaymentId,
    Positive,
    party_filter,
    routes,
)
from payments.contracts_guarantee import EscrowInfo, Split
from payments.errors import ExternalIdTaken, InvalidPaymentMethod, InvalidShares, KeyReused
from payments.errors_guarantee import (
    EscrowFrozen,
    EscrowHeldBack,
    EscrowNotHeld,
    InspectionGiven,
    InvalidSplit,
)
from payments.selectors import escrow as reading
from payments.services import guarantee

EscrowId = Annotated[UUID, Id("esc")]
PersonId = Annotated[UUID, Id("per")]
SUM = {"amount": 12900, "currency": "CNY"}
ZERO = {"amount": 0, "currency": "CNY"}
EXAMPLE: dict[str, Any] = {
    "id": "esc_01k00000000000000000000000",
    "state": "held",
    "payment": "pay_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "reference": "A-1007",
    "accept": "buyer",
    "release_days": 7,
    "amount": SUM,
    "commission": {"amount": 645, "currency": "CNY"},
    "subsidy": {"amount": 0, "currency": "CNY"},
    "refunded": ZERO,
    "released": ZERO,
    "held": {"amount": 12255, "currency": "CNY"},
    "splits": [
        {
            "kind": "logistics",
            "name": "Cold chain",
            "payee": None,
            "amount": {"amount": 800, "currency": "CNY"},
            "paid": ZERO,
        }
    ],
    "delivered_at": None,
    "release_at": None,
    "accepted_at": None,
    "inspected": None,
    "inspection_report": None,
    "acceptance_token": None,
    "external_id": "A-1007",
    "metadata": {},
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
RELEASED = {
    **EXAMPLE,
    "state": "released",
    "released": EXAMPLE["held"],
    "held": ZERO,
    "accepted_at": "2026-05-03T08:00:00Z",
}
REQUEST_EXAMPLE = {
    "amount": SUM,
    "reference": "A-1007",
    "accept": "buyer",
    "release_days": 7,
    "splits": [
        {
            "kind": "logistics",
            "name": "Cold chain",
            "amount": {"amount": 800, "currency": "CNY"},
        }
    ],
    "payment_method_types": ["card"],
    "external_id": "A-1007",
}
OPENING = (InvalidSplit, InvalidShares, InvalidPaymentMethod, KeyReused, ExternalIdTaken, NotFound)
STEPS = (NotFound, EscrowFrozen, EscrowNotHeld, Invalid)


class SplitIO(Schema):
    kind: str
    name: str
    payee: MerchantId | None = Field(description="A merchant here; none: somebody outside")
    amount: MoneyIO
    paid: MoneyIO


class SplitIn(Schema):
    kind: Literal["logistics", "tax", "service"]
    name: Annotated[str, Field(max_length=100)] = ""
    payee: MerchantId | None = None
    amount: Positive


class EscrowOut(Schema):
    id: EscrowId
    state: str = Field(description="awaiting_payment, held, frozen, released, returned, canceled")
    payment: PaymentId
    merchant: MerchantId
    reference: str
    accept: str = Field(description="buyer, time, inspection")
    release_days: int
    amount: MoneyIO
    commission: MoneyIO = Field(description="What the platform has of it now")
    subsidy: MoneyIO = Field(description="What the platform added, beside amount")
    refunded: MoneyIO
    released: MoneyIO = Field(description="To you and to those it is split with")
    held: MoneyIO
    splits: list[SplitIO]
    delivered_at: Timestamp | None
    release_at: Timestamp | None = Field(description="When it is released by itself")
    accepted_at: Timestamp | None
    inspected: DecimalStr | None = Field(description="The part that an inspection released")
    inspection_report: str | None
    acceptance_token: str | None = Field(
        description="Only when opened: give it to your buyer, who accepts with it"
    )
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class EscrowIn(Own):
    amount: Positive
    reference: Annotated[str, Field(min_length=1, max_length=100, description="Your order")]
    description: Annotated[str, Field(max_length=500)] = ""
    accept: Literal["buyer", "time", "inspection"] = "buyer"
    release_days: Annotated[int, Field(ge=0, le=180)] | None = None
    splits: Annotated[list[SplitIn], Field(max_length=20)] = []
    category: Annotated[str, Field(max_length=200, description="For the commission's rule")] = ""
    payment_method_types: Annotated[list[str], Field(min_length=1, max_length=5)] = ["card"]


class EscrowDeliveryIn(Schema):
    delivered_at: Timestamp | None = Field(None, description="Business time; now, if not given")


class EscrowAcceptIn(Schema):
    token: Annotated[str, Field(max_length=100)] | None = Field(
        None, description="The acceptance_token, for a buyer without an account here"
    )
    amount: Positive | None = Field(None, description="Of what is held, for a part; else all")
    released: Minor | None = Field(
        None, description="What you saw as released: if more is by now, nothing happens"
    )


class InspectionIn(Schema):
    report: Annotated[str, Field(min_length=1, max_length=200, description="Its number")]
    released_share: DecimalStr = Field(description='From "0" to "1": the part that is as agreed')
    rest: Literal["hold", "refund"] = "hold"


class EscrowQuery(ListQuery):
    state: (
        Literal["awaiting_payment", "held", "frozen", "released", "returned", "canceled"] | None
    ) = None
    reference: str | None = Field(None, max_length=100)


def render(info: EscrowInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "payment": public_id("pay", info.intent_id),
        "merchant": public_id("mer", info.merchant_id),
        "reference": info.reference,
        "accept": info.accept,
        "release_days": info.release_days,
        "amount": info.amount,
        "commission": info.commission,
        "subsidy": info.subsidy,
        "refunded": info.refunded,
        "released": info.released,
        "held": info.held,
        "splits": [
            {
                "kind": one.kind,
                "name": one.name,
                "payee": public_id("mer", one.payee_id) if one.payee_id else None,
                "amount": one.amount,
                "paid": one.paid,
            }
            for one in info.splits
        ],
        "delivered_at": info.delivered_at,
        "release_at": info.release_at,
        "accepted_at": info.accepted_at,
        "inspected": None if info.inspected is None else format(info.inspected.normalize(), "f"),
        "inspection_report": info.inspection_report or None,
        "acceptance_token": info.token or None,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/escrows",
    summary="Money kept until acceptance",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission="money.see",
    response=ListOf[EscrowOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_escrows(request: ApiRequest, q: EscrowQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return reading.escrows_page(
        **party_filter(request.actor),
        state=q.state,
        reference=q.reference,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/escrows",
    summary="Begin a payment whose money is kept until acceptance",
    audience={"merchant"},
    scope="payments:write",
    permission="money",
    status=201,
    response=EscrowOut,
    errors=OPENING,
    example={
        **EXAMPLE,
        "state": "awaiting_payment",
        "held": ZERO,
        "acceptance_token": "J4pvQ8o2b0mZc5s1v7YwR3kX9dTnLq6e",
    },
    request_example=REQUEST_EXAMPLE,
)
def open_escrow(request: ApiRequest, body: EscrowIn) -> dict[str, Any]:
    assert request.actor.merchant_id is not None  # the route is for merchants only
    info = guarantee.open_escrow(
        key=request.idempotency_token,
        merchant_id=request.actor.merchant_id,
        reference=body.reference,
        amount=body.amount.money(),
        accept=body.accept,
        release_days=body.release_days,
        splits=[Split(one.kind, one.amount.money(), one.name, one.payee) for one in body.splits],
        payment_method_types=body.payment_method_types,
        description=body.description,
        category=body.category,
        external_id=body.external_id,
        metadata=body.metadata,
    )
    return _shown(request, info)


@routes.get(
    "/escrows/{escrow_id}",
    summary="One escrow",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission="money.see",
    response=EscrowOut,
    example=EXAMPLE,
)
def get_escrow(request: ApiRequest, escrow_id: EscrowId) -> dict[str, Any]:
    return _shown(request, visible(request, escrow_id))


@routes.post(
    "/escrows/{escrow_id}/delivery",
    summary="Tell that the goods were delivered: from now on time runs",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    response=EscrowOut,
    errors=STEPS,
    example={
        **EXAMPLE,
        "delivered_at": "2026-05-02T08:00:00Z",
        "release_at": "2026-05-09T08:00:00Z",
    },
    request_example={"delivered_at": "2026-05-02T08:00:00Z"},
)
def deliver(request: ApiRequest, escrow_id: EscrowId, body: EscrowDeliveryIn) -> dict[str, Any]:
    visible(request, escrow_id)
    return _shown(request, guarantee.deliver(escrow_id=escrow_id, at=body.delivered_at))


@routes.post(
    "/escrows/{escrow_id}/accept",
    summary="Accept the goods, or a part: the money is released",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="payments:write",
    permission="money",
    response=EscrowOut,
    errors=(*STEPS, EscrowHeldBack),
    example=RELEASED,
    request_example={"token": "J4pvQ8o2b0mZc5s1v7YwR3kX9dTnLq6e"},
)
def accept(request: ApiRequest, escrow_id: EscrowId, body: EscrowAcceptIn) -> dict[str, Any]:
    _accepter(request, escrow_id, body.token)
    info = guarantee.accept(
        escrow_id=escrow_id,
        amount=body.amount.money() if body.amount else None,
        before=body.released,
    )
    return _shown(request, info)


@routes.post(
    "/escrows/{escrow_id}/inspection",
    summary="Tell an inspection's result: so much is released",
    audience={"operator"},
    scope="payments:write",
    permission="disputes",
    response=EscrowOut,
    errors=(*STEPS, EscrowHeldBack, InspectionGiven),
    example={**EXAMPLE, "inspected": "0.95", "inspection_report": "INSP-17"},
    request_example={"report": "INSP-17", "released_share": "0.95", "rest": "hold"},
)
def inspection(request: ApiRequest, escrow_id: EscrowId, body: InspectionIn) -> dict[str, Any]:
    info = guarantee.inspected(
        escrow_id=escrow_id,
        report=body.report,
        released_share=Decimal(body.released_share),
        rest=body.rest,
    )
    return _shown(request, info)


def visible(request: ApiRequest, escrow_id: UUID) -> EscrowInfo:
    """The escrow, for its merchant, its payer and operators. Raises NotFound."""
    info = reading.escrow(escrow_id=escrow_id)
    actor = request.actor
    mine = actor.kind == "operator" or (
        actor.kind == "merchant" and actor.merchant_id == info.merchant_id
    )
    if not mine and (actor.person_id is None or actor.person_id != info.payer_id):
        raise NotFound
    return info


def _accepter(request: ApiRequest, escrow_id: UUID, token: str | None) -> None:
    """The buyer, who has the secret or paid as a person known here, or an operator. The merchant
    whose money it becomes never is. Raises NotFound."""
    row = reading.escrow_row(escrow_id)
    actor = request.actor
    if token and row.token_digest and guarantee.digest(token) == row.token_digest:
        return
    if actor.kind == "operator":
        return
    if actor.kind == "buyer" and actor.person_id is not None and actor.person_id == row.payer_id:
        return
    raise NotFound


def _shown(request: ApiRequest, info: EscrowInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
