"""What a shop window shows: catalogue, prices and stock together, in few statements."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.pagination import PageOf
from marketplace.contracts import Listing, ProductOffers
from marketplace.domain.prices import plain_price
from marketplace.models import Offer
from marketplace.selectors.offers import prices
from platforms import facade as platforms


def listings(
    *,
    category: UUID | None = None,
    merchant: UUID | None = None,
    query: str | None = None,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = 20,
    language: str = "",
) -> PageOf[Listing]:
    """Product tiles with their range of prices and their stock; three statements."""
    page = catalog.product_cards(
        category=category,
        merchant=merchant,
        query=query,
        sort=sort,
        cursor=cursor,
        limit=limit,
        language=language,
    )
    ids = [variant for card in page.items for variant in card.variant_ids]
    currency = platforms.get_platform().currency
    prices_: dict[UUID, Decimal] = dict(
        Offer.objects.filter(variant_id__in=ids, state=Offer.State.ACTIVE, currency=currency)
        .order_by()
        .values_list("variant_id", "unit_price")
    )
    stock = inventory.availability(ids)

    def listing(card: catalog.ProductCard) -> Listing:
        found = [prices_[variant] for variant in card.variant_ids if variant in prices_]
        return Listing(
            card=card,
            lowest=plain_price(min(found)) if found else None,
            highest=plain_price(max(found)) if found else None,
            currency=currency,
            available=sum((stock.get(v, Decimal(0)) for v in card.variant_ids), Decimal(0)),
        )

    return page.map(listing)


def product_offers(*, slug_or_id: str | UUID, language: str = "") -> ProductOffers:
    """A product page with the price and stock of each variant. Raises NotFound."""
    page = catalog.product_page(slug_or_id=slug_or_id, language=language)
    ids = [variant.id for variant in page.variants]
    offers = {v: offer for v, offer in prices(ids).items() if offer.purchasable}
    return ProductOffers(page=page, offers=offers, available=_stock(ids))


def _stock(ids: list[UUID]) -> dict[UUID, Any]:
    stock = inventory.availability(ids)
    return {variant: stock.get(variant, Decimal(0)) for variant in ids}
