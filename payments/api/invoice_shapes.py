"""What the routes about invoices of sales take and show."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema as NinjaSchema
from pydantic import Field

from kernel.api import (
    INTEGER_MOST,
    DecimalStr,
    ExternalId,
    Id,
    ListQuery,
    Metadata,
    MoneyIO,
    PositiveDecimalStr,
    Schema,
    Timestamp,
)
from kernel.ids import public_id
from payments.api.routes import MerchantId, Own, PaymentId, Positive, RefundId
from payments.contracts_invoices import (
    BuyerTitle,
    InvoiceBuyer,
    InvoiceRequestInfo,
    LineChange,
    LineInput,
    TaxClass,
    TaxProfile,
)
from payments.services.invoices.documents import buyer_document, decimal

RequestId = Annotated[UUID, Id("irq")]
InvoiceId = Annotated[UUID, Id("siv")]
TitleId = Annotated[UUID, Id("ttl")]
Type = Literal["ordinary", "special"]
Treatments = Literal["taxed", "exempt", "untaxed"]
Category = Annotated[str, Field(description="商品和服务税收分类编码, 19 digits")]
Text = Annotated[str, Field(max_length=300)]


class ClassIO(Schema):
    category: Category
    category_name: Annotated[str, Field(description="Its short name, as 谷物")]
    rate: Annotated[DecimalStr, Field(description="Per cent")]
    treatment: Treatments = "taxed"

    def read(self) -> TaxClass:
        return TaxClass(self.category, self.category_name, self.rate, self.treatment)


class ProfileIn(Schema):
    name: Text
    tax_number: Text
    taxpayer: Literal["general", "small"]
    address: Text = ""
    phone: Text = ""
    bank: Text = ""
    bank_account: Text = ""
    drawer: Annotated[str, Field(max_length=300, description="开票人")] = ""
    default: ClassIO
    goods: dict[str, ClassIO] | None = Field(
        None, description="By SKU, all that differ; stays as it is if not given (see /tax-classes)"
    )


class TaxProfileOut(ProfileIn):
    merchant: MerchantId
    created_at: Timestamp
    updated_at: Timestamp


class BuyerIO(Schema):
    kind: Literal["company", "person"]
    title: Text
    tax_number: Annotated[str, Field(max_length=300, description="A company's")] = ""
    address: Text = ""
    phone: Text = ""
    bank: Text = ""
    bank_account: Text = ""
    email: Annotated[str, Field(max_length=300, description="Where to send it")] = ""

    def read(self) -> InvoiceBuyer:
        return InvoiceBuyer(**self.model_dump())


class TitleOut(BuyerIO):
    id: TitleId


class InvoiceLineIn(Schema):
    name: Text
    gross: Annotated[Positive, Field(description="With tax")]
    sku: Text = ""
    specification: Text = ""
    unit: Annotated[str, Field(max_length=3, description="UN/ECE Recommendation 20")] = ""
    quantity: PositiveDecimalStr | None = None
    category: Category = ""
    category_name: Text = ""
    rate: Annotated[DecimalStr | None, Field(description="Per cent; else the seller's usual")] = (
        None
    )
    treatment: Treatments | None = None
    goods_category: Text = Field("", description="Where it stands, as fresh/fruit: see tax-classes")

    def read(self) -> LineInput:
        data = self.model_dump(exclude={"gross", "treatment"})
        return LineInput(**data, gross=self.gross.money(), treatment=self.treatment or "")


class LineRead(Schema):
    """A line as it was asked for."""

    name: str
    sku: str
    specification: str
    unit: str
    quantity: DecimalStr | None
    gross: MoneyIO
    category: str
    category_name: str
    rate: DecimalStr | None
    treatment: str | None
    goods_category: str


class RequestIn(Own):
    payment: PaymentId
    reference: str | None = Field(
        None, description="Which share, by its reference; needed when the payment has several"
    )
    type: Type = "ordinary"
    buyer: BuyerIO
    lines: Annotated[list[InvoiceLineIn], Field(description="They sum to the share")]
    note: Text = ""


class RequestOut(Schema):
    id: RequestId
    state: str = Field(description="requested, issued, declined, canceled, reversed")
    type: str
    merchant: MerchantId
    payment: PaymentId
    reference: str
    buyer: BuyerIO | None
    note: str
    lines: list[LineRead]
    amount: MoneyIO
    reason: str | None = Field(description="Why it was declined")
    external_id: ExternalId | None
    metadata: Metadata
    created_at: Timestamp
    updated_at: Timestamp


class InvoiceLineChangeIn(Schema):
    place: Annotated[int, Field(ge=0, le=INTEGER_MOST, description="The line, from 0")]
    category: Category = ""
    category_name: Text = ""
    rate: DecimalStr | None = None
    treatment: Treatments | None = None

    def read(self) -> LineChange:
        return LineChange(**{**self.model_dump(), "treatment": self.treatment or ""})


class IssueIn(Schema):
    lines: Annotated[
        list[InvoiceLineChangeIn], Field(description="Only where it isn't as the tax data say")
    ] = []


class DeclineIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=200)]


class ManyIn(Schema):
    requests: Annotated[list[RequestId], Field(min_length=1, max_length=100)]


class ManyResult(Schema):
    request: RequestId
    invoice: InvoiceId | None
    number: str | None
    error: str | None = Field(description="The error's code, if it couldn't be issued")
    detail: str | None


class ManyOut(Schema):
    issued: int
    results: list[ManyResult]


class ReverseIn(Schema):
    reason: Literal["mistake", "return", "ended", "allowance"] = "mistake"


class SellerOut(Schema):
    name: str
    tax_number: str
    taxpayer: str
    address: str
    phone: str
    bank: str
    bank_account: str
    drawer: str


class InvoiceLineOut(Schema):
    name: str
    sku: str
    specification: str
    unit: str
    quantity: DecimalStr | None
    unit_price: DecimalStr | None = Field(description="Without tax")
    category: str
    category_name: str
    rate: DecimalStr
    treatment: str
    net: MoneyIO
    tax: MoneyIO
    gross: MoneyIO


class InvoiceOut(Schema):
    id: InvoiceId
    number: str
    kind: str = Field(description="blue, red")
    type: str
    merchant: MerchantId
    request: RequestId
    payment: PaymentId
    reference: str
    original: InvoiceId | None
    original_number: str | None
    refund: RefundId | None
    dispute: Annotated[UUID, Id("dsp")] | None = Field(description="The lost chargeback behind it")
    reason: str | None = Field(description="Of a red one: mistake, return, ended, allowance")
    seller: SellerOut
    buyer: BuyerIO | None
    note: str
    lines: list[InvoiceLineOut]
    net: MoneyIO
    tax: MoneyIO
    gross: MoneyIO
    sha256: str = Field(description="Over all that the invoice says")
    issued_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp


class RequestQuery(ListQuery):
    state: Literal["requested", "issued", "declined", "canceled", "reversed"] | None = None
    payment: PaymentId | None = None
    reference: str | None = Field(None, max_length=100)


class InvoiceQuery(ListQuery):
    kind: Literal["blue", "red"] | None = None
    number: str | None = Field(None, max_length=20)
    payment: PaymentId | None = None
    reference: str | None = Field(None, max_length=100)
    since: Timestamp | None = Field(None, alias="from", description="Business time, included")
    until: Timestamp | None = Field(None, alias="to", description="Business time, not included")


class InvoiceExportQuery(NinjaSchema):
    format: Literal["csv", "xlsx", "json"] = "csv"
    since: datetime | None = Field(None, alias="from", description="Business time, included")
    until: datetime | None = Field(None, alias="to", description="Business time, not included")
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


def profile_out(info: TaxProfile) -> dict[str, Any]:
    plain = ("name", "tax_number", "taxpayer", "address", "phone", "bank", "bank_account", "drawer")
    return {
        "merchant": public_id("mer", info.merchant_id),
        **{name: getattr(info, name) for name in plain},
        "default": class_out(info.default),
        "goods": {sku: class_out(one) for sku, one in info.goods.items()},
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def title_out(info: BuyerTitle) -> dict[str, Any]:
    return {"id": info.public_id, **(buyer_document(info.buyer) or {})}


def request_out(info: InvoiceRequestInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "state": info.state,
        "type": info.type,
        "merchant": public_id("mer", info.merchant_id),
        "payment": public_id("pay", info.intent_id),
        "reference": info.reference,
        "buyer": buyer_document(info.buyer),
        "note": info.note,
        "lines": [_line(line) for line in info.lines],
        "amount": info.amount,
        "reason": info.reason or None,
        "external_id": info.external_id,
        "metadata": info.metadata,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def class_out(one: TaxClass) -> dict[str, Any]:
    """A tax class as it is shown."""
    return {
        "category": one.category,
        "category_name": one.category_name,
        "rate": decimal(one.rate),
        "treatment": one.treatment,
    }


def _line(line: LineInput) -> dict[str, Any]:
    return {
        **{n: getattr(line, n) for n in ("name", "sku", "specification", "unit", "gross")},
        "goods_category": line.goods_category,
        "quantity": decimal(line.quantity),
        "category": line.category,
        "category_name": line.category_name,
        "rate": decimal(line.rate),
        "treatment": line.treatment or None,
    }
