"""Looking around: the platforms, a platform's home, categories, search, a merchant's shop."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from kernel import tenancy
from kernel.errors import NotFound
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import showcase
from storefront.lists import choice, window
from storefront.pages import language, page

SORTS = {"newest": _("Newest first"), "title": _("By name")}
NEW = 8


@require_safe
@page
def home(request: HttpRequest) -> HttpResponse:
    """A platform's first page; without a platform, the list of all."""
    if tenancy.current_or_none() is None:
        return render(request, "storefront/shop/platforms.html", {"platforms": _platforms()})
    speak = language()
    new = marketplace.listings(sort=next(iter(SORTS)), limit=NEW, language=speak)
    context = {
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


@require_safe
@page
def products(request: HttpRequest) -> HttpResponse:
    """All products, or those that a search finds."""
    query = request.GET.get("q", "").strip()[:100]
    return _listing(request, {"query": query or None}, {"search": query})


@require_safe
@page
def category(request: HttpRequest, path: str) -> HttpResponse:
    """The products of a category and of those below it."""
    tree = catalog.category_tree(language=language())
    trail = _trail(tree, path.strip("/"))
    if not trail:
        raise NotFound
    return _listing(request, {"category": trail[-1].id}, {"category": trail[-1], "trail": trail})


@require_safe
@page
def merchant(request: HttpRequest, slug: str) -> HttpResponse:
    """A merchant's shop."""
    info = platforms.merchant_by_slug(slug)
    if not info.approved:
        raise NotFound
    return _listing(request, {"merchant": info.id}, {"merchant": info})


def _listing(request: HttpRequest, filters: dict[str, Any], more: dict[str, Any]) -> HttpResponse:
    speak = language()
    sort = choice(request, "sort", SORTS) or next(iter(SORTS))
    found = marketplace.listings(sort=sort, language=speak, **window(request), **filters)
    context = {
        "page": found,
        "tiles": showcase.tiles(found.items, speak),
        "tree": catalog.category_tree(language=speak),
        "sorts": SORTS,
        "sort": sort,
        **more,
    }
    return render(request, "storefront/shop/list.html", context)


def _trail(tree: Any, path: str) -> list[catalog.CategoryNode]:
    """The categories from the root to ``path``."""
    for node in tree:
        if node.path == path:
            return [node]
        if path.startswith(node.path + "/"):
            below = _trail(node.children, path)
            return [node, *below] if below else []
    return []
