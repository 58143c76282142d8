"""Warehouses and stock for tests, made through the facade."""

from decimal import Decimal
from typing import Any
from uuid import UUID

from catalog import facade as catalog
from inventory import facade
from inventory.facade import StockInfo, WarehouseInfo
from tests.factories.catalog import make_variant
from tests.factories.platforms import make_merchant, unique


def make_warehouse(*, merchant_id: UUID | None = None, **fields: Any) -> WarehouseInfo:
    """A warehouse, of a new merchant unless one is named."""
    return facade.create_warehouse(
        merchant_id=merchant_id or make_merchant().id,
        names=fields.pop("names", {"en": unique("Warehouse ")}),
        **fields,
    )


def make_stock(
    on_hand: int | str = 10,
    *,
    variant_id: UUID | None = None,
    warehouse_id: UUID | None = None,
) -> StockInfo:
    """So much of a variant in a warehouse; what isn't named is made."""
    variant_id = variant_id or make_variant()
    merchant_id = catalog.variants([variant_id])[variant_id].merchant_id
    return facade.set_stock(
        merchant_id=merchant_id,
        variant_id=variant_id,
        warehouse_id=warehouse_id or make_warehouse(merchant_id=merchant_id).id,
        on_hand=Decimal(on_hand),
    )
