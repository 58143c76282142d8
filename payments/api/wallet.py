"""Stored balance: of a buyer, or of a merchant that bids and buys."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.actors import Actor
from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp
from kernel.errors import InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api import intent_shapes as intents
from payments.api import refunds
from payments.api.routes import SORTS, Positive, routes
from payments.contracts import WalletMovement
from payments.errors import (
    GatewayNotConfigured,
    InvalidPaymentMethod,
    KeyReused,
    NotWithdrawable,
    PaymentDeclined,
)
from payments.services import confirm_intent as confirming
from payments.services import wallet as wallets

OWNERS = {"buyer", "merchant"}
SUM = {"amount": 50_000, "currency": "CNY"}
BALANCES = {"data": [{"available": SUM, "frozen": {"amount": 20_000, "currency": "CNY"}}]}
MOVEMENT = {
    "id": "btx_01k00000000000000000000000",
    "type": "deposit",
    "available": {"amount": -20_000, "currency": "CNY"},
    "frozen": {"amount": 20_000, "currency": "CNY"},
    "reference": "auction-2026-17",
    "source": "dep_01k00000000000000000000000",
    "business_at": "2026-05-01T08:00:00Z",
    "created_at": "2026-05-01T08:00:00Z",
}
TOPUP = {
    **intents.PAID,
    "amount": SUM,
    "reference": "wallet wal_01k00000000000000000000000",
    "description": "",
    "external_id": None,
    "metadata": {},
}


class WalletBalanceOut(Schema):
    available: MoneyIO = Field(description="May pay, be frozen as a deposit, or be withdrawn")
    frozen: MoneyIO = Field(description="Held as guarantee deposits")


class WalletOut(Schema):
    data: list[WalletBalanceOut]


class WalletMovementOut(Schema):
    id: Annotated[UUID, Id("btx")]
    type: str = Field(
        description="topup, withdrawal, withdrawal_failed, wallet_payment, wallet_refund, deposit, "
        "deposit_returned, deposit_forfeited"
    )
    available: MoneyIO = Field(description="Effect on what is available, signed")
    frozen: MoneyIO = Field(description="Effect on what is frozen, signed")
    reference: str | None
    source: str | None = Field(description="The payment, refund or deposit behind it")
    business_at: Timestamp
    created_at: Timestamp


class WalletMovementQuery(ListQuery):
    type: str | None = Field(None, max_length=30)


class TopUpIn(Schema):
    amount: Positive
    payment_method: Annotated[
        str, Field(min_length=1, max_length=255, description="A card's token, or offline_test")
    ]
    return_url: Annotated[str, Field(max_length=2000, pattern="^https?://")] | None = None


class WithdrawalIn(Schema):
    amount: Positive


class WithdrawalOut(Schema):
    data: list[refunds.RefundOut] = Field(description="A refund of each top-up it takes")


def owner_of(actor: Actor) -> UUID:
    """Whose wallet: the person's, or the merchant's for whom they act. Raises NotFound."""
    owner = actor.merchant_id if actor.kind == "merchant" else actor.person_id
    if owner is None:
        raise NotFound
    return owner


def render(movement: WalletMovement) -> dict[str, Any]:
    return {
        "id": public_id("btx", movement.id),
        "type": movement.type,
        "available": movement.available,
        "frozen": movement.frozen,
        "reference": movement.reference or None,
        "source": movement.source or None,
        "business_at": movement.business_at,
        "created_at": movement.created_at,
    }


@routes.get(
    "/wallet",
    summary="Your stored balance, by currency",
    audience=OWNERS,
    scope="wallet:read",
    permission="money.see",
    response=WalletOut,
    example=BALANCES,
)
def get_wallet(request: ApiRequest) -> dict[str, Any]:
    found = selectors.wallet_balances(owner_id=owner_of(request.actor))
    return {"data": [{"available": one.available, "frozen": one.frozen} for one in found]}


@routes.get(
    "/wallet/movements",
    summary="Every movement of your stored balance",
    audience=OWNERS,
    scope="wallet:read",
    permission="money.see",
    response=ListOf[WalletMovementOut],
    example={"data": [MOVEMENT], "has_more": False, "next_cursor": None},
)
def list_movements(
    request: ApiRequest, q: WalletMovementQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    sorts = {"-created_at": ("-created_at", "-id"), "created_at": ("created_at", "id")}
    return selectors.wallet_movements_page(
        owner_id=owner_of(request.actor),
        type=q.type,
        sort=sorts["created_at"] if q.updated_since else q.order(sorts, "-created_at"),
        since=q.updated_since,
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.get(
    "/wallet/topups",
    summary="Your payments into the wallet",
    audience=OWNERS,
    scope="wallet:read",
    permission="money.see",
    response=ListOf[intents.IntentOut],
    example={"data": [TOPUP], "has_more": False, "next_cursor": None},
)
def list_topups(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.intents_page(
        merchant_id=None,
        topups_of=owner_of(request.actor),
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(intents.render)


@routes.post(
    "/wallet/topups",
    summary="Top the wallet up",
    audience=OWNERS,
    scope="wallet:write",
    permission="money",
    status=201,
    response=intents.IntentOut,
    errors=(
        PaymentDeclined,
        InvalidTransition,
        InvalidPaymentMethod,
        GatewayNotConfigured,
        KeyReused,
    ),
    example=TOPUP,
    request_example={"amount": SUM, "payment_method": "pm_card_visa"},
    outside=True,
)
def create_topup(request: ApiRequest, body: TopUpIn) -> dict[str, Any]:
    kind = "offline_test" if body.payment_method == "offline_test" else "card"
    intent = wallets.create_topup(
        key=request.idempotency_token,
        owner_id=owner_of(request.actor),
        amount=body.amount.money(),
        payment_method_types=(kind,),
    )
    info = confirming.confirm_intent(
        intent_id=intent.id,
        payment_method=body.payment_method,
        return_url=body.return_url or "",
        key=request.idempotency_token,
    )
    if info.state == "requires_payment_method":
        raise PaymentDeclined(
            info.failure_message or None, decline_code=info.failure_code, payment=info.public_id
        )
    return intents.render(info)


@routes.post(
    "/wallet/withdrawals",
    summary="Give stored money back to the cards it came from",
    audience=OWNERS,
    scope="wallet:write",
    permission="money",
    status=201,
    response=WithdrawalOut,
    errors=(NotWithdrawable,),
    example={"data": [{**refunds.EXAMPLE, "state": "pending", "reason": "withdrawal"}]},
    request_example={"amount": SUM},
)
def create_withdrawal(request: ApiRequest, body: WithdrawalIn) -> dict[str, Any]:
    made = wallets.withdraw(
        key=request.idempotency_token,
        owner_id=owner_of(request.actor),
        amount=body.amount.money(),
    )
    return {"data": [refunds.render(refund) for refund in made]}
