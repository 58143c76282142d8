"""Which facets a search has, and what their values are called.

The facets of products follow from the platform: the category tree, the attributes that its
blueprint declares, prices in steps of 1-2-5, brand, origin, region, merchant, stock.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalog import facade as catalog
from kernel import tenancy
from kernel.errors import NotFound
from kernel.ids import parse_public_id
from kernel.money import currency_exponent
from kernel.units import UNITS
from logistics.facade import REGIONS, region_name
from platforms import facade as platforms
from search.blueprint import AttributeSetting, SearchSection, section
from search.contracts import (
    Facet,
    FacetResult,
    Filter,
    HistogramFacet,
    Range,
    RangeFacet,
    Terms,
    TermsFacet,
    TreeFacet,
)
from search.contracts.panels import Chip, Choice, Panel
from search.documents.physical import in_base_unit

SYMBOLS = {"P1": "%", "GL": "g/L"}
_STEPS = {"P1": 1.0, "GL": 20.0}
TITLES = {
    "category": gettext_lazy("Category"), "prices": gettext_lazy("Price"),
    "brand": gettext_lazy("Brand"), "origin": gettext_lazy("Origin"),
    "region": gettext_lazy("Region"), "merchant": gettext_lazy("Merchant"),
    "stock": gettext_lazy("Stock"), "rating": gettext_lazy("Rating"),
    "credit_grade": gettext_lazy("Credit grade"), "published_at": gettext_lazy("Published on"),
    "attributes.warehouse": gettext_lazy("Warehouse"), "sku": gettext_lazy("SKU"),
    "sales": gettext_lazy("Units sold"), "barcode": gettext_lazy("Barcode"),
    "product": gettext_lazy("Product"),
}  # fmt: skip
STOCK = {
    "in_stock": gettext_lazy("In stock"), "backorder": gettext_lazy("Back-order"),
    "preorder": gettext_lazy("Pre-order"), "out_of_stock": gettext_lazy("Sold out"),
}  # fmt: skip
_PRICE_STEPS = [10**power * step for power in range(7) for step in (1, 2, 5)]
KEEP_SECONDS = 5.0  # names of categories and merchants in labels, in each process
REMEMBERED = 20_000
_sections: dict[UUID, tuple[Any, float, SearchSection]] = {}
_categories: dict[tuple[UUID, str], tuple[float, Mapping[str, str]]] = {}
_merchant_names: dict[tuple[UUID, str, str], tuple[float, str]] = {}


@dataclass(frozen=True)
class Words:
    """What labels are made from, read once a page."""

    language: str
    currency: str
    section: SearchSection
    categories: Mapping[str, str]
    merchants: Mapping[str, str]

    def attribute(self, ref: str) -> AttributeSetting | None:
        """The declared attribute behind ``attributes.<code>``."""
        code = ref.removeprefix("attributes.")
        return next((one for one in self.section.attributes if one.code == code), None)


def product_facets(filters: Iterable[Filter] = ()) -> tuple[Facet, ...]:
    """The facets of products on the platform in scope."""
    platform = platforms.get_platform()
    declared = _section()
    return (
        TreeFacet("category", under=chosen_category(filters)),
        *(_of_attribute(one) for one in declared.attributes),
        price_facet(platform.currency),
        TermsFacet("brand", size=12),
        TermsFacet("origin", size=12),
        TermsFacet("region", size=12),
        *((TermsFacet("attributes.warehouse", size=12),) if declared.warehouses else ()),
        TermsFacet("merchant", size=12),
        TermsFacet("stock", size=4),
    )


def facets_of(refs: Iterable[str], filters: Iterable[Filter]) -> tuple[Facet, ...]:
    """The facets named, each in the form that suits it; what is unknown is left to the engine's
    own check, which says so."""
    known: dict[str, Facet] = {facet.ref: facet for facet in product_facets(filters)}
    return tuple(known[ref] if ref in known else TermsFacet(ref) for ref in refs)


def price_facet(currency: str) -> RangeFacet:
    """Prices in steps of 1-2-5, in minor units."""
    scale = 10 ** currency_exponent(currency)
    edges = [0.0, *(float(step * scale) for step in _PRICE_STEPS)]
    return RangeFacet("prices", (*pairwise(edges), (edges[-1], None)))


def chosen_category(filters: Iterable[Filter]) -> str:
    """The path of the category that is looked at, or ""."""
    found = [one for one in filters if isinstance(one, Terms) and one.ref == "category"]
    return str(found[0].values[0]) if found and not found[0].exclude else ""


def with_units(filters: Iterable[Filter]) -> tuple[Filter, ...]:
    """Bounds of attributes in the unit that the platform shows them in."""
    declared = {f"attributes.{one.code}": one.unit for one in _section().attributes if one.unit}
    return tuple(
        replace(one, unit=declared[one.ref])
        if isinstance(one, Range) and one.ref in declared
        else one
        for one in filters
    )


def words(
    facets: Iterable[FacetResult], filters: Iterable[Filter], *, language: str, tree: Any = None
) -> Words:
    """Names of the categories and merchants that appear; two queries at most."""
    platform = platforms.get_platform()
    ids = {str(b.value) for facet in facets if facet.ref == "merchant" for b in facet.buckets}
    ids |= {str(v) for one in filters if isinstance(one, Terms) and one.ref == "merchant"
            for v in one.values}  # fmt: skip
    asked = any(one.ref == "category" for one in (*facets, *filters))
    return Words(
        language=language,
        currency=platform.currency,
        section=_section(),
        categories=dict(_named(tree)) if tree is not None else _names(language) if asked else {},
        merchants=_merchants(ids, language),
    )


def panels(facets: Iterable[FacetResult], filters: Iterable[Filter], said: Words) -> list[Panel]:
    """The facets in words; those that leave no choice are left out."""
    ranges = {one.ref: one for one in filters if isinstance(one, Range)}
    found = []
    for facet in facets:
        choices = tuple(
            _choice(facet, bucket, said)
            for bucket in facet.buckets
            if bucket.count or bucket.selected
        )
        low, high = _bounds(ranges.get(facet.ref), said)
        panel = Panel(
            facet.ref, facet.kind, title(facet.ref, said), unit(facet.ref, said), choices, low, high
        )
        numeric = facet.kind in ("range", "histogram")
        if len(choices) > (0 if numeric else 1) or panel.chosen:
            found.append(panel)
    return found


def chips(filters: Iterable[Filter], said: Words) -> list[Chip]:
    """The active filters in words, one for each value."""
    found = []
    for one in filters:
        name = title(one.ref, said)
        if isinstance(one, Range):
            low, high = _bounds(one, said)
            params = [(f"{one.ref}.min", low)] * bool(low) + [(f"{one.ref}.max", high)] * bool(high)
            label = f"{low or '…'} – {high or '…'} {unit(one.ref, said)}".strip()
            found.append(Chip(name, label, tuple(params)))
        else:
            found += [
                Chip(name, label_of(one.ref, str(value), said), ((one.ref, str(value)),))
                for value in one.values
            ]
    return found


def title(ref: str, said: Words) -> str:
    """What a facet is called."""
    declared = said.attribute(ref)
    if declared is not None:
        return platforms.in_language(declared.names, said.language) or declared.code
    known = ref if ref in TITLES else ref.partition(".")[0]
    return str(TITLES[known]) if known in TITLES else ref.rpartition(".")[2]


def unit(ref: str, said: Words) -> str:
    """In what a facet's numbers are."""
    if ref.partition(".")[0] == "prices":
        return said.currency
    declared = said.attribute(ref)
    if declared is None or not declared.unit:
        return ""
    if declared.unit in SYMBOLS:
        return SYMBOLS[declared.unit]
    return UNITS[declared.unit].symbol if declared.unit in UNITS else declared.unit


