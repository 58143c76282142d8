"""One line of a statement, the same for all three sides."""

import re
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from enum import StrEnum

# What a bank's free text may carry: a gateway's payout (po_…) or one of our own (pot_…).
_TOKEN = re.compile(r"(?<![A-Za-z0-9_])[a-z]{2,5}_[A-Za-z0-9]+")


class Side(StrEnum):
    """Whose word a row is: the gateway's (渠道), our ledger's (账簿) or the bank's (银行)."""

    GATEWAY = "gateway"
    LEDGER = "ledger"
    BANK = "bank"


SETTLEMENT = "settlement"  # the gateway pays our bank account
PAYOUT = "payout"  # we pay a merchant
GATEWAY_KINDS = (
    "charge",
    "refund",
    "refund_failure",
    "dispute",
    "dispute_reversal",
    "adjustment",
    "fee",
    "topup",
    "payout",
    "payout_failure",
)
LEDGER_KINDS = (
    *GATEWAY_KINDS[:-2],
    "settlement",
    "settlement_failure",
    "settlement_received",
    "settlement_returned",
    "payout",
    "payout_return",
    "receipt",
    "bank_fee",
)
BANK_KINDS = ("settlement", "payout", "return", "receipt", "fee", "adjustment", "other")


@dataclass(frozen=True, slots=True)
class Row:
    """A movement as one side tells it. Amounts are signed minor units, seen from the account it
    stands on (the gateway's or the bank's): money that leaves it is negative.

    ``document`` is our own id (``pay_…``), ``source`` the other party's (``ch_…``, ``po_…``);
    ``party`` is the merchant or, at the bank, the account at the other end; ``batch`` the
    settlement that paid the row out, ``arrival`` the day a settlement is due at the bank.
    """

    side: Side
    line: int
    id: str
    kind: str
    amount: int
    currency: str
    day: date
    at: datetime | None = None
    account: str = ""
    document: str = ""
    source: str = ""
    fee: int = 0
    net: int | None = None
    party: str = ""
    batch: str = ""
    arrival: date | None = None
    balance: int | None = None

    @property
    def key(self) -> str:
        """What names the same movement on every side."""
        return f"{self.kind}:{self.document or self.source or self.id}"


@dataclass(frozen=True, slots=True)
class Statement:
    """One side's rows of the days ``first`` to ``last``, both included, but for the ``gaps``."""

    side: Side
    account: str
    first: date
    last: date
    zone: tzinfo
    rows: tuple[Row, ...]
    gaps: frozenset[date] = frozenset()


def tokens(text: str) -> list[str]:
    """The ids inside a bank's free text, in order."""
    return _TOKEN.findall(text)
