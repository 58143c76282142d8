"""Finding products: the page of results with its facets, which categories and shops use too."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from kernel.errors import DomainError, Invalid, NotFound, TooLarge
from search import facade as search
from storefront import searching
from storefront.found import trail_data
from storefront.pages import language, page, words_of


@require_safe
@page
def products(request: HttpRequest) -> HttpResponse:
    """All products, or those that a search finds."""
    return results(request, {})


@require_safe
@page
def category(request: HttpRequest, path: str) -> HttpResponse:
    """The products of a category and of those below it."""
    tree = catalog.category_tree(language=language())
    trail = _trail(tree, path.strip("/"))
    if not trail:
        return _moved(request, path)
    context = {
        "category": trail[-1],
        "trail": trail,
        "trail_data": trail_data(request, trail),
        "tree": tree,
    }
    return results(request, context, {"category": trail[-1].path})


def results(
    request: HttpRequest, context: dict[str, Any], fixed: dict[str, str] | None = None
) -> HttpResponse:
    """A page of results; what is wrong in its address is said on it, never a dead end."""
    fixed = fixed or {}
    tree = context.get("tree")
    if tree is None:
        tree = catalog.category_tree(language=language())
    asked = searching.asked_of(request, fixed=fixed)
    try:
        found = search.ask(**asked, tree=tree)
    except (search.BadCursor, search.CursorOutdated, search.TooDeep):
        return redirect(f"{request.path}{searching.without(request, ())}")
    except (Invalid, TooLarge) as error:
        return _refused(request, context | {"tree": tree}, error)
    if found.redirect and not fixed and not found.filters and "exact" not in request.GET:
        return redirect(_own_path(request, found.redirect))
    if not fixed:
        searching.note_searched(request, found)
    context |= {
        "tree": tree,
        "search": found.text,
        "result": found,
        "found": found.found,
        "page": searching.window_of(found),
        "tiles": searching.tiles(found),
        "chips": searching.chips(request, found, fixed),
        "panels": searching.facet_panels(request, found, fixed),
        "sorts": searching.PLAIN_SORTS if found.found.degraded else searching.SORTS,
        "sort": asked["sort"],
        "grouped": asked["group"],
        "related": search.related(text=found.text) if found.text or not found.found.total else [],
        "instead": _instead(request, found),
    }
    return render(request, "storefront/search/results.html", context)


@require_safe
@page
def suggest(request: HttpRequest) -> HttpResponse:
    """The lines below the search box, as options of a list."""
    try:
        found = search.offer(text=request.GET.get("q", ""), language=language())
    except DomainError:
        found = ()
    response = render(request, "storefront/search/suggest.html", {"found": found})
    response["Cache-Control"] = "private, max-age=30"
    return response


def _refused(request: HttpRequest, context: dict[str, Any], error: DomainError) -> HttpResponse:
    context |= {
        "search": request.GET.get("q", "").strip()[:60],
        "refused": words_of(error),
        "related": search.related(text=""),
        "sorts": searching.SORTS,
        "tiles": [],
    }
    return render(request, "storefront/search/results.html", context, status=422)


def _instead(request: HttpRequest, found: search.Result) -> str:
    """The address that searches for exactly what was typed."""
    if found.found.corrected is None:
        return ""
    query = request.GET.copy()
    query.pop("cursor", None)
    query["exact"] = "1"
    return f"?{query.urlencode()}"


def _own_path(request: HttpRequest, target: str) -> str:
    """A redirect's target below the platform that the request was sent to."""
    from django.urls import get_script_prefix

    return get_script_prefix().rstrip("/") + target


def _moved(request: HttpRequest, path: str) -> HttpResponse:
    """A category that stands elsewhere by now: its old address leads to it. Raises NotFound."""
    info = catalog.category_by_path(path.strip("/").rpartition("/")[2])
    there = reverse("storefront:category", args=[info.path])
    if request.get_full_path().partition("?")[0] == there:
        raise NotFound
    query = request.GET.urlencode()
    return redirect(f"{there}?{query}" if query else there, permanent=True)


def _trail(tree: Any, path: str) -> list[catalog.CategoryNode]:
    """The categories from the root to ``path``."""
    for node in tree:
        if node.path == path:
            return [node]
        if path.startswith(node.path + "/"):
            below = _trail(node.children, path)
            return [node, *below] if below else []
    return []
