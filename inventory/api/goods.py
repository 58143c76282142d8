"""Lines of goods in requests and answers."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from pydantic import Field

from inventory.api.routes import VariantId
from inventory.contracts import GoodsLine
from kernel.api import DecimalStr, Id, Schema

Sku = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=300)]
Code = Annotated[str, Field(min_length=1, max_length=100)]
VARIANT = "var_01k00000000000000000000000"
WAREHOUSE = "whs_01k00000000000000000000000"
MERCHANT = "mer_01k00000000000000000000000"
MOMENT = "2026-05-01T08:00:00Z"


class GoodsIn(Schema):
    """The variant by ``variant`` or by ``sku``, in the variant's own unit."""

    variant: VariantId | None = None
    sku: Sku | None = None
    quantity: DecimalStr


Lines = Annotated[list[GoodsIn], Field(min_length=1, max_length=500)]


class LineOut(Schema):
    variant: Annotated[UUID, Id("var")]
    unit: str


def lines_of(body: Sequence[GoodsIn]) -> list[GoodsLine]:
    """The lines as contracts."""
    return [GoodsLine(one.quantity, one.variant, one.sku) for one in body]
