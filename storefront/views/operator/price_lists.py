"""Merchants' price lists, for the operator to look at; who is in a group is the merchant's own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.lists import choice, window
from storefront.pages import operator_desk, public
from storefront.views.merchant.price_lists import rows_of, shown


@require_safe
@operator_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """Everyone's lists, the latest first."""
    active = choice(request, "active", ("on", "off"))
    page = marketplace.price_lists(
        merchant_id=None, active=active == "on" if active else None, **window(request)
    )
    context = {
        "page": rows_of(page),
        "active": active,
        "merchants": platforms.merchants({one.merchant_id for one in page.items}),
    }
    return render(request, "storefront/operator/price_lists.html", context)


@require_safe
@operator_desk("catalogue")
def one(request: HttpRequest, listed: str) -> HttpResponse:
    """What one list names."""
    info = marketplace.price_list(list_id=public("prl", listed), merchant_id=None)
    context = shown(info, request, None)
    context["seller"] = platforms.merchants([info.merchant_id]).get(info.merchant_id)
    return render(request, "storefront/operator/price_list.html", context)
