"""What the search pages share: the address as state, visits for counting, tiles with marks."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from search import facade as search
from storefront import showcase
from storefront.lists import choice, window
from storefront.pages import language, person_of

SORTS = {
    "relevance": _("Best match"),
    "-sales": _("Best selling"),
    "price": _("Price, lowest first"),
    "-price": _("Price, highest first"),
    "-rating": _("Best rated"),
    "-published_at": _("Newest first"),
}
# What a browsed list can be sorted by, when no engine answers.
PLAIN_SORTS = {"-published_at": _("Newest first"), "title": _("By name")}
# Parameters of the address that aren't filters.
OWN = {"hl", "q", "sort", "cursor", "limit", "group", "exact", "next", "page"}


@dataclass(frozen=True)
class Window:
    """What the pager needs."""

    items: list[Any]
    has_more: bool
    next_cursor: str | None


@dataclass(frozen=True)
class ActiveFilter:
    """A chip: what is filtered, and the address without it."""

    title: str
    label: str
    href: str


@dataclass(frozen=True)
class Step:
    """A value of a facet as a link: the address with it."""

    choice: search.Choice
    href: str
    share: int  # of the highest count, in per cent


@dataclass(frozen=True)
class FacetPanel:
    """A facet as drawn: check boxes for ``terms``, links for the others, bounds for numbers."""

    panel: search.Panel
    steps: list[Step]

    @property
    def numeric(self) -> bool:
        return self.panel.kind in ("range", "histogram")


def asked_of(request: HttpRequest, *, fixed: dict[str, str] | None = None) -> dict[str, Any]:
    """The arguments of ``search.ask`` in a page's address; ``fixed`` filters come from the path."""
    text = request.GET.get("q", "").strip()
    params = [(name, request.GET.getlist(name)) for name in request.GET if name not in OWN]
    params = [(name, values) for name, values in params if name not in (fixed or {})]
    params += [(name, [value]) for name, value in (fixed or {}).items()]
    sort = choice(request, "sort", SORTS) or ("relevance" if text else "-published_at")
    here = window(request)
    return {
        "text": text,
        "ready": search.filters_of_page(params),
        "sort": sort,
        "size": here["limit"],
        "cursor": here["cursor"] or "",
        "group": choice(request, "group", ("merchant",)) or "",
        "correct": request.GET.get("exact") != "1",
        "language": language(),
    }


def without(request: HttpRequest, gone: Iterable[tuple[str, str]]) -> str:
    """The page's address without these values."""
    found = _copy(request)
    for name, value in gone:
        kept = [one for one in found.getlist(name) if one != value]
        # A number may be written otherwise in the address than it is shown.
        if name.endswith((".min", ".max")):
            kept = []
        if kept:
            found.setlist(name, kept)
        else:
            found.pop(name, None)
    return f"?{found.urlencode()}"


def chips(request: HttpRequest, result: search.Result, fixed: Iterable[str]) -> list[ActiveFilter]:
    """The filters that can be taken away."""
    skip = set(fixed)
    return [
        ActiveFilter(chip.title, chip.label, without(request, chip.params))
        for chip in search.chips(result.filters, result.words)
        if not any(name in skip for name, _value in chip.params)
    ]


def facet_panels(
    request: HttpRequest, result: search.Result, fixed: dict[str, str]
) -> list[FacetPanel]:
    """The facets as drawn; those that the path fixes are left out, but for the tree."""
    found = []
    for panel in result.panels:
        if panel.ref in fixed and panel.kind != "tree":
            continue
        steps = [_step(request, panel, one, fixed) for one in panel.choices]
        found.append(FacetPanel(panel, steps))
    return found


def tiles(result: search.Result) -> list[showcase.Tile]:
    """The products found, with what was searched marked in their titles."""
    products = [one for one in result.found.items if isinstance(one, search.FoundProduct)]
    made = showcase.tiles((one.listing for one in products), language())
    return [
        replace(tile, marked=_safe(one.title_html))
        for tile, one in zip(made, products, strict=True)
    ]


def window_of(result: search.Result) -> Window:
    """The page for the pager."""
    return Window(list(result.found.items), result.found.has_more, result.found.cursor or None)


def visit_of(request: HttpRequest) -> str:
    """What tells visits apart, for counting; never stored."""
    person = person_of(request)
    if person is not None:
        return person.id.hex
    return f"{request.META.get('REMOTE_ADDR', '')} {request.META.get('HTTP_USER_AGENT', '')[:200]}"


def query_before(request: HttpRequest) -> str:
    """The query of the page from which the request was sent, if that was a search page of ours."""
    came = request.headers.get("HX-Current-URL") or request.META.get("HTTP_REFERER", "")
    parts = urlsplit(str(came)[:2000])
    pages = (reverse("storefront:search"), reverse("storefront:products"))
    if parts.netloc != request.get_host() or parts.path not in pages:
        return ""
    return parse_qs(parts.query).get("q", [""])[0][:200]


def note_opened(request: HttpRequest) -> None:
    """Count that a product was opened, if it was from a page of results."""
    text = query_before(request)
    if text:
        search.note_click(text=text, visit=visit_of(request))


def note_searched(request: HttpRequest, result: search.Result) -> None:
    """Count a search: the first page, without filters, of an engine that answered."""
    if result.text and not result.filters and not request.GET.get("cursor"):
        if result.found.degraded:
            return
        search.note_search(
            text=result.text,
            total=result.found.total,
            visit=visit_of(request),
            before=query_before(request),
        )


def _step(
    request: HttpRequest, panel: search.Panel, one: search.Choice, fixed: dict[str, str]
) -> Step:
    found = _copy(request)
    share = round(100 * one.count / panel.peak) if panel.peak else 0
    if panel.kind == "tree":
        if panel.ref in fixed:
            path = reverse("storefront:category", args=[one.value])
            found.pop(panel.ref, None)
            return Step(one, f"{path}?{found.urlencode()}".rstrip("?"), share)
        found[panel.ref] = one.value
    elif panel.kind in ("range", "histogram"):
        for end, value in (("min", one.low), ("max", one.high)):
            found.pop(f"{panel.ref}.{end}", None)
            if value:
                found[f"{panel.ref}.{end}"] = value
    return Step(one, f"?{found.urlencode()}", share)


def _copy(request: HttpRequest) -> QueryDict:
    found = request.GET.copy()
    found.pop("cursor", None)
    return found


def _safe(html: str) -> SafeString:
    """Titles come escaped from search, with nothing but ``<mark>`` in them."""
    return mark_safe(html)  # noqa: S308


def address_of(info: search.SavedSearchInfo) -> str:
    """The page of results of a kept search."""
    query = QueryDict(mutable=True)
    if info.text:
        query["q"] = info.text
    if info.sort != "relevance":
        query["sort"] = info.sort
    for name, value in search.params_of(filters=info.filters):
        query.appendlist(name, value)
    return f"{reverse('storefront:search')}?{query.urlencode()}"
