"""The whole comparison."""

from collections import defaultdict

from payments.domain.reconciliation import bundles, compare
from payments.domain.reconciliation.findings import Fault, Finding, Fix, Outcome, order
from payments.domain.reconciliation.movements import (
    Coverage,
    Movement,
    Role,
    Rules,
    gather,
)
from payments.domain.reconciliation.proof import Proofs
from payments.domain.reconciliation.rows import PAYOUT, Row, Side, Statement


def reconcile(*statements: Statement, rules: Rules | None = None) -> Outcome:
    """Compare up to three statements, one a side. What isn't due yet in the days they cover
    waits; all else that doesn't agree is a finding. The order of rows doesn't matter, except for
    the bank's running balance."""
    rules = rules or Rules()
    movements = gather(statements)
    coverage = Coverage(statements, rules)
    bank = next((one for one in statements if one.side is Side.BANK), None)
    proofs = Proofs(movements, bank)
    found: list[Finding] = _came_back(movements)
    found += bundles.find(movements, coverage)
    waiting: list[str] = []
    matched = 0
    for one in movements.values():
        mine = compare.doubles(one)
        lost, waits = compare.absences(one, coverage)
        mine += lost
        mine += compare.differences(one, rules, proofs.doubt)
        found += mine
        if waits and not lost:
            waiting.append(one.key)
        elif not mine and not one.settled:
            matched += 1
    found += proofs.findings(found)
    return Outcome(
        order(found),
        matched,
        tuple(sorted(waiting)),
        counts={one.side.value: len(one.rows) for one in statements},
        totals={one.side.value: _totals(one) for one in statements},
    )


def _came_back(movements: dict[str, Movement]) -> list[Finding]:
    """A payout that the bank sent and took back isn't booked: between the two nothing is due, but
    they must be the same money."""
    found = []
    for back in movements.values():
        out = movements.get(f"{PAYOUT}:{back.id}")
        if back.family != "payout_return" or out is None:
            continue
        if not (out.alone(Role.BANK) and back.alone(Role.BANK)):
            continue
        sent, returned = out.all(), back.all()
        total = sum(row.amount for row in (*sent, *returned))
        single = len(sent) == len(returned) == 1
        for one in (out, back):
            one.settled.update(one.roles if single or not total else [Role.RECEIVED])
        fault = _between(sent[0], returned[0]) if single else None if total else Fault.SPLIT_PAYOUT
        if fault:
            found.append(
                Finding(
                    fault, out.key, returned[0].day, Side.BANK, (*sent, *returned),
                    expected=str(-sent[0].amount), found=str(returned[0].amount), amount=total,
                    currency=sent[0].currency, fix=Fix.ASK_BANK,
                )
            )  # fmt: skip
    return found


def _between(sent: Row, returned: Row) -> Fault | None:
    if sent.currency != returned.currency:
        return Fault.CURRENCY
    if sent.amount == -returned.amount:
        return None
    return Fault.SIGN if sent.amount == returned.amount else Fault.AMOUNT


def _totals(statement: Statement) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in statement.rows:
        sums[row.currency] += row.amount
    return dict(sums)


__all__ = ["Rules", "reconcile"]
