"""Tariffs and quotes as the API has them, with examples."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kernel.api import INTEGER_MOST, Id, Minor, MoneyIO, Schema
from logistics.contracts import ShippingQuote

MerchantId = Annotated[UUID, Id("mer")]
QUOTE = {
    "rate_code": "standard",
    "carrier": "sandbox",
    "name": {"zh-Hans": "标准快递", "en": "Standard parcel"},
    "price": {"amount": 600, "currency": "CNY"},
    "days_min": 1,
    "days_max": 3,
    "charged_weight_grams": 1200,
    "by_volume": False,
}
RULE = {
    "code": "standard",
    "name": {"zh-Hans": "标准快递", "en": "Standard parcel"},
    "carrier": "sandbox",
    "regions": ["21", "22", "23"],
    "first_grams": 1000,
    "first_price": 600,
    "step_grams": 1000,
    "step_price": 100,
    "max_grams": 50000,
    "days_min": 1,
    "days_max": 3,
    "free_from": None,
    "volume_divisor": 6000,
    "max_side_mm": 1500,
}


class ShippingQuoteOut(Schema):
    rate_code: str
    carrier: str
    name: dict[str, str]
    price: MoneyIO
    days_min: int
    days_max: int
    charged_weight_grams: int = Field(description="What the price is of")
    by_volume: bool = Field(description="The volume counts as more than the weight")


class QuotesOut(Schema):
    data: list[ShippingQuoteOut]


class QuoteQuery(Schema):
    merchant_id: MerchantId
    region: Annotated[str, Field(pattern=r"^\d{2}$", description="GB/T 2260, two digits")]
    weight_grams: Annotated[int, Field(ge=1, le=1_000_000)]
    goods_value: Minor = 0
    volume_cm3: Annotated[
        int, Field(ge=0, le=10**9, description="Of the whole parcel; 0: weight alone counts")
    ] = 0
    longest_side_mm: Annotated[int, Field(ge=0, le=30_000)] = 0


class RuleIO(Schema):
    """One zone's tariff; weights in grams, prices in minor units of the platform's currency."""

    code: Annotated[str, Field(min_length=1, max_length=40)]
    name: dict[str, str]
    carrier: Annotated[
        str,
        Field(
            max_length=40, description="pickup: the buyer fetches it; own: you bring it yourself"
        ),
    ] = "sandbox"
    regions: list[Annotated[str, Field(pattern=r"^\d{2}$")]] = []
    first_grams: Annotated[int, Field(ge=1, le=INTEGER_MOST)]
    first_price: Minor
    step_grams: Annotated[int, Field(ge=1, le=INTEGER_MOST)]
    step_price: Minor
    max_grams: Annotated[int, Field(ge=1, le=INTEGER_MOST)]
    days_min: Annotated[int, Field(ge=0, le=INTEGER_MOST)]
    days_max: Annotated[int, Field(ge=0, le=INTEGER_MOST)]
    free_from: Minor | None = None
    place: Annotated[
        dict[str, Annotated[str, Field(max_length=200)]],
        Field(max_length=20, description="Where and when goods are fetched; with carrier pickup"),
    ] = {}
    volume_divisor: Annotated[
        int | None,
        Field(
            ge=0,
            le=100_000,
            description="So many cm³ count as a kilogram, if that is more than the weight; "
            "1,000 to 100,000, or null or 0: weight alone",
        ),
    ] = None
    max_side_mm: Annotated[
        int | None, Field(ge=1, le=30_000, description="The longest side a piece may have")
    ] = None

    def rule(self) -> dict[str, Any]:
        """As it is kept. What it doesn't limit is left out, as in tariffs from before."""
        kept = self.model_dump()
        for name in ("volume_divisor", "max_side_mm"):
            if not kept[name]:
                del kept[name]
        return kept


class RatesIn(Schema):
    rates: Annotated[list[RuleIO], Field(max_length=50)]


class RatesOut(Schema):
    data: list[RuleIO]
    own: bool = Field(description="False: the platform's tariffs hold")


def render_quote(quote: ShippingQuote) -> dict[str, Any]:
    return {
        "rate_code": quote.rate_code,
        "carrier": quote.carrier,
        "name": quote.name,
        "price": quote.price.as_api(),
        "days_min": quote.days_min,
        "days_max": quote.days_max,
        "charged_weight_grams": quote.charged_weight_grams,
        "by_volume": quote.by_volume,
    }
