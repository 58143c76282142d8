"""What search answers on the wire, and how it is made."""

from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from pydantic import Field

from kernel.api import Currency, DecimalStr, Schema
from kernel.ids import public_id
from search.api.routes import TAIL, CategoryId, MerchantId, ProductId, VariantId
from search.contracts import Hit
from search.contracts.found import Found, FoundProduct
from search.contracts.panels import Choice, Panel

PRODUCT_EXAMPLE = {
    "id": f"prd_{TAIL}",
    "type": "product",
    "title": "二等玉米",
    "title_html": "二等<mark>玉米</mark>",
    "slug": "corn-grade-2",
    "merchant_id": f"mer_{TAIL}",
    "category_id": f"cat_{TAIL}",
    "unit": "TNE",
    "image": None,
    "currency": "CNY",
    "lowest_price": "2380.00",
    "highest_price": "2380.00",
    "available": "620.000",
    "ahead": None,
    "ships_on": None,
    "variant_ids": [f"var_{TAIL}"],
    "group_count": 1,
}
FACET_EXAMPLE = {
    "ref": "attributes.grade",
    "kind": "terms",
    "title": "等级",
    "unit": "",
    "values": [
        {"value": "2", "label": "二等", "count": 7, "selected": False, "low": None, "high": None}
    ],
}


class HitImageOut(Schema):
    url: str
    srcset: str
    alt: str


class ItemOut(Schema):
    """A hit. Of types other than products only ``id``, ``type`` and the title are known here."""

    id: str
    type: str
    title: str
    title_html: str = Field(description="The title as safe HTML, with <mark> around what was found")
    slug: str | None = None
    merchant_id: MerchantId | None = None
    category_id: CategoryId | None = None
    unit: str | None = None
    image: HitImageOut | None = None
    currency: Currency | None = None
    lowest_price: DecimalStr | None = None
    highest_price: DecimalStr | None = None
    available: DecimalStr | None = Field(None, description="What can be sent at once")
    ahead: str | None = Field(
        None,
        description="backorder, preorder: though nothing can be sent at once, it can be bought",
    )
    ships_on: date | None = Field(None, description="When that is sent at the latest")
    variant_ids: list[VariantId] = []
    group_count: int = Field(1, description="How many hits its group has, where grouped")


class FacetValueOut(Schema):
    value: str
    label: str
    count: int
    selected: bool
    low: DecimalStr | None = None
    high: DecimalStr | None = Field(None, description="Not included")


class FacetOut(Schema):
    ref: str
    kind: str
    title: str
    unit: str = Field(description="Of low and high: a symbol, or the currency in major units")
    values: list[FacetValueOut]


class WordOut(Schema):
    typed: str
    read_as: str


class CorrectionOut(Schema):
    text: str = Field(description="The text that was searched instead")
    words: list[WordOut]


class SearchOut(Schema):
    data: list[ItemOut]
    has_more: bool
    next_cursor: str | None
    total: int = Field(description="All matching, exactly; while degraded only those on this page")
    full: int = Field(description="How many of them have every word")
    groups: int | None = None
    facets: list[FacetOut]
    corrected: CorrectionOut | None
    redirect: str | None = Field(description="A page of the platform that suits the query better")
    degraded: bool = Field(description="Search doesn't answer; this is plain browsing")
    notices: list[str]


class SuggestionOut(Schema):
    kind: str = Field(description="product, category or query")
    text: str
    marked: str = Field(description="The text as safe HTML, with <mark>")
    id: str | None = None
    path: str | None = None


class SuggestOut(Schema):
    data: list[SuggestionOut]


def render_found(
    found: Found, shown: list[Panel], *, language: str, redirect: str
) -> dict[str, Any]:
    """A page of results as sent."""
    known = cache(public_id)  # of merchants and categories: few, and each of many items
    return {
        "data": [render_item(one, language, known) for one in found.items],
        "has_more": found.has_more,
        "next_cursor": found.cursor or None,
        "total": found.total,
        "full": found.full,
        "groups": found.groups,
        "facets": [render_panel(panel) for panel in shown],
        "corrected": {
            "text": found.corrected.text,
            "words": [{"typed": a, "read_as": b} for a, b in found.corrected.words],
        }
        if found.corrected
        else None,
        "redirect": redirect or None,
        "degraded": found.degraded,
        "notices": list(found.notices),
    }


def render_item(
    one: FoundProduct | Hit, language: str, known: Callable[[str, UUID], str]
) -> dict[str, Any]:
    """A product with its tile, or another type's hit with its title. ``known``: ``public_id`` that
    remembers what it was asked."""
    if isinstance(one, Hit):
        title = one.fields.get("title", "")
        text = title if isinstance(title, str) else _said(title, language)
        marked = one.highlights.get("title") or _escaped(text)
        return {"id": one.id, "type": one.id.partition("_")[0], "title": text,
                "title_html": marked, "group_count": one.group_count}  # fmt: skip
    listing = one.listing
    card = listing.card
    image = card.image
    return {
        "id": one.hit.id,
        "type": "product",
        "title": card.title,
        "title_html": one.title_html or _escaped(card.title),
        "slug": card.slug,
        "merchant_id": known("mer", card.merchant_id),
        "category_id": known("cat", card.category_id) if card.category_id else None,
        "unit": card.unit,
        "image": {"url": image.url(320), "srcset": image.srcset,
                  "alt": image.alt(language) or card.title} if image else None,
        "currency": listing.currency,
        "lowest_price": listing.lowest,
        "highest_price": listing.highest,
        "available": format(listing.available.normalize(), "f"),
        "ahead": listing.ahead.how if listing.ahead else None,
        "ships_on": listing.ahead.ships_on if listing.ahead else None,
        "variant_ids": [public_id("var", variant) for variant in card.variant_ids],
        "group_count": one.hit.group_count,
    }  # fmt: skip


def render_panel(panel: Panel) -> dict[str, Any]:
    """A facet as sent."""
    return {
        "ref": panel.ref,
        "kind": panel.kind,
        "title": panel.title,
        "unit": panel.unit,
        "values": [_value(choice) for choice in panel.choices],
    }


def _value(choice: Choice) -> dict[str, Any]:
    return {
        "value": choice.value,
        "label": choice.label,
        "count": choice.count,
        "selected": choice.selected,
        "low": choice.low or None,
        "high": choice.high or None,
    }


def _said(texts: Any, language: str) -> str:
    from platforms.facade import in_language

    return in_language(texts, language) if texts else ""


def _escaped(text: str) -> str:
    from django.utils.html import escape

    return str(escape(text))


__all__ = ["FACET_EXAMPLE", "PRODUCT_EXAMPLE", "ItemOut", "ProductId", "SearchOut", "SuggestOut"]
