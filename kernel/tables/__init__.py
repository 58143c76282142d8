"""Tables that people hand in and take away (表格文件), CSV and XLSX: read with suspicion, and
written so that no spreadsheet takes a cell for a formula."""

from kernel.tables.reading import (
    BYTES_MAX,
    Table,
    TableTooLarge,
    TableUnreadable,
    packed,
    plain,
    read_table,
    unpacked,
)
from kernel.tables.writing import csv_lines, harmless, xlsx_file

__all__ = [
    "BYTES_MAX",
    "Table",
    "TableTooLarge",
    "TableUnreadable",
    "csv_lines",
    "harmless",
    "packed",
    "plain",
    "read_table",
    "unpacked",
    "xlsx_file",
]
