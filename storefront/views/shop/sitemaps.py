"""Sitemaps: what search engines read to know every page (sitemaps.org)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from xml.etree import ElementTree as ET

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from kernel.errors import NotFound
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.found import languages_of
from storefront.pages import language, page, public

# Products or shops' categories of a file; times languages and doubled it stays below 50,000.
PORTION = 2_000
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
Entry = tuple[str, datetime | None]


@require_safe
@page
def index(request: HttpRequest) -> HttpResponse:
    """The list of the files: one of pages; products and shops' categories in portions."""
    root = ET.Element("sitemapindex", xmlns=NAMESPACE)
    paths = [reverse("storefront:sitemap_pages")]
    for start in catalog.published_starts(size=PORTION):
        paths.append(reverse("storefront:sitemap_products", args=[public_id("prd", start)]))
    for start in catalog.shelf_starts(size=PORTION):
        paths.append(reverse("storefront:sitemap_shelves", args=[public_id("shc", start)]))
    for path in paths:
        ET.SubElement(ET.SubElement(root, "sitemap"), "loc").text = request.build_absolute_uri(path)
    return _answer(root)


@require_safe
@page
def pages(request: HttpRequest) -> HttpResponse:
    """The first page, the list of all, the categories and the merchants' shops."""
    return _answer(_urls(request, _pages()))


@require_safe
@page
def products(request: HttpRequest, start: str) -> HttpResponse:
    """A portion of the products."""
    found = catalog.published_from(start=public("prd", start), size=PORTION)
    if not found:
        raise NotFound
    entries = ((reverse("storefront:product", args=[one.slug]), one.updated_at) for one in found)
    return _answer(_urls(request, entries))


@require_safe
@page
def shelves(request: HttpRequest, start: str) -> HttpResponse:
    """A portion of the shops' own categories; of approved merchants only."""
    found = catalog.shelves_from(start=public("shc", start), size=PORTION)
    if not found:
        raise NotFound
    shops = platforms.merchants({merchant_id for _id, merchant_id, _at in found})
    entries = (
        (reverse("storefront:merchant_shelf", args=[shop.slug, public_id("shc", shelf_id)]), at)
        for shelf_id, merchant_id, at in found
        if (shop := shops[merchant_id]).approved
    )
    return _answer(_urls(request, entries))


def _pages() -> Iterator[Entry]:
    yield reverse("storefront:home"), None
    yield reverse("storefront:products"), None
    for node in catalog.every_category(catalog.category_tree(language=language())):
        yield reverse("storefront:category", args=[node.path]), None
    cursor = None
    while True:
        found = platforms.merchants_page(state="approved", limit=100, cursor=cursor)
        for merchant in found.items:
            yield reverse("storefront:merchant", args=[merchant.slug]), None
        cursor = found.next_cursor
        if not found.has_more:
            return


def _urls(request: HttpRequest, entries: Iterable[Entry]) -> ET.Element:
    """Each entry once for each language, and each of these names all."""
    root = ET.Element("urlset", {"xmlns": NAMESPACE, "xmlns:xhtml": XHTML})
    for path, changed in entries:
        address = request.build_absolute_uri(path)
        languages = languages_of(address)
        for said in dict.fromkeys(one for _tag, one in languages) or [address]:
            url = ET.SubElement(root, "url")
            ET.SubElement(url, "loc").text = said
            if changed is not None:
                ET.SubElement(url, "lastmod").text = changed.isoformat(timespec="seconds")
            for tag, other in languages:
                ET.SubElement(url, "xhtml:link", rel="alternate", hreflang=tag, href=other)
    return root


def _answer(root: ET.Element) -> HttpResponse:
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    response = HttpResponse(body, content_type="application/xml; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response
