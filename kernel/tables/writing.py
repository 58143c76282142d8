"""Writing tables: what begins like a formula is written with an apostrophe before it (OWASP, CSV
injection); reading takes it off again."""

import csv
from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import BytesIO, StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r")
EXACT_DIGITS = 15  # of a number in a spreadsheet, which keeps doubles


def harmless(cell: object) -> str:
    """A cell's text that no spreadsheet takes for a formula."""
    text = "" if cell is None else _text(cell)
    return "'" + text if text.startswith(FORMULA) and not _is_number(text) else text


def csv_lines(header: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """The lines of a CSV file: UTF-8 with its mark, so that spreadsheets read Chinese."""
    yield "\ufeff"
    for row in _chained(header, rows):
        buffer = StringIO()
        csv.writer(buffer).writerow([harmless(cell) for cell in row])
        yield buffer.getvalue()


def xlsx_file(header: Iterable[object], rows: Iterable[Iterable[object]]) -> bytes:
    """The same table as an XLSX file; decimals and integers are numbers in it."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Sheet1")
    for row in _chained(header, rows):
        cells = []
        for value in row:
            if isinstance(value, int | Decimal) and not isinstance(value, bool) and _exact(value):
                cells.append(WriteOnlyCell(sheet, value=value))  # type: ignore[arg-type]
                continue
            cell = WriteOnlyCell(sheet, value="")
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", harmless(value))
            cell.data_type = "s"  # never a formula, whatever the text begins with
            cells.append(cell)
        sheet.append(cells)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _chained(header: Iterable[object], rows: Iterable[Iterable[object]]) -> Iterator[list[object]]:
    yield list(header)
    for row in rows:
        yield list(row)


def _text(cell: object) -> str:
    return format(cell, "f") if isinstance(cell, Decimal) else str(cell)


def _is_number(text: str) -> bool:
    return text.startswith("-") and text[1:].replace(".", "", 1).isdigit()


def _exact(value: int | Decimal) -> bool:
    return len(Decimal(value).as_tuple().digits) <= EXACT_DIGITS
