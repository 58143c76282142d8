"""Which commission rule holds, and why; pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from kernel.money import Money


@dataclass(frozen=True, slots=True)
class Rule:
    """``rate`` in per cent; ``fixed`` and ``minimum`` in minor units of ``currency``. ``category``
    "" and ``merchant_id`` None mean all."""

    id: UUID | None
    merchant_id: UUID | None
    category: str
    rate: Decimal
    fixed: int
    minimum: int
    currency: str
    valid_from: datetime | None
    valid_until: datetime | None = None

    @property
    def level(self) -> str:
        """``merchant_category``, ``merchant``, ``category`` or ``platform``."""
        if self.merchant_id is not None:
            return "merchant_category" if self.category else "merchant"
        return "category" if self.category else "platform"

    def fits(self, *, merchant_id: UUID, category: str, currency: str, at: datetime) -> bool:
        """Whether it speaks of this sale at all."""
        return (
            self.merchant_id in (None, merchant_id)
            and (not self.category or _within(category, self.category))
            and self.currency in ("", currency)
            and (self.valid_from is None or self.valid_from <= at)
            and (self.valid_until is None or at < self.valid_until)
        )

    def of(self, amount: Money) -> Money:
        """The commission on ``amount``, never more than it."""
        exact = amount.percent(self.rate).amount + self.fixed
        return Money(min(amount.amount, max(exact, self.minimum)), amount.currency)


def _within(category: str, of: str) -> bool:
    return category == of or category.startswith(f"{of}/")


def choose(
    rules: Iterable[Rule], *, merchant_id: UUID, category: str, currency: str, at: datetime
) -> Rule | None:
    """The most specific rule: a merchant's comes before a category's, a deeper category before
    a wider one, among equals the one that began last."""
    found = [
        rule
        for rule in rules
        if rule.fits(merchant_id=merchant_id, category=category, currency=currency, at=at)
    ]
    return max(found, key=_weight, default=None)


def _weight(rule: Rule) -> tuple[bool, int, bool, float, int]:
    began = rule.valid_from.timestamp() if rule.valid_from else 0.0
    depth = rule.category.count("/") + 1 if rule.category else 0
    return (
        rule.merchant_id is not None,
        depth,
        bool(rule.currency),
        began,
        rule.id.int if rule.id else 0,
    )
