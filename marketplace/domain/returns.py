"""What a return gives back; pure, whole minor units.

A quantity's share of what was paid for a line is the difference of two cumulative sums, each
rounded half up. So the parts of a line, returned in whatever pieces and order, come to exactly
what was paid for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

K = TypeVar("K")
FAULT_OR_WHOLE, FAULT, NEVER = "fault_or_whole", "fault", "never"


@dataclass(frozen=True, slots=True)
class Bought:
    """A line as it was paid: ``paid`` after discounts, for ``quantity``; ``returned`` of it has
    been given back by returns before; ``platform`` is what the platform added for it."""

    paid: int
    quantity: Decimal
    returned: Decimal = Decimal(0)
    platform: int = 0

    @property
    def left(self) -> Decimal:
        return self.quantity - self.returned


@dataclass(frozen=True, slots=True)
class Amounts:
    """What goes back for each line, and of the shipping; ``platform`` goes to the platform, not to
    the buyer."""

    lines: Mapping[object, int]
    shipping: int
    platform: int = 0

    @property
    def total(self) -> int:
        return sum(self.lines.values()) + self.shipping


def up_to(amount: int, line: Bought, returned: Decimal) -> int:
    """What of an amount for the line belongs to its first ``returned`` units, half up."""
    exact = Decimal(amount) * returned / line.quantity
    return int(exact.to_integral_value(ROUND_HALF_UP))


def share_of(line: Bought, quantity: Decimal, amount: int | None = None) -> int:
    """What goes back for ``quantity`` more of the line: of what was paid, or of another
    ``amount`` for it. Raises ValueError beyond what is left."""
    if not 0 <= quantity <= line.left:
        raise ValueError(f"{quantity} of {line.left}")
    whole = line.paid if amount is None else amount
    return up_to(whole, line, line.returned + quantity) - up_to(whole, line, line.returned)


def divided(line: Bought, pieces: Mapping[K, Decimal]) -> dict[K, int]:
    """What goes back for each of several pieces of one line, together ``share_of`` their sum."""
    found: dict[K, int] = {}
    for key, quantity in pieces.items():
        found[key] = share_of(line, quantity)
        line = replace(line, returned=line.returned + quantity)
    return found


def amounts(
    lines: Mapping[K, Bought],
    wanted: Mapping[K, Decimal],
    *,
    shipping_left: int,
    fault: bool,
    rule: str,
) -> Amounts:
    """What goes back for ``wanted`` of ``lines`` (all lines of the order). What is left of the
    shipping goes back where the merchant is at ``fault`` or nothing of the order is kept, as far
    as ``rule`` says so."""
    parts: dict[object, int] = {key: share_of(lines[key], n) for key, n in wanted.items()}
    whole = all(line.left == wanted.get(key, Decimal(0)) for key, line in lines.items())
    back = rule != NEVER and (fault or (whole and rule == FAULT_OR_WHOLE))
    ours = sum(share_of(lines[key], n, lines[key].platform) for key, n in wanted.items())
    return Amounts(parts, shipping_left if back else 0, ours)


def last_moment(delivered: datetime, days: int) -> datetime:
    """The end of the last day on which a return may be asked for: the days count from the one
    after delivery (《网络购买商品七日无理由退货暂行办法》 art. 10). ``delivered`` in local time."""
    day = delivered.date() + timedelta(days=days + 1)
    return datetime.combine(day, time.min, tzinfo=delivered.tzinfo)
