"""What crosses this context's border about invoices of sales (发票)."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.ids import public_id
from kernel.money import Money


class Taxpayer(models.TextChoices):
    GENERAL = "general", _("General taxpayer")
    SMALL = "small", _("Small-scale taxpayer")


class Treatment(models.TextChoices):
    """Whether a line is taxed: taxed (征税), exempt (免税), outside of the tax (不征税)."""

    TAXED = "taxed", _("Taxed")
    EXEMPT = "exempt", _("Exempt from tax")
    UNTAXED = "untaxed", _("Not taxable")


class InvoiceType(models.TextChoices):
    """Ordinary (普通发票), or special (增值税专用发票), whose tax the buyer deducts."""

    ORDINARY = "ordinary", _("Ordinary invoice")
    SPECIAL = "special", _("Special VAT invoice")


class InvoiceKind(models.TextChoices):
    """Blue (蓝字): what was sold; red (红字): what is taken back of a blue one, negative."""

    BLUE = "blue", pgettext_lazy("invoice", "Invoice")
    RED = "red", _("Red-letter invoice")


class BuyerKind(models.TextChoices):
    COMPANY = "company", _("Company or body")
    PERSON = "person", pgettext_lazy("invoice", "Person")


class RequestState(models.TextChoices):
    REQUESTED = "requested", _("Asked for")
    ISSUED = "issued", pgettext_lazy("invoice", "Issued")
    DECLINED = "declined", pgettext_lazy("invoice", "Declined")
    CANCELED = "canceled", pgettext_lazy("invoice", "Withdrawn")
    REVERSED = "reversed", _("Taken back in full")


class RedReason(models.TextChoices):
    """Why something is taken back, as the tax platform asks it."""

    MISTAKE = "mistake", _("Issued by mistake")
    RETURN = "return", _("Goods returned")
    ENDED = "ended", _("Service ended")
    ALLOWANCE = "allowance", _("Reduction of the price")


@dataclass(frozen=True)
class TaxClass:
    """How goods are taxed: the code of 19 digits (商品和服务税收分类编码), its short name as
    it stands between asterisks on an invoice, the rate in per cent."""

    category: str
    category_name: str
    rate: Decimal
    treatment: str = Treatment.TAXED


@dataclass(frozen=True)
class TaxFound:
    """A tax class and who said so: ``level`` article, category (both the merchant's),
    platform_category, or default (the merchant's tax data)."""

    tax: TaxClass
    level: str


@dataclass(frozen=True)
class GoodsTaxInfo:
    """How an article (``sku``) or a ``category`` is taxed; without a merchant, the platform's."""

    id: UUID
    merchant_id: UUID | None
    sku: str
    category: str
    tax: TaxClass
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("gtx", self.id)


@dataclass(frozen=True)
class TaxProfile:
    """A merchant as a seller: what stands on its invoices. ``goods``: how single goods are taxed,
    by SKU (the first 2000); all others by their category or as ``default`` says."""

    merchant_id: UUID
    name: str
    tax_number: str
    taxpayer: str
    address: str
    phone: str
    bank: str
    bank_account: str
    drawer: str
    default: TaxClass
    goods: dict[str, TaxClass]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class InvoiceBuyer:
    """To whom the invoice is made out. Personal. A company has a ``tax_number``."""

    kind: str
    title: str = field(repr=False)
    tax_number: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    phone: str = field(default="", repr=False)
    bank: str = field(default="", repr=False)
    bank_account: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True)
class BuyerTitle:
    """A saved title (发票抬头)."""

    id: UUID
    buyer: InvoiceBuyer

    @property
    def public_id(self) -> str:
        return public_id("ttl", self.id)


@dataclass(frozen=True)
class LineInput:
    """What was sold: ``gross`` contains the tax. Without a ``rate`` or ``category`` (the tax code)
    the seller's tax data decide, by ``sku``, by ``goods_category`` (``fresh/fruit``) or by
    default."""

    name: str
    gross: Money
    sku: str = ""
    specification: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    category: str = ""
    category_name: str = ""
    rate: Decimal | None = None
    treatment: str = ""
    goods_category: str = ""


@dataclass(frozen=True)
class LineChange:
    """What the merchant decides for a line (``place`` from 0) when issuing."""

    place: int
    category: str = ""
    category_name: str = ""
    rate: Decimal | None = None
    treatment: str = ""


@dataclass(frozen=True)
class InvoiceLine:
    """A line of an invoice; ``unit_price`` is without tax, ``net`` + ``tax`` = ``gross``."""

    name: str
    sku: str
    specification: str
    unit: str
    quantity: Decimal | None
    unit_price: Decimal | None
    category: str
    category_name: str
    rate: Decimal
    treatment: str
    net: Money
    tax: Money
    gross: Money


@dataclass(frozen=True)
class InvoiceRequestInfo:
    """``amount`` is what the lines come to. ``buyer`` is None once it can't be read any more."""

    id: UUID
    state: str
    type: str
    merchant_id: UUID
    intent_id: UUID
    reference: str
    person_id: UUID | None
    buyer: InvoiceBuyer | None = field(repr=False)
    note: str = field(repr=False)
    lines: tuple[LineInput, ...]
    amount: Money
    reason: str
    external_id: str | None
    metadata: dict[str, str]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("irq", self.id)


@dataclass(frozen=True)
class SalesInvoiceInfo:
    """An invoice as it was issued. Amounts of a red one are negative; ``original_id`` and
    ``original_number`` say of which. ``seller``: the merchant's tax data of that moment."""

    id: UUID
    number: str
    kind: str
    type: str
    merchant_id: UUID
    request_id: UUID
    intent_id: UUID
    reference: str
    original_id: UUID | None
    original_number: str
    refund_id: UUID | None
    dispute_id: UUID | None
    reason: str
    seller: dict[str, str]
    buyer: InvoiceBuyer | None = field(repr=False)
    note: str = field(repr=False)
    lines: tuple[InvoiceLine, ...]
    net: Money
    tax: Money
    gross: Money
    sha256: str
    issued_at: datetime
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("siv", self.id)
