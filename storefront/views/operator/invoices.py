"""Invoices of the platform's merchants, to read."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.lists import choice, window
from storefront.pages import operator_desk, public
from storefront.views.invoices import pdf_answer

KINDS = list(words.STATES["invoice"])


@require_safe
@operator_desk("money.see")
def listing(request: HttpRequest) -> HttpResponse:
    """All that was issued, newest first, by kind or number."""
    kind = choice(request, "state", KINDS)
    query = request.GET.get("q", "").strip()[:20]
    found = payments.sales_invoices_page(kind=kind, number=query or None, **window(request))
    context = {
        "page": found,
        "state": kind,
        "states": KINDS,
        "q": query,
        "merchants": platforms.merchants({one.merchant_id for one in found.items}),
    }
    return render(request, "storefront/operator/invoices.html", context)


@require_safe
@operator_desk("money.see")
def sheet(request: HttpRequest, invoice: str) -> HttpResponse:
    """An invoice as PDF."""
    return pdf_answer(payments.sales_invoice(invoice_id=public("siv", invoice)))
