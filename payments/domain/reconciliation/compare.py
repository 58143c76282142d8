"""The fields of one movement beside each other."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from payments.domain.reconciliation.findings import Fault, Finding, Fix
from payments.domain.reconciliation.movements import (
    AT_BANK,
    AT_GATEWAY,
    Coverage,
    Movement,
    Role,
    Rules,
)
from payments.domain.reconciliation.rows import PAYOUT, SETTLEMENT, Row, Side

Doubt = Callable[[Movement, Fault], Side | None]
NEGATIVE = {"refund", "dispute", PAYOUT, "bank_fee"}
POSITIVE = {"charge", "topup", "receipt", SETTLEMENT, "refund_failure", "dispute_reversal"}
_FIX = {Side.GATEWAY: Fix.ASK_GATEWAY, Side.BANK: Fix.ASK_BANK, Side.LEDGER: Fix.BOOK}


def doubles(one: Movement) -> list[Finding]:
    """Rows beyond the first of a role; the one that fits best is taken for the first."""
    found = []
    for role, rows in one.rows.items():
        if len(rows) < 2 or role in one.settled:
            continue
        wanted = one.expected(role), one.expected_fee(role)
        one.first[role] = min(rows, key=lambda row: _distance(one, role, row, wanted))
        extra = [row for row in rows if row is not one.first[role]]
        found.append(
            Finding(
                Fault.DOUBLED, one.key, extra[0].day, role.side, one.all(),
                expected="1", found=str(len(rows)), amount=sum(row.amount for row in extra),
                currency=extra[0].currency,
                fix=Fix.REVERSE if role.side is Side.LEDGER else _FIX[role.side],
            )
        )  # fmt: skip
    return found


def _distance(
    one: Movement, role: Role, row: Row, wanted: tuple[int | None, int | None]
) -> tuple[bool, bool]:
    """How ill a row fits what the others say; the amount weighs more than the fee."""
    amount, fee = wanted
    return one.value(role, row) != amount, fee is not None and row.fee != fee


def absences(one: Movement, coverage: Coverage) -> tuple[list[Finding], bool]:
    """Rows that must be there and aren't; and whether one may still come."""
    found, waiting = [], False
    for role in one.roles:
        if role in one.first or role in one.settled:
            continue
        if not coverage.due(one, role):
            waiting = True
            continue
        if coverage.rules.follow and role is Role.RECEIVED and Role.BANK not in one.first:
            continue
        value = one.expected(role) or 0
        known = next(iter(one.first.values()))
        day = coverage.arrival(one) if role in AT_BANK and one.family == SETTLEMENT else known.day
        found.append(
            Finding(
                Fault.MISSING, f"{one.key}", day, role.side, one.all(),
                expected=str(value), amount=value, currency=known.currency, fix=_FIX[role.side],
            )
        )  # fmt: skip
    return found, waiting


def differences(one: Movement, rules: Rules, doubt: Doubt) -> list[Finding]:
    """Every field in which the rows that are there don't agree."""
    present = [role for role in one.roles if role in one.first and role not in one.settled]
    found: list[Finding] = []

    def check(
        fault: Fault,
        roles: list[Role],
        value: Callable[[Role], Any],
        same: Callable[[Any, Any], bool] = lambda a, b: a == b,
    ) -> None:
        if len(roles) > 1:
            found.extend(_disagree(one, fault, roles, value, same, doubt))

    check(Fault.AMOUNT, present, lambda role: one.value(role, one.first[role]))
    check(Fault.CURRENCY, present, lambda role: one.first[role].currency)
    told = [role for role in present if one.first[role].party]
    check(Fault.MERCHANT, told, lambda role: one.first[role].party, same_party)
    sold = [role for role in present if role in AT_GATEWAY and one.family != SETTLEMENT]
    check(Fault.FEE, sold, lambda role: one.first[role].fee)
    if rules.follow and one.family == SETTLEMENT:  # we book it when we read of it
        present = [role for role in present if role.side is not Side.LEDGER]
    began = [role for role in present if role in AT_GATEWAY]
    check(Fault.DAY, began, lambda role: one.first[role], _same_moment(rules))
    dated: dict[Role, date] = {r: one.first[r].day for r in present if r in AT_BANK}
    gateway = one.first.get(Role.GATEWAY)
    if one.family == SETTLEMENT and Role.GATEWAY in present and gateway and gateway.arrival:
        dated[Role.GATEWAY] = gateway.arrival
    check(Fault.DAY, list(dated), lambda role: dated[role], _same_day(rules))
    return list({finding.mark: finding for finding in found}.values())


def _disagree(
    one: Movement,
    fault: Fault,
    roles: list[Role],
    value: Callable[[Role], Any],
    same: Callable[[Any, Any], bool],
    doubt: Doubt,
) -> list[Finding]:
    """Who is alone against most others deviates; one word against another is a doubt."""
    values = {role: value(role) for role in roles}
    agree = {a: [b for b in roles if same(values[a], values[b])] for a in roles}
    lead = max(roles, key=lambda role: len(agree[role]))
    outside = [role for role in roles if role not in agree[lead]]
    if not outside:
        return []
    if 2 * len(agree[lead]) > len(roles):
        return [_finding(one, fault, role.side, values[lead], values[role]) for role in outside]
    where = _unnatural(one, fault, roles) or doubt(one, fault)
    wrong = next((role for role in roles if role.side is where), outside[0])
    right = next(role for role in (lead, *roles) if role is not wrong)
    return [_finding(one, fault, where, values[right], values[wrong])]


def _finding(one: Movement, fault: Fault, where: Side | None, expected: Any, found: Any) -> Finding:
    if fault is Fault.AMOUNT and expected == -found:
        fault = Fault.SIGN
    shown = [value.day if isinstance(value, Row) else value for value in (expected, found)]
    known = next((row for row in one.all() if row.side is where), one.all()[0])
    numbers = fault in (Fault.AMOUNT, Fault.SIGN, Fault.FEE)
    return Finding(
        fault,
        one.key,
        known.day,
        where,
        one.all(),
        expected=str(shown[0]),
        found=str(shown[1]),
        amount=found - expected if numbers else known.amount,
        currency=known.currency,
        fix=Fix.CHECK_BOTH if where is None else _FIX[where],
    )


def _unnatural(one: Movement, fault: Fault, roles: list[Role]) -> Side | None:
    """Of two opposite amounts the one whose sign this kind of movement can't have."""
    values = {role: one.value(role, one.first[role]) for role in roles}
    if fault is not Fault.AMOUNT or len({abs(value) for value in values.values()}) > 1:
        return None
    for role, value in values.items():
        if (one.family in NEGATIVE and value > 0) or (one.family in POSITIVE and value < 0):
            return role.side
    return None


def same_party(one: str, other: str) -> bool:
    """The same name, or where one is masked, the same last four characters."""
    if "*" in one + other or "•" in one + other:
        return one[-4:] == other[-4:]
    return one == other


def _same_moment(rules: Rules) -> Callable[[Row, Row], bool]:
    def same(one: Row, other: Row) -> bool:
        if one.day == other.day:
            return True
        if one.at and other.at and abs(one.at - other.at) <= rules.grace:
            return True
        late, early = (one, other) if one.side is Side.LEDGER else (other, one)
        return timedelta() <= late.day - early.day <= timedelta(days=rules.ledger_late)

    return same


def _same_day(rules: Rules) -> Callable[[date, date], bool]:
    return lambda one, other: abs(one - other) <= timedelta(days=rules.bank_late)
