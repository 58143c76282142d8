"""The lowest price of the days before a price reduction (降价前 30 日最低价)."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

WINDOW = timedelta(days=30)  # Directive 98/6/EC, article 6a; 明码标价和禁止价格欺诈规定 looks at 7


def lowest_price(
    changes: Iterable[tuple[datetime, Decimal | None]], *, before: datetime
) -> Decimal | None:
    """Of prices in force during the 30 days before ``before``. ``changes`` are (from when, price)
    in the order of time, None where there was no price; the last one before the window was in
    force at its beginning."""
    since = before - WINDOW
    found: list[Decimal] = []
    current: Decimal | None = None
    for valid_from, price in changes:
        if valid_from >= before:
            break
        if valid_from > since and not found and current is not None:
            found.append(current)
        current = price
        if valid_from > since and price is not None:
            found.append(price)
    if not found and current is not None:
        found.append(current)
    return min(found, default=None)
