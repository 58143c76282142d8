"""From the rows of a file to products with their variants, prices and stock."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any
from uuid import UUID

from catalog.facade import SIDES, ProductDraft, VariantDraft
from journeys.imports.columns import OPTIONS, attribute_of
from journeys.imports.problems import Problem
from kernel.tables import Table
from kernel.units import UNITS

VARIANTS_MAX = 100
YES = {"yes", "y", "true", "1", "是", "有", "启用", "√"}
NO = {"no", "n", "false", "0", "否", "无", "停用", "×"}
PUBLISHED = {"published", "onsale", "active", "在售", "已上架", "上架", "是", "yes", "true", "1"}
OTHER_STATES = {
    "draft", "in_review", "returned", "withdrawn", "inreview", "草稿", "下架",
    "已下架", "withdrawnfromsale", "否", "no", "false", "0",
}  # fmt: skip
_MONEY = re.compile(r"^[¥￥$€£]|[¥￥$€£]$|(?<=\d),(?=\d{3}(?:\D|$))|\s|元$")
_UNITS = {
    folded: code
    for code, unit in reversed(UNITS.items())
    for folded in (code.casefold(), unit.symbol.casefold(), *map(str.casefold, unit.names.values()))
    if folded
}
_OF_PRODUCT = ("category", "brand", "unit", "state", "external_id")
Cells = Mapping[str, str]


@dataclass(frozen=True)
class Places:
    """The names that a merchant's rows may use: None stands for a name that several have."""

    main: str
    categories: Mapping[str, UUID | None]
    brands: Mapping[str, UUID | None]
    warehouses: Mapping[str, UUID]
    warehouse: UUID | None


@dataclass
class Line:
    """One row of the file, read."""

    number: int
    cells: Cells
    variant: VariantDraft
    price: Decimal | None = None
    stock: Decimal | None = None
    warehouse: UUID | None = None


@dataclass
class Group:
    """The rows of one product. With ``problems`` none of it is written."""

    places: Places
    lines: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @cached_property
    def draft(self) -> ProductDraft | None:
        """What the rows say of the product together: worked out when its portion is written, beside
        the portion before. Asking may add to ``problems``."""
        return None if self.problems else _draft(self)


def grouped(table: Table, mapping: Mapping[str, str], places: Places) -> list[Group]:
    """The products of the file in the order of their first rows."""
    columns = [mapping.get(name, "") for name in table.header]
    formulas: dict[int, list[int]] = {}
    for number, column in table.formulas:
        formulas.setdefault(number, []).append(column)
    groups: dict[tuple[str, str], Group] = {}
    seen: set[str] = set()
    for number, texts in table.rows:
        cells = {key: text for key, text in zip(columns, texts, strict=True) if key and text}
        key = _product_key(cells, number, places.main)
        group = groups.get(key)
        if group is None:
            group = groups[key] = Group(places)
        for column in formulas.get(number, ()):
            if columns[column]:
                group.problems.append(Problem(number, columns[column], "formula"))
        _add(group, number, cells, places, seen)
    return list(groups.values())


def how_many(table: Table, mapping: Mapping[str, str], main: str) -> int:
    """The products of the file; ``main`` is the platform's main language."""
    columns = [mapping.get(name, "") for name in table.header]
    return len({
        _product_key({k: t for k, t in zip(columns, texts, strict=True) if k and t}, number, main)
        for number, texts in table.rows
    })  # fmt: skip


def _product_key(cells: Cells, number: int, main: str) -> tuple[str, str]:
    """By the merchant's own number; without one, variants with options by their title."""
    if cells.get("external_id"):
        return "external_id", cells["external_id"]
    title = cells.get(f"title.{main}", "")
    if title and any(cells.get(f"option{n}_value") for n in range(1, OPTIONS + 1)):
        return "title", title
    return "row", str(number)


def _add(group: Group, number: int, cells: Cells, places: Places, seen: set[str]) -> None:
    found = Reader(number, cells, group.problems)
    sku = cells.get("sku", "")
    if not sku:
        found.wrong("sku", "sku_missing")
    elif sku in seen:
        found.wrong("sku", "sku_twice")
    seen.add(sku)
    options = _filled([cells.get(f"option{n}_value", "") for n in range(1, OPTIONS + 1)])
    line = Line(
        number,
        cells,
        VariantDraft(
            sku=sku,
            options=options,
            weight_grams=found.whole("weight_grams"),
            **{side: found.whole(side) for side in SIDES},
            barcode=cells.get("barcode"),
            active=found.flag("active"),
        ),
        price=found.number("price"),
        stock=found.number("stock"),
    )
    line.warehouse = found.warehouse(places, needed=line.stock is not None)
    group.lines.append(line)
    if len(group.lines) > VARIANTS_MAX:
        found.wrong("sku", "too_many_variants")


