"""A day as a sheet: every movement with what each of the three sides tells of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from kernel import clock
from kernel.money import Money
from payments.domain.reconciliation import Movement, Role, Row, Side, gather, reconcile
from payments.recon_contracts import DaySheet, MovementInfo, SideRow
from payments.selectors.ledger_statement import ledger_statement
from payments.services.reconciliation.compare import RULES
from payments.services.reconciliation.sides import BEFORE, WINDOW, named, side_of
from payments.services.reconciliation.statements import zone

_ORDER = ("exception", "waiting", "matched")


def day_sheet(*, day: date) -> DaySheet:
    """What the statements that are kept and the ledger tell of a day now; nothing is fetched,
    booked or kept."""
    here = zone()
    start = day - WINDOW
    gateway, bank = (side_of(side, start, day, here) for side in (Side.GATEWAY, Side.BANK))
    now = clock.system().astimezone(here).date()
    books = ledger_statement(start - BEFORE - timedelta(days=1), now, here)
    sides = (named(gateway), books, named(bank))
    outcome = reconcile(*sides, rules=RULES)
    faults: dict[str, list[str]] = defaultdict(list)
    for finding in outcome.findings:
        faults[finding.key].append(finding.fault.value)
    waiting = set(outcome.waiting)
    found = [
        _info(one, faults.get(key, ()), key in waiting)
        for key, one in gather(sides).items()
        if any(row.day == day for row in one.all())
    ]
    found.sort(key=lambda one: (_ORDER.index(one.state), one.family, one.document))
    return DaySheet(day, tuple(found), dict(Counter(one.state for one in found)))


def _info(one: Movement, faults: Iterable[str], waits: bool) -> MovementInfo:
    told = tuple(dict.fromkeys(faults))
    return MovementInfo(
        family=one.family,
        document=one.id,
        state="exception" if told else "waiting" if waits else "matched",
        faults=told,
        gateway=_rows(one, Role.GATEWAY),
        ledger=_rows(one, Role.LEDGER, Role.RECEIVED),
        bank=_rows(one, Role.BANK),
    )


def _rows(one: Movement, *roles: Role) -> tuple[SideRow, ...]:
    return tuple(_row(row) for role in roles for row in one.rows.get(role, []))


def _row(row: Row) -> SideRow:
    return SideRow(
        id=row.id,
        kind=row.kind,
        amount=Money(row.amount, row.currency),
        fee=Money(row.fee, row.currency) if row.fee else None,
        party=row.party,
        day=row.day,
    )
