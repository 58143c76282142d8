"""Lists of the prices of one price list (价目表导入导出).

A row is a price of goods from a number of units on. An export has the same columns, so that it can
be changed and handed in again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from journeys.imports.columns import ALIASES, fold
from journeys.imports.problems import Problem, of_error
from journeys.imports.rows import Cells, Reader
from journeys.imports.writing import Portion
from kernel.errors import NotFound
from kernel.ids import parse_public_id
from kernel.tables import Table
from marketplace import facade as marketplace

ROWS = 500  # a portion: what a price list takes at once
EXPORTED = ("sku", "price", "minimum")
LABELS: dict[str, str | Promise] = {
    "sku": _("Article number"),
    "variant": _("Variant's number"),
    "price": _("Price"),
    "minimum": _("From how many"),
    "delete": _("Delete"),
}
_ALIASES = {
    "sku": f"{ALIASES['sku']} goods 商品",
    "variant": "variant variantid variantno 规格id",
    "price": f"{ALIASES['price']} groupprice listprice discount 批发价 会员价 协议价 客户价 折扣",
    "minimum": "minimum minquantity minimumquantity minqty moq from 起订量 起购量 起购数量 "
    "最小数量 最低数量 数量起",
    "delete": "delete deleted remove 删除 是否删除 移除",
}
_DELETE = {"delete", "deleted", "remove", "x", "删除", "删", "移除"}
_KEYS = {"minimum": "minimum", "unit_price": "price", "percent": "price"}


@dataclass
class PriceRow:
    """One row of the file, read. With ``problems`` it isn't written."""

    number: int
    cells: Cells
    problems: list[Problem] = field(default_factory=list)
    change: marketplace.PriceEntryChange | None = None


def labels() -> list[tuple[str, str]]:
    """What a column can hold, in the active language."""
    return [(key, str(name)) for key, name in LABELS.items()]


def names() -> dict[str, str]:
    """Every name of a column that is known, folded."""
    found = {alias: key for key, aliases in _ALIASES.items() for alias in aliases.split()}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            found |= {fold(name): key for key, name in labels()}
    return found


def read(table: Table, mapping: Mapping[str, str], merchant_id: UUID) -> list[PriceRow]:
    """The rows with what they say; goods are looked up for all of them at once."""
    columns = [mapping.get(name, "") for name in table.header]
    rows = [
        PriceRow(number, {k: text for k, text in zip(columns, texts, strict=True) if k and text})
        for number, texts in table.rows
    ]
    goods = _Goods.named(rows, merchant_id)
    formulas: dict[int, list[str]] = {}
    for number, column in table.formulas:
        if columns[column]:
            formulas.setdefault(number, []).append(columns[column])
    seen: set[Any] = set()
    for row in rows:
        row.problems += [Problem(row.number, k, "formula") for k in formulas.get(row.number, ())]
        if not row.problems:
            _read(row, goods, seen)
    return rows


@dataclass(frozen=True)
class _Goods:
    """What the rows' names of goods stand for."""

    skus: Mapping[str, UUID]
    variants: Mapping[str, UUID]
    categories: Mapping[str, UUID]

    @classmethod
    def named(cls, rows: Sequence[PriceRow], merchant_id: UUID) -> "_Goods":
        written = {row.cells["sku"] for row in rows if "sku" in row.cells}
        skus = catalog.variant_ids_by_sku(merchant_id, written)
        ids: dict[str, UUID] = {}
        for text in {row.cells["variant"] for row in rows if "variant" in row.cells}:
            try:
                ids[text] = parse_public_id("var", text)
            except NotFound:
                continue
        mine = {
            key for key, one in catalog.variants(ids.values()).items()
            if one.merchant_id == merchant_id
        }  # fmt: skip
        paths = {one for one in written if one.startswith("/") and one not in skus}
        known = dict(_paths(catalog.category_tree())) if paths else {}
        categories = {one: known[path] for one in paths if (path := one.strip("/")) in known}
        return cls(skus, {text: key for text, key in ids.items() if key in mine}, categories)


def _paths(nodes: Iterable[catalog.CategoryNode]) -> Iterator[tuple[str, UUID]]:
    """Each category by its slug, and by its path."""
    for node in nodes:
        yield node.slug, node.id
        yield node.path, node.id
        yield from _paths(node.children)


def _read(row: PriceRow, goods: _Goods, seen: set[Any]) -> None:
    found = Reader(row.number, row.cells, row.problems)
    variant_id, category_id = _named(found, goods)
    delete = _deleted(found)
    minimum = found.number("minimum") or Decimal(0)
    percent, price = (None, None) if delete else _value(found)
    if row.problems:
        return
    key = (variant_id, category_id, minimum)
    if key in seen:
        found.wrong("sku" if "sku" in row.cells else "variant", "price_twice")
        return
    seen.add(key)
    entry = marketplace.PriceEntryInput(
        variant_id=variant_id, category_id=category_id, minimum=minimum,
        unit_price=price, percent=percent,
    )  # fmt: skip
    row.change = marketplace.PriceEntryChange(entry, delete)


