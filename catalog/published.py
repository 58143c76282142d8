"""The addresses of all published products and of the shops' categories, in portions, for search
engines."""

from datetime import datetime
from typing import Any
from uuid import UUID

from catalog.contracts import PublishedAddress
from catalog.models import ShopCategory
from kernel import tenancy
from kernel.transactions import cursor

_STARTS = """
SELECT id FROM (
  SELECT p.id, row_number() OVER (ORDER BY p.id) AS place FROM catalog_product p
  WHERE p.platform_id = %(platform)s AND p.state = 'published' AND p.merchant_open
) AS numbered
WHERE (place - 1) %% %(size)s = 0 ORDER BY id
"""
_PORTION = """
SELECT p.slug, p.updated_at FROM catalog_product p
WHERE p.platform_id = %(platform)s AND p.state = 'published' AND p.merchant_open
  AND p.id >= %(start)s
ORDER BY p.id LIMIT %(most)s
"""


def published_starts(*, size: int) -> list[UUID]:
    """The first product of each portion of ``size``; none when nothing is published."""
    with cursor() as sql:
        sql.execute(_STARTS, {"platform": tenancy.current_id(), "size": size})
        return [row[0] for row in sql.fetchall()]


def published_from(*, start: UUID, size: int) -> list[PublishedAddress]:
    """The portion that begins with ``start``, and as much again: what is published between two
    looks moves the later starts on, and a product named twice is better than one left out."""
    values: dict[str, Any] = {"platform": tenancy.current_id(), "start": start, "most": 2 * size}
    with cursor() as sql:
        sql.execute(_PORTION, values)
        return [PublishedAddress(*row) for row in sql.fetchall()]


def shelf_starts(*, size: int) -> list[UUID]:
    """The first category of a shop of each portion of ``size``; none when no shop has any."""
    return list(ShopCategory.objects.order_by("id").values_list("id", flat=True))[::size]


def shelves_from(*, start: UUID, size: int) -> list[tuple[UUID, UUID, datetime]]:
    """The portion that begins with ``start``, and as much again, as with products: category,
    merchant, when it changed last."""
    rows = ShopCategory.objects.filter(id__gte=start).order_by("id")
    return list(rows.values_list("id", "merchant_id", "updated_at")[: 2 * size])
