"""A person's kept searches, and what newly matches them."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import Forbidden
from marketplace import facade as marketplace
from search import facade as search
from storefront import searching, showcase
from storefront.lists import window
from storefront.pages import buyer_of, done, language, person_of, pressed, public, signed_in


def owner_of(request: HttpRequest) -> search.Owner:
    """The signed-in person's own; in a merchant's role, the merchant's."""
    person = person_of(request)
    if person is None:
        raise Forbidden
    if person.membership is not None and person.membership.merchant_id is not None:
        return search.Owner(merchant_id=person.membership.merchant_id)
    return search.Owner(person_id=person.id)


@require_safe
@signed_in
def kept(request: HttpRequest) -> HttpResponse:
    """All kept searches, newest first."""
    page = search.saved_searches(owner=owner_of(request), **window(request))
    rows = [{"info": one, "href": searching.address_of(one)} for one in page.items]
    return render(request, "storefront/search/kept.html", {"page": page, "rows": rows})


@require_safe
@signed_in
def matches(request: HttpRequest, saved: str) -> HttpResponse:
    """What newly matched one of them; looking at it takes the notice away."""
    owner, saved_id = owner_of(request), public("sav", saved)
    info = search.saved_search(saved_id=saved_id, owner=owner)
    page = search.matches(saved_id=saved_id, owner=owner, **window(request))
    ids = [one.product_id for one in page.items]
    known = marketplace.listings_of(
        product_ids=ids, language=language(), buyer_id=buyer_of(request)
    )
    listings = [known[one] for one in ids if one in known]
    search.mark_seen(saved_id=saved_id, owner=owner)
    context = {
        "info": info,
        "page": page,
        "href": searching.address_of(info),
        "tiles": showcase.tiles(listings, language()),
    }
    return render(request, "storefront/search/matches.html", context)


@require_POST
@signed_in
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the search of the page that the form was on."""
    query = QueryDict(request.POST.get("query", "")[:4000])
    params = [(name, query.getlist(name)) for name in query if name not in searching.OWN]
    sort = query.get("sort", "")
    search.save_search(
        owner=owner_of(request),
        text=query.get("q", ""),
        filters=search.filters_of_page(params),
        sort=sort if sort in search.SORTS else "relevance",
    )
    text = _("Kept. You are told here when something new matches.")
    return done(request, text, "storefront:kept_searches")


@require_POST
@signed_in
def act(request: HttpRequest, saved: str) -> HttpResponse:
    """Switch the alert, or forget the search."""
    owner, saved_id = owner_of(request), public("sav", saved)
    what = pressed(request, "on", "off", "remove")
    if what == "remove":
        search.remove_saved(saved_id=saved_id, owner=owner)
        return done(request, _("Removed."), "storefront:kept_searches")
    on = what == "on"
    search.change_saved(saved_id=saved_id, owner=owner, alert=on)
    text = _("You will be told of new matches.") if on else _("You won't be told any more.")
    return done(request, text, "storefront:kept_searches")
