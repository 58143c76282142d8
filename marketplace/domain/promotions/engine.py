"""What a cart's promotions come to, line by line.

The promotions are tried one after the other, in one order for all (``Offered.order``): higher
priority first, then a merchant's before the platform's, then those without a code before coupons,
then the older. Each is worked out on what those before it left of the prices, so the order decides
what a percentage is taken of. A line takes no second promotion of the same group, an exclusive one
only alone. An order of a merchant always costs at least one minor unit: nothing can't be paid.

All amounts are whole minor units; a discount is rounded once, half up, and its shares by line sum
to it exactly (largest remainder).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from kernel.money import Money
from marketplace.domain.promotions.terms import Kind, Problem, Scope, Terms

LEAST = 1  # what is left of a merchant's goods, in minor units


@dataclass(frozen=True, slots=True)
class Item:
    """A line: ``total`` = unit price × quantity in minor units."""

    key: UUID
    merchant_id: UUID
    product_id: UUID
    category: str
    unit_price: Decimal
    quantity: Decimal
    total: int


@dataclass(frozen=True, slots=True)
class Offered:
    """A promotion that may count. ``merchant_id`` None: the platform's, and the platform pays.
    ``code``: the coupon that was entered for it. ``left``: what is left of its budget."""

    id: UUID
    kind: Kind
    terms: Terms
    scope: Scope
    merchant_id: UUID | None = None
    code: str = ""
    priority: int = 0
    exclusive: bool = False
    group: str = ""
    left: int | None = None

    @property
    def order(self) -> tuple[int, bool, bool, UUID]:
        """The place among others; docs/promotions.md says why."""
        return (-self.priority, self.merchant_id is None, bool(self.code), self.id)


@dataclass(frozen=True, slots=True)
class Applied:
    """What a promotion takes off: ``shares`` by line sum to ``amount``; ``base`` is what it was
    worked out on."""

    offered: Offered
    amount: int
    base: int
    shares: Mapping[UUID, int]


@dataclass(frozen=True, slots=True)
class Refused:
    """A promotion that takes nothing off, and why. ``missing``: how much more of its goods would
    do, where that is the reason."""

    offered: Offered
    problem: Problem
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What all promotions together come to."""

    applied: tuple[Applied, ...] = ()
    refused: tuple[Refused, ...] = ()

    def off(self, key: UUID) -> int:
        """All discounts of a line."""
        return sum(one.shares.get(key, 0) for one in self.applied)

    def off_by_platform(self, key: UUID) -> int:
        """The share of a line's discounts that the platform pays."""
        return sum(
            one.shares.get(key, 0) for one in self.applied if one.offered.merchant_id is None
        )

    @property
    def amount(self) -> int:
        return sum(one.amount for one in self.applied)


@dataclass
class _Sheet:
    """The sums as they go: what is left of each line, and what it has taken already."""

    items: Sequence[Item]
    left: dict[UUID, int]
    groups: dict[UUID, set[str]] = field(default_factory=dict)
    closed: set[UUID] = field(default_factory=set)
    touched: set[UUID] = field(default_factory=set)

    def usable(self, one: Offered) -> tuple[list[Item], bool]:
        """The lines that may take it, and whether others would but for what they took already."""
        covered = [
            item
            for item in self.items
            if self.left[item.key]
            and one.scope.covers(
                merchant=str(item.merchant_id),
                product=str(item.product_id),
                variant=str(item.key),
                category=item.category,
            )
        ]
        free = [
            item
            for item in covered
            if item.key not in self.closed
            and not (one.exclusive and item.key in self.touched)
            and not (one.group and one.group in self.groups.get(item.key, ()))
        ]
        return free, len(free) < len(covered)

    def room(self, merchant_id: UUID) -> int:
        """How much may still come off a merchant's goods."""
        whole = sum(self.left[i.key] for i in self.items if i.merchant_id == merchant_id)
        return max(0, whole - LEAST)

    def take(self, one: Offered, shares: Mapping[UUID, int]) -> None:
        for key, share in shares.items():
            self.left[key] -= share
            self.touched.add(key)
            if one.group:
                self.groups.setdefault(key, set()).add(one.group)
            if one.exclusive:
                self.closed.add(key)


