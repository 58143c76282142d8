"""Reading tax data, titles, requests and invoices."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson

from kernel import personal
from kernel.errors import NotFound
from kernel.money import Money
from kernel.pagination import PageOf, keyset
from payments.contracts_invoices import (
    BuyerTitle,
    InvoiceBuyer,
    InvoiceLine,
    InvoiceRequestInfo,
    LineInput,
    SalesInvoiceInfo,
    TaxClass,
    TaxProfile,
)
from payments.models import BuyerTitle as BuyerTitleRow
from payments.models import GoodsTax, InvoiceRequest, SalesInvoice
from payments.models import TaxProfile as TaxProfileRow

GOODS_SHOWN = 2000  # in one document; the list of tax classes has them all
DETAILS = ("address", "phone", "bank", "bank_account", "drawer")


def tax_profile(*, merchant_id: UUID) -> TaxProfile | None:
    """The merchant's tax data, if it has entered them."""
    row = TaxProfileRow.objects.filter(merchant_id=merchant_id).first()
    return profile_info(row) if row else None


def profile_info(row: TaxProfileRow) -> TaxProfile:
    """The contract of a row."""
    details = opened(row.merchant_id, row.details_sealed) or {}
    return TaxProfile(
        merchant_id=row.merchant_id,
        name=row.name,
        tax_number=row.tax_number,
        taxpayer=str(row.taxpayer),
        **{name: str(details.get(name, "")) for name in DETAILS},
        default=tax_class(row.default),
        goods=_goods(row.merchant_id),
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _goods(merchant_id: UUID) -> dict[str, TaxClass]:
    rows = GoodsTax.objects.filter(merchant_id=merchant_id, category="").order_by("sku")
    return {row.sku: tax_class(row.tax) for row in rows[:GOODS_SHOWN]}


def tax_class(data: Mapping[str, str]) -> TaxClass:
    """From how it is stored."""
    return TaxClass(
        data["category"], data["category_name"], Decimal(data["rate"]), data["treatment"]
    )


def buyer_titles(*, person_id: UUID) -> list[BuyerTitle]:
    """The titles that a person saved, the last used first."""
    rows = BuyerTitleRow.objects.filter(person_id=person_id).order_by("-used_at", "id")[:50]
    found = ((row, opened(person_id, row.sealed)) for row in rows)
    return [BuyerTitle(row.id, InvoiceBuyer(**data)) for row, data in found if data is not None]


def invoice_request(*, request_id: UUID) -> InvoiceRequestInfo:
    """One request. Raises NotFound."""
    row = InvoiceRequest.objects.filter(id=request_id).first()
    if row is None:
        raise NotFound
    return request_info(row)


def requests_of(*, reference: str, merchant_id: UUID) -> list[InvoiceRequestInfo]:
    """The requests over a merchant's share of ``reference`` (an order), the latest first."""
    rows = InvoiceRequest.objects.filter(reference=reference, merchant_id=merchant_id)
    return [request_info(row) for row in rows.order_by("-id")[:20]]


def invoice_requests_page(
    *,
    merchant_id: UUID | None = None,
    person_id: UUID | None = None,
    state: str | None = None,
    intent_id: UUID | None = None,
    reference: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[InvoiceRequestInfo]:
    """A merchant's or a person's requests, or all of the platform."""
    wanted = {
        "merchant_id": merchant_id,
        "person_id": person_id,
        "state": state,
        "intent_id": intent_id,
        "reference": reference,
        "updated_at__gte": updated_since,
    }
    rows = InvoiceRequest.objects.filter(**_given(wanted))
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(request_info)


def request_info(row: InvoiceRequest) -> InvoiceRequestInfo:
    """The contract of a row."""
    buyer, note = _told(row.id, row.sealed)
    return InvoiceRequestInfo(
        id=row.id,
        state=str(row.state),
        type=str(row.type),
        merchant_id=row.merchant_id,
        intent_id=row.intent_id,
        reference=row.reference,
        person_id=row.person_id,
        buyer=buyer,
        note=note,
        lines=tuple(line_input(line, row.currency) for line in row.lines),
        amount=Money(row.amount, row.currency),
        reason=row.reason,
        external_id=row.external_id,
        metadata=row.metadata,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def line_input(data: Mapping[str, Any], currency: str) -> LineInput:
    """From how it is stored."""
    return LineInput(
        name=data["name"],
        gross=Money(data["gross"], currency),
        sku=data["sku"],
        specification=data["specification"],
        unit=data["unit"],
        quantity=_decimal(data["quantity"]),
        category=data["category"],
        category_name=data["category_name"],
        rate=_decimal(data["rate"]),
        treatment=data["treatment"],
        goods_category=data.get("goods_category", ""),
    )


def sales_invoice(*, invoice_id: UUID) -> SalesInvoiceInfo:
    """One invoice. Raises NotFound."""
    row = SalesInvoice.objects.select_related("original").filter(id=invoice_id).first()
    if row is None:
        raise NotFound
    return invoice_info(row)


def sales_invoices_of(*, request_ids: Iterable[UUID]) -> list[SalesInvoiceInfo]:
    """All that was issued for these requests, oldest first."""
    rows = SalesInvoice.objects.filter(request_id__in=list(request_ids))
    return [invoice_info(row) for row in rows.select_related("original").order_by("id")]


def sales_invoices_page(
    *,
    merchant_id: UUID | None = None,
    kind: str | None = None,
    number: str | None = None,
    intent_id: UUID | None = None,
    reference: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[SalesInvoiceInfo]:
    """A merchant's invoices, or all of the platform; ``until`` isn't included."""
    wanted = {
        "merchant_id": merchant_id,
        "kind": kind,
        "number": number,
        "intent_id": intent_id,
        "reference": reference,
        "issued_at__gte": since,
        "issued_at__lt": until,
        "updated_at__gte": updated_since,
    }
    rows = SalesInvoice.objects.select_related("original").filter(**_given(wanted))
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(invoice_info)


def invoice_info(row: SalesInvoice) -> SalesInvoiceInfo:
    """The contract of a row."""
    buyer, note = _told(row.request_id, row.sealed)
    return SalesInvoiceInfo(
        id=row.id,
        number=row.number,
        kind=str(row.kind),
        type=str(row.type),
        merchant_id=row.merchant_id,
        request_id=row.request_id,
        intent_id=row.intent_id,
        reference=row.reference,
        original_id=row.original_id,
        original_number=row.original.number if row.original else "",
        refund_id=row.refund_id,
        dispute_id=row.dispute_id,
        reason=str(row.reason),
        seller=opened(row.request_id, row.seller_sealed) or {},
        buyer=buyer,
        note=note,
        lines=tuple(_line(line, row.currency) for line in row.lines),
        net=Money(row.net, row.currency),
        tax=Money(row.tax, row.currency),
        gross=Money(row.gross, row.currency),
        sha256=row.sha256,
        issued_at=row.issued_at,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def sealed(subject: UUID, data: Mapping[str, Any]) -> str:
    """Plain values as ciphertext under a subject's key."""
    return personal.seal(subject, orjson.dumps(dict(data)).decode())


def sealed_buyer(request_id: UUID, buyer: InvoiceBuyer, note: str) -> str:
    """A request's personal part."""
    return sealed(request_id, {"buyer": asdict(buyer), "note": note})


def opened(subject: UUID, text: str) -> dict[str, Any] | None:
    """What was sealed; None once the key is gone."""
    plain = personal.open_(subject, text)
    return None if plain is None else dict(orjson.loads(plain))


def _told(request_id: UUID, text: str) -> tuple[InvoiceBuyer | None, str]:
    data = opened(request_id, text)
    return (InvoiceBuyer(**data["buyer"]), str(data["note"])) if data else (None, "")


def _line(data: Mapping[str, Any], currency: str) -> InvoiceLine:
    return InvoiceLine(
        name=data["name"],
        sku=data["sku"],
        specification=data["specification"],
        unit=data["unit"],
        quantity=_decimal(data["quantity"]),
        unit_price=_decimal(data["unit_price"]),
        category=data["category"],
        category_name=data["category_name"],
        rate=Decimal(data["rate"]),
        treatment=data["treatment"],
        net=Money(data["net"], currency),
        tax=Money(data["tax"], currency),
        gross=Money(data["gross"], currency),
    )


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _given(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if value is not None}
