"""Facts about invoices of sales; published with ``events``."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event


@dataclass(frozen=True)
class InvoiceRequested(Event):
    """Somebody wants an invoice of what was paid to a merchant for ``reference``."""

    NAME: ClassVar[str] = "payments.invoice.requested.v1"

    invoice_request_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True)
class InvoiceRequestEnded(Event):
    """No invoice comes of it: ``state`` declined or canceled. ``reason`` is the merchant's."""

    NAME: ClassVar[str] = "payments.invoice.request_ended.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"reason"})

    invoice_request_id: UUID
    merchant_id: UUID
    reference: str
    state: str
    reason: str


@dataclass(frozen=True)
class SalesInvoiceIssued(Event):
    """An invoice, or a red-letter one (``kind``) with negative amounts."""

    NAME: ClassVar[str] = "payments.invoice.issued.v1"

    sales_invoice_id: UUID
    invoice_request_id: UUID
    merchant_id: UUID
    reference: str
    kind: str
    number: str
    gross: Money
    tax: Money


@dataclass(frozen=True)
class FapiaoIssued(Event):
    """The tax platform's own invoice (数电发票) is there: ``number`` has 20 digits."""

    NAME: ClassVar[str] = "payments.fapiao.issued.v1"

    sales_invoice_id: UUID
    merchant_id: UUID
    reference: str
    number: str


@dataclass(frozen=True)
class FapiaoRefused(Event):
    """It wasn't issued; ``code`` and ``message`` are the issuer's. It can be handed in again."""

    NAME: ClassVar[str] = "payments.fapiao.refused.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"message"})

    sales_invoice_id: UUID
    merchant_id: UUID
    reference: str
    code: str
    message: str
