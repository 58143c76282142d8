"""Reads of brands and of related products."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from catalog.contracts import BrandInfo
from catalog.models import Brand, Related
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset

FIELDS = ("id", "code", "names", "external_id", "version", "created_at", "updated_at")


def brand(brand_id: UUID) -> BrandInfo:
    """One brand. Raises NotFound."""
    found = brands([brand_id]).get(brand_id)
    if found is None:
        raise NotFound
    return found


def brands(ids: Iterable[UUID]) -> dict[UUID, BrandInfo]:
    """Those brands that exist; one query, none for none."""
    wanted = set(ids)
    if not wanted:
        return {}
    rows: Any = Brand.objects.filter(id__in=wanted).values(*FIELDS)
    return {row["id"]: BrandInfo(**row) for row in rows}


def brands_page(
    *, order: tuple[str, ...] = ("code", "id"), cursor: str | None = None, limit: int = 20
) -> PageOf[BrandInfo]:
    """The platform's brands."""
    rows: Any = Brand.objects.values(*FIELDS)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(lambda row: BrandInfo(**row))


def every_brand() -> list[BrandInfo]:
    """All of them by code, for forms and lists."""
    rows: Any = Brand.objects.order_by("code").values(*FIELDS)
    return [BrandInfo(**row) for row in rows]


def related_ids(product_id: UUID) -> tuple[UUID, ...]:
    """The products that this one's page shows, in order."""
    rows = Related.objects.filter(product_id=product_id).order_by("position", "id")
    return tuple(rows.values_list("other_id", flat=True))
