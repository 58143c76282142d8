"""An invoice as one JSON document, the same from the API and in an export."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from kernel.ids import public_id
from payments.contracts_invoices import InvoiceBuyer, InvoiceLine, SalesInvoiceInfo


def document(info: SalesInvoiceInfo) -> dict[str, Any]:
    """Everything that the invoice says, as JSON has it."""
    return {
        "id": info.public_id,
        "number": info.number,
        "kind": info.kind,
        "type": info.type,
        "merchant": public_id("mer", info.merchant_id),
        "request": public_id("irq", info.request_id),
        "payment": public_id("pay", info.intent_id),
        "reference": info.reference,
        "original": public_id("siv", info.original_id) if info.original_id else None,
        "original_number": info.original_number or None,
        "refund": public_id("ref", info.refund_id) if info.refund_id else None,
        "dispute": public_id("dsp", info.dispute_id) if info.dispute_id else None,
        "reason": info.reason or None,
        "seller": info.seller,
        "buyer": buyer_document(info.buyer),
        "note": info.note,
        "lines": [_line(line) for line in info.lines],
        "net": info.net.as_api(),
        "tax": info.tax.as_api(),
        "gross": info.gross.as_api(),
        "sha256": info.sha256,
        "issued_at": _time(info.issued_at),
        "created_at": _time(info.created_at),
        "updated_at": _time(info.updated_at),
    }


def buyer_document(buyer: InvoiceBuyer | None) -> dict[str, str] | None:
    """The buyer's data, if they can be read."""
    if buyer is None:
        return None
    return {name: getattr(buyer, name) for name in InvoiceBuyer.__dataclass_fields__}


def decimal(value: Decimal | None) -> str | None:
    """Without trailing zeros and without an exponent."""
    return None if value is None else format(value.normalize(), "f")


def _line(line: InvoiceLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "sku": line.sku,
        "specification": line.specification,
        "unit": line.unit,
        "quantity": decimal(line.quantity),
        "unit_price": decimal(line.unit_price),
        "category": line.category,
        "category_name": line.category_name,
        "rate": decimal(line.rate),
        "treatment": line.treatment,
        "net": line.net.as_api(),
        "tax": line.tax.as_api(),
        "gross": line.gross.as_api(),
    }


def _time(at: datetime) -> str:
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
