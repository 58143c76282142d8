"""Statements and invoices of fees, as JSON and as files."""

from base64 import b64encode
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Currency, Id, ListOf, ListQuery, MoneyIO, Schema, Timestamp
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import selectors
from payments.api.routes import BOTH, SORTS, MerchantId, PayoutId, merchant_of, routes, visible_to
from payments.contracts_terms import FeeInvoiceInfo, PayoutStatement, Statement, StatementLine
from payments.selectors import statements
from payments.services import fee_invoices, sheets
from platforms import facade as platforms

InvoiceId = Annotated[UUID, Id("fin")]
SUM = {"amount": 12900, "currency": "CNY"}
ZERO = {"amount": 0, "currency": "CNY"}
LINE: dict[str, Any] = {
    "reference": "A-1007",
    "gross": SUM,
    "refund": ZERO,
    "commission": {"amount": 645, "currency": "CNY"},
    "fee": ZERO,
    "tax": ZERO,
    "carriage": ZERO,
    "other": ZERO,
    "net": {"amount": 12255, "currency": "CNY"},
}
STATEMENT: dict[str, Any] = {
    "currency": "CNY",
    "from": "2026-05-01T00:00:00Z",
    "to": "2026-06-01T00:00:00Z",
    "lines": [LINE],
    "total": {**LINE, "reference": ""},
    "tied": True,
}
PAYOUT: dict[str, Any] = {
    "payout": "pot_01k00000000000000000000000",
    "opening": ZERO,
    "lines": [
        {
            "at": "2026-05-08T08:00:00Z",
            "type": "release",
            "reference": "A-1007",
            "amount": {"amount": 12255, "currency": "CNY"},
        }
    ],
    "amount": {"amount": 12255, "currency": "CNY"},
    "closing": ZERO,
    "orders": STATEMENT,
    "tied": True,
}
INVOICE: dict[str, Any] = {
    "id": "fin_01k00000000000000000000000",
    "number": "F202605-0A1B2C3D4E",
    "merchant": "mer_01k00000000000000000000000",
    "month": "2026-05-01",
    "lines": [{"code": "commission", "amount": {"amount": 645, "currency": "CNY"}}],
    "total": {"amount": 645, "currency": "CNY"},
    "issued_at": "2026-06-01T00:00:00Z",
}
FILE = {"name": "statement.csv", "type": "text/csv", "content": "T3JkZXI="}


class StatementLineOut(Schema):
    reference: str
    gross: MoneyIO
    refund: MoneyIO
    commission: MoneyIO
    fee: MoneyIO
    tax: MoneyIO
    carriage: MoneyIO
    other: MoneyIO
    net: MoneyIO


class PeriodStatementOut(Schema):
    currency: str
    since: Timestamp | None = Field(alias="from")
    until: Timestamp | None = Field(alias="to")
    lines: list[StatementLineOut]
    total: StatementLineOut
    tied: bool = Field(description="The ledger's accounts say the same")


class StatementMovementOut(Schema):
    at: Timestamp
    type: str
    reference: str
    amount: MoneyIO


class PayoutStatementOut(Schema):
    payout: PayoutId
    opening: MoneyIO
    lines: list[StatementMovementOut]
    amount: MoneyIO
    closing: MoneyIO
    orders: PeriodStatementOut
    tied: bool


class StatementFileOut(Schema):
    name: str
    type: str
    content: str = Field(description="Base64")


class FeeLine(Schema):
    code: str
    amount: MoneyIO


class FeeInvoiceOut(Schema):
    id: InvoiceId
    number: str
    merchant: MerchantId
    month: date
    lines: list[FeeLine]
    total: MoneyIO
    issued_at: Timestamp


class PeriodStatementQuery(NinjaSchema):
    since: datetime | None = Field(None, alias="from", description="Business time, included")
    until: datetime | None = Field(None, alias="to", description="Business time, not included")
    currency: Currency | None = None
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class FileQuery(PeriodStatementQuery):
    format: Literal["csv", "xlsx"] = "csv"


class FormatQuery(NinjaSchema):
    format: Literal["csv", "xlsx"] = "csv"


