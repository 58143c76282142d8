"""What lists can be about: of each kind its columns, how its rows are read, and how a portion of
them is written. The service knows nothing else of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

from catalog import facade as catalog
from journeys.contracts import ImportKind
from journeys.errors import ImportUnmapped, ImportUnpriced
from journeys.imports import columns, places, prices, reading, rows, writing
from journeys.models import ProductImport
from kernel.errors import Invalid
from platforms import facade as platforms


class Kind(Protocol):
    """One kind of lists."""

    needed: Mapping[str, str]
    """What a person's role must include, beside the page's permission, for a list that writes
    this column."""

    def columns(self) -> list[tuple[str, str]]:
        """What a column can hold, with its name in the active language."""

    def guess(self, header: Iterable[str], kept: Mapping[str, str]) -> dict[str, str]:
        """Column name -> content, of those that are recognised."""

    def unfit(self, keys: set[str]) -> Invalid | None:
        """What is missing among the contents of the columns."""

    def count(self, row: ProductImport) -> int:
        """How many things the file is about: ``position`` counts them."""

    def read(self, row: ProductImport) -> Sequence[Any]:
        """These things, in the order of the file."""

    def portion(self, things: Sequence[Any], start: int) -> Sequence[Any]:
        """Those from ``start`` on that one transaction writes; empty at the end."""

    def alone(self, row: ProductImport, portion: Sequence[Any]) -> bool:
        """Whether it is to be begun only after the one before it is kept: what it changes others
        may wait for, who hold what the one before waits for."""

    def write(self, row: ProductImport, portion: Sequence[Any], *, trial: bool) -> writing.Portion:
        """Carry them out in the caller's transaction, which a trial takes back."""


class Products:
    """Products with their variants, prices and stock."""

    needed: Mapping[str, str] = {"price": "prices", "stock": "stock"}

    def columns(self) -> list[tuple[str, str]]:
        return places.import_columns()

    def guess(self, header: Iterable[str], kept: Mapping[str, str]) -> dict[str, str]:
        return columns.guess(header, places.offer(), kept)

    def unfit(self, keys: set[str]) -> Invalid | None:
        return None if "sku" in keys else ImportUnmapped(field="mapping")

    def count(self, row: ProductImport) -> int:
        main = platforms.get_platform().locales[0]
        return rows.how_many(reading.table_of(row), row.mapping, main)

    def read(self, row: ProductImport) -> Sequence[Any]:
        known = places.of_merchant(row.merchant_id)
        return rows.grouped(reading.table_of(row), row.mapping, known)

    def portion(self, things: Sequence[Any], start: int) -> Sequence[Any]:
        found = rows.chunks(things, start, products=writing.PRODUCTS, variants=writing.VARIANTS)
        return next(found, [])

    def alone(self, row: ProductImport, portion: Sequence[Any]) -> bool:
        drafts = [group.draft for group in portion if group.draft is not None]
        return catalog.knows_any(merchant_id=row.merchant_id, drafts=drafts)

    def write(self, row: ProductImport, portion: Sequence[Any], *, trial: bool) -> writing.Portion:
        return writing.write(row.merchant_id, platforms.get_platform().currency, portion)


class Prices:
    """The prices of one price list."""

    needed: Mapping[str, str] = {}

    def columns(self) -> list[tuple[str, str]]:
        return prices.labels()

    def guess(self, header: Iterable[str], kept: Mapping[str, str]) -> dict[str, str]:
        return columns.matched(header, kept, prices.names(), list(prices.LABELS))

    def unfit(self, keys: set[str]) -> Invalid | None:
        if not keys & {"sku", "variant"}:
            return ImportUnmapped(field="mapping")
        return None if keys & {"price", "delete"} else ImportUnpriced(field="mapping")

    def count(self, row: ProductImport) -> int:
        return row.rows

    def read(self, row: ProductImport) -> Sequence[Any]:
        return prices.read(reading.table_of(row), row.mapping, row.merchant_id)

    def portion(self, things: Sequence[Any], start: int) -> Sequence[Any]:
        return things[start : start + prices.ROWS]

    def alone(self, row: ProductImport, portion: Sequence[Any]) -> bool:
        return True  # they all change one price list

    def write(self, row: ProductImport, portion: Sequence[Any], *, trial: bool) -> writing.Portion:
        # What a trial's earlier portions have put into the list was taken back.
        more = row.made - row.removed if trial else 0
        return prices.write(row.merchant_id, _list_of(row), portion, more=more)


def _list_of(row: ProductImport) -> UUID:
    if row.price_list_id is None:
        raise LookupError(row.id)
    return row.price_list_id


KINDS: Mapping[str, Kind] = {ImportKind.PRODUCTS: Products(), ImportKind.PRICES: Prices()}


def columns_of(kind: ImportKind = ImportKind.PRODUCTS) -> list[tuple[str, str]]:
    """(key, what it is called in the active language) of all that a column can hold."""
    return KINDS[kind].columns()
