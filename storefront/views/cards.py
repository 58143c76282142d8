"""A buyer's saved cards: what was kept, what was agreed to, and removing one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import Forbidden
from payments import facade as payments
from storefront.pages import done, person_of, public, signed_in


@require_safe
@signed_in
def cards(request: HttpRequest) -> HttpResponse:
    """The cards, latest first."""
    person = person_of(request)
    if person is None:
        raise Forbidden
    context = {"cards": payments.saved_cards(person_id=person.id)}
    return render(request, "storefront/account/cards.html", context)


@require_POST
@signed_in
def remove(request: HttpRequest) -> HttpResponse:
    """Forget one."""
    person = person_of(request)
    if person is None:
        raise Forbidden
    payments.remove_card(person_id=person.id, card_id=public("spm", request.POST.get("card", "")))
    return done(request, _("The card was removed."), "storefront:cards")
