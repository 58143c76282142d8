"""Reads of sale prices."""

from uuid import UUID

from kernel.pagination import PageOf, keyset
from marketplace.contracts import SaleInfo
from marketplace.domain.prices import plain_price
from marketplace.models import Sale


def sale_info(row: Sale) -> SaleInfo:
    """The contract of a row."""
    return SaleInfo(
        id=row.id,
        state=str(row.state),
        variant_id=row.variant_id,
        merchant_id=row.merchant_id,
        unit_price=plain_price(row.unit_price),
        regular_price=None if row.regular_price is None else plain_price(row.regular_price),
        currency=row.currency,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def sales(
    *,
    merchant_id: UUID,
    state: str | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[SaleInfo]:
    """A merchant's sales, the latest first."""
    rows = Sale.objects.filter(merchant_id=merchant_id)
    if state:
        rows = rows.filter(state=state)
    return keyset(rows, order=order, cursor=cursor, limit=limit).map(sale_info)
