"""A simulated month: orders, fees, refunds, disputes, settlements in batches, payouts.

Writes the three files as the three parties would. It shares no code with the product, only the
file format of docs/reconciliation.md.
"""

import csv
import io
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

ZONE = timezone(timedelta(hours=8))
GATEWAY = [
    "id",
    "kind",
    "source",
    "document",
    "amount",
    "fee",
    "net",
    "currency",
    "merchant",
    "created",
    "payout",
    "arrival",
]
LEDGER = [
    "id",
    "account",
    "kind",
    "document",
    "source",
    "amount",
    "fee",
    "currency",
    "party",
    "created",
]
BANK = ["id", "kind", "amount", "currency", "balance_after", "counterparty", "reference", "date"]
ACCOUNT = "acct_sandbox1"


@dataclass
class Month:
    """The three files."""

    gateway: bytes
    ledger: bytes
    bank: bytes


class World:
    """Draws one month from ``seed``; every amount in fen."""

    def __init__(self, *, seed: int, orders: int, merchants: int = 40) -> None:
        self.draw = random.Random(seed)
        self.first, self.days = date(2026, 10, 1), 31
        self.gateway: list[list[object]] = []
        self.ledger: list[list[object]] = []
        self.bank: list[list[object]] = []
        self.merchants = [(f"mer_{n:04d}", f"622202{1000 + n * 37:04d}{n:06d}") for n in
                          range(merchants)]  # fmt: skip
        self.owed = dict.fromkeys(range(merchants), 0)
        self.orders, self.count, self.balance = orders, 0, 500_000_000
        self.unpaid: list[list[object]] = []
        self.arriving: list[tuple[date, str, int]] = []

    def month(self) -> Month:
        """Day by day."""
        plan = [self.draw.randrange(self.days) for _ in range(self.orders)]
        back: dict[int, list[tuple[str, str, int, int]]] = {}
        for number in range(self.days):
            day = self.first + timedelta(days=number)
            self._settle(day)
            for _ in range(plan.count(number)):
                self._sell(day, number, back)
            for kind, document, amount, merchant in back.pop(number, []):
                self._give_back(day, kind, document, amount, merchant)
            self._pay_out(day)
        return Month(
            self._file("gateway", GATEWAY, self.gateway),
            self._file("ledger", LEDGER, self.ledger),
            self._file("bank", BANK, self.bank),
        )

    def _id(self, prefix: str) -> str:
        self.count += 1
        return f"{prefix}_{self.count:06d}x{self.draw.randrange(16**6):06x}"

    def _at(self, day: date, low: int = 8, high: int = 21) -> datetime:
        second = self.draw.randrange(low * 3600, high * 3600)
        return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(seconds=second)

    def _both(
        self, at: datetime, kind: str, document: str, source: str, amount: int, fee: int,
        merchant: str,
    ) -> None:  # fmt: skip
        row: list[object] = [
            self._id("txn"), kind, source, document, amount, fee, amount - fee, "CNY", merchant,
            at.isoformat(), "", "",
        ]  # fmt: skip
        self.gateway.append(row)
        self.unpaid.append(row)
        booked = at + timedelta(seconds=self.draw.randrange(40))
        self.ledger.append([
            self._id("btx"), "gateway", kind, document, source, amount, fee, "CNY", merchant,
            booked.isoformat(),
        ])  # fmt: skip

    def _sell(
        self, day: date, number: int, back: dict[int, list[tuple[str, str, int, int]]]
    ) -> None:
        who = self.draw.randrange(len(self.merchants))
        amount = self.draw.randrange(100, 300_000)
        document = self._id("pay")
        self._both(self._at(day), "charge", document, self._id("ch"), amount,
                   (amount * 29 + 500) // 1000 + 30, self.merchants[who][0])  # fmt: skip
        self.owed[who] += amount - amount // 20
        chance = self.draw.random()
        later = number + 1 + self.draw.randrange(6)
        if chance < 0.06:
            part = amount if self.draw.random() < 0.5 else self.draw.randrange(1, amount)
            back.setdefault(later, []).append(("refund", self._id("ref"), part, who))
        elif chance < 0.068:
            back.setdefault(later, []).append(("dispute", document, amount, who))
            if self.draw.random() < 0.4:
                back.setdefault(later + 3, []).append(("dispute_reversal", document, amount, who))

    def _give_back(self, day: date, kind: str, document: str, amount: int, who: int) -> None:
        sign = 1 if kind == "dispute_reversal" else -1
        source = self._id("re" if kind == "refund" else "dp")
        fee = 1500 if kind == "dispute" else 0
        self._both(self._at(day), kind, document, source, sign * amount, fee,
                   self.merchants[who][0])  # fmt: skip
        self.owed[who] += sign * amount

    def _settle(self, day: date) -> None:
        """In the morning the gateway pays out what was earned; it arrives the next working day."""
        for arrival, source, amount in [one for one in self.arriving if one[0] == day]:
            self._line(day, "settlement", amount, ACCOUNT, f"PAYOUT {source}")
            at = self._at(day, 2, 5)
            self.ledger.append([self._id("btx"), "bank", "settlement_received", "", source, amount,
                                0, "CNY", ACCOUNT, at.isoformat()])  # fmt: skip
            self.arriving.remove((arrival, source, amount))
        total = sum(int(str(row[6])) for row in self.unpaid)
        if total <= 0 or day.weekday() >= 5:
            return
        at, source = self._at(day, 2, 5), self._id("po")
        arrival = day + timedelta(days=3 if day.weekday() == 4 else 1)
        for row in self.unpaid:
            row[10] = source
        self.unpaid = []
        self.gateway.append([self._id("txn"), "payout", source, "", -total, 0, -total, "CNY",
                             ACCOUNT, at.isoformat(), source, arrival.isoformat()])  # fmt: skip
        self.ledger.append([self._id("btx"), "gateway", "settlement", "", source, -total, 0, "CNY",
                            ACCOUNT, at.isoformat()])  # fmt: skip
        self.arriving.append((arrival, source, total))

    def _pay_out(self, day: date) -> None:
        for who, (_merchant, number) in enumerate(self.merchants):
            amount = self.owed[who]
            if amount < 10_000 or self.draw.random() > 0.2:
                continue
            document = self._id("pot")
            self._line(day, "payout", -amount, number, f"{document} payout")
            self.ledger.append([self._id("btx"), "bank", "payout", document, "", -amount, 0, "CNY",
                                number, self._at(day).isoformat()])  # fmt: skip
            self.owed[who] = 0

    def _line(self, day: date, kind: str, amount: int, number: str, text: str) -> None:
        self.balance += amount
        self.bank.append([self._id("ben"), kind, amount, "CNY", self.balance, number, text,
                          day.isoformat()])  # fmt: skip

    def _file(self, kind: str, columns: list[str], rows: list[list[object]]) -> bytes:
        last = self.first + timedelta(days=self.days - 1)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["#quancheng-statement", 1, kind, ACCOUNT, self.first, last,
                         "Asia/Shanghai"])  # fmt: skip
        writer.writerow(columns)
        writer.writerows(rows)
        return out.getvalue().encode()
