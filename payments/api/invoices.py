"""Invoices of sales: a merchant's tax data, buyers' wishes, what was issued, files."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import translation
from ninja import Schema as NinjaSchema
from ninja.params.functions import Query

from kernel.api import ApiRequest, ListOf, ListQuery, person_of, set_etag
from kernel.errors import DomainError, InvalidTransition, NotFound, fields_told
from kernel.files import file_answer
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import errors_invoices as errors
from payments.api import invoice_examples as examples
from payments.api import invoice_shapes as shapes
from payments.api.routes import BOTH, SORTS, MerchantId, merchant_of, routes, visible_to
from payments.api.statements import FILE, StatementFileOut
from payments.contracts_invoices import SalesInvoiceInfo
from payments.errors import ExternalIdTaken, KeyReused
from payments.selectors import invoices as selectors
from payments.services.invoices import ask, buyers, issue, papers, profile, red
from payments.services.invoices import export as exporting
from payments.services.invoices.documents import document

READ, WRITE = "payments:read", "payments:write"
MERCHANT = {"merchant"}
REFUSED = (errors.InvalidInvoice, errors.InvalidTaxNumber)
UNISSUABLE = (
    errors.TaxProfileMissing,
    errors.TaxCategoryMissing,
    errors.RateNotAllowed,
    errors.InvalidInvoice,
    errors.NotPaidYet,
    errors.RefundInProgress,
    errors.NothingToInvoice,
    InvalidTransition,
)


class ProfileQuery(NinjaSchema):
    merchant: MerchantId | None = None


@routes.get(
    "/tax-profile", summary="A merchant's tax data, as its invoices show them", audience=BOTH,
    scope=READ,
    permission="money.see", response=shapes.TaxProfileOut,
    errors=(NotFound, errors.TaxProfileMissing), example=examples.PROFILE,
)  # fmt: skip
def get_tax_profile(request: ApiRequest, q: ProfileQuery = Query(...)) -> dict[str, Any]:
    found = selectors.tax_profile(merchant_id=merchant_of(request.actor, q.merchant))
    if found is None:
        raise errors.TaxProfileMissing
    set_etag(request, found.version)
    return shapes.profile_out(found)


@routes.put(
    "/tax-profile", summary="Enter your tax data", audience=MERCHANT, scope=WRITE,
    permission="invoices", response=shapes.TaxProfileOut,
    errors=(*REFUSED, errors.RateNotAllowed), example=examples.PROFILE,
    request_example=examples.PROFILE_IN,
)  # fmt: skip
def put_tax_profile(request: ApiRequest, body: shapes.ProfileIn) -> dict[str, Any]:
    goods = body.goods
    plain = body.model_dump(exclude={"default", "goods", "tax_number"})
    found = profile.set_tax_profile(
        merchant_id=merchant_of(request.actor),
        tax_number_=body.tax_number,
        default=body.default.read(),
        goods=None if goods is None else {sku: one.read() for sku, one in goods.items()},
        **plain,
    )
    set_etag(request, found.version)
    return shapes.profile_out(found)


@routes.get(
    "/invoice-titles", summary="The titles that you saved", audience={"buyer"}, scope=READ,
    response=ListOf[shapes.TitleOut],
    example={
        "data": [{"id": "ttl_01k00000000000000000000000", **examples.BUYER}],
        "has_more": False, "next_cursor": None,
    },
)  # fmt: skip
def list_titles(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    found = selectors.buyer_titles(person_id=person_of(request))
    return PageOf([shapes.title_out(one) for one in found], False, None)


@routes.post(
    "/invoice-titles", summary="Save a title for your next invoices", audience={"buyer"},
    scope=WRITE, status=201, response=shapes.TitleOut, errors=REFUSED,
    example={"id": "ttl_01k00000000000000000000000", **examples.BUYER},
    request_example=examples.BUYER,
)  # fmt: skip
def save_title(request: ApiRequest, body: shapes.BuyerIO) -> dict[str, Any]:
    with fields_told(lambda field: field.removeprefix("buyer.")):
        saved = buyers.save_title(person_id=person_of(request), buyer=body.read())
    return shapes.title_out(saved)


@routes.delete(
    "/invoice-titles/{title_id}", summary="Forget a title", audience={"buyer"}, scope=WRITE,
    status=204, response=None,
)  # fmt: skip
def remove_title(request: ApiRequest, title_id: shapes.TitleId) -> None:
    buyers.remove_title(person_id=person_of(request), title_id=title_id)


@routes.get(
    "/invoice-requests", summary="Who wants an invoice of what", audience=BOTH, scope=READ,
    permission="money.see",
    response=ListOf[shapes.RequestOut],
    example={"data": [examples.REQUEST], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_requests(
    request: ApiRequest, q: shapes.RequestQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.invoice_requests_page(
        merchant_id=request.actor.merchant_id,
        state=q.state,
        intent_id=q.payment,
        reference=q.reference,
        **_window(q),
    ).map(shapes.request_out)


@routes.post(
    "/invoice-requests", summary="Ask for an invoice over a payment of yours", audience=MERCHANT,
    scope=WRITE, permission="invoices", status=201, response=shapes.RequestOut,
    errors=(
        NotFound, *REFUSED, errors.InvoiceLinesDiffer, errors.InvoiceAsked,
        errors.NothingToInvoice, KeyReused, ExternalIdTaken,
    ),
    example=examples.REQUEST,
    request_example={
        "payment": examples.REQUEST["payment"], "buyer": examples.BUYER,
        "lines": [{"name": "玉米", "gross": {"amount": 12900, "currency": "CNY"}}],
    },
)  # fmt: skip
def create_request(request: ApiRequest, body: shapes.RequestIn) -> dict[str, Any]:
    info = ask.request_invoice(
        key=request.idempotency_token,
        intent_id=body.payment,
        merchant_id=merchant_of(request.actor),
        reference=body.reference,
        type=body.type,
        buyer=body.buyer.read(),
        lines=[line.read() for line in body.lines],
        note=body.note,
        external_id=body.external_id,
        metadata=body.metadata,
    )
    set_etag(request, info.version)
    return shapes.request_out(info)


@routes.post(
    "/invoice-requests/issue", summary="Issue many; each says what came of it", audience=MERCHANT,
    scope=WRITE, permission="invoices", response=shapes.ManyOut, outside=True, errors=(NotFound,),
    example={
        "issued": 1,
        "results": [{
            "request": examples.REQUEST["id"], "invoice": examples.INVOICE["id"],
            "number": "2026-000001", "error": None, "detail": None,
        }],
    },
    request_example={"requests": [examples.REQUEST["id"]]},
)  # fmt: skip
def issue_requests(request: ApiRequest, body: shapes.ManyIn) -> dict[str, Any]:
    for request_id in body.requests:
        _own(request, request_id)
    results = []
    for request_id, made in issue.issue_many(request_ids=body.requests):
        failed = made if isinstance(made, DomainError) else None
        info = made if isinstance(made, SalesInvoiceInfo) else None
        results.append(
            {
                "request": public_id("irq", request_id),
                "invoice": info.public_id if info else None,
                "number": info.number if info else None,
                "error": failed.code if failed else None,
                "detail": str(failed.detail) if failed else None,
            }
        )
    return {"issued": sum(1 for one in results if one["invoice"]), "results": results}


@routes.get(
    "/invoice-requests/{request_id}", summary="One request for an invoice", audience=BOTH,
    scope=READ, permission="money.see", response=shapes.RequestOut, example=examples.REQUEST,
)  # fmt: skip
def get_request(request: ApiRequest, request_id: shapes.RequestId) -> dict[str, Any]:
    info = selectors.invoice_request(request_id=request_id)
    visible_to(request.actor, info.merchant_id)
    set_etag(request, info.version)
    return shapes.request_out(info)


@routes.post(
    "/invoice-requests/{request_id}/issue", summary="Issue the invoice that was asked for",
    audience=MERCHANT, scope=WRITE,
    permission="invoices", response=shapes.InvoiceOut, errors=UNISSUABLE,
    example=examples.INVOICE, request_example={"lines": []},
)  # fmt: skip
def issue_request(
    request: ApiRequest, request_id: shapes.RequestId, body: shapes.IssueIn
) -> dict[str, Any]:
    _own(request, request_id)
    changes = [one.read() for one in body.lines]
    return _shown(request, issue.issue_invoice(request_id=request_id, changes=changes))


@routes.post(
    "/invoice-requests/{request_id}/decline", summary="Issue none, and say why",
    audience=MERCHANT, scope=WRITE,
    permission="invoices", response=shapes.RequestOut, errors=(InvalidTransition,),
    example={**examples.REQUEST, "state": "declined", "reason": "The order isn't ours"},
    request_example={"reason": "The order isn't ours"},
)  # fmt: skip
def decline_request(
    request: ApiRequest, request_id: shapes.RequestId, body: shapes.DeclineIn
) -> dict[str, Any]:
    _own(request, request_id)
    return shapes.request_out(ask.decline_request(request_id=request_id, reason=body.reason))


@routes.post(
    "/invoice-requests/{request_id}/cancel", summary="Withdraw the request", audience=MERCHANT,
    scope=WRITE, permission="invoices", response=shapes.RequestOut, errors=(InvalidTransition,),
    example={**examples.REQUEST, "state": "canceled"},
)  # fmt: skip
def cancel_request(request: ApiRequest, request_id: shapes.RequestId) -> dict[str, Any]:
    _own(request, request_id)
    return shapes.request_out(ask.cancel_request(request_id=request_id))


@routes.get(
    "/sales-invoices", summary="Invoices and red-letter invoices that were issued", audience=BOTH,
    scope=READ, permission="money.see", response=ListOf[shapes.InvoiceOut],
    example={"data": [examples.INVOICE], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_invoices(
    request: ApiRequest, q: shapes.InvoiceQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    return selectors.sales_invoices_page(
        merchant_id=request.actor.merchant_id,
        kind=q.kind,
        number=q.number,
        intent_id=q.payment,
        reference=q.reference,
        since=q.since,
        until=q.until,
        **_window(q),
    ).map(document)


@routes.get(
    "/sales-invoices/{invoice_id}", summary="One invoice", audience=BOTH, scope=READ,
    permission="money.see",
    response=shapes.InvoiceOut, example=examples.INVOICE,
)  # fmt: skip
def get_invoice(request: ApiRequest, invoice_id: shapes.InvoiceId) -> dict[str, Any]:
    return _shown(request, _visible(request, invoice_id))


@routes.get(
    "/sales-invoices/{invoice_id}/pdf", summary="The invoice as PDF/A, in the reader's language",
    audience=BOTH, scope=READ,
    permission="money.see", response=None, sends="application/pdf",
    errors=(errors.InvoiceUnprintable,),
)  # fmt: skip
def get_invoice_pdf(request: ApiRequest, invoice_id: shapes.InvoiceId) -> HttpResponse:
    info = _visible(request, invoice_id)
    data = papers.pdf(info, language=translation.get_language() or "en")
    return file_answer(data, "application/pdf", f"{info.number}.pdf", inline=True)


@routes.post(
    "/sales-invoices/{invoice_id}/reverse",
    summary="Take back what is left of an invoice, by a red-letter one", audience=MERCHANT,
    scope=WRITE,
    permission="invoices", status=201, response=shapes.InvoiceOut,
    errors=(errors.NothingToInvoice,),
    example={
        **examples.INVOICE, "kind": "red", "number": "2026-000002", "reason": "mistake",
        "original": examples.INVOICE["id"], "original_number": examples.INVOICE["number"],
    },
    request_example={"reason": "mistake"},
)  # fmt: skip
def reverse_invoice(
    request: ApiRequest, invoice_id: shapes.InvoiceId, body: shapes.ReverseIn
) -> dict[str, Any]:
    _visible(request, invoice_id)
    return _shown(request, red.reverse_invoice(invoice_id=invoice_id, reason=body.reason))


@routes.get(
    "/sales-invoices-file", summary="Invoices of a time as a file for the tax platform",
    audience=BOTH, scope=READ,
    permission="money.see", response=StatementFileOut,
    errors=(errors.ExportTooLarge,), example=FILE,
)  # fmt: skip
def get_export(request: ApiRequest, q: shapes.InvoiceExportQuery = Query(...)) -> dict[str, Any]:
    content = exporting.export(
        merchant_id=merchant_of(request.actor, q.merchant),
        format=q.format,
        since=q.since,
        until=q.until,
    )
    return {
        "name": f"invoices.{q.format}",
        "type": exporting.TYPES[q.format],
        "content": b64encode(content).decode(),
    }


def _window(q: ListQuery) -> dict[str, Any]:
    return {
        "updated_since": q.updated_since,
        "order": q.order(SORTS, "-created_at"),
        "cursor": q.cursor,
        "limit": q.limit,
    }


def _own(request: ApiRequest, request_id: UUID) -> None:
    visible_to(request.actor, selectors.invoice_request(request_id=request_id).merchant_id)


def _visible(request: ApiRequest, invoice_id: UUID) -> SalesInvoiceInfo:
    info = selectors.sales_invoice(invoice_id=invoice_id)
    visible_to(request.actor, info.merchant_id)
    return info


def _shown(request: ApiRequest, info: SalesInvoiceInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return document(info)
