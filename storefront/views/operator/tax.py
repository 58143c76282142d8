"""The platform's word on how categories of goods are taxed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from kernel.errors import Malformed
from payments import facade as payments
from storefront import words
from storefront.lists import window
from storefront.pages import operator_desk
from storefront.views.merchant.tax import category_names, edited


@require_safe
@operator_desk("invoices")
def listing(request: HttpRequest) -> HttpResponse:
    """What is set, newest first, and a category to set next."""
    names = category_names()
    page = payments.goods_taxes_page(merchant_id=None, **window(request))
    context = {
        "page": page,
        "names": names,
        "categories": sorted(names.items()),
        "treatments": words.TREATMENTS,
        "usable": {one.id: payments.tax_usable(one.tax, "general") for one in page.items},
    }
    return render(request, "storefront/operator/tax.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_desk("invoices")
def one(request: HttpRequest) -> HttpResponse:
    """One category's tax class: set it, or let merchants' defaults hold."""
    category = request.GET.get("category", "").strip()
    if not 1 <= len(category) <= 200 or not category.isprintable():
        raise Malformed
    return edited(
        request,
        merchant_id=None,
        sku="",
        category=category,
        usual=None,
        names=category_names(),
        back="storefront:operator_tax",
        template="storefront/operator/tax_class.html",
    )
