"""What carts look like on the wire."""

from datetime import date
from typing import Annotated, Any

from pydantic import Field

from catalog.facade import VariantInfo
from kernel.api import ApiRequest, Currency, DecimalStr, MoneyIO, Schema, Timestamp, set_etag
from kernel.ids import public_id
from kernel.money import Money
from kernel.quantity import Quantity
from logistics.facade import Address
from marketplace.api.applied_lists import AppliedListOut, render_applied
from marketplace.api.cart_quotes import QUOTE, CartQuoteOut, render_quote
from marketplace.api.routes import (
    MONEY,
    TAIL,
    TEXTS,
    CartId,
    MerchantId,
    ProductId,
    PromotionId,
    VariantId,
    shown_id,
)
from marketplace.contracts import AppliedDiscount, CartLine, CartMerchant, CartView, Contact
from marketplace.domain.quantities import plain_quantity
from marketplace.services.carts import LINES_MAX

SENT_LINE = {"variant_id": f"var_{TAIL}", "quantity": "2"}
NOTHING = {"amount": 0, "currency": "CNY"}
DISCOUNT: dict[str, Any] = {
    "promotion": f"prm_{TAIL}",
    "kind": "percentage",
    "name": {"zh-Hans": "春季九折", "en": "Spring: 10 % off"},
    "terms": {"percent": "10", "base": 1999},
    "code": "SPRING",
    "paid_by": "merchant",
    "amount": {"amount": 200, "currency": "CNY"},
    "lines": [{"variant_id": f"var_{TAIL}", "amount": {"amount": 200, "currency": "CNY"}}],
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
                    "public_price": None,
                    "price_list": None,
                    "price_added": "19.90",
                    "total": MONEY,
                    "discount": None,
                    "available": "40",
                    "problems": [],
                }
            ],
            "goods_total": MONEY,
            "discount_total": NOTHING,
            "weight_grams": 120,
            "shipping": [QUOTE],
            "rate_code": "standard",
            "shipping_total": MONEY,
            "problem": None,
        }
    ],
    "unknown": [],
    "goods_total": MONEY,
    "discount_total": {"amount": 200, "currency": "CNY"},
    "discounts": [DISCOUNT],
    "coupons": [
        {
            "code": "SPRING",
            "name": DISCOUNT["name"],
            "amount": DISCOUNT["amount"],
            "problem": None,
            "missing": NOTHING,
        }
    ],
    "hints": [],
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


class CartLineIn(Schema):
    variant_id: VariantId
    quantity: DecimalStr


