"""A merchant's balance and its movements."""

from typing import Annotated, Any
from uuid import UUID

from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.routes import BOTH, MerchantId, merchant_of, routes
from payments.contracts import BalanceTransaction

BALANCE_EXAMPLE = {
    "data": [
        {
            "currency": "CNY",
            "pending": {"amount": 12255, "currency": "CNY"},
            "available": {"amount": 0, "currency": "CNY"},
            "in_transit": {"amount": 0, "currency": "CNY"},
            "reserved": {"amount": 0, "currency": "CNY"},
            "owed": {"amount": 0, "currency": "CNY"},
            "free": {"amount": 0, "currency": "CNY"},
        }
    ]
}
EXAMPLE = {
    "id": "btx_01k00000000000000000000000",
    "type": "charge",
    "amount": {"amount": 12900, "currency": "CNY"},
    "pending": {"amount": 12900, "currency": "CNY"},
    "available": {"amount": 0, "currency": "CNY"},
    "order": "ord_01k00000000000000000000000",
    "source": "pay_01k00000000000000000000000",
    "payout": None,
    "business_at": "2026-05-01T08:00:00Z",
    "created_at": "2026-05-01T08:00:00Z",
}
SORTS: dict[str, tuple[str, ...]] = {
    "-created_at": ("-created_at", "-id"),
    "created_at": ("created_at", "id"),
}


class BalanceQuery(NinjaSchema):
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class BalanceOut(Schema):
    currency: str
    pending: MoneyIO = Field(description="Earned, not yet available")
    available: MoneyIO = Field(description="May be paid out")
    in_transit: MoneyIO = Field(description="On its way to your bank")
    reserved: MoneyIO = Field(description="Kept back for disputes and late refunds")
    owed: MoneyIO = Field(description="Owed after late refunds; taken from what is released next")
    free: MoneyIO = Field(description="Available less owed: negative for a merchant in debt")


class BalancesOut(Schema):
    data: list[BalanceOut]


class TransactionOut(Schema):
    id: Annotated[UUID, Id("btx")]
    type: str = Field(
        description="charge, commission, refund, refund_failure, release, owed_recovered, payout, "
        "payout_failure, reserve, reserve_released, reserve_used, split_logistics, split_tax, "
        "split_service, split_received, subsidy, subsidy_returned, "
        "subsidy_restored, commission_refund, commission_restored, chargeback, dispute_fee"
    )
    amount: MoneyIO = Field(description="Effect on the balance as a whole, signed")
    pending: MoneyIO = Field(description="Effect on what is pending, signed")
    available: MoneyIO = Field(description="Effect on what is available, signed")
    order: str | None = Field(description="The order, or your own reference")
    source: str | None = Field(description="The payment, refund or payout behind it")
    payout: str | None = Field(description="The payout, if it is one")
    business_at: Timestamp
    created_at: Timestamp


class TransactionQuery(ListQuery):
    type: str | None = Field(None, max_length=30)
    order_reference: str | None = Field(None, alias="order", max_length=100)
    source: str | None = Field(None, max_length=40)
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


def render(info: BalanceTransaction) -> dict[str, Any]:
    return {
        "id": public_id("btx", info.id),
        "type": info.type,
        "amount": info.amount,
        "pending": info.pending,
        "available": info.available,
        "order": info.order or None,
        "source": info.source or None,
        "payout": info.source if info.source.startswith("pot_") else None,
        "business_at": info.business_at,
        "created_at": info.created_at,
    }


@routes.get(
    "/balance",
    summary="Your money here, by currency",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=BalancesOut,
    example=BALANCE_EXAMPLE,
)
def get_balance(request: ApiRequest, q: BalanceQuery = Query(...)) -> dict[str, Any]:
    found = selectors.balances(merchant_id=merchant_of(request.actor, q.merchant))
    return {
        "data": [
            {
                "currency": balance.currency,
                "pending": balance.pending,
                "available": balance.available,
                "in_transit": balance.in_transit,
                "reserved": balance.reserved,
                "owed": balance.owed,
                "free": balance.free,
            }
            for balance in found
        ]
    }


@routes.get(
    "/balance-transactions",
    summary="Every movement of your balance",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[TransactionOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_transactions(
    request: ApiRequest, q: TransactionQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    order = ("created_at", "id") if q.updated_since else q.order(SORTS, "-created_at")
    return selectors.balance_transactions_page(
        merchant_id=merchant_of(request.actor, q.merchant),
        type=q.type,
        order=q.order_reference,
        source=q.source,
        sort=order,
        since=q.updated_since,
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)
