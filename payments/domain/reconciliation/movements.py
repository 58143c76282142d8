"""Rows of one movement side by side, and which of them are still to come."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from payments.domain.reconciliation.rows import PAYOUT, SETTLEMENT, Row, Side, Statement


class Role(StrEnum):
    """Where a row stands. The ledger has two: the gateway's account and the bank's."""

    GATEWAY = "gateway"
    LEDGER = "ledger"
    RECEIVED = "received"
    BANK = "bank"

    @property
    def side(self) -> Side:
        return Side.LEDGER if self is Role.RECEIVED else Side(self.value)


AT_GATEWAY = (Role.GATEWAY, Role.LEDGER)
AT_BANK = (Role.RECEIVED, Role.BANK)
EVERYWHERE = (*AT_GATEWAY, *AT_BANK)
_AT_BANK = {"settlement_received": SETTLEMENT, "fee": "bank_fee", "return": "payout_return"}
_BANK_ONLY = {PAYOUT, "payout_return", "receipt", "bank_fee", "settlement_returned", "other"}


@dataclass(frozen=True, slots=True)
class Rules:
    """``grace``: how far the same moment may lie apart on two clocks. ``ledger_late`` and
    ``bank_late``: days a booking may come after the other side's; ``settle``: days in which a
    settlement without a date arrives. ``follow``: our booking at the bank is made from the bank's
    own line, so it isn't missed while that is."""

    grace: timedelta = timedelta(hours=2)
    ledger_late: int = 0
    bank_late: int = 0
    settle: int = 3
    follow: bool = False


@dataclass(slots=True)
class Movement:
    """One movement of money and the rows that tell of it."""

    family: str
    id: str
    rows: dict[Role, list[Row]] = field(default_factory=dict)
    first: dict[Role, Row] = field(default_factory=dict)  # the row of each role that counts
    settled: set[Role] = field(default_factory=set)  # roles explained as merged or split

    @property
    def key(self) -> str:
        return f"{self.family}:{self.id}"

    @property
    def roles(self) -> tuple[Role, ...]:
        if self.family == SETTLEMENT:
            return EVERYWHERE
        return AT_BANK if self.family in _BANK_ONLY else AT_GATEWAY

    def all(self) -> tuple[Row, ...]:
        return tuple(row for role in self.roles for row in self.rows.get(role, []))

    def value(self, role: Role, row: Row) -> int:
        """The amount as every role would tell it: a settlement leaves one account for another."""
        flip = self.family == SETTLEMENT and role in AT_GATEWAY
        return -row.amount if flip else row.amount

    def expected(self, role: Role) -> int | None:
        """What the other roles say, most of them; None when there are no others."""
        others = [self.value(r, self.first[r]) for r in self.roles if r != role and r in self.first]
        return Counter(others).most_common(1)[0][0] if others else None

    def expected_fee(self, role: Role) -> int | None:
        """The fee that the other side of the gateway's account tells; None when nobody does."""
        others = [self.first[r].fee for r in AT_GATEWAY if r != role and r in self.first]
        return others[0] if role in AT_GATEWAY and others else None

    def currency(self, role: Role) -> str:
        others = [self.first[r].currency for r in self.roles if r != role and r in self.first]
        return Counter(others).most_common(1)[0][0] if others else ""

    def alone(self, role: Role) -> bool:
        """Whether nobody else knows of it."""
        return set(self.first) == {role}


def gather(statements: Iterable[Statement]) -> dict[str, Movement]:
    """Movements by key, each role's rows in the order of the file."""
    found: dict[str, Movement] = {}
    for statement in statements:
        for row in statement.rows:
            family, role, name = place(row)
            movement = found.setdefault(f"{family}:{name}", Movement(family, name))
            movement.rows.setdefault(role, []).append(row)
    for movement in found.values():
        movement.first.update({role: rows[0] for role, rows in movement.rows.items()})
    return found


def place(row: Row) -> tuple[str, Role, str]:
    """Family, role and name of a row."""
    if row.side is Side.BANK:
        family = _AT_BANK.get(row.kind, row.kind)
        return family, Role.BANK, row.source or row.id
    if row.side is Side.LEDGER and row.account == "bank":
        name = row.document if row.kind.startswith("payout") else row.source or row.document
        return _AT_BANK.get(row.kind, row.kind), Role.RECEIVED, name or row.id
    role = Role.GATEWAY if row.side is Side.GATEWAY else Role.LEDGER
    name = row.source if row.kind.startswith(SETTLEMENT) else row.document or row.source
    return row.kind, role, name or row.id


class Coverage:
    """Which days each side has spoken about."""

    def __init__(self, statements: Iterable[Statement], rules: Rules) -> None:
        self._of = {one.side: one for one in statements}
        self.rules = rules

    def has(self, side: Side, day: date) -> bool:
        one = self._of.get(side)
        return one is not None and one.first <= day <= one.last and day not in one.gaps

    def due(self, movement: Movement, role: Role) -> bool:
        """Whether a row in this role must be there by now. False while it may still come, or may
        have come before the first day."""
        return all(self.has(role.side, day) for day in self._days(movement, role))

    def _days(self, movement: Movement, role: Role) -> Iterator[date]:
        first, rules = movement.first, self.rules
        if role in AT_BANK:
            row = first.get(Role.BANK) or first.get(Role.RECEIVED)
            day = row.day if row else self.arrival(movement)
            late = rules.bank_late if role is Role.BANK else rules.ledger_late
            yield day
            yield day + timedelta(days=late)
            return
        row = first.get(Role.LEDGER if role is Role.GATEWAY else Role.GATEWAY)
        if row is None:  # known at the bank only: it began some days before
            day = min(one.day for one in first.values())
            yield day - timedelta(days=rules.settle)
            yield day
            return
        yield row.day
        if row.at is not None:
            yield (row.at - rules.grace).date()
            yield (row.at + rules.grace).date()
        if role is Role.LEDGER:
            yield row.day + timedelta(days=rules.ledger_late)

    def arrival(self, movement: Movement) -> date:
        """The day a settlement is due at the bank."""
        told = movement.first.get(Role.GATEWAY)
        if told is not None and told.arrival is not None:
            return told.arrival
        known = movement.first.get(Role.LEDGER) or next(iter(movement.first.values()))
        return known.day + timedelta(days=self.rules.settle)