class CartIn(Schema):
    lines: Annotated[list[CartLineIn], Field(max_length=LINES_MAX)] = Field(
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


class CartLineOut(Schema):
    variant_id: VariantId
    product_id: ProductId | None
    sku: str
    title: dict[str, str]
    options: dict[str, Any]
    image: str | None = Field(description="Address of a picture about 320 pixels wide")
    quantity: DecimalStr
    unit: str
    unit_price: DecimalStr | None
    public_price: DecimalStr | None = Field(
        description="What others pay, where unit_price is from your price list"
    )
    price_list: AppliedListOut | None
    price_added: DecimalStr | None = Field(description="What a unit cost when it was put in")
    total: MoneyIO | None = Field(description="Before discounts")
    discount: MoneyIO | None = Field(description="What promotions take off the line")
    available: DecimalStr | None = Field(description="What can be sent at once")
    waits: DecimalStr | None = Field(None, description="How much of the line is sent later")
    ahead: str | None = Field(None, description="backorder, preorder: why it is sent later")
    ships_on: date | None = Field(None, description="When that is sent at the latest")
    problems: list[str] = Field(
        description="not_for_sale, merchant_closed, on_vacation, no_price, short_stock keep it"
        " from being ordered; price_changed: a notice"
    )


class CartMerchantOut(Schema):
    merchant_id: MerchantId
    name: dict[str, str]
    lines: list[CartLineOut]
    goods_total: MoneyIO
    discount_total: MoneyIO
    weight_grams: int = Field(description="What the goods weigh; shipping says what is charged")
    shipping: list[CartQuoteOut]
    rate_code: str | None = Field(description="The chosen way of delivery, or the cheapest")
    shipping_total: MoneyIO | None
    problem: str | None = Field(description="Why nothing can be delivered there")
    vacation_until: Timestamp | None = Field(
        None, description="The shop is on holiday until then; its lines can't be ordered"
    )


class LineDiscountOut(Schema):
    variant_id: VariantId
    amount: MoneyIO


class DiscountOut(Schema):
    """One promotion's part in a total, and how it came about."""

    promotion: PromotionId
    kind: str = Field(description="percentage, amount_off, threshold, buy_x_get_y")
    name: dict[str, str]
    terms: dict[str, Any] = Field(
        description="As of the promotion; base: what the goods came to, in minor units"
    )
    code: str = Field(description="The coupon code that was entered; empty for none")
    paid_by: str = Field(description="merchant, platform")
    amount: MoneyIO
    lines: list[LineDiscountOut] = Field(description="Its shares; they sum to amount")


class CartCouponOut(Schema):
    code: str
    name: dict[str, str]
    amount: MoneyIO = Field(description="What it takes off now")
    problem: str | None = Field(
        description="Why it takes nothing off: unknown, not_started, expired, paused, used_up, "
        "used_before, needs_account, no_goods, below_minimum, not_combinable"
    )
    missing: MoneyIO = Field(description="How much more of its goods would do")


class HintOut(Schema):
    promotion: PromotionId
    name: dict[str, str]
    missing: MoneyIO


class CouponCodeIn(Schema):
    code: Annotated[str, Field(min_length=1, max_length=60)]


class CartOut(Schema):
    id: CartId
    currency: Currency
    region: str
    has_address: bool
    merchants: list[CartMerchantOut]
    unknown: list[CartLineOut] = Field(description="Lines whose goods are gone")
    goods_total: MoneyIO
    discount_total: MoneyIO
    discounts: list[DiscountOut]
    coupons: list[CartCouponOut]
    hints: list[HintOut] = Field(description="Promotions that a little more would bring")
    shipping_total: MoneyIO | None
    total: MoneyIO = Field(description="Goods less discounts, with delivery as far as known")
    orderable: bool
    missing: list[str] = Field(description="lines, address, shipping, problems")


class NewCartOut(CartOut):
    token: str | None = Field(description="A guest's secret, shown once: send it in Cart-Token")


def _line(line: CartLine) -> dict[str, Any]:
    variant: VariantInfo | None = line.variant
    unit = variant.unit if variant else "C62"
    available, later = line.available, line.later
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
        "public_price": line.public_price,
        "price_list": render_applied(line.price_list),
        "price_added": line.price_added,
        "total": line.total,
        "discount": line.discount,
        "available": None if available is None else plain_quantity(available),
        "waits": plain_quantity(line.waits) if later else None,
        "ahead": later.how if later else None,
        "ships_on": later.ships_on if later else None,
        "problems": list(line.problems),
    }


def _part(part: CartMerchant) -> dict[str, Any]:
    return {
        "merchant_id": public_id("mer", part.merchant_id),
        "name": part.merchant.names if part.merchant else {},
        "lines": [_line(line) for line in part.lines],
        "goods_total": part.goods_total,
        "discount_total": part.discount_total,
        "weight_grams": part.load.weight_grams,
        "shipping": [render_quote(quote) for quote in part.quotes],
        "rate_code": part.chosen.rate_code if part.chosen else None,
        "shipping_total": part.chosen.price if part.chosen else None,
        "problem": part.problem or None,
        "vacation_until": part.vacation.ends_at if part.vacation else None,
    }


def render_discount(one: AppliedDiscount) -> dict[str, Any]:
    return {
        "promotion": public_id("prm", one.promotion_id),
        "kind": one.kind,
        "name": one.names,
        "terms": one.terms,
        "code": one.code,
        "paid_by": one.paid_by,
        "amount": one.amount,
        "lines": [
            {
                "variant_id": public_id("var", line.variant_id),
                "amount": Money(line.amount, one.amount.currency),
            }
            for line in one.lines
        ],
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
        "discount_total": view.discount_total,
        "discounts": [render_discount(one) for one in view.discounts],
        "coupons": [
            {
                "code": one.code,
                "name": one.names,
                "amount": one.amount,
                "problem": one.problem or None,
                "missing": one.missing,
            }
            for one in view.coupons
        ],
        "hints": [
            {
                "promotion": public_id("prm", one.promotion_id),
                "name": one.names,
                "missing": one.missing,
            }
            for one in view.hints
        ],
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
