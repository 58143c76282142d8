"""Write one invoice into its merchant's series: numbered without gaps, never changed afterwards."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from kernel import audit, clock, outbox
from kernel.failpoints import hit
from kernel.money import Money
from payments import locks
from payments.contracts_invoices import InvoiceBuyer, InvoiceKind
from payments.events_invoices import SalesInvoiceIssued
from payments.models import InvoiceRequest, SalesInvoice
from payments.selectors import invoices as selectors
from payments.services.invoices import fapiao

Lines = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Draft:
    """What is to be recorded; ``lines`` as they are kept."""

    kind: str
    lines: Lines
    seller: Mapping[str, str]
    buyer: InvoiceBuyer
    note: str
    original: SalesInvoice | None = None
    refund_id: UUID | None = None
    dispute_id: UUID | None = None
    reason: str = ""


def record(request: InvoiceRequest, draft: Draft) -> SalesInvoice:
    """Add the invoice, in the caller's transaction; the request is locked."""
    now = clock.business()
    year = clock.day_of(now).year
    series = locks.invoice_series(request.merchant_id, year)
    series.last += 1
    series.save(update_fields=["last"])
    hit("payments.invoice.numbered")
    row = SalesInvoice(
        request=request, original=draft.original, kind=draft.kind, type=request.type,
        merchant_id=request.merchant_id, intent_id=request.intent_id,
        reference=request.reference, refund_id=draft.refund_id, dispute_id=draft.dispute_id,
        reason=draft.reason,
        year=year, serial=series.last, number=f"{year}-{series.last:06d}",
        lines=list(draft.lines), currency=request.currency, issued_at=now,
        **{name: sum(line[name] for line in draft.lines) for name in ("net", "tax", "gross")},
    )  # fmt: skip
    row.seller_sealed = selectors.sealed(request.id, draft.seller)
    row.sealed = selectors.sealed_buyer(request.id, draft.buyer, draft.note)
    row.sha256 = _hash(row, draft)
    row.touch()
    row.save(force_insert=True)
    audit.record(
        action="payments.invoice.issued",
        target=row,
        after={"number": row.number, "kind": str(row.kind), "gross": row.gross, "tax": row.tax},
    )
    outbox.append(
        SalesInvoiceIssued(
            row.id, request.id, row.merchant_id, row.reference, str(row.kind), row.number,
            Money(row.gross, row.currency), Money(row.tax, row.currency),
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )  # fmt: skip
    fapiao.hand_in(row)
    return row


def _hash(row: SalesInvoice, draft: Draft) -> str:
    """Over all that the invoice says, so that any copy can be compared with it."""
    said = {
        "id": row.id,
        "number": row.number,
        "kind": str(row.kind),
        "type": str(row.type),
        "original": row.original_id,
        "issued_at": row.issued_at,
        "seller": dict(draft.seller),
        "buyer": draft.buyer,
        "note": draft.note,
        "currency": row.currency,
        "lines": row.lines,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


__all__ = ["Draft", "InvoiceKind", "record"]
