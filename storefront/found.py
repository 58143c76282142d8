"""What search engines are told of a page: its one address, its languages, what is sold on it."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from catalog import facade as catalog
from marketplace import facade as marketplace
from platforms import facade as platforms

PARAMETER = "hl"  # the language in the address, see platforms.middleware
_ESCAPES = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


def in_language(address: str, language: str, main: str) -> str:
    """The page's address in a language; the platform's first needs no word of it."""
    return (
        address if language.lower() == main.lower() else f"{address}?{PARAMETER}={language.lower()}"
    )


def languages_of(address: str) -> list[tuple[str, str]]:
    """(hreflang, address) of each of the platform's languages, and of who has none of them."""
    locales = platforms.get_platform().locales
    found = [(_tag(one), in_language(address, one, locales[0])) for one in locales]
    return [*found, ("x-default", address)] if len(found) > 1 else []


def canonical(address: str, language: str) -> str:
    """The one address of what is shown, whatever filters or variants were in the visitor's."""
    return in_language(address, language, platforms.get_platform().locales[0])


def written(data: Mapping[str, Any]) -> SafeString:
    """schema.org data as a data block; no text in it can end the block."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(_ESCAPES)
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308


def product_data(
    request: HttpRequest,
    page: catalog.ProductPage,
    choices: Iterable[Any],
    seller: str,
    language: str = "",
) -> dict[str, Any]:
    """schema.org Product with an Offer for each variant that has a price."""
    address = request.build_absolute_uri(reverse("storefront:product", args=[page.slug]))
    offers = [_offer(address, choice, seller) for choice in choices if choice.offer is not None]
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": page.title,
        "url": address,
        "description": page.description[:5000],
        "image": [request.build_absolute_uri(one.image.url(1200)) for one in page.pictures],
        "category": " > ".join(node.name for node in page.trail),
    }
    if len(page.variants) == 1:
        data["sku"] = page.variants[0].sku
    data["subjectOf"] = [
        _video(request, page, one, language) for one in page.videos if page.pictures
    ]
    kept = {key: value for key, value in data.items() if value}
    return kept | ({"offers": offers} if offers else {})


def _video(
    request: HttpRequest, page: catalog.ProductPage, video: catalog.VideoInfo, language: str
) -> dict[str, Any]:
    """schema.org VideoObject; it needs a picture to stand for it, which is the product's first."""
    file = video.file
    data = {
        "@type": "VideoObject",
        "name": video.title(language) or page.title,
        "description": page.description[:2000] or page.title,
        "thumbnailUrl": [request.build_absolute_uri(page.pictures[0].image.url(1200))],
        "uploadDate": file.created_at.isoformat(timespec="seconds"),
        "contentUrl": request.build_absolute_uri(file.url),
        "encodingFormat": file.content_type,
        "width": file.width,
        "height": file.height,
    }
    if file.milliseconds:
        data["duration"] = f"PT{max(1, round(file.milliseconds / 1000))}S"
    return {key: value for key, value in data.items() if value}


# What schema.org calls it when nothing can be sent at once.
AHEAD = {"backorder": "BackOrder", "preorder": "PreOrder"}


def _offer(address: str, choice: Any, seller: str) -> dict[str, Any]:
    offer: marketplace.OfferInfo = choice.offer
    stock = "InStock" if choice.buyable else "OutOfStock"
    later = choice.ahead if not choice.available else None
    if later:
        stock = AHEAD[later.how]
    data = {
        "@type": "Offer",
        "url": address,
        "sku": choice.sku,
        "price": _plain(offer.public_price or offer.unit_price),
        "priceCurrency": offer.currency,
        "availability": f"https://schema.org/{stock}",
        "itemCondition": "https://schema.org/NewCondition",
    }
    if choice.away_until is not None:
        data["availabilityStarts"] = choice.away_until.isoformat(timespec="seconds")
    elif later:
        data["availabilityStarts"] = later.ships_on.isoformat()
    return data | ({"seller": {"@type": "Organization", "name": seller}} if seller else {})


def trail_data(request: HttpRequest, trail: Iterable[catalog.CategoryNode]) -> dict[str, Any]:
    """schema.org BreadcrumbList of the categories above a page."""
    return {
        "@context": "https://schema.org",
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": place,
                "name": node.name,
                "item": request.build_absolute_uri(
                    reverse("storefront:category", args=[node.path])
                ),
            }
            for place, node in enumerate(trail, 1)
        ],
    }


def site_data(request: HttpRequest, name: str) -> dict[str, Any]:
    """schema.org WebSite with its search."""
    home = request.build_absolute_uri(reverse("storefront:home"))
    search = request.build_absolute_uri(reverse("storefront:search"))
    return {
        "@context": "https://schema.org",
        "@type": "WebSite",
        "name": name,
        "url": home,
        "potentialAction": {
            "@type": "SearchAction",
            "target": f"{search}?q={{search_term_string}}",
            "query-input": "required name=search_term_string",
        },
    }


def _plain(price: Decimal) -> str:
    return format(price, "f")


def _tag(locale: str) -> str:
    """``zh-hans`` as BCP 47 writes it."""
    first, _, rest = locale.partition("-")
    return f"{first}-{rest.title()}" if len(rest) == 4 else locale
