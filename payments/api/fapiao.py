"""The statutory invoices (数电发票) behind invoices of sales."""

from typing import Annotated, Any, Literal

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, ListOf, ListQuery, Schema, Timestamp, set_etag
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import errors_invoices as errors
from payments.api.invoice_shapes import InvoiceId
from payments.api.routes import BOTH, SORTS, MerchantId, routes, visible_to
from payments.contracts_fapiao import FapiaoInfo
from payments.selectors import invoices as selectors
from payments.services.invoices import fapiao

EXAMPLE: dict[str, Any] = {
    "invoice": "siv_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "state": "issued",
    "issuer": "fapiao",
    "number": "26220000000012345678",
    "issued_at": "2026-05-02T08:00:05Z",
    "code": None,
    "message": None,
    "attempt": 1,
    "created_at": "2026-05-02T08:00:00Z",
    "updated_at": "2026-05-02T08:00:05Z",
}
PENDING = {**EXAMPLE, "state": "pending", "number": None, "issued_at": None}


class FapiaoOut(Schema):
    invoice: InvoiceId
    merchant: MerchantId
    state: str = Field(description="pending, issued, refused")
    issuer: str = Field(description="fapiao: the platform's issuer; manual: entered by hand")
    number: str | None = Field(description="20 digits, once it is issued")
    issued_at: Timestamp | None
    code: str | None = Field(description="Why it was refused, or waits_for_original")
    message: str | None
    attempt: int = Field(description="How often it was handed in")
    created_at: Timestamp
    updated_at: Timestamp


class FapiaoQuery(ListQuery):
    state: Literal["pending", "issued", "refused"] | None = None


class NumberIn(Schema):
    number: Annotated[str, Field(max_length=40, description="20 digits, from the tax platform")]


def _out(info: FapiaoInfo) -> dict[str, Any]:
    return {
        "invoice": public_id("siv", info.invoice_id),
        "merchant": public_id("mer", info.merchant_id),
        "state": info.state,
        "issuer": info.issuer,
        "number": info.number or None,
        "issued_at": info.issued_at,
        "code": info.code or None,
        "message": info.message or None,
        "attempt": info.attempt,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/fapiaos", summary="Statutory invoices, as the issuer or you by hand made them",
    audience=BOTH, scope="payments:read", permission="money.see", response=ListOf[FapiaoOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_fapiaos(request: ApiRequest, q: FapiaoQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return fapiao.fapiaos_page(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_out)


@routes.get(
    "/sales-invoices/{invoice_id}/fapiao", summary="The statutory invoice of an invoice",
    audience=BOTH, scope="payments:read",
    permission="money.see", response=FapiaoOut, errors=(NotFound,), example=EXAMPLE,
)  # fmt: skip
def get_fapiao(request: ApiRequest, invoice_id: InvoiceId) -> dict[str, Any]:
    _visible(request, invoice_id)
    info = fapiao.fapiao(invoice_id=invoice_id)
    if info is None:
        raise NotFound
    return _shown(request, info)


@routes.post(
    "/sales-invoices/{invoice_id}/fapiao",
    summary="Have it issued, or handed in again after a refusal",
    audience=BOTH, scope="payments:write", permission="invoices", response=FapiaoOut,
    errors=(NotFound, errors.NoIssuer), example=PENDING,
)  # fmt: skip
def issue_fapiao(request: ApiRequest, invoice_id: InvoiceId) -> dict[str, Any]:
    _visible(request, invoice_id)
    return _shown(request, fapiao.issue_fapiao(invoice_id=invoice_id))


@routes.put(
    "/sales-invoices/{invoice_id}/fapiao",
    summary="Enter the number of one that you issued on the tax platform",
    audience={"merchant"}, scope="payments:write", permission="invoices", response=FapiaoOut,
    errors=(NotFound, errors.InvalidInvoice, errors.FapiaoBusy, errors.FapiaoNumberTaken),
    example={**EXAMPLE, "issuer": "manual"}, request_example={"number": EXAMPLE["number"]},
)  # fmt: skip
def enter_fapiao(request: ApiRequest, invoice_id: InvoiceId, body: NumberIn) -> dict[str, Any]:
    _visible(request, invoice_id)
    info = fapiao.enter_fapiao(invoice_id=invoice_id, number=body.number)
    return _shown(request, info)


def _visible(request: ApiRequest, invoice_id: InvoiceId) -> None:
    visible_to(request.actor, selectors.sales_invoice(invoice_id=invoice_id).merchant_id)


def _shown(request: ApiRequest, info: FapiaoInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _out(info)
