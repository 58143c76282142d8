"""What is found while somebody types into a field in which goods or shops are chosen."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kernel.errors import Malformed
from storefront import picking
from storefront.pages import limited, merchant_desk, merchant_of, operator_desk

PER_MINUTE = 240  # a keystroke asks


@require_safe
@merchant_desk("promotions", "catalogue")
def own(request: HttpRequest) -> HttpResponse:
    """The merchant's own goods."""
    return _found(request, merchant_of(request))


@require_safe
@operator_desk("promotions", "content", "search")
def any_shop(request: HttpRequest) -> HttpResponse:
    """Goods of every shop, and shops."""
    return _found(request, None)


def _found(request: HttpRequest, merchant_id: UUID | None) -> HttpResponse:
    kind = request.GET.get("kind", "product")
    if kind not in picking.PREFIXES or (kind == "merchant" and merchant_id is not None):
        raise Malformed
    limited(request, "picking", PER_MINUTE)
    found = picking.found(kind, request.GET.get("q", ""), merchant_id=merchant_id)
    answer = render(request, "storefront/parts/picks.html", {"found": found})
    answer["Cache-Control"] = "private, max-age=10"
    return answer
