"""Reading tables: limits hold before memory is spent, and nothing in a file is carried out."""

import csv
import gzip
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import orjson
from django.utils.translation import gettext_lazy as _

from kernel.errors import Invalid, TooLarge
from kernel.tables.writing import FORMULA

BYTES_MAX = 8_000_000
COLUMNS_MAX = 60
CELL_MAX = 32_767  # characters; a spreadsheet's own limit
TEXT_MAX = 30_000_000  # characters of all cells together
UNPACKED_MAX = 120_000_000  # bytes of an XLSX file's parts
PARTS_MAX = 500
COMMON_SHARE = 0.6  # of what isn't ASCII in GB 18030 text must be everyday characters
_BLANK_ROWS = 1000  # in a row: then the sheet has ended
_OLE = b"\xd0\xcf\x11\xe0"


class TableUnreadable(Invalid):
    code = "table_unreadable"
    title = _("This file isn't a table that can be read")
    remedy = _(
        "Send CSV in UTF-8 or GB 18030, or XLSX without a password, with the names of the columns "
        "in the first row."
    )


class TableTooLarge(TooLarge):
    code = "table_too_large"
    title = _("The table is too large")
    remedy = _("Split it into several files; the limit is in limit.")


@dataclass(frozen=True)
class Table:
    """``rows`` are (row number in the file, cells as text), as many cells as the header has.
    ``formulas`` are (row number, column) of cells that hold a formula; their text is empty."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    formulas: list[tuple[int, int]] = field(default_factory=list)


def read_table(data: bytes, *, most_rows: int) -> Table:
    """The first sheet, or the CSV text. Raises TableUnreadable, TableTooLarge."""
    if len(data) > BYTES_MAX:
        raise TableTooLarge(field="file", limit=f"{BYTES_MAX} bytes")
    if data.startswith(b"PK\x03\x04"):
        formulas: list[tuple[int, int]] = []
        return _table(_xlsx(data, formulas, most_rows), formulas, most_rows)
    if data.startswith(_OLE):
        raise TableUnreadable(
            _("It is an old XLS file or has a password: save it as XLSX or CSV."), field="file"
        )
    return _table(_csv(_decoded(data)), [], most_rows)


def packed(table: Table) -> bytes:
    """The table as bytes to keep."""
    return gzip.compress(orjson.dumps([table.header, table.rows, table.formulas]), 5)


def unpacked(data: bytes) -> Table:
    """What ``packed`` made."""
    header, rows, formulas = orjson.loads(gzip.decompress(data))
    return Table(header, [(number, cells) for number, cells in rows], [(n, c) for n, c in formulas])


def _table(
    found: Iterable[tuple[int, list[str]]], formulas: list[tuple[int, int]], most: int
) -> Table:
    lines = iter(found)
    number, header = next(lines, (0, []))
    while header and not header[-1].strip():
        header.pop()
    header = [name.strip() for name in header]
    _check_header(header)
    width, size = len(header), 0
    rows: list[tuple[int, list[str]]] = []
    for number, cells in lines:
        if any(cell.strip() for cell in cells[width:]):
            raise TableUnreadable(
                _("Row %(row)s has more cells than the first row has names.") % {"row": number},
                field="file", row=number,
            )  # fmt: skip
        if len(rows) >= most:
            raise TableTooLarge(field="file", limit=f"{most} rows")
        cells = [plain(cell) for cell in cells[:width]]
        size += sum(map(len, cells))
        if size > TEXT_MAX or any(len(cell) > CELL_MAX for cell in cells):
            raise TableTooLarge(field="file", limit=f"{CELL_MAX} characters in a cell", row=number)
        rows.append((number, cells + [""] * (width - len(cells))))
    if not rows:
        raise TableUnreadable(_("There is no row below the names of the columns."), field="file")
    return Table(header, rows, [(n, c) for n, c in formulas if c < width])


def _check_header(header: list[str]) -> None:
    if not header:
        raise TableUnreadable(_("The file is empty."), field="file")
    if len(header) > COLUMNS_MAX:
        raise TableTooLarge(field="file", limit=f"{COLUMNS_MAX} columns")
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise TableUnreadable(
            _("The first row names a column twice: %(names)s.") % {"names": ", ".join(repeated)},
            field="file",
        )


def plain(cell: str) -> str:
    """A cell's text as it was before ``harmless``."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:].startswith(FORMULA) else text


