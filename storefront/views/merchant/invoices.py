"""The merchant's invoices: who wants one, issuing, taking back, files, tax data."""

from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel import clock
from kernel.errors import DomainError, Malformed, NotFound
from kernel.files import file_answer
from payments import facade as payments
from storefront import words
from storefront.forms.invoices import TaxForm, of_profile, take
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, public
from storefront.views.invoices import pdf_answer

STATES = list(words.STATES["invoice_request"])


@require_safe
@merchant_desk("money.see")
def listing(request: HttpRequest) -> HttpResponse:
    """Who wants an invoice, and what was issued."""
    merchant_id = merchant_of(request)
    state = choice(request, "state", STATES)
    query = request.GET.get("q", "").strip()[:100]
    found = payments.invoice_requests_page(
        merchant_id=merchant_id, state=state, reference=query or None, **window(request)
    )
    issued: dict[UUID, list[payments.SalesInvoiceInfo]] = {}
    for one in payments.sales_invoices_of(request_ids=[row.id for row in found.items]):
        issued.setdefault(one.request_id, []).append(one)
    context = {
        "page": found,
        "state": state,
        "states": STATES,
        "q": query,
        "issued": issued,
        "profile": payments.tax_profile(merchant_id=merchant_id),
        "month": clock.here(clock.business()),
        "waiting": any(one.state == "requested" for one in found.items),
    }
    return render(request, "storefront/merchant/invoices.html", context)


@require_POST
@merchant_desk("invoices")
def issue_many(request: HttpRequest) -> HttpResponse:
    """Issue those that were ticked; what couldn't be issued is named."""
    wanted = [_own(request, text).id for text in request.POST.getlist("request")[:100]]
    if not wanted:
        return done(request, _("Tick the requests to issue first."), "storefront:merchant_invoices")
    results = payments.issue_many(request_ids=wanted)
    failed = [one for _id, one in results if isinstance(one, DomainError)]
    count = len(results) - len(failed)
    text = ngettext("%(n)s invoice issued.", "%(n)s invoices issued.", count) % {"n": count}
    if failed:
        text += " " + _("Not issued: %(n)s. %(why)s") % {
            "n": len(failed),
            "why": f"{failed[0].title} {failed[0].remedy}",
        }
    return done(request, text, "storefront:merchant_invoices")


@require_safe
@merchant_desk("money.see")
def file(request: HttpRequest) -> HttpResponse:
    """The invoices of a month, or all, as a file."""
    kind = request.GET.get("format", "xlsx")
    if kind not in payments.INVOICE_FILE_TYPES:
        raise Malformed
    since, until = _month(request.GET.get("month", ""))
    content = payments.export_invoices(
        merchant_id=merchant_of(request), format=kind, since=since, until=until
    )
    return file_answer(content, payments.INVOICE_FILE_TYPES[kind], f"invoices.{kind}")


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("invoices")
def tax(request: HttpRequest) -> HttpResponse:
    """The merchant's tax data."""
    merchant_id = merchant_of(request)
    profile = payments.tax_profile(merchant_id=merchant_id)
    form, status = TaxForm(initial=of_profile(profile)), 200
    if request.method == "POST":
        form, status = TaxForm(request.POST), 422
        if form.is_valid():
            data = form.cleaned_data
            names = ("name", "taxpayer", "address", "phone", "bank", "bank_account", "drawer")
            try:
                payments.set_tax_profile(
                    merchant_id=merchant_id,
                    tax_number_=data["tax_number"],
                    default=form.tax_class(),
                    **{name: data[name] for name in names},
                )
            except DomainError as error:
                take(form, error)
            else:
                return done(request, _("Saved."), "storefront:merchant_invoices")
    context = {"form": form, "profile": profile}
    return render(request, "storefront/merchant/tax.html", context, status=status)


@require_safe
@merchant_desk("money.see")
def one(request: HttpRequest, asked: str) -> HttpResponse:
    """One request: to whom, over what; issue it, or see what was issued."""
    info = _own(request, asked)
    profile = payments.tax_profile(merchant_id=info.merchant_id)
    issued = payments.sales_invoices_of(request_ids=[info.id])
    context = {
        "asked": info,
        "profile": profile,
        "issued": issued,
        "fapiaos": payments.fapiaos_of(invoice_ids=[one.id for one in issued]),
        "issuer": payments.provider(name=payments.FAPIAO).enabled,
        "lines": _lines(info, profile),
        "rates": payments.tax_rates(profile.taxpayer) if profile else [],
        "fapiao_reasons": words.money.FAPIAO_REASONS,
        "types": words.INVOICE_TYPES,
        "treatments": words.TREATMENTS,
        "payment": payments.intent(intent_id=info.intent_id),
    }
    return render(request, "storefront/merchant/invoice.html", context)