def label_of(ref: str, value: str, said: Words) -> str:
    """What one value is called."""
    if ref == "category":
        return said.categories.get(value, value.rpartition("/")[2])
    if ref == "merchant":
        return said.merchants.get(value, value)
    if ref == "region" and value in REGIONS:
        return region_name(value, said.language)
    if ref == "stock":
        return str(STOCK.get(value, STOCK["out_of_stock"]))
    declared = said.attribute(ref)
    if declared is not None and declared.kind == "flag":
        return _("Yes") if value in ("true", "True", "1") else _("No")
    if declared is not None and value in declared.values:
        return platforms.in_language(declared.values[value], said.language) or value
    return value


def plain(number: Any) -> str:
    """A number as an input field wants it."""
    return format(Decimal(str(number)).normalize(), "f")


def _section() -> SearchSection:
    """The platform's section with the catalogue's attributes, read once as long as the settings
    are the same, and every few seconds."""
    platform, now = platforms.get_platform(), time.monotonic()
    kept = _sections.get(platform.id)
    if kept is None or kept[0] is not platform.settings or kept[1] < now:
        found = section(platform.settings, catalog.attributes(facets=True))
        kept = _sections[platform.id] = (platform.settings, now + KEEP_SECONDS, found)
    return kept[2]


def _names(language: str) -> Mapping[str, str]:
    """The names of all categories by path, remembered for some seconds."""
    key, now = (tenancy.current_id(), language), time.monotonic()
    kept = _categories.get(key)
    if kept is None or kept[0] < now:
        named = dict(_named(catalog.category_tree(language=language)))
        kept = _categories[key] = (now + KEEP_SECONDS, named)
    return kept[1]


