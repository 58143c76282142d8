"""Reads of lists of products and of what is wrong in them."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import get_language

from catalog import facade as catalog
from journeys.contracts import ImportInfo, ImportKind, ImportProblemInfo, ImportState
from journeys.imports.columns import attribute_of
from journeys.imports.problems import said
from journeys.models import ImportProblem, ProductImport
from kernel import personal
from kernel.errors import NotFound
from kernel.jobs import job_info
from kernel.pagination import PageOf, keyset
from kernel.sealed_text import opened
from kernel.tables import Table, unpacked

SAMPLE = 3
LISTED = 20  # values that a remedy names
FIELDS = (
    "id", "price_list_id", "merchant_id", "filename", "rows", "products", "position", "made",
    "changed", "removed", "unchanged", "failed", "job_id", "version", "created_at", "updated_at",
    "started_at", "finished_at",
)  # fmt: skip


def product_import(
    *,
    import_id: UUID,
    merchant_id: UUID | None = None,
    kind: ImportKind = ImportKind.PRODUCTS,
    sample: bool = False,
) -> ImportInfo:
    """One list of this kind; ``sample``: with its first rows. Raises NotFound."""
    rows = ProductImport.objects.filter(id=import_id, kind=kind)
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    row = rows.first()
    if row is None:
        raise NotFound
    return info_of(row, table_of(row) if sample and row.table_sealed else None)


def product_imports(
    *,
    merchant_id: UUID,
    price_list_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ImportInfo]:
    """The merchant's lists of products, or of this price list's prices, newest first."""
    kind = ImportKind.PRODUCTS if price_list_id is None else ImportKind.PRICES
    rows = ProductImport.objects.filter(
        merchant_id=merchant_id, kind=kind, price_list_id=price_list_id
    ).defer("table_sealed")
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(info_of)


def import_problems(
    *, import_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[ImportProblemInfo]:
    """What is wrong, row by row, in the reader's language."""
    rows: Any = ImportProblem.objects.filter(product_import_id=import_id).values(
        "id", "row", "heading", "key", "code", "words", "value"
    )
    page = keyset(rows, order=("row", "id"), cursor=cursor, limit=limit)
    codes = {code for row in page.items if (code := attribute_of(row["key"]))}
    known = {one.code: one for one in catalog.attributes(codes)} if codes else {}
    return page.map(lambda row: _problem(row, known.get(attribute_of(row["key"]))))


def every_problem(import_id: UUID) -> Iterator[ImportProblemInfo]:
    """All of them, for the report."""
    cursor: str | None = None
    while True:
        page = import_problems(import_id=import_id, cursor=cursor, limit=100)
        yield from page.items
        if not page.has_more:
            return
        cursor = page.next_cursor


def table_of(row: ProductImport) -> Table:
    """The file's text. Raises NotFound when it has been removed."""
    data = personal.open_data(row.id, bytes(row.table_sealed or b""))
    if data is None:
        raise NotFound
    return unpacked(data)


def info_of(row: ProductImport, table: Table | None = None) -> ImportInfo:
    values: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    return ImportInfo(
        **values,
        kind=ImportKind(row.kind),
        state=ImportState(row.state),
        columns=tuple(row.columns),
        mapping=dict(row.mapping),
        stopped=_stopped(row),
        sample=tuple(tuple(cells) for _number, cells in table.rows[:SAMPLE]) if table else (),
    )


def _stopped(row: ProductImport) -> bool:
    if row.state not in (ImportState.CHECKING, ImportState.RUNNING) or row.job_id is None:
        return False
    try:
        return job_info(row.job_id).state in ("failed", "cancelled", "done")
    except NotFound:
        return True


def _problem(row: dict[str, Any], info: catalog.AttributeInfo | None) -> ImportProblemInfo:
    allowed = None if info is None else ", ".join(
        catalog.written_value(info, value["code"], get_language() or "")
        for value in info.values[:LISTED]
    )  # fmt: skip
    problem, remedy = said(row["code"], row["words"], allowed)
    return ImportProblemInfo(
        id=row["id"], row=row["row"], column=row["heading"], field=row["key"], code=row["code"],
        value=opened(row["value"]), problem=problem, remedy=remedy,
    )  # fmt: skip
