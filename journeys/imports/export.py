"""A merchant's products as a list of the same columns that an import takes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from inventory import facade as inventory
from journeys.imports.columns import ATTRIBUTE, OPTIONS, Offer, keys, label
from journeys.imports.places import brand_names, offer, warehouses_of
from marketplace import facade as marketplace
from platforms import facade as platforms

EXPORT_MAX = 50_000  # products
Row = list[object]


@dataclass(frozen=True)
class _Known:
    """What is looked up once for the whole list."""

    offered: Offer
    brands: Mapping[str, UUID | None]
    sets: dict[UUID | None, frozenset[str]] = field(default_factory=dict)

    def values(self, product: catalog.ProductInfo) -> dict[str, Any]:
        """The product's values of what goods of its category have: what the set has no more
        would be refused where it comes in."""
        key = product.category_id
        if product.attributes and key not in self.sets:
            entries = catalog.of_category(key) if key else ()
            self.sets[key] = frozenset(one.attribute.code for one in entries)
        return {code: v for code, v in product.attributes.items() if code in self.sets[key]}

    def brand(self, info: catalog.BrandInfo) -> str:
        """Its name, or its code where others have that name."""
        name = platforms.in_language(info.names, self.offered.locales[0])
        return name if self.brands.get(name.casefold()) == info.id else info.code


def header() -> list[str]:
    """The names of the columns in the active language."""
    offered = offer()
    return [label(key, offered) for key in keys(offered)]


def export_rows(
    *, merchant_id: UUID, state: str | None = None, category: UUID | None = None
) -> Iterator[Row]:
    """A row for each variant, products filtered as their list is; stock is that of the merchant's
    first warehouse, which the row names. Six queries for a hundred products, and three for each
    category."""
    places = warehouses_of(merchant_id)
    known = _Known(offer(), brand_names())
    cursor: str | None = None
    for _round in range(EXPORT_MAX // 100):
        page = catalog.products_page(
            merchant_id=merchant_id, state=state, category=category, order=("id",), cursor=cursor,
            limit=100,
        )  # fmt: skip
        yield from _rows([one.id for one in page.items], places[0] if places else None, known)
        if not page.has_more:
            return
        cursor = page.next_cursor


def _rows(ids: list[UUID], place: inventory.WarehouseInfo | None, known: _Known) -> Iterator[Row]:
    offered = known.offered
    locales = offered.locales
    products = catalog.products(ids)
    paths = catalog.category_paths(one.category_id for one in products.values() if one.category_id)
    variants = [variant.id for one in products.values() for variant in one.variants]
    prices, stock = marketplace.prices(variants), inventory.stock_of(variants)
    brands = catalog.brands(one.brand_id for one in products.values() if one.brand_id)
    order = keys(offered)
    for key in ids:
        product = products[key]
        shared = _product(product, paths, locales)
        if product.brand_id in brands:
            shared["brand"] = known.brand(brands[product.brand_id])
        for code, value in known.values(product).items():
            if code in offered.attributes:
                info = offered.attributes[code]
                shared[f"{ATTRIBUTE}.{code}"] = catalog.written_value(info, value, locales[0])
        for variant in product.variants:
            there = stock.get((variant.id, place.id)) if place else None
            offer = prices.get(variant.id)
            cells = {
                **shared,
                **_variant(product, variant, locales[0]),
                "price": offer.unit_price if offer and offer.purchasable else None,
                "stock": _plain(there.on_hand) if there else None,
                "warehouse": _name(place, locales[0]) if place and there else "",
            }
            yield [cells.get(name, "") for name in order]


def _product(
    product: catalog.ProductInfo, paths: dict[UUID, str], locales: tuple[str, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "external_id": product.external_id or "",
        "category": paths.get(product.category_id, "") if product.category_id else "",
        "unit": product.unit,
        "state": str(product.state),
    }
    for tag in locales:
        found[f"title.{tag}"] = product.titles.get(tag, "")
        found[f"description.{tag}"] = product.descriptions.get(tag, "")
    return found


def _variant(
    product: catalog.ProductInfo, variant: catalog.VariantRecord, main: str
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "sku": variant.sku,
        "weight_grams": variant.weight_grams,
        **{side: getattr(variant, side) for side in catalog.SIDES},
        "barcode": variant.barcode,
        "active": "yes" if variant.active else "no",
    }
    for place, axis in enumerate(product.options[:OPTIONS], 1):
        value = variant.options.get(axis.code, "")
        found[f"option{place}_name"] = platforms.in_language(axis.titles, main) or axis.code
        text = value if isinstance(value, str) else platforms.in_language(value, main)
        found[f"option{place}_value"] = text
    return found


def _name(place: inventory.WarehouseInfo, main: str) -> str:
    return place.external_id or platforms.in_language(place.names, main)


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value.normalize(), "f"))
