"""What carts look like on the wire."""

from typing import Annotated, Any

from pydantic import Field

from catalog.facade import VariantInfo
from kernel.api import ApiRequest, Currency, DecimalStr, MoneyIO, Schema, set_etag
from kernel.ids import public_id
from kernel.quantity import Quantity
from logistics.facade import Address, ShippingQuote
from marketplace.api.routes import (
    MONEY,
    TAIL,
    TEXTS,
    CartId,
    MerchantId,
    ProductId,
    VariantId,
    shown_id,
)
from marketplace.contracts import CartLine, CartMerchant, CartView, Contact
from marketplace.domain.quantities import plain_quantity
from marketplace.services.carts import LINES_MAX

SENT_LINE = {"variant_id": f"var_{TAIL}", "quantity": "2"}
QUOTE = {
    "rate_code": "standard",
    "carrier": "sandbox",
    "name": {"zh-Hans": "标准快递", "en": "Standard parcel"},
    "price": MONEY,
    "days_min": 2,
    "days_max": 5,
}
CART = {
    "id": f"crt_{TAIL}",
    "currency": "CNY",
    "region": "22",
    "has_address": True,
    "merchants": [
        {
            "merchant_id": f"mer_{TAIL}",
            "name": TEXTS,
            "lines": [
                {
                    "variant_id": f"var_{TAIL}",
                    "product_id": f"prd_{TAIL}",
                    "sku": "TEA-50",
                    "title": TEXTS,
                    "options": {"size": "50 g"},
                    "image": "/media/0f1e2d-320.webp",
                    "quantity": "2",
                    "unit": "C62",
                    "unit_price": "19.90",
                    "price_added": "19.90",
                    "total": MONEY,
                    "available": "40",
                    "problems": [],
                }
            ],
            "goods_total": MONEY,
            "weight_grams": 120,
            "shipping": [QUOTE],
            "rate_code": "standard",
            "shipping_total": MONEY,
            "problem": None,
        }
    ],
    "unknown": [],
    "goods_total": MONEY,
    "shipping_total": MONEY,
    "total": MONEY,
    "orderable": True,
    "missing": [],
}
DETAILS = {
    "contact": {"name": "王芳", "phone": "13800000000", "email": "wang@example.com"},
    "address": {
        "region": "22",
        "city": "长春市",
        "district": "南关区",
        "line1": "人民大街 1 号",
        "postcode": "130000",
    },
}


class LineIn(Schema):
    variant_id: VariantId
    quantity: DecimalStr


class CartIn(Schema):
    lines: Annotated[list[LineIn], Field(max_length=LINES_MAX)] = Field(
        default_factory=list, description="What to put in at once"
    )


class QuantityIn(Schema):
    quantity: DecimalStr = Field(description="0 takes the line out")


class ContactIO(Schema):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    phone: Annotated[str, Field(min_length=5, max_length=30)]
    email: Annotated[str, Field(max_length=254)] = ""


class AddressIO(Schema):
    region: Annotated[str, Field(pattern=r"^\d{2}$", description="GB/T 2260, two digits")]
    city: Annotated[str, Field(min_length=1, max_length=100)]
    district: Annotated[str, Field(max_length=100)] = ""
    line1: Annotated[str, Field(min_length=1, max_length=200)]
    postcode: Annotated[str, Field(max_length=12)] = ""


class DetailsIO(Schema):
    contact: ContactIO
    address: AddressIO


class ChoiceIn(Schema):
    merchant_id: MerchantId
    rate_code: Annotated[str, Field(min_length=1, max_length=40)]


class ChoicesIn(Schema):
    choices: Annotated[list[ChoiceIn], Field(min_length=1, max_length=100)]


class QuoteOut(Schema):
    rate_code: str
    carrier: str
    name: dict[str, str]
    price: MoneyIO
    days_min: int
    days_max: int


