"""Low stock: a limit for each variant and warehouse, and one notice for each fall below it.

Whether stock is low is worked out in the statement that changes it (``books.write``), so it can't
be missed; a job tells the merchant of what it finds.
"""

from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import facade as catalog
from inventory import events, locks, selectors
from inventory.contracts import StockInfo
from inventory.errors import VariantUnknown
from inventory.models import Stock
from inventory.services import books
from inventory.services.goods import check_warehouse, rows_in, units_of
from kernel import audit, clock, mail, outbox, transactions
from kernel.errors import Invalid
from platforms import facade as platforms

NAMED = 20  # variants that a letter names; the page shows all


def set_low_at(
    *, merchant_id: UUID, variant_id: UUID, warehouse_id: UUID, low_at: Decimal | None
) -> StockInfo:
    """Fewer free than ``low_at`` is low from now on; None: never.

    Raises VariantUnknown, WarehouseUnknown, InvalidStockQuantity, Invalid, MerchantNotApproved.
    """
    books.check_merchant(merchant_id)
    check_warehouse(merchant_id, warehouse_id)
    units = units_of(merchant_id, [variant_id])
    if variant_id not in units:
        raise VariantUnknown(field="variant")
    if low_at is not None:
        books.check_quantity(low_at, field="low_at", unit_code=units[variant_id])
        if low_at <= 0:
            raise Invalid(_("The limit is more than 0; leave it out for none."), field="low_at")
    with transactions.atomic():
        found = rows_in(merchant_id, warehouse_id, units)[variant_id]
        row = Stock.objects.get(id=found.id)
        if row.low_at != low_at:
            before, row.low_at = row.low_at, low_at
            low = low_at is not None and row.on_hand - row.reserved < low_at
            row.low_since = (row.low_since or clock.system()) if low else None
            row.low_told_at = row.low_told_at if low else None
            row.save(update_fields=["low_at", "low_since", "low_told_at"])
            audit.record(
                "inventory.stock.low_at", target=row,
                before={"low_at": before}, after={"low_at": low_at},
            )  # fmt: skip
    return selectors.stock([found.id])[found.id]


def tell_low(*, limit: int = 500) -> int:
    """Tell merchants what became low, each by one letter and an event for each row; how many
    rows. A row is told of once until there is enough again."""
    with transactions.atomic():
        rows = locks.untold(limit)
        if not rows:
            return 0
        outbox.append_many(
            [
                (
                    events.StockLow(
                        variant_id=row.variant_id,
                        warehouse_id=row.warehouse_id,
                        merchant_id=row.merchant_id,
                        available=row.on_hand - row.reserved,
                        low_at=row.low_at or Decimal(0),
                        unit=row.unit,
                    ),
                    outbox.AggregateRef("inventory.stock", row.id),
                    row.merchant_id,
                )
                for row in rows
            ]
        )
        for merchant_id, own in groupby(rows, key=lambda row: row.merchant_id):
            _write(merchant_id, list(own))
        # Not through save(): what the row says hasn't changed, so its version stays.
        told = Stock.objects.filter(id__in=[row.id for row in rows])
        told.update(low_told_at=clock.system())
    return len(rows)


def _write(merchant_id: UUID, rows: list[Stock]) -> None:
    """One letter to the merchant's address, if it has one."""
    address = platforms.merchant_contact(merchant_id)
    if not address:
        return
    language = platforms.get_platform().locales[0].lower()
    variants = catalog.variants({row.variant_id for row in rows[:NAMED]})
    context: dict[str, Any] = {
        "lines": [_line(row, variants.get(row.variant_id), language) for row in rows[:NAMED]],
        "more": max(len(rows) - NAMED, 0),
        "count": len(rows),
        "link": platforms.platform_url("/merchant/stock/?low=1"),
    }
    mail.send(
        to=address,
        template="inventory/low",
        context=context,
        language=language,
        subject=merchant_id,
    )


def _line(row: Stock, variant: catalog.VariantInfo | None, language: str) -> dict[str, str]:
    title = platforms.in_language(variant.title, language) if variant else ""
    return {
        "title": title,
        "sku": variant.sku if variant else "",
        "available": format((row.on_hand - row.reserved).normalize(), "f"),
        "low_at": format((row.low_at or Decimal(0)).normalize(), "f"),
    }
