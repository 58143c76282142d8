"""A platform's first page: what its operators have put there, else what is new."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from kernel import tenancy
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import showcase
from storefront.found import site_data
from storefront.pages import buyer_of, language, page

NEW = 8
MERCHANTS = 12


@dataclass(frozen=True)
class Section:
    """A block as it is drawn; ``href`` leads to a page of this platform."""

    kind: str
    title: str
    text: str = ""
    alt: str = ""
    href: str = ""
    image: catalog.ImageInfo | None = None
    tiles: tuple[showcase.Tile, ...] = ()
    nodes: tuple[catalog.CategoryNode, ...] = ()
    shops: tuple["ShopTile", ...] = ()


@dataclass(frozen=True)
class ShopTile:
    """A shop's name and sign; ``away``: it is on holiday now."""

    slug: str
    name: str
    logo: catalog.ImageInfo | None
    away: bool


@require_safe
@page
def home(request: HttpRequest) -> HttpResponse:
    """A platform's first page; without a platform, the list of all."""
    if tenancy.current_or_none() is None:
        return render(request, "storefront/shop/platforms.html", {"platforms": _platforms()})
    return shown(request, catalog.home_blocks(language=language()))


def shown(
    request: HttpRequest, blocks: Iterable[catalog.HomeBlock], *, preview: bool = False
) -> HttpResponse:
    """The page with these blocks; with none, the categories, what is new and the merchants."""
    speak = language()
    tree = catalog.category_tree(language=speak)
    buyer = None if preview else buyer_of(request)
    every = (section_of(block, tree, speak, buyer) for block in blocks)
    sections = [one for one in every if one is not None]
    context: dict[str, Any] = {
        "site": site_data(request, platforms.get_platform().name(speak)),
        "tree": tree,
        "sections": sections,
        "preview": preview,
    }
    if not sections:
        new = marketplace.listings(sort="newest", limit=NEW, language=speak, buyer_id=buyer)
        context |= {
            "new": showcase.tiles(new.items, speak),
            "more": new.has_more,
            "shops": _shops(catalog.BlockContent(count=MERCHANTS), speak),
        }
    return render(request, "storefront/shop/home.html", context)


def section_of(
    block: catalog.HomeBlock,
    tree: tuple[catalog.CategoryNode, ...],
    speak: str,
    buyer: UUID | None,
) -> Section | None:
    """A block in a language at this buyer's prices; None when there is nothing to show."""
    content = block.content
    main = platforms.get_platform().locales[0]

    def said(texts: Any) -> str:
        return platforms.in_language(texts, speak) if texts else ""

    nodes = [node for node in catalog.every_category(tree) if node.id in content.category_ids]
    tiles: tuple[showcase.Tile, ...] = ()
    if block.kind == catalog.BlockKind.PRODUCTS:
        tiles = tuple(showcase.tiles(_listings(content, speak, buyer), speak))
    shops = _shops(content, speak) if block.kind == catalog.BlockKind.SHOPS else ()
    empty = {
        catalog.BlockKind.BANNER: block.image is None,
        catalog.BlockKind.TEXT: not (said(content.texts) or said(content.titles)),
        catalog.BlockKind.PRODUCTS: not tiles,
        catalog.BlockKind.CATEGORIES: not nodes,
        catalog.BlockKind.SHOPS: not shops,
    }
    if empty[block.kind]:
        return None
    return Section(
        kind=str(block.kind),
        title=said(content.titles),
        text=said(content.texts),
        alt=block.image.alt(speak, main) if block.image else "",
        href=get_script_prefix().rstrip("/") + content.link if content.link else "",
        image=block.image,
        tiles=tiles,
        nodes=tuple(sorted(nodes, key=lambda node: content.category_ids.index(node.id))),
        shops=shops,
    )


def _listings(
    content: catalog.BlockContent, speak: str, buyer: UUID | None
) -> list[marketplace.Listing]:
    """The products that a block chooses and buyers may see."""
    most = content.count
    whose: dict[str, Any] = {"language": speak, "buyer_id": buyer}
    match content.source:
        case catalog.ProductSource.HAND:
            ids = content.product_ids
            found = marketplace.listings_of(product_ids=ids, **whose)
            return [found[key] for key in ids if key in found][:most]
        case catalog.ProductSource.ON_SALE:
            return marketplace.on_sale(limit=most, **whose)
        case catalog.ProductSource.CATEGORY:
            page = marketplace.listings(category=content.category_id, limit=most, **whose)
            return list(page.items) if content.category_id else []
    return list(marketplace.listings(limit=most, **whose).items)


def _shops(content: catalog.BlockContent, speak: str) -> tuple[ShopTile, ...]:
    """The approved merchants that a block names, else the newest."""
    if content.merchant_ids:
        known = platforms.merchants(content.merchant_ids)
        every = [known[key] for key in content.merchant_ids if key in known]
        found = [one for one in every if one.approved][: content.count]
    else:
        newest = platforms.merchants_page(state="approved", order=("-id",), limit=content.count)
        found = list(newest.items)
    ids = [one.id for one in found]
    logos, away = catalog.logos(ids), marketplace.vacations(ids)
    return tuple(
        ShopTile(one.slug, one.name(speak), logos.get(one.id), one.id in away) for one in found
    )


def _platforms() -> list[platforms.PlatformInfo]:
    found = []
    for tenant in tenancy.directory().all():
        if tenant.state == "open":
            with tenancy.scope(tenant):
                found.append(platforms.get_platform())
    return sorted(found, key=lambda info: info.code)
