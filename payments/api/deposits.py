"""Guarantee deposits: a payer freezes one, the merchant it secures returns or keeps it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.actors import Actor
from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp, set_etag
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.routes import BOTH, SORTS, MerchantId, Positive, merchant_of, routes
from payments.api.wallet import OWNERS, owner_of
from payments.contracts import DepositInfo
from payments.errors import AlreadyDeposited, InsufficientBalance, KeyReused
from payments.services import deposits

DepositId = Annotated[UUID, Id("dep")]
SUM = {"amount": 20_000, "currency": "CNY"}
EXAMPLE: dict[str, Any] = {
    "id": "dep_01k00000000000000000000000",
    "state": "held",
    "merchant": "mer_01k00000000000000000000000",
    "reference": "auction-2026-17",
    "amount": SUM,
    "forfeited": {"amount": 0, "currency": "CNY"},
    "reason": None,
    "ended_at": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
Matter = Annotated[
    str,
    Field(min_length=1, max_length=100, description="The merchant's name of what it secures"),
]


class DepositOut(Schema):
    id: DepositId
    state: str = Field(description="held, returned, forfeited")
    merchant: MerchantId
    reference: Matter
    amount: MoneyIO
    forfeited: MoneyIO = Field(description="What the merchant kept; the rest went back")
    reason: str | None
    ended_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class DepositIn(Schema):
    merchant: MerchantId
    reference: Matter
    amount: Positive


class ForfeitIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]
    amount: Positive | None = Field(None, description="All of it, if not given")


class DepositReturnIn(Schema):
    reference: Matter
    keep: Annotated[
        list[DepositId], Field(max_length=100, description="Deposits to go on holding")
    ] = []
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class DepositsJobStarted(Schema):
    job: Annotated[UUID, Id("job")]


class DepositQuery(ListQuery):
    state: Literal["held", "returned", "forfeited"] | None = None
    reference: str | None = Field(None, max_length=100)
    given: bool = Field(False, description="For a merchant: those it gave, not those it got")


def render(info: DepositInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "merchant": public_id("mer", info.merchant_id),
        "reference": info.reference,
        "amount": info.amount,
        "forfeited": info.forfeited,
        "reason": info.reason or None,
        "ended_at": info.ended_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/deposits",
    summary="Guarantee deposits that you gave or got",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission="money.see",
    response=ListOf[DepositOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_deposits(request: ApiRequest, q: DepositQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    whose: dict[str, UUID] = {}
    if request.actor.kind == "buyer" or (request.actor.kind == "merchant" and q.given):
        whose = {"payer_id": owner_of(request.actor)}
    elif request.actor.kind == "merchant":
        whose = {"merchant_id": merchant_of(request.actor)}
    return selectors.deposits_page(
        **whose,
        reference=q.reference,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.post(
    "/deposits",
    summary="Freeze a deposit from your stored balance",
    audience=OWNERS,
    scope="wallet:write",
    permission="money",
    status=201,
    response=DepositOut,
    errors=(NotFound, Invalid, InsufficientBalance, AlreadyDeposited, KeyReused),
    example=EXAMPLE,
    request_example={key: EXAMPLE[key] for key in ("merchant", "reference", "amount")},
)
def create_deposit(request: ApiRequest, body: DepositIn) -> dict[str, Any]:
    info = deposits.freeze_deposit(
        key=request.idempotency_token,
        payer_id=owner_of(request.actor),
        merchant_id=body.merchant,
        reference=body.reference,
        amount=body.amount.money(),
    )
    return _shown(request, info)


@routes.get(
    "/deposits/{deposit_id}",
    summary="One deposit",
    audience={"buyer", *BOTH},
    scope="payments:read",
    permission="money.see",
    response=DepositOut,
    example=EXAMPLE,
)
def get_deposit(request: ApiRequest, deposit_id: DepositId) -> dict[str, Any]:
    info = selectors.deposit(deposit_id=deposit_id)
    if request.actor.kind != "operator" and owner_of(request.actor) not in (
        info.payer_id,
        info.merchant_id,
    ):
        raise NotFound
    return _shown(request, info)


@routes.post(
    "/deposits/{deposit_id}/return",
    summary="Give a deposit back",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    response=DepositOut,
    errors=(NotFound, InvalidTransition),
    example={**EXAMPLE, "state": "returned", "ended_at": "2026-05-02T08:00:00Z"},
)
def return_deposit(request: ApiRequest, deposit_id: DepositId) -> dict[str, Any]:
    _secured(request.actor, deposit_id)
    return _shown(request, deposits.return_deposit(deposit_id=deposit_id))


@routes.post(
    "/deposits/{deposit_id}/forfeit",
    summary="Keep a deposit, or part of it, with a reason",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    response=DepositOut,
    errors=(NotFound, Invalid, InvalidTransition),
    example={
        **EXAMPLE,
        "state": "forfeited",
        "forfeited": SUM,
        "reason": "The winner did not sign",
        "ended_at": "2026-05-02T08:00:00Z",
    },
    request_example={"reason": "The winner did not sign"},
)
def forfeit_deposit(request: ApiRequest, deposit_id: DepositId, body: ForfeitIn) -> dict[str, Any]:
    _secured(request.actor, deposit_id)
    info = deposits.forfeit_deposit(
        deposit_id=deposit_id,
        reason=body.reason,
        amount=body.amount.money() if body.amount else None,
    )
    return _shown(request, info)


@routes.post(
    "/deposits/return",
    summary="Give every deposit held for a matter back but a few; a job does it",
    audience=BOTH,
    scope="payments:write",
    permission="money",
    status=202,
    response=DepositsJobStarted,
    errors=(Invalid,),
    example={"job": "job_01k00000000000000000000000"},
    request_example={"reference": "auction-2026-17", "keep": [EXAMPLE["id"]]},
)
def return_deposits(request: ApiRequest, body: DepositReturnIn) -> dict[str, Any]:
    job = deposits.begin_return(
        merchant_id=merchant_of(request.actor, body.merchant),
        reference=body.reference,
        keep=body.keep,
    )
    return {"job": public_id("job", job)}


def _secured(actor: Actor, deposit_id: UUID) -> None:
    """Only whom it secures decides about it, or an operator. Raises NotFound."""
    info = selectors.deposit(deposit_id=deposit_id)
    if actor.kind != "operator" and actor.merchant_id != info.merchant_id:
        raise NotFound


def _shown(request: ApiRequest, info: DepositInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
