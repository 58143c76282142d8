"""Products as tiles: a page of listings put into words for the tile's template."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.urls import reverse

from inventory import facade as inventory
from marketplace import facade as marketplace
from platforms import facade as platforms


@dataclass(frozen=True)
class Tile:
    """One product in a list."""

    title: str
    href: str
    image: Any
    merchant: str
    unit: str
    price: Decimal | None
    currency: str
    more_prices: bool
    sold_out: bool
    ahead: inventory.Sellable | None = None  # how it can be bought though not sent at once
    marked: str = ""
    was: Decimal | None = None  # the regular price of what is on sale, or others' of what isn't
    away: bool = False  # its shop is on holiday
    list_names: Mapping[str, str] | None = None  # the buyer's own price list, if it is from one


def tiles(listings: Iterable[marketplace.Listing], language: str) -> list[Tile]:
    """The tiles of these products."""
    shown = list(listings)
    merchants = platforms.merchants({one.card.merchant_id for one in shown})
    away = marketplace.vacations(merchants)
    return [_tile(one, merchants.get(one.card.merchant_id), away, language) for one in shown]


def _tile(
    one: marketplace.Listing,
    merchant: platforms.MerchantInfo | None,
    away: Container[UUID],
    language: str,
) -> Tile:
    return Tile(
        away=one.card.merchant_id in away,
        title=one.card.title,
        href=reverse("storefront:product", args=[one.card.slug]),
        image=one.card.image,
        merchant=merchant.name(language) if merchant else "",
        unit=one.card.unit,
        price=one.lowest,
        currency=one.currency,
        more_prices=one.lowest != one.highest,
        was=one.regular,
        list_names=one.price_list.names if one.price_list else None,
        sold_out=one.lowest is not None and one.available <= 0 and one.ahead is None,
        ahead=one.ahead,
    )