def work_out(items: Sequence[Item], offered: Sequence[Offered]) -> Outcome:
    """Try every promotion in its order; see the module's text."""
    sheet = _Sheet(items, {item.key: item.total for item in items})
    applied: list[Applied] = []
    refused: list[Refused] = []
    for one in sorted(offered, key=lambda each: each.order):
        lines, taken = sheet.usable(one)
        if not lines:
            reason = Problem.NOT_COMBINABLE if taken else Problem.NO_GOODS
            refused.append(Refused(one, reason))
            continue
        base = sum(sheet.left[item.key] for item in lines)
        missing = _missing(one, lines, base)
        if missing is not None:
            refused.append(Refused(one, Problem.BELOW_MINIMUM, missing))
            continue
        shares = _within(sheet, lines, _wanted(one, lines, sheet.left, base))
        amount = sum(shares.values())
        if one.left is not None and amount > one.left:
            refused.append(Refused(one, Problem.USED_UP))
        elif not amount:
            refused.append(Refused(one, Problem.NO_GOODS))
        else:
            sheet.take(one, shares)
            applied.append(Applied(one, amount, base, shares))
    return Outcome(tuple(applied), tuple(refused))


def _missing(one: Offered, lines: Sequence[Item], base: int) -> int | None:
    """None when it is reached; else how much more would do (0: not a question of amounts)."""
    terms = one.terms
    least = terms.minimum
    if one.kind == Kind.THRESHOLD:
        least = max(least, terms.tiers[0].spend)
    if base < least:
        return least - base
    if one.kind == Kind.BUY_X_GET_Y and _units(lines) < terms.buy + terms.get:
        return 0
    return None


def _units(lines: Sequence[Item]) -> int:
    return sum(int(item.quantity) for item in lines)


def _wanted(
    one: Offered, lines: Sequence[Item], left: Mapping[UUID, int], base: int
) -> dict[UUID, int]:
    """What would come off each line, were there no lower limit."""
    if one.kind == Kind.BUY_X_GET_Y:
        shares = _cheapest(one.terms, lines, left)
        whole = sum(shares.values())
        most = one.terms.most
        return shares if most is None or whole <= most else _spread(most, shares)
    amount = _amount(one, base)
    if one.terms.most is not None:
        amount = min(amount, one.terms.most)
    return _spread(min(amount, base), {item.key: left[item.key] for item in lines})


def _amount(one: Offered, base: int) -> int:
    terms = one.terms
    if one.kind == Kind.PERCENTAGE:
        return _half_up(base * terms.percent / 100)
    if one.kind == Kind.AMOUNT_OFF:
        return terms.amount
    if terms.repeat:
        return terms.tiers[0].off * (base // terms.tiers[0].spend)
    return max(tier.off for tier in terms.tiers if tier.spend <= base)


def _cheapest(terms: Terms, lines: Sequence[Item], left: Mapping[UUID, int]) -> dict[UUID, int]:
    """Of every ``buy`` + ``get`` whole units, the ``get`` cheapest cost ``percent`` less. A part of
    a unit (0.5 kg) is no unit."""
    free = _units(lines) // (terms.buy + terms.get) * terms.get
    shares: dict[UUID, int] = {}
    for item in sorted(lines, key=lambda each: each.unit_price):
        units = min(free, int(item.quantity))
        if not units:
            continue
        free -= units
        value = Decimal(left[item.key]) * units / item.quantity
        shares[item.key] = min(left[item.key], _half_up(value * terms.percent / 100))
    return shares


def _within(sheet: _Sheet, lines: Sequence[Item], wanted: Mapping[UUID, int]) -> dict[UUID, int]:
    """The shares, cut down where a merchant's goods would cost nothing."""
    found: dict[UUID, int] = {}
    for merchant in dict.fromkeys(item.merchant_id for item in lines):
        own = {i.key: wanted.get(i.key, 0) for i in lines if i.merchant_id == merchant}
        found |= _spread(min(sum(own.values()), sheet.room(merchant)), own)
    return {key: share for key, share in found.items() if share}


def _spread(amount: int, weights: Mapping[UUID, int]) -> dict[UUID, int]:
    """``amount`` by weights, to the last unit; no share is more than its weight if ``amount`` is
    not more than their sum."""
    if not weights or not amount:
        return dict.fromkeys(weights, 0)
    # The currency doesn't matter here: these are whole minor units of whatever is paid in.
    parts = Money(amount, "CNY").allocate(list(weights.values()))
    return {key: part.amount for key, part in zip(weights, parts, strict=True)}


def _half_up(value: Decimal) -> int:
    return int(value.to_integral_value(ROUND_HALF_UP))
