"""Another bank account for a merchant's payouts: one proposes, another confirms."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp, set_etag
from kernel.errors import Invalid, InvalidTransition, NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.routes import BOTH, SORTS, MerchantId, merchant_of, routes, visible_to
from payments.contracts_terms import ChangeInfo
from payments.errors_guarantee import ChangeWaits, NeedsSecondPerson
from payments.services import bank_account
from platforms import facade as platforms

ChangeId = Annotated[UUID, Id("bac")]
CHANGE: dict[str, Any] = {
    "id": "bac_01k00000000000000000000000",
    "state": "proposed",
    "merchant": "mer_01k00000000000000000000000",
    "bank": "Bank of Hangzhou",
    "last4": "4321",
    "decided_at": None,
    "reason": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}


class BankAccountChangeOut(Schema):
    id: ChangeId
    state: str = Field(description="proposed, confirmed, refused, withdrawn")
    merchant: MerchantId
    bank: str
    last4: str
    decided_at: Timestamp | None
    reason: str | None
    created_at: Timestamp
    updated_at: Timestamp


class BankAccountChangeIn(Schema):
    bank: Annotated[str, Field(min_length=1, max_length=100)]
    holder: Annotated[str, Field(min_length=1, max_length=100)]
    number: Annotated[str, Field(min_length=8, max_length=50)]
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class BankAccountReasonIn(Schema):
    reason: Annotated[str, Field(max_length=300)] = ""


class ChangeQuery(ListQuery):
    state: Literal["proposed", "confirmed", "refused", "withdrawn"] | None = None


def _change(info: ChangeInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "merchant": public_id("mer", info.merchant_id),
        "bank": info.bank,
        "last4": info.last4,
        "decided_at": info.decided_at,
        "reason": info.reason or None,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/payout-account-changes",
    summary="Changes of the bank account for payouts",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[BankAccountChangeOut],
    example={"data": [CHANGE], "has_more": False, "next_cursor": None},
)
def list_changes(request: ApiRequest, q: ChangeQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return bank_account.changes_page(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_change)


@routes.post(
    "/payout-account-changes",
    summary="Propose another bank account; a second person confirms it",
    audience=BOTH,
    scope="payouts:write",
    permission="payouts",
    status=201,
    response=BankAccountChangeOut,
    errors=(Invalid, NotFound, ChangeWaits, NeedsSecondPerson, *platforms.CONFIRMED),
    example=CHANGE,
    request_example={
        "bank": "Bank of Hangzhou",
        "holder": "江茶有限公司",
        "number": "6222021234564321",
    },
)
def propose_change(request: ApiRequest, body: BankAccountChangeIn) -> dict[str, Any]:
    merchant_id = merchant_of(request.actor, body.merchant)
    platforms.check_confirmed(request, platforms.Sensitive.PAYOUT_ACCOUNT)
    info = bank_account.propose(
        merchant_id=merchant_id,
        bank=body.bank,
        holder=body.holder,
        number=body.number,
    )
    return _shown(request, info)


@routes.get(
    "/payout-account-changes/{change_id}",
    summary="One change of the bank account",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=BankAccountChangeOut,
    example=CHANGE,
)
def get_change(request: ApiRequest, change_id: ChangeId) -> dict[str, Any]:
    return _shown(request, _visible(request, change_id))


@routes.post(
    "/payout-account-changes/{change_id}/confirm",
    summary="Confirm it, as somebody else than who proposed it; payouts rest for some days",
    audience=BOTH,
    scope="payouts:write",
    permission="payouts",
    response=BankAccountChangeOut,
    errors=(NotFound, NeedsSecondPerson, InvalidTransition, *platforms.CONFIRMED),
    example={**CHANGE, "state": "confirmed", "decided_at": "2026-05-01T09:00:00Z"},
)
def confirm_change(request: ApiRequest, change_id: ChangeId) -> dict[str, Any]:
    _visible(request, change_id)
    platforms.check_confirmed(request, platforms.Sensitive.PAYOUT_ACCOUNT)
    return _shown(request, bank_account.confirm(change_id=change_id))


@routes.post(
    "/payout-account-changes/{change_id}/refuse",
    summary="Refuse it, or take your own proposal back",
    audience=BOTH,
    scope="payouts:write",
    permission="payouts",
    response=BankAccountChangeOut,
    errors=(NotFound, InvalidTransition),
    example={**CHANGE, "state": "refused", "decided_at": "2026-05-01T09:00:00Z"},
    request_example={"reason": "The number isn't ours"},
)
def refuse_change(
    request: ApiRequest, change_id: ChangeId, body: BankAccountReasonIn
) -> dict[str, Any]:
    _visible(request, change_id)
    return _shown(request, bank_account.refuse(change_id=change_id, reason=body.reason))


def _visible(request: ApiRequest, change_id: UUID) -> ChangeInfo:
    info = bank_account.change(change_id=change_id)
    visible_to(request.actor, info.merchant_id)
    return info


def _shown(request: ApiRequest, info: ChangeInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _change(info)
