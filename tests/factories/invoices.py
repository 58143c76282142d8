"""Tax data, titles, requests and invoices for tests, made through the facade."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from payments import facade
from payments.facade import (
    InvoiceBuyer,
    InvoiceRequestInfo,
    LineInput,
    SalesInvoiceInfo,
    TaxClass,
    TaxProfile,
)
from tests.factories.identity import credit_code
from tests.factories.payments import cny, make_paid, make_share

CORN = TaxClass("1010101030000000000", "谷物", Decimal(9))
BUYER = InvoiceBuyer("company", "长春市宏远饲料有限公司", credit_code(7), email="a@buyers.example")


def make_tax_profile(merchant_id: UUID, **fields: Any) -> TaxProfile:
    """A general taxpayer that sells corn."""
    return facade.set_tax_profile(
        **{
            "merchant_id": merchant_id,
            "name": "吉林玉米有限公司",
            "tax_number_": credit_code(5),
            "taxpayer": "general",
            "default": CORN,
            "address": "长春市人民大街1号",
            "bank": "吉林银行",
            "bank_account": "0710000000000001",
            "drawer": "王芳",
            **fields,
        }
    )


def make_line(gross: int = 10_000, name: str = "玉米", **fields: Any) -> LineInput:
    """A line over so many fen."""
    return LineInput(name=name, gross=cny(gross), **fields)


def make_request(
    *amounts: int, merchant_id: UUID | None = None, profile: bool = True, **fields: Any
) -> InvoiceRequestInfo:
    """A request over a paid share, a line for each amount; its merchant has its tax data."""
    merchant = merchant_id or uuid4()
    lines = [make_line(amount) for amount in amounts or (10_000,)]
    intent_id = fields.pop("intent_id", None)
    if intent_id is None:
        intent_id = make_paid(make_share(sum(amounts) or 10_000, 0, merchant_id=merchant)).id
    if profile:
        make_tax_profile(merchant)
    return facade.request_invoice(
        **{
            "key": uuid4(),
            "intent_id": intent_id,
            "merchant_id": merchant,
            "buyer": BUYER,
            "lines": lines,
            **fields,
        }
    )


def make_invoice(*amounts: int, **fields: Any) -> SalesInvoiceInfo:
    """An issued invoice."""
    return facade.issue_invoice(request_id=make_request(*amounts, **fields).id)


def make_invoice_rows(
    *, intent_id: UUID, merchant_id: UUID, person_id: UUID, external: str
) -> dict[str, UUID]:
    """A row in every table of this part; ids by public prefix."""
    title = facade.save_title(person_id=person_id, buyer=BUYER)
    made = make_invoice(
        intent_id=intent_id, merchant_id=merchant_id, person_id=person_id, external_id=external
    )
    taxed = facade.set_goods_tax(merchant_id=merchant_id, sku="CORN-25", tax=CORN)
    facade.enter_fapiao(invoice_id=made.id, number=f"{made.id.int % 10**20:020d}")
    return {"ttl": title.id, "irq": made.request_id, "siv": made.id, "gtx": taxed.id}
