"""What doesn't agree, told so that a person can act on it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from payments.domain.reconciliation.rows import Row, Side


class Fault(StrEnum):
    """The catalogue of faults (差错类型)."""

    MISSING = "missing"
    DOUBLED = "doubled"
    AMOUNT = "amount"
    SIGN = "sign"
    CURRENCY = "currency"
    MERCHANT = "merchant"
    DAY = "day"
    FEE = "fee"
    MERGED_PAYOUT = "merged_payout"
    SPLIT_PAYOUT = "split_payout"
    COMPOSITION = "composition"
    ARITHMETIC = "arithmetic"
    BALANCE = "balance"


class Fix(StrEnum):
    """What to do about it, most often."""

    ASK_GATEWAY = "ask_gateway"
    ASK_BANK = "ask_bank"
    BOOK = "book"
    REVERSE = "reverse"
    CHECK_BOTH = "check_both"
    ACCEPT = "accept"
    FETCH_AGAIN = "fetch_again"


MONEY = frozenset(
    {
        Fault.MISSING,
        Fault.DOUBLED,
        Fault.AMOUNT,
        Fault.SIGN,
        Fault.CURRENCY,
        Fault.MERCHANT,
        Fault.FEE,
    }
)


def ways_out(fault: str, where: str) -> tuple[str, ...]:
    """How an exception may be resolved. Where our ledger is wrong about money only an entry helps;
    where it is one word against another it is an entry or the counterparty's word; all else
    (days, merged or split payouts, the other party's own sums) needs no more than a note."""
    if fault not in MONEY:
        return ("note", "counterparty", "entry")
    if where == Side.LEDGER:
        return ("entry",)
    return ("counterparty", "entry") if not where else ("counterparty", "note", "entry")


@dataclass(frozen=True, slots=True)
class Finding:
    """One exception (差错). ``where`` is the side that deviates, as far as the files can tell;
    None when it is one word against another. ``expected`` and ``found`` are texts or minor
    units."""

    fault: Fault
    key: str
    day: date
    where: Side | None
    rows: tuple[Row, ...]
    expected: str = ""
    found: str = ""
    amount: int = 0
    currency: str = ""
    fix: Fix = Fix.CHECK_BOTH
    also: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """The same disagreement has the same mark on every run."""
        return f"{self.fault}:{self.where or ''}:{self.key}"

    @property
    def document(self) -> str:
        return self.key.partition(":")[2]

    def ids(self) -> dict[str, list[str]]:
        """Row ids by side."""
        return {
            side.value: list(dict.fromkeys(row.id for row in self.rows if row.side is side))
            for side in Side
        }

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "kind": self.fault.value,
            "where": self.where.value if self.where else None,
            "key": self.key,
            "document": self.document,
            "day": self.day.isoformat(),
            "ids": self.ids(),
            "lines": {s.value: [r.line for r in self.rows if r.side is s] for s in Side},
            "sources": sorted({r.source for r in self.rows if r.source} | set(self.also)),
            "expected": self.expected,
            "found": self.found,
            "amount": self.amount,
            "currency": self.currency,
            "fix": self.fix.value,
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """``matched`` movements agree on every side; ``waiting`` ones have a counterpart that isn't
    due in the days covered. Totals by side and currency."""

    findings: tuple[Finding, ...]
    matched: int
    waiting: tuple[str, ...]
    counts: dict[str, int] = field(default_factory=dict)
    totals: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return not self.findings


def order(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """By day, then kind, then key."""
    return tuple(sorted(found, key=lambda one: (one.day, one.fault, one.key, one.where or "")))
