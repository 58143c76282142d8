"""The whole comparison."""

from collections import defaultdict

from payments.domain.reconciliation import bundles, compare
from payments.domain.reconciliation.findings import Finding, Outcome, order
from payments.domain.reconciliation.movements import (
    Coverage,
    Movement,
    Role,
    Rules,
    gather,
)
from payments.domain.reconciliation.proof import Proofs
from payments.domain.reconciliation.rows import PAYOUT, Side, Statement


def reconcile(*statements: Statement, rules: Rules | None = None) -> Outcome:
    """Compare up to three statements, one a side. What isn't due yet in the days they cover
    waits; all else that doesn't agree is a finding. The order of rows doesn't matter, except for
    the bank's running balance."""
    rules = rules or Rules()
    movements = gather(statements)
    coverage = Coverage(statements, rules)
    bank = next((one for one in statements if one.side is Side.BANK), None)
    proofs = Proofs(movements, bank)
    _came_back(movements)
    found: list[Finding] = bundles.find(movements, coverage)
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


def _came_back(movements: dict[str, Movement]) -> None:
    """A payout that the bank sent and took back isn't booked: between the two nothing is due."""
    for back in movements.values():
        if back.family != "payout_return":
            continue
        out = movements.get(f"{PAYOUT}:{back.id}")
        if out is None or not (out.alone(Role.BANK) and back.alone(Role.BANK)):
            continue
        sent, returned = out.all(), back.all()
        sums = [(-row.amount, row.currency) for row in sent]
        if len(sent) == 1 and sums == [(row.amount, row.currency) for row in returned]:
            out.settled.update(out.roles)
            back.settled.update(back.roles)


def _totals(statement: Statement) -> dict[str, int]:
    sums: dict[str, int] = defaultdict(int)
    for row in statement.rows:
        sums[row.currency] += row.amount
    return dict(sums)


__all__ = ["Rules", "reconcile"]
