"""Looking around: the platforms, and a platform's home."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from kernel import tenancy
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import showcase
from storefront.found import site_data
from storefront.pages import language, page

NEW = 8


@require_safe
@page
def home(request: HttpRequest) -> HttpResponse:
    """A platform's first page; without a platform, the list of all."""
    if tenancy.current_or_none() is None:
        return render(request, "storefront/shop/platforms.html", {"platforms": _platforms()})
    speak = language()
    new = marketplace.listings(sort="newest", limit=NEW, language=speak)
    context = {
        "site": site_data(request, platforms.get_platform().name(speak)),
        "tree": catalog.category_tree(language=speak),
        "new": showcase.tiles(new.items, speak),
        "more": new.has_more,
        "merchants": platforms.merchants_page(state="approved", limit=12).items,
    }
    return render(request, "storefront/shop/home.html", context)


def _platforms() -> list[platforms.PlatformInfo]:
    found = []
    for tenant in tenancy.directory().all():
        if tenant.state == "open":
            with tenancy.scope(tenant):
                found.append(platforms.get_platform())
    return sorted(found, key=lambda info: info.code)
