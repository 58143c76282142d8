"""What a cart's goods are, cost and have against being bought today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from catalog import facade as catalog
from catalog.facade import VariantInfo
from inventory import facade as inventory
from kernel import clock
from kernel.questions import NOTHING, ask
from logistics import facade as logistics
from marketplace import locks
from marketplace.contracts import OfferInfo
from marketplace.contracts_price_lists import PriceStep
from marketplace.contracts_vacations import VacationInfo
from marketplace.domain.totals import PricedLine
from marketplace.models import Promotion
from marketplace.selectors.discounts import live_question
from marketplace.selectors.offers import prices_question
from marketplace.selectors.price_book import PriceBook, price_book
from marketplace.selectors.vacations import vacations_question
from platforms import facade as platforms
from platforms.facade import MerchantInfo

ON_VACATION = "on_vacation"


@dataclass(frozen=True)
class StoredLine:
    """A line as the cart's row keeps it."""

    variant_id: UUID
    quantity: Decimal
    price_added: Decimal | None


@dataclass(frozen=True)
class Goods:
    """What is known today of a cart's goods; ``away``: those of their merchants whose shop is on
    holiday at the business time ``at``; ``stock``: what can be bought, as far as it was asked;
    ``book``: what the cart's buyer pays for them; ``live``: the promotions that need no code;
    ``rates``: the merchants' tariffs, as far as they were asked."""

    currency: str
    variants: Mapping[UUID, VariantInfo]
    offers: Mapping[UUID, OfferInfo]
    merchants: Mapping[UUID, MerchantInfo]
    at: datetime
    away: Mapping[UUID, VacationInfo]
    stock: Mapping[UUID, inventory.Sellable]
    book: PriceBook
    live: Sequence[Promotion]
    rates: logistics.Tariffs | None

    def problem(self, variant_id: UUID) -> str:
        """Why a variant can't be bought now; empty when it can."""
        variant = self.variants.get(variant_id)
        if variant is None:
            return "not_for_sale"
        merchant = self.merchants.get(variant.merchant_id)
        if merchant is None or not merchant.approved:
            return "merchant_closed"
        if not variant.published:
            return "not_for_sale"
        if variant.merchant_id in self.away:
            return ON_VACATION
        offer = self.offers.get(variant_id)
        if offer is None or not offer.purchasable or offer.currency != self.currency:
            return "no_price"
        return ""

    def price(self, variant_id: UUID, quantity: Decimal) -> PriceStep:
        """What a unit costs the buyer who takes so many of what has no problem."""
        return self.book.price(self.offers[variant_id], quantity)

    def priced(self, line: StoredLine) -> PricedLine:
        """A line that has no problem, for the arithmetic."""
        variant = self.variants[line.variant_id]
        return PricedLine(
            variant_id=line.variant_id,
            merchant_id=variant.merchant_id,
            unit_price=self.price(line.variant_id, line.quantity).unit_price,
            quantity=line.quantity,
            weight_grams=variant.weight_grams,
        )


def goods_of(
    variant_ids: Iterable[UUID],
    *,
    buyer_id: UUID | None,
    with_stock: bool = False,
    with_rates: bool = False,
) -> Goods:
    """Variants, prices for this buyer, promotions, merchants and holidays of a cart, in two round
    trips; ``with_stock``: also what can be bought of each, ``with_rates``: the tariffs."""
    ids, now = set(variant_ids), clock.business()
    variants, offers, stock, live = ask(
        catalog.variants_question(ids),
        prices_question(ids),
        inventory.sellable_question(ids) if with_stock else NOTHING,
        live_question(now),
    )
    sellers = _sellers(variants)
    merchants, away, rates = ask(
        platforms.merchants_question(sellers),
        vacations_question(sellers, at=now),
        logistics.rules_question(sellers) if with_rates else NOTHING,
    )
    return _goods(
        buyer_id, now, variants, offers, merchants, away, stock, live, rates if with_rates else None
    )


def goods_held(variant_ids: Iterable[UUID], *, buyer_id: UUID | None) -> Goods:
    """The same for an order: no merchant's holiday changes until the transaction ends, and prices
    are those of after that was so."""
    ids = set(variant_ids)
    variants = catalog.variants(ids)
    sellers = _sellers(variants)
    now = clock.business()
    _gates, offers, merchants, away, rates, live = ask(
        locks.gates_shared(sellers),
        prices_question(ids),
        platforms.merchants_question(sellers),
        vacations_question(sellers, at=now),
        logistics.rules_question(sellers),
        live_question(now),
    )
    return _goods(buyer_id, now, variants, offers, merchants, away, {}, live, rates)


def _sellers(variants: Mapping[UUID, VariantInfo]) -> set[UUID]:
    return {variant.merchant_id for variant in variants.values()}


def _goods(
    buyer_id: UUID | None,
    at: datetime,
    variants: Mapping[UUID, VariantInfo],
    offers: Mapping[UUID, OfferInfo],
    merchants: Mapping[UUID, MerchantInfo],
    away: Mapping[UUID, VacationInfo],
    stock: Mapping[UUID, inventory.Sellable],
    live: Sequence[Promotion],
    rates: logistics.Tariffs | None,
) -> Goods:
    categories = {key: one.category_id for key, one in variants.items()}
    return Goods(
        currency=platforms.get_platform().currency,
        variants=variants,
        offers=offers,
        merchants=merchants,
        at=at,
        away=away,
        stock=stock,
        book=price_book(buyer_id, categories, at=at),
        live=live,
        rates=rates,
    )