def _named(found: Reader, goods: _Goods) -> tuple[UUID | None, UUID | None]:
    """The variant, or the category. What is written like an article and a category is the
    article; a category has another slash at its end then."""
    sku, number = found.cells.get("sku", ""), found.cells.get("variant", "")
    variant_id, category_id = goods.skus.get(sku), goods.categories.get(sku)
    if not sku and not number:
        found.wrong("sku", "goods_missing")
    if sku and variant_id is None and category_id is None:
        found.wrong("sku", "price_category" if sku.startswith("/") else "sku_unknown")
    if number and number not in goods.variants:
        found.wrong("variant", "variant_unknown")
    elif number and sku and variant_id != goods.variants[number]:
        found.wrong("variant", "goods_differ")
    elif number:
        variant_id = goods.variants[number]
    return variant_id, category_id


def _deleted(found: Reader) -> bool:
    if found.cells.get("delete", "").casefold() in _DELETE:
        return True
    return bool(found.flag("delete"))


def _value(found: Reader) -> tuple[Decimal | None, Decimal | None]:
    """Percentage and price: one of them, unless something is wrong."""
    text = found.cells.get("price", "")
    if not text:
        found.wrong("price", "price_missing")
    if text.endswith(("%", "％")):
        plain = text.rstrip("%％ ").lstrip("-−")
        return Reader(found.row, {"price": plain}, found.problems).number("price"), None
    return None, found.number("price")


def write(merchant_id: UUID, list_id: UUID, rows: Sequence[PriceRow], *, more: int = 0) -> Portion:
    """Carry the portion out in the caller's transaction. ``more``: entries that the list is to be
    taken to have already, of a trial's portions before this one."""
    result = Portion()
    live = [(row, row.change) for row in rows if row.change is not None]
    for row in rows:
        if row.change is None:
            result.failed += 1
            result.problems += row.problems
    try:
        outcomes = marketplace.write_price_entries(
            list_id=list_id, merchant_id=merchant_id, changes=[one for _row, one in live], more=more
        )
    except marketplace.PriceListNotFound as error:  # deleted since
        result.failed += len(live)
        result.problems += [_problem(error, row, "sku") for row, _change in live]
        return result
    for (row, _change), outcome in zip(live, outcomes, strict=True):
        if isinstance(outcome, marketplace.InvalidPriceList):
            result.failed += 1
            result.problems += _refused(outcome, row)
        else:
            setattr(result, outcome, getattr(result, outcome) + 1)
    return result


def _refused(error: marketplace.InvalidPriceList, row: PriceRow) -> list[Problem]:
    found = []
    for index, one in enumerate(error.problems):
        key = _KEYS.get(one.field, "sku" if "sku" in row.cells else "variant")
        if one.field == "entries":
            found.append(Problem(row.number, key, "list_full", row.cells.get(key, "")))
        else:
            found.append(_problem(error, row, key, index))
    return found


def _problem(error: Any, row: PriceRow, key: str, index: int = 0) -> Problem:
    return of_error(error, row=row.number, key=key, value=row.cells.get(key, ""), index=index)


def price_header() -> list[str]:
    """The names of an export's columns, in the active language."""
    return [str(LABELS[key]) for key in EXPORTED]


def price_rows(*, list_id: UUID, merchant_id: UUID) -> Iterator[list[object]]:
    """The entries as an import takes them. Raises PriceListNotFound."""
    entries = list(_every(list_id, merchant_id))
    variants = catalog.variants(one.variant_id for one in entries if one.variant_id)
    kinds = catalog.category_paths(one.category_id for one in entries if one.category_id)
    alike = catalog.variant_ids_by_sku(merchant_id, [f"/{path}" for path in kinds.values()])
    written = {
        key: f"/{path}/" if f"/{path}" in alike else f"/{path}" for key, path in kinds.items()
    }
    for one in entries:
        variant = variants.get(one.variant_id) if one.variant_id else None
        goods = variant.sku if variant else written.get(one.category_id, "/")  # type: ignore[arg-type]
        percent = one.percent.normalize() if one.percent is not None else None
        price = one.unit_price if percent is None else f"{percent:f}%"
        yield [goods, price, f"{one.minimum.normalize():f}" if one.minimum else ""]


def _every(list_id: UUID, merchant_id: UUID) -> Iterator[marketplace.PriceEntryInfo]:
    cursor: str | None = None
    while True:
        page = marketplace.price_entries(
            list_id=list_id, merchant_id=merchant_id, cursor=cursor, limit=100
        )
        yield from page.items
        if not page.has_more:
            return
        cursor = page.next_cursor
