"""Tables of a price list's prices at the merchant's desk, handled as lists of products are."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journeys import facade as journeys
from kernel.tables import BYTES_MAX, TableTooLarge
from marketplace import facade as marketplace
from storefront.lists import table_answer
from storefront.pages import merchant_desk, merchant_of, public, up_to
from storefront.views.merchant import imports


@up_to(BYTES_MAX, TableTooLarge)
@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("prices")
def listing(request: HttpRequest, listed: str) -> HttpResponse:
    """A new table, and those so far."""
    page = "storefront/merchant/price_imports.html"
    return imports.hand_in(request, _list(request, listed), page)


@require_safe
@merchant_desk("prices")
def one(request: HttpRequest, listed: str, made: str) -> HttpResponse:
    """What the columns hold, how far it is, what is wrong."""
    return imports.show(request, _list(request, listed), made)


@require_POST
@merchant_desk("prices")
def act(request: HttpRequest, listed: str, made: str) -> HttpResponse:
    """Keep what the columns hold and try it or carry it out; or stop it."""
    return imports.steer(request, _list(request, listed), made)


@require_safe
@merchant_desk("prices")
def report(request: HttpRequest, listed: str, made: str) -> HttpResponseBase:
    """What is wrong, as a file."""
    return imports.reported(request, _list(request, listed), made)


@require_safe
@merchant_desk("prices")
def template(request: HttpRequest, listed: str) -> HttpResponseBase:
    """An empty table with all columns."""
    names = [label for _key, label in journeys.import_columns(journeys.ImportKind.PRICES)]
    return table_answer(request, f"prices-{_list(request, listed).code}", names, [])


def _list(request: HttpRequest, listed: str) -> marketplace.PriceListInfo:
    return marketplace.price_list(list_id=public("prl", listed), merchant_id=merchant_of(request))