@require_POST
@merchant_desk("invoices")
def act(request: HttpRequest, asked: str) -> HttpResponse:
    """Issue, decline, or take back what was issued."""
    info = _own(request, asked)
    what = request.POST.get("do", "")
    if what == "issue":
        made = payments.issue_invoice(request_id=info.id, changes=_changes(request, info))
        text = _("Issued: invoice %(number)s.") % {"number": made.number}
    elif what == "decline":
        payments.decline_request(request_id=info.id, reason=request.POST.get("reason", ""))
        text = _("Declined. The buyer sees why.")
    elif what == "reverse":
        blue = next(iter(payments.sales_invoices_of(request_ids=[info.id])), None)
        if blue is None:
            raise NotFound
        red = payments.reverse_invoice(invoice_id=blue.id)
        text = _("Taken back by the red-letter invoice %(number)s.") % {"number": red.number}
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_invoice", asked=asked)


@require_POST
@merchant_desk("invoices")
def statutory(request: HttpRequest, asked: str, invoice: str) -> HttpResponse:
    """Have the e-fapiao issued, or enter the number of one issued by hand."""
    info = _own(request, asked)
    found = payments.sales_invoice(invoice_id=public("siv", invoice))
    if found.request_id != info.id:
        raise NotFound
    what = request.POST.get("do", "")
    if what == "issue":
        payments.issue_fapiao(invoice_id=found.id)
        text = _("Handed in. The number appears here when it is issued.")
    elif what == "enter":
        payments.enter_fapiao(invoice_id=found.id, number=request.POST.get("number", ""))
        text = _("The number was entered.")
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_invoice", asked=asked)


@require_safe
@merchant_desk("money.see")
def sheet(request: HttpRequest, invoice: str) -> HttpResponse:
    """An invoice as PDF."""
    info = payments.sales_invoice(invoice_id=public("siv", invoice))
    if info.merchant_id != merchant_of(request):
        raise NotFound
    return pdf_answer(info)


def _own(request: HttpRequest, text: str) -> payments.InvoiceRequestInfo:
    info = payments.invoice_request(request_id=public("irq", text))
    if info.merchant_id != merchant_of(request):
        raise NotFound
    return info


def _lines(
    info: payments.InvoiceRequestInfo, profile: payments.TaxProfile | None
) -> list[dict[str, Any]]:
    if profile is None:
        return [_line(line, None) for line in info.lines]
    goods = [(line.sku, line.goods_category) for line in info.lines]
    usual = payments.tax_classes(profile, goods)
    return [_line(line, one.tax) for line, one in zip(info.lines, usual, strict=True)]


def _line(line: payments.LineInput, usual: payments.TaxClass | None) -> dict[str, Any]:
    """A line with the tax class that it gets if nothing is changed."""
    return {
        "line": line,
        "category": line.category or (usual.category if usual else ""),
        "category_name": line.category_name or (usual.category_name if usual else ""),
        "rate": line.rate if line.rate is not None else (usual.rate if usual else None),
        "treatment": line.treatment or (usual.treatment if usual else "taxed"),
    }


def _changes(request: HttpRequest, info: payments.InvoiceRequestInfo) -> list[payments.LineChange]:
    found = []
    for place in range(len(info.lines)):
        text = request.POST.get(f"rate-{place}", "")
        try:
            rate = Decimal(text) if text else None
        except InvalidOperation as error:
            raise Malformed from error
        found.append(
            payments.LineChange(
                place,
                category=request.POST.get(f"category-{place}", "").strip(),
                category_name=request.POST.get(f"short-{place}", "").strip(),
                rate=rate,
            )
        )
    return found


def _month(text: str) -> tuple[datetime | None, datetime | None]:
    """From when until when a month lasts; without one, everything."""
    if not text:
        return None, None
    try:
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=timezone.get_default_timezone())
    except ValueError as error:
        raise Malformed from error
    return begin, (begin.replace(day=28) + timedelta(days=4)).replace(day=1)
