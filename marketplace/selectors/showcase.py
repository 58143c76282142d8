"""What a shop window shows: catalogue, prices and stock together, in few statements."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from kernel import tenancy
from kernel.pagination import PageOf
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.transactions import cursor as open_cursor
from marketplace.contracts_price_lists import PriceStep
from marketplace.contracts_showcase import Listing, ProductOffers
from marketplace.domain.prices import plain_price
from marketplace.selectors.offers import prices_question
from marketplace.selectors.price_book import PUBLIC, PriceBook, price_book
from platforms import facade as platforms

_PRICES = f"""
SELECT o.variant_id, o.merchant_id, o.unit_price, o.regular_price, o.currency
FROM marketplace_offer o
WHERE o.platform_id = %s AND o.variant_id {AMONG} AND o.state = 'active' AND o.currency = %s
"""  # noqa: S608

_SALES = """
SELECT o.variant_id FROM marketplace_offer o
WHERE o.platform_id = %s AND o.sale_id IS NOT NULL AND o.state = 'active'
ORDER BY o.sale_ends_at, o.id LIMIT %s
"""
_ZERO = Decimal(0)


class _Offer(NamedTuple):
    """An offer as far as a tile asks."""

    variant_id: UUID
    merchant_id: UUID
    unit_price: Decimal
    regular_price: Decimal | None
    currency: str


def listings(
    *,
    category: UUID | None = None,
    merchant: UUID | None = None,
    shelf: UUID | None = None,
    query: str | None = None,
    sort: str = "newest",
    cursor: str | None = None,
    limit: int = 20,
    language: str = "",
    buyer_id: UUID | None = None,
) -> PageOf[Listing]:
    """Product tiles with their range of prices for this buyer (None: the public ones) and their
    stock; three statements in two round trips, and those of ``price_book``."""
    page = catalog.product_cards(
        category=category,
        merchant=merchant,
        shelf=shelf,
        query=query,
        sort=sort,
        cursor=cursor,
        limit=limit,
        language=language,
    )
    return PageOf(_listings(page.items, buyer_id), page.has_more, page.next_cursor)


def listings_of(
    *, product_ids: Iterable[UUID], language: str = "", buyer_id: UUID | None = None
) -> dict[UUID, Listing]:
    """The tiles of those of these products that buyers may see now; statements as ``listings``."""
    return listings_with(catalog.cards(product_ids, language=language), buyer_id=buyer_id)


def listings_with(
    cards: Mapping[UUID, catalog.ProductCard], *, buyer_id: UUID | None = None
) -> dict[UUID, Listing]:
    """Tiles with these cards, for who has asked for them already: two statements in one round trip,
    and those of ``price_book``."""
    return dict(zip(cards, _listings(list(cards.values()), buyer_id), strict=True))


def on_sale(*, limit: int, language: str = "", buyer_id: UUID | None = None) -> list[Listing]:
    """Tiles of products with a reduced price now, the sale that ends first before the others."""
    with open_cursor() as sql:
        sql.execute(_SALES, [tenancy.current_id(), 4 * limit])
        variants = [row[0] for row in sql.fetchall()]
    owners = catalog.product_ids_of(variants)
    wanted = list(dict.fromkeys(owners[key] for key in variants if key in owners))
    shown = listings_of(product_ids=wanted, language=language, buyer_id=buyer_id)
    return [shown[key] for key in wanted if key in shown][:limit]


def _listings(cards: list[catalog.ProductCard], buyer_id: UUID | None) -> list[Listing]:
    ids = [variant for card in cards for variant in card.variant_ids]
    currency = platforms.get_platform().currency
    offers, stock = ask(_offers_question(ids, currency), inventory.sellable_question(ids))
    book = PUBLIC
    if buyer_id is not None:
        kinds = {variant: card.category_id for card in cards for variant in card.variant_ids}
        book = price_book(buyer_id, kinds)
    return [_listing(card, currency, offers, stock, book) for card in cards]


def _offers_question(ids: list[UUID], currency: str) -> Question[dict[UUID, _Offer]]:
    if not ids:
        return NOTHING
    return Question(
        _PRICES,
        [tenancy.current_id(), ids, currency],
        lambda rows: {row[0]: _Offer._make(row) for row in rows},
    )


def _listing(
    card: catalog.ProductCard,
    currency: str,
    offers: Mapping[UUID, _Offer],
    stock: Mapping[UUID, inventory.Sellable],
    book: PriceBook,
) -> Listing:
    available, here = _ZERO, []
    for variant in card.variant_ids:
        lying = stock[variant]
        available += lying.now
        offer = offers.get(variant)
        if offer is not None:
            here.append((book.price(offer), offer, lying))
    if not here:
        return Listing(card, None, None, currency, available)
    lowest, offer, _ = min(here, key=_unit_price)
    highest = max(here, key=_unit_price)[0]
    # Of a list's price what others pay now, their sale's price if there is one.
    was = offer.unit_price if lowest.price_list else offer.regular_price
    return Listing(
        card,
        plain_price(lowest.unit_price),
        plain_price(highest.unit_price),
        currency,
        available,
        None if was is None else plain_price(was),
        lowest.price_list,
        first_ahead([lying for _, _, lying in here]),
    )


def _unit_price(one: tuple[PriceStep, _Offer, inventory.Sellable]) -> Decimal:
    return one[0].unit_price


def product_offers(
    *, slug_or_id: str | UUID, language: str = "", buyer_id: UUID | None = None
) -> ProductOffers:
    """A product page with the price for this buyer (None: the public one) and stock of each
    variant. Raises NotFound."""
    page = catalog.product_page(slug_or_id=slug_or_id, language=language)
    ids = [variant.id for variant in page.variants]
    kind = page.category.id if page.category else None
    book = price_book(buyer_id, dict.fromkeys(ids, kind))
    known, stock = ask(prices_question(ids), inventory.sellable_question(ids))
    offers = {v: book.offer(offer) for v, offer in known.items() if offer.purchasable}
    return ProductOffers(page=page, offers=offers, sellable=stock)


def first_ahead(found: Iterable[inventory.Sellable]) -> inventory.Sellable | None:
    """What is sent first of what can be bought ahead; None if something can be sent at once."""
    there = list(found)
    for one in there:
        if one.now > 0:
            return None
    ahead = [one for one in there if one.due_on is not None and one.most != 0]
    return min(ahead, key=lambda one: one.due_on or date.max, default=None)
