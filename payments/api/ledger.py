"""The ledger by API: accounts and statements, trial balance, alarms."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.actors import Actor
from kernel.api import ApiRequest, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.routes import BOTH, MerchantId, merchant_of, routes
from payments.ledger import alarms
from payments.ledger.balances import trial_balance
from payments.ledger_contracts import (
    AccountInfo,
    AlarmInfo,
    StatementLine,
)
from payments.selectors import books

AccountId = Annotated[UUID, Id("acc")]
AlarmId = Annotated[UUID, Id("lal")]
OPERATOR = {"operator"}
WHEN = "2026-05-01T08:00:00Z"
SUM = {"amount": 20_000, "currency": "CNY"}
NOTHING = {"amount": 0, "currency": "CNY"}
ACCOUNT: dict[str, Any] = {
    "id": "acc_01k00000000000000000000000",
    "code": "merchant_available",
    "currency": "CNY",
    "owner": "mer_01k00000000000000000000000",
    "limited": True,
    "debits_posted": 5_000,
    "credits_posted": 25_000,
    "debits_pending": 0,
    "credits_pending": 0,
    "balance": SUM,
    "held": NOTHING,
    "available": SUM,
}
LINE: dict[str, Any] = {
    "id": "btx_01k00000000000000000000000",
    "code": "release",
    "side": "credit",
    "amount": SUM,
    "balance": SUM,
    "other": "merchant_pending",
    "reference": "ord_01k00000000000000000000000",
    "document": "pay_01k00000000000000000000000",
    "business_at": WHEN,
    "booked_at": WHEN,
}
ALARM: dict[str, Any] = {
    "id": "lal_01k00000000000000000000000",
    "kind": "check",
    "detail": "ledger_account_debits",
    "raised_at": WHEN,
    "ended_at": None,
    "note": None,
}


class LedgerAccountOut(Schema):
    id: AccountId
    code: str = Field(description="What it stands for; see the chart of accounts")
    currency: str
    owner: str | None = Field(description="Whose it is; null for the platform's own")
    limited: bool = Field(description="Whether the ledger refuses to overdraw it")
    debits_posted: int = Field(description="Minor units, as the other three counters")
    credits_posted: int
    debits_pending: int
    credits_pending: int
    balance: MoneyIO = Field(description="What stands on the account's own side")
    held: MoneyIO = Field(description="What pending transfers will take from it")
    available: MoneyIO


class AccountQuery(ListQuery):
    code: str | None = Field(None, max_length=30)
    currency: str | None = Field(None, max_length=3)
    merchant: MerchantId | None = Field(None, description="Only for operators")


class LedgerLineOut(Schema):
    id: Annotated[UUID, Id("btx")]
    code: str
    side: Literal["debit", "credit"]
    amount: MoneyIO = Field(description="Effect on the balance, signed")
    balance: MoneyIO = Field(description="After this line")
    other: str = Field(description="The account on the other side")
    reference: str | None
    document: str | None
    business_at: Timestamp
    booked_at: Timestamp


class AccountStatementOut(Schema):
    account: LedgerAccountOut
    opening: MoneyIO
    closing: MoneyIO
    data: list[LedgerLineOut]
    has_more: bool
    next_cursor: str | None


class AccountStatementQuery(NinjaSchema):
    since: Timestamp | None = Field(None, description="Booked from this moment on")
    until: Timestamp | None = Field(None, description="Booked before this moment")
    cursor: str | None = Field(None, max_length=500)
    limit: int = Field(50, ge=1, le=100)


class TrialRowOut(Schema):
    code: str
    currency: str
    owner: str | None
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int


class TrialOut(Schema):
    balanced: bool
    problems: list[str]
    data: list[TrialRowOut]


class AlarmNoteIn(Schema):
    note: Annotated[str, Field(min_length=1, max_length=500)]


class AlarmOut(Schema):
    id: AlarmId
    kind: str = Field(description="check, sums, counters, chain_behind, chain_broken, seal_missing")
    detail: str
    raised_at: Timestamp
    ended_at: Timestamp | None
    note: str | None


class AlarmsOut(Schema):
    data: list[AlarmOut]


def owner_text(code: str, owner: UUID | None) -> str | None:
    """The owner as the API writes it: merchant accounts are a
    merchant's, wallets (``wal_``) a person's or a merchant's."""
    if owner is None:
        return None
    return public_id("mer" if code.startswith("merchant_") else "wal", owner)


