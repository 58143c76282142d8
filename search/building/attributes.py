"""A product's typed attributes: those that the platform's blueprint declares, the options that its
variants differ by, where it lies, and where it stands in its shop."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from re import compile as pattern
from typing import Any
from uuid import UUID

from catalog.facade import OptionAxis, ProductInfo, VariantRecord
from inventory.facade import WarehouseInfo
from kernel.ids import public_id
from kernel.units import UNITS
from platforms.facade import PlatformInfo, in_language
from search.blueprint import AttributeSetting, SearchSection
from search.contracts import Attribute

MOST = 120
LONGEST = 120
_SHELF = "shop_category"
SHELF = f"attributes.{_SHELF}"  # the shop's own categories, by their ids
_NUMBER = pattern(r"\s*([+-]?\d{1,15}(?:[.,]\d{1,9})?)")
_SYMBOLS = {"P1": "%", "GL": "g/L"}
_YES, _NO = {"yes", "true", "1", "是", "有"}, {"no", "false", "0", "否", "无"}


def of_product(
    product: ProductInfo,
    variants: Iterable[VariantRecord],
    places: Iterable[WarehouseInfo],
    platform: PlatformInfo,
    section: SearchSection,
    shelves: Iterable[tuple[UUID, Mapping[str, str]]] = (),
) -> list[Attribute]:
    """All attributes, each value once."""
    main = platform.locales[0]
    found = [
        _declared(one, values)
        for values in _each(product.attributes, product.metadata)
        for one in section.attributes
    ]
    found += [
        Attribute(_SHELF, public_id("shc", key), labels=dict(names)) for key, names in shelves
    ]
    for axis in product.options:
        chosen = [v.options[axis.code] for v in variants if axis.code in v.options]
        found += [_option(axis, value, main) for value in chosen]
    if section.warehouses:
        found += [
            Attribute("warehouse", in_language(p.names, main)[:LONGEST], labels=dict(p.names))
            for p in places
        ]
    once = {(a.code, str(a.value), a.unit): a for a in found if a is not None and a.value != ""}
    return list(once.values())[:MOST]


def _each(own: Mapping[str, Any], metadata: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The product's values as text under their codes, several of one attribute one by one; what
    the catalogue knows of an attribute goes before the metadata."""
    single = {
        code: ("yes" if value else "no") if isinstance(value, bool) else value
        for code, value in own.items()
        if not isinstance(value, list)
    }
    yield {**metadata, **single}
    for code, value in own.items():
        for one in value if isinstance(value, list) else ():
            yield {code: one}


def _declared(setting: AttributeSetting, metadata: Mapping[str, Any]) -> Attribute | None:
    raw = metadata.get(setting.key or setting.code)
    if not isinstance(raw, str) or not raw.strip():
        return None
    text = raw.strip()[:LONGEST]
    match setting.kind:
        case "number":
            number = read_number(text)
            if number is None:
                return None
            return Attribute(setting.code, number, setting.unit, _labels(setting, text, number))
        case "flag":
            folded = text.casefold()
            if folded not in _YES | _NO:
                return None
            names = dict(setting.names) if folded in _YES else {}
            return Attribute(setting.code, folded in _YES, labels=names)
    return Attribute(setting.code, text, labels=_labels(setting, text, None))


def read_number(text: str) -> Decimal | None:
    """The number that a text begins with: ``14``, ``14.0 %``, ``14,5``; None without one."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    try:
        return Decimal(found[1].replace(",", "."))
    except InvalidOperation:
        return None


def _labels(setting: AttributeSetting, text: str, number: Decimal | None) -> dict[str, str]:
    """``水分 14%``, ``moisture 14%``: the name and the value as people say them."""
    unit = _SYMBOLS.get(setting.unit) or (UNITS[setting.unit].symbol if setting.unit in UNITS else
                                          setting.unit)  # fmt: skip
    said = text if number is None else f"{number.normalize():f}{unit}"
    values = setting.values.get(text, {})
    names = setting.names or dict.fromkeys(values, "") or {"und": ""}
    return {tag: f"{name} {values.get(tag, said)}".strip() for tag, name in names.items()}


def _option(axis: OptionAxis, value: Any, main: str) -> Attribute | None:
    if isinstance(value, str):
        return Attribute(axis.code, value[:LONGEST], labels={main: value})
    text = in_language(value, main)
    return Attribute(axis.code, text[:LONGEST], labels=dict(value)) if text else None
