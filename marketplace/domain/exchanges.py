"""What goods can be exchanged for; pure. No money moves in an exchange: a buyer may ask for what
costs the same, a merchant may give what costs no less."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Given:
    """The goods that come back: a unit's price when they were ordered, before discounts, and
    today's (None: they aren't sold any more)."""

    ordered: Decimal
    today: Decimal | None


def costs_the_same(price: Decimal | None, given: Given) -> bool:
    """Whether a variant at ``price`` today (None: not for sale) costs what the goods cost: today,
    as where all of a product became dearer or cheaper, or when they were ordered."""
    return price is not None and price in (given.ordered, given.today)


def costs_no_less(price: Decimal | None, given: Given) -> bool:
    """Whether the buyer loses nothing by it: the merchant bears what it costs more."""
    if price is None:
        return False
    return price >= min(given.ordered, given.ordered if given.today is None else given.today)
