"""Reconciliation for operators: statements, days, exceptions."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.actors import current_actor
from kernel.api import ApiRequest, Day, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp, set_etag
from kernel.errors import Invalid, InvalidTransition, fields_told
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments.api.routes import routes
from payments.errors import DayNotOver, NeedsEntry, StatementUnreadable
from payments.recon_contracts import DayInfo, ExceptionInfo, StatementInfo
from payments.selectors import reconciliation as reads
from payments.services.reconciliation import compare, resolve, statements

ExceptionId = Annotated[UUID, Id("rex")]
StatementId = Annotated[UUID, Id("rst")]
OPERATOR = {"operator"}
STATEMENT: dict[str, Any] = {
    "id": "rst_01k00000000000000000000000",
    "side": "bank",
    "from": "2026-05-01",
    "to": "2026-05-01",
    "account": "acct_1",
    "sha256": "0" * 64,
    "rows": 12,
    "size": 2048,
    "uploaded": True,
    "created_at": "2026-05-02T01:00:00Z",
}
DAY: dict[str, Any] = {
    "day": "2026-05-01",
    "state": "exceptions",
    "open": 1,
    "matched": 211,
    "figures": {"gateway": {"rows": 180, "totals": {"CNY": 1250000}}},
    "absent": [],
    "updated_at": "2026-05-02T01:00:00Z",
}
EXCEPTION: dict[str, Any] = {
    "id": "rex_01k00000000000000000000000",
    "state": "open",
    "kind": "amount",
    "where": "gateway",
    "day": "2026-05-01",
    "document": "pay_01k00000000000000000000000",
    "amount": {"amount": 1, "currency": "CNY"},
    "expected": "1999",
    "found": "2000",
    "fix": "ask_gateway",
    "rows": [{"side": "gateway", "id": "txn_1", "amount": 2000}],
    "ways": ["counterparty", "note", "entry"],
    "resolution": None,
    "note": None,
    "entry": None,
    "resolved_at": None,
    "created_at": "2026-05-02T01:00:00Z",
    "updated_at": "2026-05-02T01:00:00Z",
}
Kind = Literal[
    "missing", "doubled", "amount", "sign", "currency", "merchant", "day", "fee", "merged_payout",
    "split_payout", "composition", "arithmetic", "balance",
]  # fmt: skip


class BankStatementOut(Schema):
    id: StatementId
    side: str = Field(description="gateway, bank")
    from_: date = Field(alias="from")
    to: date
    account: str
    sha256: str
    rows: int
    size: int = Field(description="Bytes")
    uploaded: bool
    created_at: Timestamp


class StatementIn(Schema):
    side: Literal["gateway", "bank"]
    content: Annotated[
        str, Field(min_length=1, max_length=900_000, description="The file's text, as it is")
    ]


class DayOut(Schema):
    day: date
    state: str = Field(description="clean, exceptions, incomplete")
    open: int
    matched: int
    figures: dict[str, Any] = Field(description="Rows and totals in minor units, by side")
    absent: list[str] = Field(description="Sides whose statement isn't there")
    updated_at: Timestamp


class DayIn(Schema):
    day: Day


class ExceptionOut(Schema):
    id: ExceptionId
    state: str = Field(description="open, settled (by a later row), resolved (by somebody)")
    kind: str
    where: str | None = Field(description="The side that deviates, where that can be told")
    day: date
    document: str
    amount: MoneyIO
    expected: str
    found: str
    fix: str
    rows: list[dict[str, Any]]
    ways: list[str] = Field(description="The resolutions that are open to it")
    resolution: str | None
    note: str | None
    entry: str | None
    resolved_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class ResolveIn(Schema):
    resolution: Literal["note", "counterparty", "entry"]
    note: Annotated[str, Field(min_length=3, max_length=500)]
    entry: Annotated[str, Field(max_length=40, description="men_…, with resolution entry")] = ""


class BankStatementQuery(ListQuery):
    side: Literal["gateway", "bank"] | None = None


class DayQuery(ListQuery):
    state: Literal["clean", "exceptions", "incomplete"] | None = None


class ExceptionQuery(ListQuery):
    state: Literal["open", "settled", "resolved"] | None = None
    kind: Kind | None = None
    where: Literal["gateway", "ledger", "bank"] | None = None
    day: Day | None = None
    document: str | None = Field(None, max_length=255)


def render_statement(info: StatementInfo) -> dict[str, Any]:
    return {
        "id": public_id("rst", info.id), "side": info.side, "from": info.first, "to": info.last,
        "account": info.account, "sha256": info.sha256, "rows": info.rows, "size": info.size,
        "uploaded": info.uploaded, "created_at": info.created_at,
    }  # fmt: skip


def render_day(info: DayInfo) -> dict[str, Any]:
    return {
        "day": info.day, "state": info.state, "open": info.open, "matched": info.matched,
        "figures": info.figures, "absent": list(info.absent), "updated_at": info.updated_at,
    }  # fmt: skip


def render_exception(info: ExceptionInfo) -> dict[str, Any]:
    return {
        "id": public_id("rex", info.id), "state": info.state, "kind": info.kind,
        "where": info.where or None, "day": info.day, "document": info.document,
        "amount": info.amount, "expected": info.expected, "found": info.found, "fix": info.fix,
        "rows": list(info.rows), "ways": list(info.ways),
        "resolution": info.resolution or None, "note": info.note or None,
        "entry": info.entry or None, "resolved_at": info.resolved_at,
        "created_at": info.created_at, "updated_at": info.updated_at,
    }  # fmt: skip


def _many(example: dict[str, Any]) -> dict[str, Any]:
    return {"data": [example], "has_more": False, "next_cursor": None}


@routes.get(
    "/reconciliation/statements",
    summary="Statements of gateway and bank",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=ListOf[BankStatementOut],
    example=_many(STATEMENT),
)
def list_statements(
    request: ApiRequest, q: BankStatementQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    found = reads.statements_page(side=q.side, cursor=q.cursor, limit=q.limit)
    return found.map(render_statement)


@routes.post(
    "/reconciliation/statements",
    summary="Hand in a statement; the same bytes again are the same statement",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    status=201,
    response=BankStatementOut,
    errors=(StatementUnreadable,),
    example=STATEMENT,
    request_example={
        "side": "bank",
        "content": "#quancheng-statement,1,bank,acct_1,2026-05-01,2026-05-01,Asia/Shanghai\n"
        "id,kind,amount,currency,balance_after,counterparty,reference,date\n",
    },
)
def take_statement(request: ApiRequest, body: StatementIn) -> dict[str, Any]:
    person = current_actor().person_id
    with fields_told(lambda name: name if name == "side" else f"content.{name}"):
        info = statements.take_statement(
            side=body.side, data=body.content.encode(), person_id=person
        )
    return render_statement(info)


@routes.get(
    "/reconciliation/statements/{statement_id}",
    summary="One statement",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=BankStatementOut,
    example=STATEMENT,
)
def get_kept_statement(request: ApiRequest, statement_id: StatementId) -> dict[str, Any]:
    return render_statement(reads.statement(statement_id=statement_id))


@routes.get(
    "/reconciliation/days",
    summary="Business days and how they came out, latest first",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=ListOf[DayOut],
    example=_many(DAY),
)
def list_days(request: ApiRequest, q: DayQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return reads.days_page(state=q.state, cursor=q.cursor, limit=q.limit).map(render_day)


@routes.post(
    "/reconciliation/days",
    summary="Fetch what isn't there of a day and compare it, again if need be",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    response=DayOut,
    outside=True,
    errors=(DayNotOver, Invalid),
    example=DAY,
    request_example={"day": "2026-05-01"},
)
def run_day(request: ApiRequest, body: DayIn) -> dict[str, Any]:
    return render_day(compare.reconcile_day(day=body.day))


@routes.get(
    "/reconciliation/exceptions",
    summary="What doesn't agree, newest first",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=ListOf[ExceptionOut],
    example=_many(EXCEPTION),
)
def list_exceptions(request: ApiRequest, q: ExceptionQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    found = reads.exceptions_page(
        state=q.state, kind=q.kind, where=q.where, day=q.day, document=q.document,
        cursor=q.cursor, limit=q.limit,
    )  # fmt: skip
    return found.map(render_exception)


@routes.get(
    "/reconciliation/exceptions/{exception_id}",
    summary="One exception with each side's rows",
    audience=OPERATOR,
    scope="payments:read",
    permission="money.see",
    response=ExceptionOut,
    example=EXCEPTION,
)
def get_exception(request: ApiRequest, exception_id: ExceptionId) -> dict[str, Any]:
    info = reads.exception(exception_id=exception_id)
    set_etag(request, info.version)
    return render_exception(info)


@routes.post(
    "/reconciliation/exceptions/{exception_id}/resolve",
    summary="Say how an exception was dealt with; nothing is booked by this",
    audience=OPERATOR,
    scope="payments:write",
    permission="ledger",
    response=ExceptionOut,
    errors=(InvalidTransition, NeedsEntry),
    example={**EXCEPTION, "state": "resolved", "resolution": "note", "note": "Bank's mistake"},
    request_example={"resolution": "note", "note": "The bank has corrected it"},
)
def resolve_exception(
    request: ApiRequest, exception_id: ExceptionId, body: ResolveIn
) -> dict[str, Any]:
    info = resolve.resolve_exception(
        exception_id=exception_id, resolution=body.resolution, note=body.note, entry=body.entry
    )
    return render_exception(info)
