"""Lists of products in and out: upload, what the columns hold, a trial, the run, what is wrong.

What is done with a list, whatever it is about, is here: ``listed`` is the price list whose prices
it holds, None for products.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journeys import facade as journeys
from kernel.errors import DomainError, Malformed, NotFound
from kernel.tables import BYTES_MAX, TableTooLarge
from marketplace import facade as marketplace
from storefront import words
from storefront.forms.goods import ListForm
from storefront.lists import choice, csv_answer, table_answer, window
from storefront.pages import done, merchant_desk, merchant_of, public, up_to
from storefront.views.account import put_error

STATES = list(words.STATES["product"])
Listed = marketplace.PriceListInfo | None


@up_to(BYTES_MAX, TableTooLarge)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """A new list, and those so far."""
    return hand_in(request, None, "storefront/merchant/imports.html")


@require_safe
@merchant_desk("catalogue")
def one(request: HttpRequest, made: str) -> HttpResponse:
    """What the columns hold, how far it is, what is wrong."""
    return show(request, None, made)


@require_POST
@merchant_desk("catalogue")
def act(request: HttpRequest, made: str) -> HttpResponse:
    """Keep what the columns hold and try it or carry it out; or stop it."""
    return steer(request, None, made)


@require_safe
@merchant_desk("catalogue")
def report(request: HttpRequest, made: str) -> HttpResponseBase:
    """What is wrong, as a file."""
    return reported(request, None, made)


@require_safe
@merchant_desk("catalogue")
def export(request: HttpRequest) -> HttpResponseBase:
    """The products of the list's filter, as a file that can be handed in again."""
    rows = journeys.export_rows(
        merchant_id=merchant_of(request), state=choice(request, "state", STATES)
    )
    return table_answer(request, "products", journeys.export_header(), rows)


@require_safe
@merchant_desk("catalogue")
def template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with all columns."""
    return table_answer(request, "products", journeys.export_header(), [])


def hand_in(request: HttpRequest, listed: Listed, page: str) -> HttpResponse:
    """A form for a new list, and those so far."""
    merchant_id = merchant_of(request)
    price_list_id = listed.id if listed else None
    sent = request.method == "POST"
    form = ListForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = journeys.upload_import(
                merchant_id=merchant_id,
                data=file.read(),
                filename=file.name or "",
                price_list_id=price_list_id,
            )
            text = _("The list is here. See what its columns hold, then try it.")
            return _back(request, text, listed, made.public_id)
        except DomainError as error:
            put_error(form, error)
    found = journeys.product_imports(
        merchant_id=merchant_id, price_list_id=price_list_id, **window(request)
    )
    context = {"form": form, "page": found, "listed": listed}
    return render(request, page, context, status=422 if form.errors else 200)


def show(request: HttpRequest, listed: Listed, made: str) -> HttpResponse:
    """The page of a list, or how far it is where only that is asked for."""
    info = _mine(request, listed, made, sample=True)
    name, where = _place(listed, made)
    paths = {
        "here": reverse(name, kwargs=where),
        "act": reverse(f"{name}_act", kwargs=where),
        "report": reverse(f"{name}_report", kwargs=where),
    }
    context: dict[str, Any] = {
        "info": info, "percent": _percent(info), "listed": listed, "paths": paths,
    }  # fmt: skip
    if request.headers.get("HX-Request"):
        response = render(request, "storefront/merchant/import_progress.html", context)
        if not info.busy:  # what is wrong, and what comes next, is on the rest of the page
            response["HX-Refresh"] = "true"
        return response
    context["columns"] = _columns(info)
    context["page"] = journeys.import_problems(import_id=info.id, **window(request))
    return render(request, "storefront/merchant/import.html", context)


def steer(request: HttpRequest, listed: Listed, made: str) -> HttpResponse:
    """Keep what the columns hold, and do what the button says."""
    info = _mine(request, listed, made)
    what = request.POST.get("do", "")
    where: dict[str, Any] = {
        "import_id": info.id, "merchant_id": info.merchant_id, "kind": info.kind,
    }  # fmt: skip
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
    return _back(request, text, listed, made)


def reported(request: HttpRequest, listed: Listed, made: str) -> HttpResponseBase:
    """What is wrong in a list, as a file."""
    info = _mine(request, listed, made)
    header = [_("Row"), _("Column"), _("Value"), _("Problem"), _("What to do")]
    found = [
        [one.row, one.column, one.value, one.problem, one.remedy]
        for one in journeys.every_problem(info.id)
    ]
    return csv_answer("report", header, found)


def _place(listed: Listed, made: str) -> tuple[str, dict[str, str]]:
    """The page of a list: its name, and what its address has."""
    if listed is None:
        return "storefront:merchant_import", {"made": made}
    return "storefront:merchant_price_import", {"listed": listed.public_id, "made": made}


def _back(request: HttpRequest, text: str, listed: Listed, made: str) -> HttpResponse:
    name, where = _place(listed, made)
    return done(request, text, name, **where)


def _mine(
    request: HttpRequest, listed: Listed, made: str, *, sample: bool = False
) -> journeys.ImportInfo:
    kind = journeys.ImportKind.PRICES if listed else journeys.ImportKind.PRODUCTS
    prefix = "pli" if listed else "pim"
    info = journeys.product_import(
        import_id=public(prefix, made), merchant_id=merchant_of(request), kind=kind, sample=sample
    )
    if listed and info.price_list_id != listed.id:
        raise NotFound
    return info


def _percent(info: journeys.ImportInfo) -> int:
    return 100 * info.position // max(info.products, 1)


def _columns(info: journeys.ImportInfo) -> list[dict[str, Any]]:
    """Each column with its first values and what it may hold."""
    offered = journeys.import_columns(info.kind)
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
