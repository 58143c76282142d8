"""What a line of an order looks like on the wire."""

from datetime import date
from typing import Any

from pydantic import Field

from kernel.api import DecimalStr, MoneyIO, Schema
from kernel.ids import public_id
from kernel.quantity import Quantity
from marketplace.api.applied_lists import AppliedListOut, render_applied
from marketplace.api.cart_shapes import DISCOUNT, NOTHING
from marketplace.api.routes import MONEY, TAIL, TEXTS, ProductId, VariantId
from marketplace.contracts import OrderLineInfo

LINE = {
    "variant_id": f"var_{TAIL}",
    "product_id": f"prd_{TAIL}",
    "sku": "TEA-50",
    "title": TEXTS,
    "options": {"size": "50 g"},
    "quantity": "2",
    "unit": "C62",
    "unit_price": "9.995",
    "public_price": None,
    "price_list": None,
    "total": MONEY,
    "discount_total": DISCOUNT["amount"],
    "platform_discount": NOTHING,
    "cancelled": "0",
    "sent": "0",
    "delivered": "0",
    "promise": {
        "mode": "backorder",
        "waiting": "1",
        "due_on": "2026-05-15",
        "agreed_on": "2026-05-12",
    },
}


class LinePromiseOut(Schema):
    """The line was sold before it was there."""

    mode: str = Field(description="backorder, preorder")
    waiting: DecimalStr = Field(description="How much of what is to be sent isn't there yet")
    due_on: date = Field(description="When it is sent at the latest; a pre-order not before")
    agreed_on: date = Field(description="The day that the buyer was told when buying")


class OrderLineOut(Schema):
    variant_id: VariantId
    product_id: ProductId
    sku: str
    title: dict[str, str]
    options: dict[str, Any]
    quantity: DecimalStr
    unit: str
    unit_price: DecimalStr
    public_price: DecimalStr | None = Field(
        description="What others paid then, where unit_price is from a price list"
    )
    price_list: AppliedListOut | None
    total: MoneyIO = Field(description="Before discounts")
    discount_total: MoneyIO
    platform_discount: MoneyIO = Field(description="What of the discount the platform pays")
    cancelled: DecimalStr = Field(description="How much of the quantity isn't sent")
    sent: DecimalStr = Field(description="How much a carrier has got; see /orders/{id}/parcels")
    delivered: DecimalStr = Field(description="How much of that has arrived")
    promise: LinePromiseOut | None = Field(
        None, description="Of what was sold before it was there, while it is to be sent"
    )


def render_line(line: OrderLineInfo) -> dict[str, Any]:
    return {
        "variant_id": public_id("var", line.variant_id),
        "product_id": public_id("prd", line.product_id),
        "sku": line.sku,
        "title": line.titles,
        "options": line.options,
        "quantity": Quantity(line.quantity, line.unit).text(),
        "unit": line.unit,
        "unit_price": line.unit_price,
        "public_price": line.public_price,
        "price_list": render_applied(line.price_list),
        "total": line.total,
        "discount_total": line.discount_total,
        "platform_discount": line.platform_discount,
        "cancelled": Quantity(line.cancelled, line.unit).text(),
        "sent": Quantity(line.sent, line.unit).text(),
        "delivered": Quantity(line.delivered, line.unit).text(),
        "promise": _promise(line),
    }


def _promise(line: OrderLineInfo) -> dict[str, Any] | None:
    if line.promise is None or not line.unsent:
        return None
    return {
        "mode": str(line.promise.mode),
        "waiting": Quantity(line.waiting, line.unit).text(),
        "due_on": line.promise.due_on,
        "agreed_on": line.promise.agreed_on,
    }
