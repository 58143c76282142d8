"""An invoice as a PDF/A, and what stands in it."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kernel import clock, personal
from kernel.capitals import capitals
from kernel.money import Money
from kernel.typeset import TypesetFailed, render
from kernel.units import UNITS
from payments.contracts_invoices import (
    BuyerKind,
    InvoiceKind,
    InvoiceLine,
    InvoiceType,
    RedReason,
    SalesInvoiceInfo,
    Treatment,
)
from payments.errors_invoices import InvoiceUnprintable

TEMPLATE = Path(__file__).with_name("sales_invoice.typ")
KEEP = 600  # seconds, sealed under the request's own key


def pdf(info: SalesInvoiceInfo, *, language: str = "zh-hans") -> bytes:
    """The PDF/A-2b; the same invoice gives the same bytes. Raises InvoiceUnprintable."""
    chinese = language.lower().startswith("zh")
    key = f"payments:invoice:{info.id}:{'zh' if chinese else 'en'}"
    kept = cache.get(key)
    plain = personal.open_data(info.request_id, kept) if kept else None
    if plain is None:
        with translation.override("zh-hans" if chinese else "en"):
            data = paper(info, chinese=chinese)
        try:
            plain = render(TEMPLATE, data, at=info.issued_at).pdf
        except TypesetFailed as error:
            raise InvoiceUnprintable(str(error)) from error
        cache.set(key, personal.seal_data(info.request_id, plain), KEEP)
    return plain


def paper(info: SalesInvoiceInfo, *, chinese: bool) -> dict[str, Any]:
    """Everything that the sheet shows, as plain strings in the active language."""
    red = info.kind == InvoiceKind.RED
    return {
        "language": "zh" if chinese else "en",
        "red": red,
        "title": _("Red-letter invoice data") if red else _("Invoice data"),
        "subtitle": _("For issuing on the tax platform"),
        "number": info.number,
        "type": str(InvoiceType(info.type).label),
        "original": _original(info),
        "facts": [
            {"label": pgettext("invoice", "Number"), "value": info.number},
            {"label": pgettext("invoice", "Date"), "value": _day(info.issued_at, chinese)},
        ],
        "buyer-label": pgettext("invoice", "Buyer"),
        "seller-label": pgettext("invoice", "Seller"),
        "buyer": _buyer(info),
        "seller": _party(info.seller),
        "head": [
            pgettext("invoice", "Item"),
            pgettext("invoice", "Specification"),
            pgettext("invoice", "Unit"),
            pgettext("invoice", "Quantity"),
            pgettext("invoice", "Unit price"),
            pgettext("invoice", "Amount"),
            pgettext("invoice", "Rate"),
            pgettext("invoice", "Tax"),
        ],
        "lines": [_cells(line, chinese) for line in info.lines],
        "sum-label": pgettext("invoice", "Sum"),
        "net": _priced(info.net),
        "tax": _priced(info.tax),
        "gross-label": pgettext("invoice", "Amount and tax"),
        "figures-label": pgettext("invoice", "in figures"),
        "capitals": capitals(info.gross.amount).removeprefix("人民币"),
        "gross": _priced(info.gross),
        "note-label": pgettext("invoice", "Note"),
        "note": info.note,
        "drawer-label": pgettext("invoice", "Issued by"),
        "drawer": info.seller.get("drawer", ""),
        "sha256": info.sha256,
        "notice": _(
            "These are the data from which an invoice is issued on the tax platform. This sheet is"
            " no statutory e-invoice and can't be deducted or booked as one."
        ),
    }


def rate_text(rate: Decimal, treatment: str) -> str:
    """The rate as an invoice shows it."""
    if treatment != Treatment.TAXED:
        return str(Treatment(treatment).label)
    return f"{rate.normalize():f}%"


def item_text(category_name: str, name: str) -> str:
    """The item as the tax platform writes it: its category's short name between asterisks."""
    return f"*{category_name}*{name}"


def unit_text(code: str, chinese: bool) -> str:
    """The unit's name; a code that we don't know as it is."""
    unit = UNITS.get(code)
    return unit.names["zh-hans" if chinese else "en"] if unit else code


def _original(info: SalesInvoiceInfo) -> str:
    if not info.original_number:
        return ""
    text = _("Refers to invoice %(number)s") % {"number": info.original_number}
    if info.reason:
        text += f" · {RedReason(info.reason).label}"
    return text


def _day(at: datetime, chinese: bool) -> str:
    day = clock.here(at)
    return f"{day.year}年{day.month:02d}月{day.day:02d}日" if chinese else f"{day:%Y-%m-%d}"


def _buyer(info: SalesInvoiceInfo) -> list[dict[str, str]]:
    buyer = info.buyer
    if buyer is None:
        return []
    rows = _party({
        "name": buyer.title, "tax_number": buyer.tax_number, "address": buyer.address,
        "phone": buyer.phone, "bank": buyer.bank, "bank_account": buyer.bank_account,
    })  # fmt: skip
    if buyer.kind == BuyerKind.PERSON:
        rows[1]["value"] = "—"
    return rows


def _party(data: dict[str, str]) -> list[dict[str, str]]:
    def joined(*names: str) -> str:
        return " ".join(data[name] for name in names if data.get(name))

    rows = [
        {"label": _("Name:"), "value": data.get("name", "")},
        {"label": _("Tax number:"), "value": data.get("tax_number", "")},
    ]
    for label, value in (
        (_("Address, phone:"), joined("address", "phone")),
        (_("Bank, account:"), joined("bank", "bank_account")),
    ):
        if value:
            rows.append({"label": label, "value": value})
    return rows


def _cells(line: InvoiceLine, chinese: bool) -> list[str]:
    return [
        item_text(line.category_name, line.name),
        line.specification,
        unit_text(line.unit, chinese) if line.unit else "",
        "" if line.quantity is None else f"{line.quantity:f}",
        "" if line.unit_price is None else f"{line.unit_price:f}",
        _figure(line.net),
        rate_text(line.rate, line.treatment),
        _figure(line.tax) if line.treatment == Treatment.TAXED else "***",
    ]


def _priced(amount: Money) -> str:
    return f"{'-' if amount.amount < 0 else ''}¥{abs(amount.major):.2f}"


def _figure(amount: Money) -> str:
    return f"{amount.major:.2f}"
