"""The limit below which stock is low."""

from typing import Any

from inventory.api.goods import Sku
from inventory.api.routes import VariantId, WarehouseId, own, routes
from inventory.api.stock import EXAMPLE, PLACE, StockOut, render
from inventory.errors import InvalidStockQuantity, VariantUnknown, WarehouseUnknown
from inventory.services import low
from inventory.services.goods import one_variant
from kernel.api import ApiRequest, DecimalStr, Schema
from kernel.errors import Invalid
from platforms.facade import MerchantNotApproved


class LowAt(Schema):
    """The variant by ``variant`` or by ``sku``; without ``low_at`` it is never low."""

    warehouse: WarehouseId
    variant: VariantId | None = None
    sku: Sku | None = None
    low_at: DecimalStr | None


@routes.put(
    "/stock/low-at",
    summary="Set the limit below which stock is low, or take it away",
    audience={"merchant"},
    scope="inventory:write",
    permission="stock",
    response=StockOut,
    errors=(MerchantNotApproved, VariantUnknown, WarehouseUnknown, InvalidStockQuantity, Invalid),
    example=EXAMPLE,
    request_example={**PLACE, "low_at": "5"},
)
def put_low_at(request: ApiRequest, body: LowAt) -> dict[str, Any]:
    merchant_id = own(request.actor)
    variant_id = one_variant(merchant_id, body.variant, body.sku)
    info = low.set_low_at(
        merchant_id=merchant_id,
        variant_id=variant_id,
        warehouse_id=body.warehouse,
        low_at=body.low_at,
    )
    return render(info)