class LineOut(Schema):
    variant_id: VariantId
    product_id: ProductId | None
    sku: str
    title: dict[str, str]
    options: dict[str, Any]
    image: str | None = Field(description="Address of a picture about 320 pixels wide")
    quantity: DecimalStr
    unit: str
    unit_price: DecimalStr | None
    price_added: DecimalStr | None = Field(description="What a unit cost when it was put in")
    total: MoneyIO | None
    available: DecimalStr | None
    problems: list[str] = Field(
        description="not_for_sale, merchant_closed, no_price, short_stock; price_changed: a notice"
    )


class CartMerchantOut(Schema):
    merchant_id: MerchantId
    name: dict[str, str]
    lines: list[LineOut]
    goods_total: MoneyIO
    weight_grams: int
    shipping: list[QuoteOut]
    rate_code: str | None = Field(description="The chosen way of delivery, or the cheapest")
    shipping_total: MoneyIO | None
    problem: str | None = Field(description="Why nothing can be delivered there")


class CartOut(Schema):
    id: CartId
    currency: Currency
    region: str
    has_address: bool
    merchants: list[CartMerchantOut]
    unknown: list[LineOut] = Field(description="Lines whose goods are gone")
    goods_total: MoneyIO
    shipping_total: MoneyIO | None
    total: MoneyIO
    orderable: bool
    missing: list[str] = Field(description="lines, address, shipping, problems")


class NewCartOut(CartOut):
    token: str | None = Field(description="A guest's secret, shown once: send it in Cart-Token")


def _line(line: CartLine) -> dict[str, Any]:
    variant: VariantInfo | None = line.variant
    unit = variant.unit if variant else "C62"
    available = line.available
    return {
        "variant_id": public_id("var", line.variant_id),
        "product_id": shown_id("prd", variant.product_id) if variant else None,
        "sku": variant.sku if variant else "",
        "title": variant.title if variant else {},
        "options": variant.options if variant else {},
        "image": variant.image.url(320) if variant and variant.image else None,
        "quantity": Quantity(line.quantity, unit).text(),
        "unit": unit,
        "unit_price": line.unit_price,
        "price_added": line.price_added,
        "total": line.total,
        "available": None if available is None else plain_quantity(available),
        "problems": list(line.problems),
    }


def _quote(quote: ShippingQuote) -> dict[str, Any]:
    return {
        "rate_code": quote.rate_code,
        "carrier": quote.carrier,
        "name": quote.name,
        "price": quote.price,
        "days_min": quote.days_min,
        "days_max": quote.days_max,
    }


def _part(part: CartMerchant) -> dict[str, Any]:
    return {
        "merchant_id": public_id("mer", part.merchant_id),
        "name": part.merchant.names if part.merchant else {},
        "lines": [_line(line) for line in part.lines],
        "goods_total": part.goods_total,
        "weight_grams": part.weight_grams,
        "shipping": [_quote(quote) for quote in part.quotes],
        "rate_code": part.chosen.rate_code if part.chosen else None,
        "shipping_total": part.chosen.price if part.chosen else None,
        "problem": part.problem or None,
    }


def render(request: ApiRequest, view: CartView) -> dict[str, Any]:
    set_etag(request, view.version)
    return {
        "id": public_id("crt", view.id),
        "currency": view.currency,
        "region": view.region,
        "has_address": view.has_address,
        "merchants": [_part(part) for part in view.merchants],
        "unknown": [_line(line) for line in view.unknown],
        "goods_total": view.goods_total,
        "shipping_total": view.shipping_total,
        "total": view.total,
        "orderable": view.orderable,
        "missing": list(view.missing),
    }


def render_details(contact: Contact, address: Address) -> dict[str, Any]:
    return {
        "contact": {"name": contact.name, "phone": contact.phone, "email": contact.email},
        "address": {
            "region": address.region,
            "city": address.city,
            "district": address.district,
            "line1": address.line1,
            "postcode": address.postcode,
        },
    }
