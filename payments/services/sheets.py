"""Statements as files: CSV and XLSX."""

import csv
import io
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from payments.contracts_terms import PayoutStatement, Statement, StatementLine

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FIELDS = ("gross", "refund", "commission", "fee", "tax", "carriage", "other", "net")


def order_rows(found: Statement) -> list[list[Any]]:
    """A head, each order, and the sums; amounts in major units."""
    head = [
        _("Order"), _("Sales"), _("Refunds"), _("Commission"), _("Fees"), _("Tax"), _("Carriage"),
        _("Other"), _("Net"), _("Currency"),
    ]  # fmt: skip
    return [
        head,
        *(_row(line.reference, line, found.currency) for line in found.lines),
        _row(_("Total"), found.total, found.currency),
    ]


def payout_rows(found: PayoutStatement) -> list[list[Any]]:
    """The opening balance, each movement, the payout, the closing balance."""
    rows: list[list[Any]] = [
        [_("Time"), _("Kind"), _("Order"), _("Amount"), _("Currency")],
        ["", _("Opening balance"), "", found.opening.major, found.opening.currency],
    ]
    for line in found.lines:
        at = line.at.isoformat(timespec="seconds")
        rows.append([at, line.type, line.reference, line.amount.major, line.amount.currency])
    rows.append(["", _("Payout"), "", -found.amount.major, found.amount.currency])
    rows.append(["", _("Closing balance"), "", found.closing.major, found.closing.currency])
    return rows


def written(sheets: Iterable[tuple[str, list[list[Any]]]], kind: str) -> bytes:
    """The sheets as a file; in CSV one after the other. Nothing in a cell is run as a formula."""
    if kind == CSV:
        text = io.StringIO()
        writer = csv.writer(text)
        for place, (_title, rows) in enumerate(sheets):
            if place:
                writer.writerow([])
            writer.writerows([[_harmless(cell) for cell in row] for row in rows])
        return ("\ufeff" + text.getvalue()).encode()
    from openpyxl import Workbook  # with numpy: a tenth of what every process would load

    book = Workbook(write_only=True)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append([_harmless(cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _row(name: str, line: StatementLine, currency: str) -> list[Any]:
    return [name, *(getattr(line, field).major for field in _FIELDS), currency]


def _harmless(cell: Any) -> Any:
    if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{cell}"
    return cell
