"""Payouts that one side tells in one line (merged) or in several (split)."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from payments.domain.reconciliation.findings import Fault, Finding, Fix
from payments.domain.reconciliation.movements import EVERYWHERE, Coverage, Movement, Role
from payments.domain.reconciliation.rows import PAYOUT, SETTLEMENT

WIDEST = 60  # candidates looked at for one sum
# What we pay by bank: payouts, refunds, charges that came too late, transfers given back.
OWN: dict[str, tuple[str, ...]] = {PAYOUT: ("pot_", "ref_", "lch_", "bcr_"), SETTLEMENT: ("",)}


def find(movements: dict[str, Movement], coverage: Coverage) -> list[Finding]:
    """Findings, with the roles they explain marked as settled. What stands in several lines under
    one name is split; several names in one line are merged."""
    found: list[Finding] = []
    for family in (SETTLEMENT, PAYOUT):
        group = [one for one in movements.values() if one.family == family]
        _choose(group)
        for role in EVERYWHERE:
            found += _same_name(group, role)
        for role in EVERYWHERE:
            found += _merged(group, role, coverage)
        for role in EVERYWHERE:
            found += _split(group, role, coverage)
    return found


def _choose(group: Iterable[Movement]) -> None:
    """Of several rows in a role the one that fits counts."""
    for one in group:
        for role, rows in one.rows.items():
            wanted = one.expected(role)
            one.first[role] = min(rows, key=lambda row: one.value(role, row) != wanted)


def _same_name(group: Iterable[Movement], role: Role) -> list[Finding]:
    found = []
    for one in group:
        rows = one.rows.get(role, [])
        wanted = one.expected(role)
        values = [one.value(role, row) for row in rows]
        if len(rows) > 1 and sum(values) == wanted and wanted not in values:
            _settle(one, role)
            found.append(_finding(Fault.SPLIT_PAYOUT, one, role, [one], values))
    return found


def _merged(group: Sequence[Movement], role: Role, coverage: Coverage) -> list[Finding]:
    missing = [
        one
        for one in group
        if role in one.roles
        and role not in one.first
        and role not in one.settled
        and one.id.startswith(OWN[one.family])
        and coverage.due(one, role)
    ]
    found = []
    for one in group:
        if role not in one.first or role in one.settled or len(one.rows[role]) > 1:
            continue
        value, wanted = one.value(role, one.first[role]), one.expected(role)
        if value == wanted:
            continue
        near = [m for m in missing if role not in m.settled and _currency(m) == _currency(one)]
        picked = subset(value - (wanted or 0), [m.expected(role) or 0 for m in near])
        if picked is None or (wanted is None and len(picked) < 2):
            continue
        parts = [near[place] for place in picked]
        for part in (one, *parts):
            _settle(part, role)
        bundle = parts if wanted is None else [one, *parts]
        found.append(_finding(Fault.MERGED_PAYOUT, one, role, bundle, [value]))
    return found


def _split(group: Sequence[Movement], role: Role, coverage: Coverage) -> list[Finding]:
    strange = [one for one in group if one.alone(role) and role not in one.settled]
    found = []
    for one in group:
        if role not in one.roles or role in one.settled or one.alone(role):
            continue
        wanted = one.expected(role)
        value = one.value(role, one.first[role]) if role in one.first else 0
        if wanted is None or value == wanted or not (role in one.first or coverage.due(one, role)):
            continue
        near = [s for s in strange if role not in s.settled and s is not one]
        values = [s.value(role, s.first[role]) for s in near]
        picked = subset(wanted - value, values)
        if picked is None or (role not in one.first and len(picked) < 2):
            continue
        parts = [near[place] for place in picked]
        _settle(one, role)
        for part in parts:
            part.settled.update(part.roles)
        found.append(
            _finding(
                Fault.SPLIT_PAYOUT, one, role, [one, *parts], [value, *(values[p] for p in picked)]
            )
        )
    return found


def _settle(one: Movement, role: Role) -> None:
    """This role is explained; of two that were compared, both are."""
    one.settled.update(one.roles if len(one.roles) == 2 else [role])


def _finding(
    fault: Fault, one: Movement, role: Role, bundle: Sequence[Movement], told: Sequence[int]
) -> Finding:
    rows = tuple(dict.fromkeys(row for part in (one, *bundle) for row in part.all()))
    wanted = [part.expected(role) for part in bundle]
    own = one.rows.get(role) or list(rows)
    return Finding(
        fault,
        one.key,
        own[0].day,
        role.side,
        rows,
        expected=" + ".join(str(value) for value in wanted if value is not None),
        found=" + ".join(str(value) for value in told if value),
        amount=sum(told),
        currency=own[0].currency,
        fix=Fix.ACCEPT,
        also=tuple(part.id for part in bundle),
    )


def _currency(one: Movement) -> str:
    return next(iter(one.first.values())).currency


def subset(wanted: int, values: Sequence[int]) -> tuple[int, ...] | None:
    """Places of up to four values that sum to ``wanted``, fewest first; None if there are none."""
    if wanted == 0 or not values:
        return None
    places = range(min(len(values), WIDEST))
    for size in range(1, 5 if len(places) <= 30 else 4):
        for picked in combinations(places, size):
            if sum(values[place] for place in picked) == wanted:
                return picked
    return None
