"""Products that wait for the operator's review, and one of them with its history."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog import facade as catalog
from kernel.audit import latest_for
from kernel.errors import Malformed, PreconditionFailed
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import words
from storefront.lists import choice, window
from storefront.pages import done, language, operator_desk, public

STATES = list(words.STATES["product"])
ALL = "all"


@require_safe
@operator_desk("catalogue")
def listing(request: HttpRequest) -> HttpResponse:
    """What waits for a review, the longest waiting first; else all of a state, a merchant, a
    category, or with these words."""
    asked = _asked(request)
    filters = {name: value for name, value in asked.items() if value is not None}
    state = choice(request, "state", [*STATES, ALL]) or (ALL if filters else "in_review")
    page = catalog.products_page(
        state=None if state == ALL else state,
        order=("updated_at", "id") if state == "in_review" else ("-id",),
        **filters,
        **window(request),
    )
    context = {
        "page": page,
        "states": STATES,
        "state": state,
        "q": asked["query"] or asked["sku"] or "",
        "merchants": platforms.merchants({one.merchant_id for one in page.items}),
        "merchant": platforms.merchant(asked["merchant_id"]) if asked["merchant_id"] else None,
        "category": catalog.category(asked["category"]) if asked["category"] else None,
        "required": platforms.get_platform().settings["catalog"]["review"],
    }
    return render(request, "storefront/operator/products.html", context)


def _asked(request: HttpRequest) -> dict[str, Any]:
    """Words or an article number, merchant and category out of the address. Raises NotFound."""
    query = request.GET.get("q", "").strip()[:100]
    merchant, category = request.GET.get("merchant", ""), request.GET.get("category", "")
    by_number = query and catalog.products_page(sku=query, limit=1).items
    return {
        "query": None if by_number else query or None,
        "sku": query if by_number else None,
        "merchant_id": public("mer", merchant) if merchant else None,
        "category": public("cat", category) if category else None,
    }


@require_safe
@operator_desk("catalogue")
def one(request: HttpRequest, product: str) -> HttpResponse:
    """What buyers would see, and what happened to it."""
    info = catalog.product(public("prd", product))
    main = platforms.get_platform().locales[0]
    context = {
        "product": info,
        "merchant": platforms.merchant(info.merchant_id),
        "attributes": catalog.shown_attributes(info.attributes, language(), main),
        "offers": marketplace.prices([variant.id for variant in info.variants]),
        "history": latest_for(info.id, limit=100),
    }
    return render(request, "storefront/operator/product.html", context)


@require_POST
@operator_desk("catalogue")
def act(request: HttpRequest, product: str) -> HttpResponse:
    """Approve what was looked at, give it back with words, or take it out of sale."""
    product_id, what = public("prd", product), request.POST.get("do", "")

    def seen(version: int) -> None:
        if request.POST.get("version") != str(version):
            raise PreconditionFailed

    if what == "approve":
        catalog.approve_product(product_id=product_id, check=seen)
        text = _("Approved. It is on sale now.")
    elif what == "return":
        reason = request.POST.get("reason", "")
        catalog.return_product(product_id=product_id, reason=reason, check=seen)
        text = _("It went back to the merchant.")
    elif what == "withdraw":
        reason = request.POST.get("reason", "")[:200]
        catalog.withdraw_product(product_id=product_id, reason=reason)
        text = _("Taken out of sale.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_product", product=product)
