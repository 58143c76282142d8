"""Invoices of sales, how goods are taxed, statutory invoices."""

from payments.contracts_fapiao import FAPIAO, FapiaoInfo, FapiaoState
from payments.contracts_invoices import (
    BuyerKind,
    BuyerTitle,
    GoodsTaxInfo,
    InvoiceBuyer,
    InvoiceKind,
    InvoiceLine,
    InvoiceRequestInfo,
    InvoiceType,
    LineChange,
    LineInput,
    RedReason,
    RequestState,
    SalesInvoiceInfo,
    TaxClass,
    TaxFound,
    Taxpayer,
    TaxProfile,
    Treatment,
)
from payments.errors_invoices import (
    ExportTooLarge,
    FapiaoBusy,
    FapiaoNumberTaken,
    InvalidInvoice,
    InvalidTaxNumber,
    InvoiceAsked,
    InvoiceLinesDiffer,
    InvoiceUnprintable,
    NoIssuer,
    NothingToInvoice,
    NotPaidYet,
    RateNotAllowed,
    RefundInProgress,
    TaxCategoryMissing,
    TaxProfileMissing,
)
from payments.selectors.invoices import (
    buyer_titles,
    invoice_request,
    invoice_requests_page,
    requests_of,
    sales_invoice,
    sales_invoices_of,
    sales_invoices_page,
    tax_profile,
)
from payments.services.invoices.addresses import address as invoice_address
from payments.services.invoices.addresses import invoice_of as invoice_of_token
from payments.services.invoices.addresses import token as invoice_token
from payments.services.invoices.ask import cancel_request, decline_request, request_invoice
from payments.services.invoices.buyers import remove_title, save_title
from payments.services.invoices.documents import document as invoice_document
from payments.services.invoices.export import TYPES as INVOICE_FILE_TYPES
from payments.services.invoices.export import export as export_invoices
from payments.services.invoices.fapiao import (
    enter_fapiao,
    fapiao,
    fapiaos_of,
    fapiaos_page,
    issue_fapiao,
)
from payments.services.invoices.goods import (
    goods_tax,
    goods_taxes_page,
    remove_goods_tax,
    set_goods_tax,
    tax_classes,
)
from payments.services.invoices.goods import usable as tax_usable
from payments.services.invoices.issue import issue_invoice, issue_many
from payments.services.invoices.papers import pdf as invoice_pdf
from payments.services.invoices.papers import rate_text
from payments.services.invoices.profile import set_tax_profile
from payments.services.invoices.profile import usable_rates as tax_rates
from payments.services.invoices.red import reverse_invoice

__all__ = [
    "FAPIAO",
    "INVOICE_FILE_TYPES",
    "BuyerKind",
    "BuyerTitle",
    "ExportTooLarge",
    "FapiaoBusy",
    "FapiaoInfo",
    "FapiaoNumberTaken",
    "FapiaoState",
    "GoodsTaxInfo",
    "InvalidInvoice",
    "InvalidTaxNumber",
    "InvoiceAsked",
    "InvoiceBuyer",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceLinesDiffer",
    "InvoiceRequestInfo",
    "InvoiceType",
    "InvoiceUnprintable",
    "LineChange",
    "LineInput",
    "NoIssuer",
    "NotPaidYet",
    "NothingToInvoice",
    "RateNotAllowed",
    "RedReason",
    "RefundInProgress",
    "RequestState",
    "SalesInvoiceInfo",
    "TaxCategoryMissing",
    "TaxClass",
    "TaxFound",
    "TaxProfile",
    "TaxProfileMissing",
    "Taxpayer",
    "Treatment",
    "buyer_titles",
    "cancel_request",
    "decline_request",
    "enter_fapiao",
    "export_invoices",
    "fapiao",
    "fapiaos_of",
    "fapiaos_page",
    "goods_tax",
    "goods_taxes_page",
    "invoice_address",
    "invoice_document",
    "invoice_of_token",
    "invoice_pdf",
    "invoice_request",
    "invoice_requests_page",
    "invoice_token",
    "issue_fapiao",
    "issue_invoice",
    "issue_many",
    "rate_text",
    "remove_goods_tax",
    "remove_title",
    "request_invoice",
    "requests_of",
    "reverse_invoice",
    "sales_invoice",
    "sales_invoices_of",
    "sales_invoices_page",
    "save_title",
    "set_goods_tax",
    "set_tax_profile",
    "tax_classes",
    "tax_profile",
    "tax_rates",
    "tax_usable",
]
