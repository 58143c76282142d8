"""Small figures for the desks' first pages, out of pages that were read anyway."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from inventory import facade as inventory
from kernel.money import Money
from marketplace import facade as marketplace

DAYS = 14
LOW = 1
_NOT_SOLD = frozenset({"pending_payment", "cancelled", "cancelling"})


def sales_by_day(orders: Iterable[marketplace.OrderInfo], now: datetime) -> list[tuple[str, int]]:
    """Minor units sold on each of the last days, in the viewer's zone, oldest first."""
    today = timezone.localtime(now).date()
    days = {today - timedelta(days=back): 0 for back in range(DAYS - 1, -1, -1)}
    for order in orders:
        at = timezone.localtime(order.placed_at).date()
        if at in days and str(order.state) not in _NOT_SOLD:
            days[at] += order.total.amount
    return [(f"{day.month}/{day.day}", amount) for day, amount in days.items()]


def total_of(orders: Iterable[marketplace.OrderInfo]) -> Money | None:
    """The sum of a page of orders."""
    amounts = [order.total for order in orders]
    return sum(amounts[1:], amounts[0]) if amounts else None


def empty_shelves(merchant_id: UUID, *, rows: int = 100) -> int:
    """How many of the merchant's latest stock rows have nothing free."""
    page = inventory.stock_page(merchant_id=merchant_id, limit=rows)
    return sum(1 for row in page.items if row.available < LOW)