def render_account(info: AccountInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "code": info.code,
        "currency": info.currency,
        "owner": owner_text(info.code, info.owner),
        "limited": info.limited,
        "debits_posted": info.debits_posted,
        "credits_posted": info.credits_posted,
        "debits_pending": info.debits_pending,
        "credits_pending": info.credits_pending,
        "balance": info.balance,
        "held": info.held,
        "available": info.available,
    }


def render_line(line: StatementLine) -> dict[str, Any]:
    return {
        "id": public_id("btx", line.id),
        "code": line.code,
        "side": "debit" if line.debit else "credit",
        "amount": line.amount,
        "balance": line.balance,
        "other": line.other_code,
        "reference": line.reference or None,
        "document": line.document or None,
        "business_at": line.business_at,
        "booked_at": line.booked_at,
    }


def render_alarm(info: AlarmInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "kind": info.kind,
        "detail": info.detail,
        "raised_at": info.raised_at,
        "ended_at": info.ended_at,
        "note": info.note or None,
    }


def shown_to(actor: Actor, info: AccountInfo) -> AccountInfo:
    """An operator sees every account, a merchant its own; else it is as if absent."""
    if actor.kind != "operator" and (info.owner is None or info.owner != actor.merchant_id):
        raise NotFound
    return info


@routes.get(
    "/ledger/accounts",
    summary="Accounts of the ledger; a merchant's own",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[LedgerAccountOut],
    example={"data": [ACCOUNT], "has_more": False, "next_cursor": None},
)
def list_accounts(request: ApiRequest, q: AccountQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    owner = q.merchant
    if request.actor.kind != "operator":
        owner = merchant_of(request.actor, q.merchant)
    return books.accounts_page(
        owner=owner, code=q.code, currency=q.currency, cursor=q.cursor, limit=q.limit
    ).map(render_account)


@routes.get(
    "/ledger/accounts/{account_id}/statement",
    summary="What was posted to an account, with the balance after each line",
    audience=BOTH,
    scope="payments:read", permission="money.see",
    response=AccountStatementOut,
    errors=(NotFound,),
    example={
        "account": ACCOUNT, "opening": NOTHING, "closing": SUM, "data": [LINE],
        "has_more": False, "next_cursor": None,
    },
)  # fmt: skip
def get_statement(
    request: ApiRequest, account_id: AccountId, q: AccountStatementQuery = Query(...)
) -> dict[str, Any]:
    shown_to(request.actor, books.account(account_id))
    found = books.statement(
        account_id, since=q.since, until=q.until, cursor=q.cursor, limit=q.limit
    )
    return {
        "account": render_account(found.account),
        "opening": found.opening,
        "closing": found.closing,
        "data": [render_line(line) for line in found.lines],
        "has_more": found.has_more,
        "next_cursor": found.next_cursor,
    }


@routes.get(
    "/ledger/trial-balance",
    summary="Every account's counters, recounted from the transfers",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=TrialOut,
    example={
        "balanced": True,
        "problems": [],
        "data": [{key: ACCOUNT[key] for key in TrialRowOut.model_fields}],
    },
)
def get_trial_balance(request: ApiRequest) -> dict[str, Any]:
    trial = trial_balance()
    return {
        "balanced": trial.balanced,
        "problems": list(trial.problems),
        "data": [
            {
                "code": row.code,
                "currency": row.currency,
                "owner": owner_text(row.code, row.owner),
                "debits_posted": row.debits_posted,
                "credits_posted": row.credits_posted,
                "debits_pending": row.debits_pending,
                "credits_pending": row.credits_pending,
            }
            for row in trial.rows
        ],
    }


@routes.get(
    "/ledger/alarms",
    summary="What is or was wrong with the ledger, newest first",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=AlarmsOut,
    example={"data": [ALARM]},
)
def list_alarms(request: ApiRequest) -> dict[str, Any]:
    return {"data": [render_alarm(info) for info in alarms.alarms()]}


@routes.post(
    "/ledger/alarms/{alarm_id}/acknowledge",
    summary="You looked into it",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    response=AlarmOut,
    errors=(NotFound,),
    example=ALARM | {"ended_at": WHEN, "note": "A test of the alarm."},
    request_example={"note": "A test of the alarm."},
)
def acknowledge_alarm(request: ApiRequest, alarm_id: AlarmId, body: AlarmNoteIn) -> dict[str, Any]:
    return render_alarm(alarms.acknowledge_alarm(alarm_id=alarm_id, note=body.note))
