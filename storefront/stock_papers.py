"""What the pages of receipts, transfers and counts share."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.ids import public_id
from storefront.views.merchant.stock import number


def warehouses_of(merchant_id: UUID) -> list[inventory.WarehouseInfo]:
    """The merchant's warehouses."""
    return inventory.warehouses_page(merchant_id=merchant_id, limit=100).items


def places_of(merchant_id: UUID) -> dict[UUID, inventory.WarehouseInfo]:
    """The merchant's warehouses by id."""
    return {one.id: one for one in warehouses_of(merchant_id)}


def variants_of(lines: Iterable[Any]) -> dict[UUID, catalog.VariantInfo]:
    """The variants of a paper's lines."""
    return catalog.variants({line.variant_id for line in lines})


def given(request: HttpRequest, lines: Iterable[Any]) -> list[inventory.GoodsLine]:
    """The quantities typed beside the lines (``q-var_…``). Raises InvalidStockQuantity."""
    found = []
    for line in lines:
        text = request.POST.get(f"q-{public_id('var', line.variant_id)}", "").strip()
        if text:
            found.append(inventory.GoodsLine(number(text), line.variant_id))
    return found
