"""What a promotion gives, and for which goods."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

TIERS_MAX = 10
SETS_MAX = 100


class Kind(StrEnum):
    """``threshold`` (满减): spend so much, get so much off, in steps. ``buy_x_get_y`` (买赠): of
    every buy + get units the cheapest ``get`` cost less."""

    PERCENTAGE = "percentage"
    AMOUNT_OFF = "amount_off"
    THRESHOLD = "threshold"
    BUY_X_GET_Y = "buy_x_get_y"


class ScopeKind(StrEnum):
    """Which goods count: all that its owner may promote, or only some."""

    ALL = "all"
    CATEGORIES = "categories"
    PRODUCTS = "products"
    VARIANTS = "variants"
    MERCHANTS = "merchants"


class Problem(StrEnum):
    """Why a promotion takes nothing off. The first four are found out by the arithmetic, the rest
    before it."""

    NO_GOODS = "no_goods"
    BELOW_MINIMUM = "below_minimum"
    NOT_COMBINABLE = "not_combinable"
    USED_UP = "used_up"
    UNKNOWN = "unknown"
    NOT_STARTED = "not_started"
    EXPIRED = "expired"
    PAUSED = "paused"
    USED_BEFORE = "used_before"
    NEEDS_ACCOUNT = "needs_account"


@dataclass(frozen=True, slots=True)
class Tier:
    """Spend ``spend``, get ``off`` off; minor units."""

    spend: int
    off: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The numbers of a promotion, in minor units and per cent; which of them count depends on its
    kind. ``minimum``: what the goods must come to. ``most``: it never takes more off than this.
    ``repeat``: a single step counts as often as it is reached (每满减)."""

    percent: Decimal = Decimal(0)
    amount: int = 0
    tiers: tuple[Tier, ...] = ()
    repeat: bool = False
    buy: int = 0
    get: int = 0
    minimum: int = 0
    most: int | None = None

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> "Terms":
        """From what ``plain`` wrote."""
        return cls(
            percent=Decimal(plain.get("percent", "0")),
            amount=plain.get("amount", 0),
            tiers=tuple(Tier(spend, off) for spend, off in plain.get("tiers", ())),
            repeat=plain.get("repeat", False),
            buy=plain.get("buy", 0),
            get=plain.get("get", 0),
            minimum=plain.get("minimum", 0),
            most=plain.get("most"),
        )

    def plain(self) -> dict[str, Any]:
        """As JSON keeps it: only what is set."""
        found: dict[str, Any] = {}
        if self.percent:
            found["percent"] = format(self.percent.normalize(), "f")
        if self.tiers:
            found["tiers"] = [[tier.spend, tier.off] for tier in self.tiers]
        for name in ("amount", "repeat", "buy", "get", "minimum", "most"):
            value = getattr(self, name)
            if value:
                found[name] = value
        return found


def problems_of(kind: Kind, terms: Terms) -> list[tuple[str, str]]:
    """What is wrong with the numbers of a promotion: (field, code) each."""
    found = {
        Kind.PERCENTAGE: _percentage,
        Kind.AMOUNT_OFF: _amount_off,
        Kind.THRESHOLD: _threshold,
        Kind.BUY_X_GET_Y: _sets,
    }[kind](terms)
    if terms.minimum < 0:
        found.append(("minimum", "negative"))
    if terms.most is not None and terms.most <= 0:
        found.append(("most", "not_above_zero"))
    return found


def _percent(value: Decimal) -> list[tuple[str, str]]:
    fine = value.is_finite() and 0 < value <= 100 and value == round(value, 2)
    return [] if fine else [("percent", "not_a_percentage")]


def _percentage(terms: Terms) -> list[tuple[str, str]]:
    return _percent(terms.percent)


def _amount_off(terms: Terms) -> list[tuple[str, str]]:
    return [] if terms.amount > 0 else [("amount", "not_above_zero")]


def _threshold(terms: Terms) -> list[tuple[str, str]]:
    tiers = terms.tiers
    if not 1 <= len(tiers) <= TIERS_MAX:
        return [("tiers", "how_many")]
    if terms.repeat and len(tiers) > 1:
        return [("repeat", "one_tier")]
    found = [
        (f"tiers.{place}", "not_a_tier")
        for place, tier in enumerate(tiers)
        if not 0 < tier.off < tier.spend
    ]
    rising = all(low.spend < high.spend and low.off < high.off for low, high in pairwise(tiers))
    return found if rising else [*found, ("tiers", "not_rising")]


def _sets(terms: Terms) -> list[tuple[str, str]]:
    found = [
        (name, "not_a_count")
        for name in ("buy", "get")
        if not 1 <= getattr(terms, name) <= SETS_MAX
    ]
    return found + _percent(terms.percent)


@dataclass(frozen=True, slots=True)
class Scope:
    """Which goods count. ``names`` are ids as text; of categories their paths, and what stands
    below them counts too. ``merchant``: only this merchant's goods, if it is a merchant's."""

    kind: ScopeKind = ScopeKind.ALL
    names: frozenset[str] = frozenset()
    merchant: str = ""

    def covers(self, *, merchant: str, product: str, variant: str, category: str) -> bool:
        """Whether goods of this merchant, product, variant and category path count."""
        if self.merchant and self.merchant != merchant:
            return False
        if self.kind == ScopeKind.CATEGORIES:
            return any(category == name or category.startswith(f"{name}/") for name in self.names)
        return {
            ScopeKind.ALL: True,
            ScopeKind.PRODUCTS: product in self.names,
            ScopeKind.VARIANTS: variant in self.names,
            ScopeKind.MERCHANTS: merchant in self.names,
        }[self.kind]
