"""A buyer's invoices: asked for on an order's page, read, listed."""

from dataclasses import asdict
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journeys import facade as journeys
from kernel.errors import Malformed, NotFound
from kernel.files import file_answer
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.forms.invoices import TitleForm, take
from storefront.lists import choice, window
from storefront.pages import done, language, page, person_of, pressed, public, signed_in
from storefront.views.shop.orders import visible

OPEN = ("requested", "issued")


@require_http_methods(["GET", "HEAD", "POST"])
@page
def of_order(request: HttpRequest, order: str) -> HttpResponse:
    """What was asked for and issued of an order, and the form to ask."""
    token = request.POST.get("t", "") or request.GET.get("t", "")
    found = visible(request, order, token)
    person = person_of(request)
    form, status = _blank(request, person.id if person else None), 200
    if request.method == "POST":
        form, status = TitleForm(request.POST), 422
        if form.is_valid():
            try:
                _ask(found, form, _key(request), person.id if person else None)
            except (payments.InvalidInvoice, payments.InvalidTaxNumber) as error:
                take(form, error)
            else:
                told = _("Asked for. The merchant issues it; you find it here.")
                return done(request, told, _address(order, token))
    asked = journeys.invoices_of(order=found)
    context = {
        "order": found,
        "token": token,
        "merchant": platforms.merchants({found.merchant_id}).get(found.merchant_id),
        "asked": [(one, payments.sales_invoices_of(request_ids=[one.id])) for one in asked],
        "may_ask": not any(one.state in OPEN for one in asked) and _invoiceable(found),
        "titles": payments.buyer_titles(person_id=person.id) if person else [],
        "types": words.INVOICE_TYPES,
        "form": form,
        "key": uuid4(),
    }
    answer = render(request, "storefront/shop/invoice.html", context, status=status)
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
@page
def act(request: HttpRequest, order: str) -> HttpResponse:
    """Withdraw the request, or forget a saved title."""
    token = request.POST.get("t", "")
    found = visible(request, order, token)
    person = person_of(request)
    if pressed(request, "withdraw", "forget") == "forget" and person is not None:
        title = public("ttl", request.POST.get("title", ""))
        payments.remove_title(person_id=person.id, title_id=title)
        return done(request, _("Forgotten."), _address(order, token))
    asked = journeys.invoices_of(order=found)
    if not asked:
        raise NotFound
    payments.cancel_request(request_id=asked[0].id)
    return done(request, _("The request is withdrawn."), _address(order, token))


@require_safe
@page
def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """The invoice as PDF, for whoever has its secret address."""
    info = payments.sales_invoice(invoice_id=payments.invoice_of_token(token))
    return pdf_answer(info)


@require_safe
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """A person's requests with what came of them."""
    person = person_of(request)
    assert person is not None  # the page is for those who are signed in
    states = list(words.STATES["invoice_request"])
    state = choice(request, "state", states)
    found = payments.invoice_requests_page(person_id=person.id, state=state, **window(request))
    issued: dict[UUID, list[payments.SalesInvoiceInfo]] = {}
    for one in payments.sales_invoices_of(request_ids=[row.id for row in found.items]):
        issued.setdefault(one.request_id, []).append(one)
    context = {
        "page": found,
        "state": state,
        "states": states,
        "issued": issued,
        "merchants": platforms.merchants({one.merchant_id for one in found.items}),
    }
    return render(request, "storefront/account/invoices.html", context)


def pdf_answer(info: payments.SalesInvoiceInfo) -> HttpResponse:
    """The PDF in the reader's language."""
    answer = file_answer(
        payments.invoice_pdf(info, language=language()),
        "application/pdf",
        f"{info.number}.pdf",
        inline=True,
    )
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


def _ask(order: marketplace.OrderInfo, form: TitleForm, key: UUID, person_id: UUID | None) -> None:
    buyer = form.buyer()
    journeys.ask_invoice(
        key=key,
        order=order,
        buyer=buyer,
        type=form.cleaned_data["type"],
        note=form.cleaned_data["note"],
        person_id=person_id,
    )
    if form.cleaned_data["keep"] and person_id is not None:
        payments.save_title(person_id=person_id, buyer=buyer)


def _blank(request: HttpRequest, person_id: UUID | None) -> TitleForm:
    """The form, with the title that was chosen or else used last."""
    titles = payments.buyer_titles(person_id=person_id) if person_id else []
    wanted = request.GET.get("title", "")
    chosen = next((one for one in titles if one.public_id == wanted), titles[0] if titles else None)
    initial: dict[str, Any] = {"type": "ordinary", "kind": "company"}
    if chosen:
        initial |= asdict(chosen.buyer)
    return TitleForm(initial=initial)


def _invoiceable(order: marketplace.OrderInfo) -> bool:
    return order.state not in ("cancelled", "cancelling") and order.total.currency == "CNY"


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error


def _address(order: str, token: str) -> str:
    return reverse("storefront:order_invoice", args=[order]) + (f"?t={token}" if token else "")
