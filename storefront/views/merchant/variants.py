"""The table of variants on the product form, to and from the catalogue's own words.

A product with one axis or none is edited freely. With more axes the texts of a variant's options
stay as they are here (the API changes them); its weight, size, price and offering can be
edited.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from marketplace import facade as marketplace
from platforms import facade as platforms

CODE = "option"


def axis_name(info: catalog.ProductInfo, language: str) -> str:
    """What the product's single axis is called."""
    return platforms.in_language(info.options[0].titles, language) if len(info.options) == 1 else ""


def initial(
    info: catalog.ProductInfo | None, offers: dict[UUID, marketplace.OfferInfo], language: str
) -> list[dict[str, Any]]:
    """The lines of the table as they stand."""
    if info is None:
        return [{"active": True}]
    return [
        {
            "sku": variant.sku,
            "option": _text(info, variant, language),
            "weight_grams": variant.weight_grams,
            "size": catalog.size_of(*(getattr(variant, side) for side in catalog.SIDES)),
            "barcode": variant.barcode,
            "price": _price(offers.get(variant.id)),
            "active": variant.active,
        }
        for variant in info.variants
    ]


def _price(offer: marketplace.OfferInfo | None) -> Decimal | None:
    """Without zeros at its end, nor an exponent."""
    return Decimal(format(offer.unit_price.normalize(), "f")) if offer else None


def axes(
    info: catalog.ProductInfo | None, name: str, locales: Sequence[str]
) -> list[catalog.OptionAxis]:
    """The axes to save: several stay as they are, one is named anew, none is none."""
    if info is not None and len(info.options) > 1:
        return list(info.options)
    if not name.strip():
        return []
    if info is not None and info.options:
        axis = info.options[0]
        if name in axis.titles.values():
            return [axis]
        return [catalog.OptionAxis(axis.code, dict.fromkeys(locales, name))]
    return [catalog.OptionAxis(CODE, dict.fromkeys(locales, name))]


def inputs(
    info: catalog.ProductInfo | None,
    given: Iterable[dict[str, Any]],
    axes_now: Sequence[catalog.OptionAxis],
    language: str,
) -> list[catalog.VariantInput]:
    """The variants to save, one for each filled line."""
    present = {variant.sku: variant for variant in info.variants} if info else {}
    found = []
    for row in given:
        old = present.get(row["sku"])
        sides = row.get("size") or (None, None, None)
        found.append(
            catalog.VariantInput(
                sku=row["sku"],
                options=_options(info, old, row.get("option", ""), axes_now, language),
                weight_grams=row.get("weight_grams") or 0,
                **dict(zip(catalog.SIDES, sides, strict=True)),
                barcode=row.get("barcode", ""),
                active=bool(row.get("active")) if old else True,
                external_id=old.external_id if old else None,
                metadata=old.metadata if old else {},
            )
        )
    return found


def _options(
    info: catalog.ProductInfo | None,
    old: catalog.VariantRecord | None,
    text: str,
    axes_now: Sequence[catalog.OptionAxis],
    language: str,
) -> dict[str, Any]:
    if not axes_now:
        return {}
    if old is not None and info is not None and text == _text(info, old, language):
        return dict(old.options)  # untouched: keeps its other languages
    return {axes_now[0].code: text.strip()}


def _text(info: catalog.ProductInfo, variant: catalog.VariantRecord, language: str) -> str:
    order = [axis.code for axis in info.options] or sorted(variant.options)
    values = [variant.options[code] for code in order if code in variant.options]
    return " · ".join(
        value if isinstance(value, str) else platforms.in_language(value, language)
        for value in values
    )
