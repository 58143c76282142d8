"""Tables from outside: two encodings, limits before memory, nothing carried out, harmless out."""

import io
import zipfile
from decimal import Decimal

import pytest
from django.utils.translation import override
from openpyxl import Workbook, load_workbook

from kernel.tables import (
    TableTooLarge,
    TableUnreadable,
    csv_lines,
    packed,
    read_table,
    unpacked,
    xlsx_file,
)

TEXT = "货号,名称,价格\nA-1,人参,12.50\n\nA-2,'=1+1,3\n"


def sheet(*rows: list[object]) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("gb18030"),
        TEXT.replace(",", "\t").encode(),
        TEXT.replace(",", ";").replace("\n", "\r\n").encode(),
    ],
)
def test_both_encodings_and_the_usual_separators(data: bytes) -> None:
    table = read_table(data, most_rows=10)
    assert table.header == ["货号", "名称", "价格"]
    # The row number is the file's; the apostrophe before a formula is taken off.
    assert table.rows == [(2, ["A-1", "人参", "12.50"]), (4, ["A-2", "=1+1", "3"])]
    assert unpacked(packed(table)) == table


def test_a_sheet_comes_as_text_and_its_formulas_are_named() -> None:
    data = sheet(["sku", "n", "price"], ["0012", 7, 12.5], [None, None, None], ["B", "=1+1", 3.0])
    table = read_table(data, most_rows=10)
    assert table.rows == [(2, ["0012", "7", "12.5"]), (4, ["B", "", "3"])]
    assert table.formulas == [(4, 1)]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("naïve,café\nà,é\n".encode("latin-1"), "UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "neither CSV"),
        (b"", "empty"),
        (b"a,b\n", "no row"),
        (b"a,a\n1,2\n", "twice"),
        (b"a,b\n1,2,3\n", "more cells"),
        (b'a,b\n"1,2\n', "can't be read"),
        (b"\xd0\xcf\x11\xe0" + b"0" * 600, "XLS"),
        (b"PK\x03\x04" + b"0" * 600, "damaged"),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(data: bytes, words: str) -> None:
    with override("en"), pytest.raises(TableUnreadable, match=words) as raised:
        read_table(data, most_rows=10)
    assert raised.value.problems[0].field == "file"


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(f"xl/{name}.xml", data)
    return out.getvalue()


def test_bombs_and_what_is_too_much_are_refused() -> None:
    for data in (
        zipped(workbook=b"<a/>", sheet=b" " * 130_000_000),
        b"x" * 8_000_001,
        b"a\n" + b"1\n" * 11,
        ",".join(f"c{n}" for n in range(61)).encode() + b"\n1\n",
        b"a\n" + b"1" * 32_768,
    ):
        with pytest.raises((TableTooLarge, TableUnreadable)) as raised:
            read_table(data, most_rows=10)
        assert isinstance(raised.value, TableTooLarge), raised.value
    entities = b'<!DOCTYPE lolz [<!ENTITY lol "lol">]><workbook/>'
    with override("en"), pytest.raises(TableUnreadable, match="entities"):
        read_table(zipped(workbook=entities), most_rows=10)


def test_no_spreadsheet_takes_a_cell_for_a_formula_and_back_it_is_the_same() -> None:
    cells = ["=1+1", "+1", "-cmd", "@x", "-5", Decimal("12.50"), 3, None, "人参"]
    names = [f"c{n}" for n in range(len(cells))]
    text = "".join(csv_lines(names, [cells]))
    assert text.startswith("\ufeff")
    assert "'=1+1,'+1,'-cmd,'@x,-5,12.50,3,,人参" in text
    data = xlsx_file(names, [cells])
    row = list(load_workbook(io.BytesIO(data)).active[2])  # type: ignore[index]
    assert not [cell for cell in row if cell.data_type == "f"]
    assert row[0].value == "'=1+1"
    expected = ["=1+1", "+1", "-cmd", "@x", "-5", "12.50", "3", "", "人参"]
    assert read_table(text.encode(), most_rows=10).rows == [(2, expected)]
    expected[5] = "12.5"
    assert read_table(data, most_rows=10).rows == [(2, expected)]
