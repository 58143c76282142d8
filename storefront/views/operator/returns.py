"""All returns of the platform, to look at; what is disputed is decided with the disputes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import returns as shown
from storefront import words
from storefront.lists import choice, window
from storefront.pages import operator_desk, public

STATES = list(words.STATES["return"])
KINDS = list(words.returns.KINDS)


@require_safe
@operator_desk("orders.see")
def listing(request: HttpRequest) -> HttpResponse:
    """All that was asked for, newest first, by state or number."""
    state, kind = choice(request, "state", STATES), choice(request, "kind", KINDS)
    query = request.GET.get("q", "").strip()[:30]
    found = marketplace.returns_page(
        state=state, kind=kind, number=query or None, **window(request)
    )
    context = {
        "page": found,
        "state": state,
        "states": STATES,
        "kind_of_return": kind,
        "kinds": words.returns.KINDS,
        "q": query,
        "causes": words.returns.CAUSES,
        "merchants": platforms.merchants({one.merchant_id for one in found.items}),
        "view": "storefront:operator_return",
    }
    return render(request, "storefront/operator/returns.html", context)


@require_safe
@operator_desk("orders.see")
def one(request: HttpRequest, back: str) -> HttpResponse:
    """One return with what both sides say."""
    found = marketplace.order_return(return_id=public("ret", back))
    context = {
        **shown.shown(found),
        "merchant": platforms.merchants({found.merchant_id}).get(found.merchant_id),
        "picture_view": "storefront:operator_return_picture",
    }
    return render(request, "storefront/operator/return.html", context)


@require_safe
@operator_desk("orders.see")
def picture(request: HttpRequest, back: str, piece: str) -> HttpResponse:
    """A picture that the buyer shows."""
    return shown.picture_answer(public("ret", back), public("rtp", piece))
