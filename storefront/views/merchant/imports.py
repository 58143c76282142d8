"""Lists of products in and out: upload, what the columns hold, a trial, the run, what is wrong."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journeys import facade as journeys
from kernel.errors import DomainError, Malformed
from kernel.ids import public_id
from kernel.tables import BYTES_MAX, TableTooLarge, xlsx_file
from storefront import words
from storefront.forms.goods import ListForm
from storefront.lists import choice, csv_answer, window
from storefront.pages import done, merchant_desk, merchant_of, public, up_to
from storefront.views.account import put_error

STATES = list(words.STATES["product"])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@up_to(BYTES_MAX, TableTooLarge)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """A new list, and those so far."""
    merchant_id = merchant_of(request)
    sent = request.method == "POST"
    form = ListForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = journeys.upload_import(
                merchant_id=merchant_id, data=file.read(), filename=file.name or ""
            )
            text = _("The list is here. See what its columns hold, then try it.")
            return done(request, text, "storefront:merchant_import", made=public_id("pim", made.id))
        except DomainError as error:
            put_error(form, error)
    context = {
        "form": form,
        "page": journeys.product_imports(merchant_id=merchant_id, **window(request)),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/imports.html", context, status=status)


@require_safe
@merchant_desk("catalogue")
def one(request: HttpRequest, made: str) -> HttpResponse:
    """What the columns hold, how far it is, what is wrong."""
    info = _mine(request, made, sample=True)
    context: dict[str, Any] = {"info": info, "percent": _percent(info)}
    if request.headers.get("HX-Request"):
        response = render(request, "storefront/merchant/import_progress.html", context)
        if not info.busy:  # what is wrong, and what comes next, is on the rest of the page
            response["HX-Refresh"] = "true"
        return response
    context["columns"] = _columns(info)
    context["page"] = journeys.import_problems(import_id=info.id, **window(request))
    return render(request, "storefront/merchant/import.html", context)


@require_POST
@merchant_desk("catalogue")
def act(request: HttpRequest, made: str) -> HttpResponse:
    """Keep what the columns hold and try it or carry it out; or stop it."""
    info = _mine(request, made)
    what = request.POST.get("do", "")
    where = {"import_id": info.id, "merchant_id": info.merchant_id}
    if what in ("check", "run") and "columns" in request.POST:
        mapping = {
            name: key
            for place, name in enumerate(info.columns)
            if (key := request.POST.get(f"column-{place}", ""))
        }
        if mapping != info.mapping:
            journeys.map_import(**where, mapping=mapping)
    if what == "check":
        journeys.check_import(**where)
        text = _("It is being tried; nothing is changed.")
    elif what == "run":
        journeys.run_import(**where)
        text = _("It is being carried out. You can leave this page.")
    elif what == "cancel":
        journeys.cancel_import(**where)
        text = _("Stopped. What is written stays.")
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_import", made=made)


@require_safe
@merchant_desk("catalogue")
def report(request: HttpRequest, made: str) -> HttpResponseBase:
    """What is wrong, as a file."""
    info = _mine(request, made)
    header = [_("Row"), _("Column"), _("Value"), _("Problem"), _("What to do")]
    found = [
        [one.row, one.column, one.value, one.problem, one.remedy]
        for one in journeys.every_problem(info.id)
    ]
    return csv_answer("report", header, found)


@require_safe
@merchant_desk("catalogue")
def export(request: HttpRequest) -> HttpResponseBase:
    """The products of the list's filter, as a file that can be handed in again."""
    rows = journeys.export_rows(
        merchant_id=merchant_of(request), state=choice(request, "state", STATES)
    )
    return export_answer(request, journeys.export_header(), rows)


@require_safe
@merchant_desk("catalogue")
def template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with all columns."""
    return export_answer(request, journeys.export_header(), [])


def export_answer(
    request: HttpRequest, header: list[str], rows: Iterable[list[object]]
) -> HttpResponseBase:
    """CSV, or XLSX if asked for."""
    found = list(rows)
    if request.GET.get("format") != "xlsx":
        return csv_answer("products", header, found)
    answer = HttpResponse(xlsx_file(header, found), content_type=XLSX)
    answer["Content-Disposition"] = 'attachment; filename="products.xlsx"'
    return answer


def _mine(request: HttpRequest, made: str, *, sample: bool = False) -> journeys.ImportInfo:
    return journeys.product_import(
        import_id=public("pim", made), merchant_id=merchant_of(request), sample=sample
    )


def _percent(info: journeys.ImportInfo) -> int:
    return 100 * info.position // max(info.products, 1)


def _columns(info: journeys.ImportInfo) -> list[dict[str, Any]]:
    """Each column with its first values and what it may hold."""
    offered = journeys.import_columns()
    return [
        {
            "name": name,
            "place": place,
            "key": info.mapping.get(name, ""),
            "values": " · ".join(cells[place][:40] for cells in info.sample if cells[place]),
            "offered": offered,
        }
        for place, name in enumerate(info.columns)
    ]
