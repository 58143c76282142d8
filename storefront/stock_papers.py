"""What the pages of receipts, transfers and counts share."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.errors import fields_told
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
        name = field_of(line)
        text = request.POST.get(name, "").strip()
        if text:
            found.append(inventory.GoodsLine(number(text, name), line.variant_id))
    return found


def field_of(line: Any) -> str:
    """The field in which a line's quantity is typed."""
    return f"q-{public_id('var', line.variant_id)}"


def told_at(lines: Sequence[Any], shown: Iterable[Any] = ()) -> AbstractContextManager[None]:
    """What is wrong with ``lines.1`` is told at the field of the second of ``lines``; that none is
    there, at the first of those ``shown``."""
    names = [field_of(one) for one in lines or list(shown)[:1]]

    def as_sent(told: str) -> str:
        place = told.removeprefix("lines.").partition(".")[0] if told != "lines" else "0"
        return names[int(place)] if place.isdigit() and int(place) < len(names) else told

    return fields_told(as_sent)