def _decoded(data: bytes) -> str:
    if b"\x00" in data:
        raise TableUnreadable(_("It is neither CSV in UTF-8 or GB 18030 nor XLSX."), field="file")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError as error:
        raise _wrong_encoding() from error
    # Many byte strings of other encodings decode, too, but to characters that nobody uses.
    other = [sign for sign in text if sign > "\x7f"]
    common = sum(_is_common(sign) for sign in other)
    if common < COMMON_SHARE * len(other):
        raise _wrong_encoding()
    return text


def _wrong_encoding() -> TableUnreadable:
    return TableUnreadable(
        _("The text is neither in UTF-8 nor in GB 18030: save it as “CSV UTF-8”."), field="file"
    )


def _is_common(sign: str) -> bool:
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _csv(text: str) -> Iterator[tuple[int, list[str]]]:
    first = text.partition("\n")[0]
    mark = max(",\t;", key=first.count)
    try:
        reader = csv.reader(StringIO(text, newline=""), delimiter=mark, strict=True)
        for number, cells in enumerate(reader, 1):
            if any(cell.strip() for cell in cells):
                yield number, cells
    except csv.Error as error:
        raise TableUnreadable(
            _("The CSV can't be read: %(why)s.") % {"why": error}, field="file"
        ) from error


def _xlsx(
    data: bytes, formulas: list[tuple[int, int]], most_rows: int
) -> Iterator[tuple[int, list[str]]]:
    _check_zip(data)
    from openpyxl import load_workbook

    try:
        book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
        sheet: Any = book.worksheets[0]
        blank = 0
        lines = sheet.iter_rows(max_col=COLUMNS_MAX + 1)
        for number, cells in enumerate(lines, 1):
            texts = []
            for column, cell in enumerate(cells):
                is_formula = cell.data_type == "f"
                if is_formula and number > 1:
                    formulas.append((number, column))
                texts.append("" if is_formula else _text(cell.value, cell.number_format))
            held = any(texts) or any(cell.data_type == "f" for cell in cells)
            blank = 0 if held else blank + 1
            if held:
                yield number, texts
            elif blank > _BLANK_ROWS or number > most_rows + 10 * _BLANK_ROWS:
                return
    except (TableUnreadable, TableTooLarge):
        raise
    except Exception as error:  # whatever openpyxl and the parsers below it make of a broken file
        raise TableUnreadable(_("The XLSX file is damaged."), field="file") from error


def _check_zip(data: bytes) -> None:
    """Refuse a bomb before anything of it is unpacked. What a part says of its size holds:
    ``zipfile`` reads no further."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > PARTS_MAX or sum(one.file_size for one in parts) > UNPACKED_MAX:
                raise TableTooLarge(field="file", limit=f"{UNPACKED_MAX} bytes unpacked")
            if "xl/workbook.xml" not in archive.namelist():
                raise TableUnreadable(_("It is no XLSX file."), field="file")
            for one in parts:
                if one.filename.endswith((".xml", ".rels")):
                    with archive.open(one) as part:
                        if b"<!DOCTYPE" in part.read(4000).replace(b"\0", b"").upper():
                            raise TableUnreadable(
                                _("The XLSX file declares entities."), field="file"
                            )
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise TableUnreadable(_("The XLSX file is damaged."), field="file") from error


def _text(value: Any, shown: str) -> str:
    """``shown`` is the cell's format: what is typed as 8% is kept as 0.08."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and "%" in shown:
        return f"{format((Decimal(repr(value)) * 100).normalize(), 'f')}%"
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
