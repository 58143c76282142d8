"""What a way of delivery looks like in a cart."""

from typing import Any

from pydantic import Field

from kernel.api import MoneyIO, Schema
from logistics.facade import ShippingQuote
from marketplace.api.routes import MONEY

QUOTE = {
    "rate_code": "standard",
    "carrier": "sandbox",
    "name": {"zh-Hans": "标准快递", "en": "Standard parcel"},
    "price": MONEY,
    "days_min": 2,
    "days_max": 5,
    "charged_weight_grams": 120,
    "by_volume": False,
}


class CartQuoteOut(Schema):
    rate_code: str
    carrier: str
    name: dict[str, str]
    price: MoneyIO
    days_min: int
    days_max: int
    charged_weight_grams: int = Field(description="What the price is of, before it is rounded up")
    by_volume: bool = Field(description="The volume counts as more than the weight")


def render_quote(quote: ShippingQuote) -> dict[str, Any]:
    return {
        "rate_code": quote.rate_code,
        "carrier": quote.carrier,
        "name": quote.name,
        "price": quote.price,
        "days_min": quote.days_min,
        "days_max": quote.days_max,
        "charged_weight_grams": quote.charged_weight_grams,
        "by_volume": quote.by_volume,
    }
