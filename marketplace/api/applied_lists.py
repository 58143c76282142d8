"""How a price says which price list it is from."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from kernel.api import DecimalStr, Id, Schema
from kernel.ids import public_id
from marketplace.api.routes import TAIL
from marketplace.contracts_price_lists import AppliedList, PriceStep
from marketplace.domain.quantities import plain_quantity

PriceListId = Annotated[UUID, Id("prl")]
APPLIED = {"id": f"prl_{TAIL}", "name": {"zh-Hans": "批发价", "en": "Wholesale"}}


class AppliedListOut(Schema):
    """The price list of the buyer's group that a price is from."""

    id: PriceListId
    name: dict[str, str]


class PriceStepOut(Schema):
    minimum: DecimalStr = Field(description="From so many units on")
    unit_price: DecimalStr
    price_list: AppliedListOut | None


def render_applied(source: AppliedList | None) -> dict[str, Any] | None:
    return {"id": public_id("prl", source.id), "name": dict(source.names)} if source else None


def render_step(step: PriceStep) -> dict[str, Any]:
    return {
        "minimum": plain_quantity(step.minimum),
        "unit_price": step.unit_price,
        "price_list": render_applied(step.price_list),
    }
