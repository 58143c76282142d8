"""Price lists at the merchant's desk."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog import facade as catalog
from journeys import facade as journeys
from kernel import clock
from kernel.errors import DomainError
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.forms.price_lists import EntriesForm, ListForm, shown_list
from storefront.lists import choice, every, table_answer, window
from storefront.pages import done, language, merchant_desk, merchant_of, public

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@merchant_desk("prices")
def listing(request: HttpRequest) -> HttpResponse:
    """The lists, those of one group, those that are switched on or off."""
    merchant_id = merchant_of(request)
    groups = _groups(merchant_id)
    active = choice(request, "active", ("on", "off"))
    group = choice(request, "group", groups)
    page = marketplace.price_lists(
        merchant_id=merchant_id,
        group_id=public("bgr", group) if group else None,
        active=active == "on" if active else None,
        **window(request),
    )
    context = {
        "page": rows_of(page),
        "active": active,
        "group": group,
        "groups": groups,
        "names": {public("bgr", key): name for key, name in groups.items()},
    }
    return render(request, "storefront/merchant/price_lists.html", context)


def rows_of(page: Any) -> Any:
    """The page with each list's state of now."""
    now = clock.business()
    return page.map(lambda info: {"info": info, "state": info.state(now)})


def _groups(merchant_id: UUID) -> dict[str, str]:
    """The merchant's groups: what they are called, by public id."""
    found = every(marketplace.buyer_groups, merchant_id=merchant_id)
    return {one.public_id: platforms.in_language(one.names, language()) for one in found}


@both
@merchant_desk("prices")
def new(request: HttpRequest) -> HttpResponse:
    """Make a list."""
    return _form(request, None)


@both
@merchant_desk("prices")
def edit(request: HttpRequest, listed: str) -> HttpResponse:
    """Change all of a list but its prices."""
    known = marketplace.price_list(list_id=public("prl", listed), merchant_id=merchant_of(request))
    return _form(request, known)


def _form(request: HttpRequest, known: marketplace.PriceListInfo | None) -> HttpResponse:
    merchant_id = merchant_of(request)
    groups = _groups(merchant_id)
    initial = shown_list(known) if known else {"group": request.GET.get("group", "")}
    sent = request.POST if request.method == "POST" else None
    form = ListForm(sent, groups=groups.items(), initial=initial)
    if sent is not None and form.is_valid():
        try:
            if known is None:
                found = marketplace.create_price_list(
                    merchant_id=merchant_id, given=form.contract()
                )
                text = _("The list is there. Now put prices into it.")
            else:
                found = marketplace.change_price_list(
                    list_id=known.id, merchant_id=merchant_id, given=form.contract()
                )
                text = _("Changed.")
        except DomainError as error:
            form.refuse(error)
        else:
            return done(request, text, "storefront:merchant_price_list", listed=found.public_id)
    context = {"form": form, "known": known, "groups": groups}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/price_list_form.html", context, status=status)


@both
@merchant_desk("prices")
def one(request: HttpRequest, listed: str) -> HttpResponseBase:
    """One list: what it names, as a page or a table, and the form for more."""
    merchant_id, list_id = merchant_of(request), public("prl", listed)
    info = marketplace.price_list(list_id=list_id, merchant_id=merchant_id)
    if request.method == "GET" and request.GET.get("format"):
        return _exported(request, info)
    form = EntriesForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        rows = form.contracts(merchant_id)
        if rows is not None:
            try:
                marketplace.put_price_entries(list_id=list_id, merchant_id=merchant_id, rows=rows)
            except DomainError as error:
                form.refuse(error)
            else:
                text = _("The prices are in the list.")
                return done(request, text, "storefront:merchant_price_list", listed=listed)
    context = {
        **shown(info, request, merchant_id),
        "form": form,
        "group": marketplace.buyer_group(group_id=info.group_id, merchant_id=merchant_id),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/price_list.html", context, status=status)


def _exported(request: HttpRequest, info: marketplace.PriceListInfo) -> HttpResponseBase:
    """The entries as the form, and a table that is handed in, have them."""
    rows = journeys.price_rows(list_id=info.id, merchant_id=info.merchant_id)
    return table_answer(request, f"prices-{info.code}", journeys.price_header(), rows)


def shown(
    info: marketplace.PriceListInfo, request: HttpRequest, merchant_id: UUID | None
) -> dict[str, Any]:
    """A list with a page of its entries, for whose desk it is (None: the operator's)."""
    page = marketplace.price_entries(list_id=info.id, merchant_id=merchant_id, **window(request))
    variants = {row.variant_id for row in page.items if row.variant_id}
    return {
        "listed": info,
        "state": info.state(clock.business()),
        "page": page,
        "variants": catalog.variants(variants),
        "offers": marketplace.prices(variants),
        "kinds": catalog.category_paths(row.category_id for row in page.items if row.category_id),
        "currency": platforms.get_platform().currency,
    }


@require_POST
@merchant_desk("prices")
def delete(request: HttpRequest, listed: str) -> HttpResponse:
    """Delete a list with its prices."""
    marketplace.delete_price_list(list_id=public("prl", listed), merchant_id=merchant_of(request))
    text = _("The list is deleted; orders keep its name.")
    return done(request, text, "storefront:merchant_price_lists")


@require_POST
@merchant_desk("prices")
def remove(request: HttpRequest, listed: str, entry: str) -> HttpResponse:
    """Take one price out of a list."""
    marketplace.delete_price_entry(
        list_id=public("prl", listed),
        merchant_id=merchant_of(request),
        entry_id=public("ple", entry),
    )
    return done(
        request, _("The price is out of the list."), "storefront:merchant_price_list", listed=listed
    )