def _merchants(ids: set[str], language: str) -> dict[str, str]:
    """The names of merchants by public id; each is asked for again after some seconds."""
    platform, now = tenancy.current_id(), time.monotonic()
    found: dict[str, str] = {}
    missing: dict[UUID, str] = {}
    for one in ids:
        kept = _merchant_names.get((platform, one, language))
        if kept is not None and kept[0] > now:
            found[one] = kept[1]
            continue
        try:
            missing[parse_public_id("mer", one)] = one
        except NotFound:
            continue
    for key, info in platforms.merchants(missing).items():
        found[missing[key]] = info.name(language)
        _merchant_names[platform, missing[key], language] = (
            now + KEEP_SECONDS,
            info.name(language),
        )
    while len(_merchant_names) > REMEMBERED:
        _merchant_names.pop(next(iter(_merchant_names)))
    return found


def forget() -> None:
    """Ask for names anew. For tests."""
    _categories.clear()
    _merchant_names.clear()


def _of_attribute(one: AttributeSetting) -> Facet:
    ref = f"attributes.{one.code}"
    if one.kind != "number":
        return TermsFacet(ref, size=12)
    factor = in_base_unit(1, one.unit) if one.unit else 1.0
    return HistogramFacet(ref, interval=_STEPS.get(one.unit, 10.0) * factor)


def _choice(facet: FacetResult, bucket: Any, said: Words) -> Choice:
    if facet.kind in ("terms", "tree"):
        label = label_of(facet.ref, bucket.value, said)
        return Choice(bucket.value, label, bucket.count, bucket.selected)
    low, high = (_shown(end, facet.ref, said) for end in (bucket.low, bucket.high))
    label = f"{low} – {high}" if low and high else (f"≥ {low}" if low else f"< {high}")
    return Choice(bucket.value, label, bucket.count, bucket.selected, low, high)


def _bounds(found: Range | None, said: Words) -> tuple[str, str]:
    """The ends of a chosen range as they were typed."""
    if found is None:
        return "", ""
    ends = []
    for end in (found.low, found.high):
        if end is None:
            ends.append("")
        elif hasattr(end, "date"):
            ends.append(end.date().isoformat())
        elif found.ref.partition(".")[0] == "prices":
            ends.append(_shown(end, found.ref, said))
        else:
            ends.append(plain(end))
    return ends[0], ends[1]


def _shown(end: Any, ref: str, said: Words) -> str:
    """A bound out of the index in the facet's unit."""
    if end is None:
        return ""
    if ref.partition(".")[0] == "prices":
        return _scaled(end, -currency_exponent(said.currency), "")
    declared = said.attribute(ref)
    return _scaled(end, 0, declared.unit if declared is not None else "")


@lru_cache(maxsize=1024)
def _scaled(end: Any, power: int, unit: str) -> str:
    """``end`` times ten to ``power``, or in ``unit``; the same bounds come in every answer."""
    number = Decimal(str(end))
    if power:
        return plain(number.scaleb(power))
    return plain(round(number / Decimal(str(in_base_unit(1, unit) if unit else 1)), 6))


def _named(nodes: Iterable[catalog.CategoryNode]) -> Iterable[tuple[str, str]]:
    for node in nodes:
        yield node.path, node.name
        yield from _named(node.children)


def attribute_choices(*, language: str) -> list[tuple[str, str]]:
    """The declared attributes, as references with their names."""
    return [
        (f"attributes.{one.code}", platforms.in_language(one.names, language) or one.code)
        for one in _section().attributes
    ]
