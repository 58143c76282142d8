"""What a cart's goods are, cost and have against being bought today."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from catalog import facade as catalog
from catalog.facade import VariantInfo
from inventory import facade as inventory
from kernel import clock, tenancy
from kernel.questions import NOTHING, Question, ask
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
SELLERS_KEPT = 4096
_SELLERS: dict[tuple[UUID, UUID], UUID] = {}  # by platform and variant


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
            size_mm=variant.size_mm,
        )


def goods_of(
    variant_ids: Iterable[UUID],
    *,
    buyer_id: UUID | None,
    with_stock: bool = False,
    with_rates: bool = False,
) -> Goods:
    """Variants, prices for this buyer, promotions, merchants and holidays of a cart, in one round
    trip, or two where the sellers aren't known yet; ``with_stock``: also what can be bought of
    each, ``with_rates``: the tariffs."""
    ids, now = set(variant_ids), clock.business()
    known = _known_sellers(ids)
    variants, offers, stock, live, merchants, away, rates = ask(
        catalog.variants_question(ids),
        prices_question(ids),
        inventory.sellable_question(ids) if with_stock else NOTHING,
        live_question(now),
        *_of_sellers(known, now, with_rates),
    )
    missing = _sellers(variants) - known
    if missing:
        _remember(variants)
        more, too, others = ask(*_of_sellers(missing, now, with_rates))
        merchants, away, rates = {**merchants, **more}, {**away, **too}, {**rates, **others}
    return _goods(
        buyer_id, now, variants, offers, merchants, away, stock, live, rates if with_rates else None
    )


def goods_held(variant_ids: Iterable[UUID], *, buyer_id: UUID | None) -> Goods:
    """The same for an order: no merchant's holiday changes until the transaction ends, and prices
    are those of after that was so."""
    ids = set(variant_ids)
    known = _known_sellers(ids)
    while True:
        now = clock.business()
        _gates, variants, offers, live, merchants, away, rates = ask(
            locks.gates_shared(known),
            catalog.variants_question(ids),
            prices_question(ids),
            live_question(now),
            *_of_sellers(known, now, True),
        )
        if _sellers(variants) <= known:
            return _goods(buyer_id, now, variants, offers, merchants, away, {}, live, rates)
        _remember(variants)
        known |= _sellers(variants)


def _of_sellers(
    sellers: set[UUID], at: datetime, with_rates: bool
) -> tuple[
    Question[dict[UUID, MerchantInfo]],
    Question[dict[UUID, VacationInfo]],
    Question[logistics.Tariffs],
]:
    return (
        platforms.merchants_question(sellers),
        vacations_question(sellers, at=at),
        logistics.rules_question(sellers) if with_rates else NOTHING,
    )


def _sellers(variants: Mapping[UUID, VariantInfo]) -> set[UUID]:
    return {variant.merchant_id for variant in variants.values()}


def _known_sellers(variant_ids: set[UUID]) -> set[UUID]:
    """Whose these variants were when this process read them last, so that their merchants can be
    asked for along with them. What was read then is asked again, so this needn't be right."""
    platform = tenancy.current_id()
    found = {_SELLERS.get((platform, variant_id)) for variant_id in variant_ids}
    return {one for one in found if one is not None}


def _remember(variants: Mapping[UUID, VariantInfo]) -> None:
    if len(_SELLERS) > SELLERS_KEPT:
        _SELLERS.clear()
    platform = tenancy.current_id()
    _SELLERS.update({(platform, one.id): one.merchant_id for one in variants.values()})


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