def _statement(found: Statement) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "from": found.since,
        "to": found.until,
        "lines": [_line(line) for line in found.lines],
        "total": _line(found.total),
        "tied": found.tied,
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in StatementLine.__dataclass_fields__}


def _payout(found: PayoutStatement) -> dict[str, Any]:
    return {
        "payout": public_id("pot", found.payout_id),
        "opening": found.opening,
        "lines": [
            {"at": one.at, "type": one.type, "reference": one.reference, "amount": one.amount}
            for one in found.lines
        ],
        "amount": found.amount,
        "closing": found.closing,
        "orders": _statement(found.orders),
        "tied": found.tied,
    }


def _invoice(info: FeeInvoiceInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "number": info.number,
        "merchant": public_id("mer", info.merchant_id),
        "month": info.month,
        "lines": [{"code": code, "amount": amount} for code, amount in info.lines],
        "total": info.total,
        "issued_at": info.issued_at,
    }


@routes.get(
    "/statements",
    summary="What each order brought and cost in a time",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=PeriodStatementOut,
    example=STATEMENT,
)
def get_order_statement(
    request: ApiRequest, q: PeriodStatementQuery = Query(...)
) -> dict[str, Any]:
    return _statement(_found(request, q))


@routes.get(
    "/statements/file",
    summary="The same as a file",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=StatementFileOut,
    example=FILE,
)
def get_statement_file(request: ApiRequest, q: FileQuery = Query(...)) -> dict[str, Any]:
    rows = sheets.order_rows(_found(request, q))
    return _file("statement", [("orders", rows)], q.format)


@routes.get(
    "/payouts/{payout_id}/statement",
    summary="What a payout is made of",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=PayoutStatementOut,
    example=PAYOUT,
)
def get_payout_statement(request: ApiRequest, payout_id: PayoutId) -> dict[str, Any]:
    visible_to(request.actor, selectors.payout(payout_id=payout_id).merchant_id)
    return _payout(statements.payout_statement(payout_id=payout_id))


@routes.get(
    "/payouts/{payout_id}/statement/file",
    summary="The same as a file",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=StatementFileOut,
    example=FILE,
)
def get_payout_file(
    request: ApiRequest, payout_id: PayoutId, q: FormatQuery = Query(...)
) -> dict[str, Any]:
    visible_to(request.actor, selectors.payout(payout_id=payout_id).merchant_id)
    found = statements.payout_statement(payout_id=payout_id)
    pages = [("payout", sheets.payout_rows(found)), ("orders", sheets.order_rows(found.orders))]
    return _file(public_id("pot", payout_id), pages, q.format)


@routes.get(
    "/fee-invoices",
    summary="Monthly invoices of the platform's fees",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=ListOf[FeeInvoiceOut],
    example={"data": [INVOICE], "has_more": False, "next_cursor": None},
)
def list_fee_invoices(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return fee_invoices.fee_invoices_page(
        merchant_id=request.actor.merchant_id,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_invoice)


@routes.get(
    "/fee-invoices/{invoice_id}",
    summary="One invoice of fees",
    audience=BOTH,
    scope="payments:read",
    permission="money.see",
    response=FeeInvoiceOut,
    errors=(NotFound,),
    example=INVOICE,
)
def get_fee_invoice(request: ApiRequest, invoice_id: InvoiceId) -> dict[str, Any]:
    info = fee_invoices.fee_invoice(invoice_id=invoice_id)
    visible_to(request.actor, info.merchant_id)
    return _invoice(info)


def _found(request: ApiRequest, q: PeriodStatementQuery) -> Statement:
    return statements.statement(
        merchant_id=merchant_of(request.actor, q.merchant),
        currency=q.currency or platforms.get_platform().currency,
        since=q.since,
        until=q.until,
    )


def _file(name: str, pages: list[tuple[str, list[list[Any]]]], kind: str) -> dict[str, Any]:
    content = sheets.written(pages, kind)
    return {
        "name": f"{name}.{kind}",
        "type": sheets.TYPES[kind],
        "content": b64encode(content).decode(),
    }