def _draft(group: Group) -> ProductDraft | None:
    said: dict[str, tuple[str, int]] = {}
    for line in group.lines:
        for key, text in line.cells.items():
            if "." not in key and key not in _OF_PRODUCT:
                continue
            first, _row = said.setdefault(key, (text, line.number))
            if first != text:
                group.problems.append(Problem(line.number, key, "differs", text))
    axes = _axes(group)
    values: dict[str, Any] = {"titles": {}, "descriptions": {}, "attributes": {}}
    for key, (text, number) in said.items():
        found = Reader(number, {key: text}, group.problems)
        name, _dot, tag = key.partition(".")
        if code := attribute_of(key):
            values["attributes"][code] = text
        elif tag:
            values[f"{name}s"][tag] = text
        else:
            values.update([found.of_product(key, group.places)])
    if group.problems:
        return None
    return ProductDraft(tuple(line.variant for line in group.lines), axes=axes, **values)


def _axes(group: Group) -> tuple[str, ...]:
    """What the product's options are called; all rows must agree."""
    axes: tuple[str, ...] = ()
    for line in group.lines:
        names = _filled([line.cells.get(f"option{n}_name", "") for n in range(1, OPTIONS + 1)])
        if names and axes and names != axes:
            group.problems.append(Problem(line.number, "option1_name", "options", names[0]))
        axes = axes or names
        chosen = line.variant.options
        if "" in chosen or (axes and chosen and len(chosen) != len(axes)):
            group.problems.append(Problem(line.number, "option1_value", "options"))
    return axes


def _filled(texts: list[str]) -> tuple[str, ...]:
    while texts and not texts[-1]:
        texts.pop()
    return tuple(texts)


@dataclass
class Reader:
    """The cells of a row as values; what can't be read becomes a problem."""

    row: int
    cells: Cells
    problems: list[Problem]

    def wrong(self, key: str, code: str) -> None:
        self.problems.append(Problem(self.row, key, code, self.cells.get(key, "")))

    def number(self, key: str) -> Decimal | None:
        text = self.cells.get(key, "")
        if not text:
            return None
        try:
            found = Decimal(_MONEY.sub("", unicodedata.normalize("NFKC", text)))
        except InvalidOperation:
            self.wrong(key, "number")
            return None
        if not found.is_finite() or abs(found) >= Decimal(10) ** 15:
            self.wrong(key, "number")
            return None
        return found

    def whole(self, key: str) -> int | None:
        found = self.number(key)
        if found is None:
            return None
        if found != found.to_integral_value() or found < 0:
            self.wrong(key, "whole_number")
            return None
        return int(found)

    def flag(self, key: str) -> bool | None:
        text = self.cells.get(key, "").casefold()
        if text and text not in YES | NO:
            self.wrong(key, "yes_or_no")
        return text in YES if text in YES | NO else None

    def of_product(self, key: str, places: Places) -> tuple[str, Any]:
        """A field of the draft and its value."""
        match key:
            case "category":
                return "category_id", self.category(places)
            case "brand":
                return "brand_id", self.brand(places)
            case "unit":
                return "unit", self.unit()
            case "state":
                return "publish", self.published()
        return key, self.cells[key]

    def published(self) -> bool:
        text = "".join(self.cells["state"].casefold().split())
        if text not in PUBLISHED | OTHER_STATES:
            self.wrong("state", "state")
        return text in PUBLISHED

    def unit(self) -> str | None:
        found = _UNITS.get(self.cells["unit"].casefold())
        if found is None:
            self.wrong("unit", "unit")
        return found

    def category(self, places: Places) -> UUID | None:
        folded = folded_path(self.cells["category"])
        if folded not in places.categories:
            self.wrong("category", "category")
            return None
        found = places.categories[folded]
        if found is None:
            self.wrong("category", "category_ambiguous")
        return found

    def brand(self, places: Places) -> UUID | None:
        folded = self.cells["brand"].casefold()
        found = places.brands.get(folded)
        if found is None:
            self.wrong("brand", "brand_ambiguous" if folded in places.brands else "brand")
        return found

    def warehouse(self, places: Places, *, needed: bool) -> UUID | None:
        text = self.cells.get("warehouse", "")
        if not text:
            if needed and places.warehouse is None:
                self.wrong("stock", "no_warehouse")
            return places.warehouse
        found = places.warehouses.get(text.casefold())
        if found is None:
            self.wrong("warehouse", "warehouse")
        return found


def folded_path(text: str) -> str:
    """A category's name or path, its parts by slashes: ``粮油 > 大米`` as ``粮油/大米``."""
    parts = re.split(r"\s*(?:/|>|›|»)\s*", text.strip().casefold())
    return "/".join(part for part in parts if part)


def chunks(
    groups: Sequence[Group], start: int, *, products: int, variants: int
) -> Iterator[list[Group]]:
    """Portions from ``start`` on, of so many products and variants at most."""
    portion: list[Group] = []
    lines = 0
    for group in groups[start:]:
        if portion and (len(portion) >= products or lines + len(group.lines) > variants):
            yield portion
            portion, lines = [], 0
        portion.append(group)
        lines += len(group.lines)
    if portion:
        yield portion
