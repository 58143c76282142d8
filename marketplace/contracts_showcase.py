"""What crosses the border about goods in the shop window, and those kept for later."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from catalog.facade import ProductCard, ProductPage, VariantInfo
from inventory.facade import Sellable
from marketplace.contracts import OfferInfo
from marketplace.contracts_price_lists import AppliedList


@dataclass(frozen=True)
class SavedItemInfo:
    """What a buyer keeps for later. ``variant`` is None once it is gone; ``problem`` says why it
    can't be bought now, empty when it can. ``unit_price`` in major units."""

    variant_id: UUID
    quantity: Decimal
    saved_at: datetime
    variant: VariantInfo | None
    unit_price: Decimal | None
    currency: str
    problem: str
    price_list: AppliedList | None = None


class Listing(NamedTuple):
    """A tile with prices and stock. ``lowest`` and ``highest`` per unit, None without a price;
    ``regular`` is what the cheapest costs otherwise, if it is on sale, or what others pay for it
    now, if its price is from a ``price_list``;
    ``available`` is the sum over its variants; ``ahead``: what of it can be bought though nothing
    can be sent at once."""

    card: ProductCard
    lowest: Decimal | None
    highest: Decimal | None
    currency: str
    available: Decimal
    regular: Decimal | None = None
    price_list: AppliedList | None = None
    ahead: Sellable | None = None


@dataclass(frozen=True)
class ProductOffers:
    """A product page with the price and stock of each variant."""

    page: ProductPage
    offers: Mapping[UUID, OfferInfo]
    sellable: Mapping[UUID, Sellable]

    @property
    def available(self) -> dict[UUID, Decimal]:
        """What of each variant can be sent at once."""
        return {variant: one.now for variant, one in self.sellable.items()}
