"""What a member of buyer groups pays for one unit (客户组价), the same in whatever order lists and
entries are read.

Within a list the nearest entry counts: the variant's, else its category's (the deepest first), else
what the list takes off everything; of its steps the highest that the quantity reaches. Among lists,
and the public price, the lowest counts. So nobody pays more than the public for being in a group.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from kernel.money import currency_exponent

VARIANT = 10_000  # nearer than any category, whose depth is the number of its steps


@dataclass(frozen=True, slots=True)
class Entry:
    """A price that a list names, from ``minimum`` units on: ``unit_price`` (major units), or
    ``percent`` off the regular price. ``near``: 0 for the whole list, the depth of a category,
    VARIANT for the variant itself."""

    list_id: UUID
    near: int
    minimum: Decimal
    unit_price: Decimal | None
    percent: Decimal | None


@dataclass(frozen=True, slots=True)
class Found:
    """What a unit costs, in major units; ``list_id`` None: the public price."""

    unit_price: Decimal
    list_id: UUID | None = None


def resolve(
    entries: Iterable[Entry], *, public: Decimal, regular: Decimal, quantity: Decimal, currency: str
) -> Found:
    """The lowest of the lists' prices and the ``public`` one for this quantity; of equals the
    public one, then the older list's. ``regular`` is the public price without a sale."""
    reached: dict[UUID, Entry] = {}
    for one in entries:
        known = reached.get(one.list_id)
        near = (one.near, one.minimum)
        if one.minimum <= quantity and (known is None or near > (known.near, known.minimum)):
            reached[one.list_id] = one
    best = Found(public)
    for list_id in sorted(reached):
        price = _price(reached[list_id], regular, currency)
        if price < best.unit_price:
            best = Found(price, list_id)
    return best


def steps(
    entries: Sequence[Entry], *, public: Decimal, regular: Decimal, currency: str
) -> list[tuple[Decimal, Found]]:
    """From which quantity on a unit costs what (阶梯价): the first from any quantity, the others
    only where the price changes."""
    told: list[tuple[Decimal, Found]] = []
    for minimum in sorted({Decimal(0), *(one.minimum for one in entries)}):
        found = resolve(
            entries, public=public, regular=regular, quantity=minimum, currency=currency
        )
        if not told or told[-1][1] != found:
            told.append((minimum, found))
    return told


def _price(entry: Entry, regular: Decimal, currency: str) -> Decimal:
    if entry.unit_price is not None:
        return entry.unit_price
    return less(regular, entry.percent or Decimal(0), currency)


def less(price: Decimal, percent: Decimal, currency: str) -> Decimal:
    """``price`` with ``percent`` off, rounded half up to minor units, or as finely as the price
    itself is written; never nothing."""
    places = max(currency_exponent(currency), -int(price.normalize().as_tuple().exponent))
    unit = Decimal(1).scaleb(-places)
    exact = price * (100 - percent) / 100
    return max(exact.quantize(unit, ROUND_HALF_UP), unit)
