"""The companies that may be named as the other party: found by a part of their name."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from certification import facade as certification
from kernel.actors import current_actor
from platforms import facade as platforms
from storefront.pages import limited
from storefront.views.contracts.who import party_page

PER_MINUTE = 120  # a keystroke asks; a person types three a second at most, and not for a minute
SHOWN = 10


@require_safe
@party_page
def companies(request: HttpRequest) -> HttpResponse:
    """The lines below a field, as options of a list."""
    limited(request, "companies", PER_MINUTE)
    found = matching(request.GET.get("q", ""), own=current_actor().merchant_id)
    answer = render(request, "storefront/contracts/companies.html", {"found": found})
    answer["Cache-Control"] = "private, max-age=30"
    return answer


def matching(text: str, *, own: UUID | None) -> list[platforms.MerchantInfo]:
    """Approved merchants of the platform but one's own: those with ``text`` in their name, or the
    one with this unified social credit code."""
    text = text.strip()[:120]
    if not text:
        return []
    found = platforms.find_merchants(words=text, limit=SHOWN + 1)
    number = certification.merchant_with_number(number=text.upper())
    if number is not None:
        known = platforms.merchants({number})
        found = [*known.values(), *found]
    return [one for one in found if one.id != own and one.approved][:SHOWN]
