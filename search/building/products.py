"""Documents of products (商品), made from what four contexts say of them: ten queries a batch."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.ids import public_id
from kernel.money import currency_exponent
from marketplace import facade as marketplace
from platforms import facade as platforms
from search.blueprint import SearchSection, section
from search.building import access, attributes
from search.building.base import Builder, Made
from search.contracts import PRICE_SLOTS, PUBLIC, CategoryPath
from search.documents.types import PRODUCT

Variant = catalog.VariantRecord


@dataclass(frozen=True)
class Sources:
    """What the documents of one batch are made from."""

    platform: platforms.PlatformInfo
    section: SearchSection
    trails: Mapping[UUID, tuple[catalog.CategoryInfo, ...]]
    merchants: Mapping[UUID, platforms.MerchantInfo]
    offers: Mapping[UUID, marketplace.OfferInfo]
    groups: Mapping[str, Mapping[UUID, int]]
    stock: Mapping[UUID, inventory.Sellable]
    places: Mapping[UUID, tuple[inventory.WarehouseInfo, ...]]
    keys: Mapping[UUID, tuple[str, ...]]
    brands: Mapping[UUID, catalog.BrandInfo]
    shelves: Mapping[UUID, tuple[tuple[UUID, Mapping[str, str]], ...]]


def read(ids: list[UUID]) -> Mapping[UUID, Callable[[], Made | None]]:
    """Everything about these products, whatever their number, in ten queries; in one more for each
    provider of ``access`` that is registered."""
    products = catalog.products(ids)
    shown = {k: p for k, p in products.items() if p.state == catalog.ProductState.PUBLISHED}
    variants = [v.id for p in shown.values() for v in p.variants if v.active]
    platform = platforms.get_platform()
    sources = Sources(
        platform=platform,
        section=section(platform.settings, catalog.attributes(facets=True)),
        trails=catalog.category_trails(p.category_id for p in shown.values() if p.category_id),
        merchants=platforms.merchants({p.merchant_id for p in shown.values()}),
        offers=marketplace.prices(variants),
        groups=access.group_prices(variants),
        stock=inventory.sellable(variants),
        places=inventory.warehouses_with(variants),
        keys=access.catalogue_keys(shown),
        brands=catalog.brands(p.brand_id for p in shown.values() if p.brand_id),
        shelves=catalog.shop_shelves(shown),
    )
    return {key: partial(make, product, sources) for key, product in shown.items()}


def make(product: catalog.ProductInfo, sources: Sources) -> Made | None:
    """The fields of one product, None unless buyers may see it."""
    merchant = sources.merchants.get(product.merchant_id)
    variants = [variant for variant in product.variants if variant.active]
    if merchant is None or not merchant.approved or not variants:
        return None
    keys = sources.keys.get(product.id, (PUBLIC,))
    trail = sources.trails.get(product.category_id, ()) if product.category_id else ()
    metadata, section = product.metadata, sources.section
    places = _places(variants, sources)
    fields: dict[str, Any] = {
        "title": dict(product.titles),
        "description": dict(product.descriptions),
        "sku": [variant.sku for variant in variants],
        "barcode": [variant.barcode for variant in variants if variant.barcode],
        "brand": _brand(product, sources) or _text(metadata, section.brand_key),
        "merchant": merchant.public_id,
        "merchant_name": dict(merchant.names),
        "category": _category(trail),
        "attributes": attributes.of_product(
            product,
            variants,
            places,
            sources.platform,
            section,
            sources.shelves.get(product.id, ()),
        ),
        "prices": prices(variants, sources, private=PUBLIC not in keys),
        "stock": _stock(variants, sources),
        "origin": _text(metadata, section.origin_key),
        "region": places[0].region if places and places[0].region else None,
        "published_at": product.published_at,
        "product": public_id("prd", product.id),
    }
    return Made({name: value for name, value in fields.items() if value not in (None, [])}, keys)


def prices(variants: list[Variant], sources: Sources, *, private: bool) -> list[int | None]:
    """The lowest price of each slot in minor units. Of a private product none are indexed."""
    if private:
        return []
    exponent = currency_exponent(sources.platform.currency)
    everybody = [
        int(offer.unit_price.scaleb(exponent).to_integral_value("ROUND_HALF_UP"))
        for variant in variants
        if (offer := sources.offers.get(variant.id)) is not None
        and offer.purchasable
        and offer.currency == sources.platform.currency
    ]
    slots: list[int | None] = [min(everybody) if everybody else None]
    for group, slot in sources.section.price_slots.items():
        theirs = sources.groups.get(group, {})
        slots += [None] * (slot + 1 - len(slots))
        found = [theirs[variant.id] for variant in variants if variant.id in theirs]
        slots[slot] = min(found) if found else slots[0]
    return [] if not any(slot is not None for slot in slots) else slots[:PRICE_SLOTS]


def _places(variants: list[Variant], sources: Sources) -> list[inventory.WarehouseInfo]:
    """Where something of it lies, in the order in which orders take from there."""
    found = {place.id: place for v in variants for place in sources.places.get(v.id, ())}
    return sorted(found.values(), key=lambda place: (place.priority, place.id))


def _stock(variants: list[Variant], sources: Sources) -> str:
    """What can be sent at once, else what can be bought ahead, the way that is sent first."""
    found = marketplace.first_ahead(sources.stock[variant.id] for variant in variants)
    if found is not None and found.ahead is not None:
        return str(found.ahead.mode)
    there = any(sources.stock[variant.id].now > 0 for variant in variants)
    return "in_stock" if there else "out_of_stock"


def _category(trail: tuple[catalog.CategoryInfo, ...]) -> list[CategoryPath]:
    if not trail:
        return []
    return [CategoryPath(tuple(node.slug for node in trail), tuple(node.names for node in trail))]


def _brand(product: catalog.ProductInfo, sources: Sources) -> str | None:
    found = sources.brands.get(product.brand_id) if product.brand_id else None
    main = sources.platform.locales[0]
    return platforms.in_language(found.names, main)[:120] if found else None


def _text(metadata: Mapping[str, Any], key: str) -> str | None:
    value = metadata.get(key)
    return value.strip()[:120] or None if isinstance(value, str) else None


def _page(after: UUID | None, limit: int) -> list[UUID]:
    return catalog.product_ids(after=after, limit=limit)


def _count() -> int:
    return catalog.product_count()


PRODUCTS = Builder(PRODUCT, "prd", read, _page, _count)
