"""The page of one product."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.errors import NotFound
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront import searching
from storefront.found import product_data, trail_data
from storefront.pages import buyer_of, language, page, person_of, public

MOST = Decimal(9999)  # of one line of a cart
FEW = 10  # from here on the page says how many are left


@dataclass(frozen=True)
class Choice:
    """One variant that can be chosen."""

    id: UUID
    label: str
    sku: str
    offer: marketplace.OfferInfo | None
    there: inventory.Sellable
    picture_id: UUID | None
    weight_grams: int
    size_mm: tuple[int, int, int] | None
    away_until: datetime | None = None  # the shop is on holiday until then

    @property
    def buyable(self) -> bool:
        sold = self.offer is not None and self.offer.purchasable and self.away_until is None
        return sold and self.there.most != 0

    @property
    def available(self) -> Decimal:
        """What can be sent at once."""
        return self.there.now

    @property
    def ahead(self) -> inventory.Sellable | None:
        """How it can be bought, if more than what can be sent at once can."""
        return self.there if self.buyable and self.there.how else None

    @property
    def few(self) -> bool:
        return 0 < self.available <= FEW


@require_safe
@page
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Pictures, variants with price and stock, and the way into the cart."""
    known = marketplace.product_offers(
        slug_or_id=slug, language=language(), buyer_id=buyer_of(request)
    )
    searching.note_opened(request)
    found = known.page
    vacation = marketplace.vacations([found.merchant_id]).get(found.merchant_id)
    choices = [
        Choice(
            id=variant.id,
            label=" · ".join(variant.options.values()) or variant.sku,
            sku=variant.sku,
            offer=known.offers.get(variant.id),
            there=known.sellable[variant.id],
            picture_id=variant.picture_id,
            weight_grams=variant.weight_grams,
            size_mm=variant.size_mm,
            away_until=vacation.ends_at if vacation else None,
        )
        for variant in found.variants
    ]
    chosen = _chosen(request, choices)
    merchants = platforms.merchants({found.merchant_id})
    merchant = merchants.get(found.merchant_id)
    seller = merchant.name(language()) if merchant else ""
    context = {
        "data": product_data(request, found, choices, seller, language()),
        "trail_data": trail_data(request, found.trail),
        "product": found,
        "choices": choices,
        "chosen": chosen,
        "shown": _picture(request, found, chosen),
        "prices": sorted({c.offer.unit_price for c in choices if c.offer}),
        "merchant": merchant,
        "vacation": vacation,
        "kept": _kept(request, chosen),
        "related": _related(found),
        "videos": [(one, one.title(language())) for one in found.videos],
        "most": min(chosen.there.most or MOST, MOST) if chosen else MOST,
    }
    return render(request, "storefront/shop/product.html", context)


def _kept(request: HttpRequest, chosen: Choice | None) -> bool:
    person = person_of(request)
    if person is None or chosen is None:
        return False
    return bool(marketplace.is_saved(buyer_id=person.id, variant_ids=[chosen.id]))


def _chosen(request: HttpRequest, choices: list[Choice]) -> Choice | None:
    """The variant in the address, else the first that can be bought, else the first."""
    wanted = request.GET.get("variant", "")
    if wanted:
        try:
            wanted_id = public("var", wanted)
        except NotFound:
            wanted_id = None
        for choice in choices:
            if choice.id == wanted_id:
                return choice
    return next((c for c in choices if c.buyable), choices[0] if choices else None)


def _related(found: catalog.ProductPage) -> list[catalog.ProductCard]:
    """The tiles of the products that go with it and can be seen."""
    cards = catalog.cards(found.related, language=language()) if found.related else {}
    return [cards[key] for key in found.related if key in cards]


def _picture(
    request: HttpRequest, found: catalog.ProductPage, chosen: Choice | None
) -> catalog.PictureInfo | None:
    """The large picture: the one in the address, the variant's own, else the first."""
    number = request.GET.get("picture", "")
    if number.isascii() and number.isdigit() and int(number) < len(found.pictures):
        return found.pictures[int(number)]
    if chosen is not None and chosen.picture_id is not None:
        for one in found.pictures:
            if one.id == chosen.picture_id:
                return one
    return found.pictures[0] if found.pictures else None
