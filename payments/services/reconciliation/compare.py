"""Compare a business day with the days around it, and keep what came out."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kernel import clock, tenancy
from kernel.currencies import table
from kernel.errors import Invalid
from kernel.sealed_text import sealed
from kernel.transactions import atomic
from payments import ledger, locks
from payments.domain.postings import Book
from payments.domain.reconciliation import (
    Finding,
    Outcome,
    Row,
    Rules,
    Side,
    Statement,
    reconcile,
)
from payments.domain.settlements import settlement
from payments.errors import DayNotOver
from payments.models import ReconDay, ReconException
from payments.recon_contracts import DayInfo, DayState, ExceptionState
from payments.selectors.ledger_statement import ledger_statement
from payments.selectors.reconciliation import day_info
from payments.services import gateway_account
from payments.services.reconciliation.channels import book_fees
from payments.services.reconciliation.sides import (
    BEFORE,
    lacking,
    named,
    relight,
    side_of,
    start_of,
)
from payments.services.reconciliation.statements import fetch_day, zone

RULES = Rules(ledger_late=3, bank_late=2, follow=True)
BACK = 3  # days that are fetched again while a statement isn't there
FIRST_DAY = date(2000, 1, 1)  # before that nobody traded here


def run_due() -> dict[str, int]:
    """The days that have ended and aren't complete: fetched and compared."""
    since = gateway_account.configured_at()
    if since is None:
        return {"days": 0}
    here = zone()
    first, today = since.astimezone(here).date(), clock.system().astimezone(here).date()
    done = 0
    for back in range(BACK, 0, -1):
        day = today - timedelta(days=back)
        known = ReconDay.objects.filter(day=day).first()
        if day >= first and (known is None or known.state == DayState.INCOMPLETE):
            reconcile_day(day=day)
            done += 1
    return {"days": done}


def reconcile_day(*, day: date, fetch: bool = True) -> DayInfo:
    """Fetch what isn't there of a day and compare it. May be repeated: the same statements give
    the same exceptions once; a row that came late settles its own. Raises DayNotOver, Invalid."""
    here = zone()
    if day < FIRST_DAY:
        raise Invalid(_("There is nothing to compare of a day so long ago."), field="day")
    if day >= clock.system().astimezone(here).date():
        raise DayNotOver(field="day")
    absent = lacking(day, here)
    if fetch and absent and gateway_account.is_configured():
        fetch_day(day, absent)
        absent = lacking(day, here)
    start = start_of(day)
    now = clock.system().astimezone(here).date()
    with atomic():
        locks.reconciliation()
        gateway, bank = (side_of(side, start, day, here) for side in (Side.GATEWAY, Side.BANK))
        _book(gateway, bank)
        book_fees(gateway.rows)
        books = ledger_statement(start - BEFORE - timedelta(days=1), now, here)
        outcome = reconcile(named(gateway), books, named(bank), rules=RULES)
        touched = _keep([one for one in outcome.findings if one.day >= start], start)
        relight(touched - {day})
        return day_info(_keep_day(day, here, outcome, absent, (gateway, books, bank)))


def _book(gateway: Statement, bank: Statement) -> None:
    """Book what the gateway paid out and what has arrived of it, each named by its payout."""
    platform = tenancy.current_id()
    paid = {r.source: r for r in gateway.rows if r.kind == "settlement" and r.amount < 0}
    come = {r.source: r for r in bank.rows if r.kind == "settlement"}
    transfers = []
    for source, row in sorted(paid.items()):
        if not source or row.currency not in table():
            continue
        book = Book(platform, row.currency)
        steps = ["settlement"]
        other = come.get(source)
        if other and (other.amount, other.currency) == (-row.amount, row.currency):
            steps.append("settlement_received")
        transfers += [
            settlement(book, source=source, amount=-row.amount, step=step) for step in steps
        ]
    if transfers:
        ledger.post(transfers)  # what was booked before stays as it was, and is compared


def _keep(found: Iterable[Finding], start: date) -> set[date]:
    """New exceptions are opened, those of before that no longer are are settled; the days of
    which that changed something."""
    marks = {one.mark[:400]: one for one in found}
    kept = ReconException.objects.select_for_update().order_by("id")
    known = {row.mark: row for row in kept.filter(Q(day__gte=start) | Q(mark__in=marks))}
    touched = set()
    for mark, one in marks.items():
        row = known.get(mark)
        if row is None:
            touched.add(_open(one))
        elif row.state == ExceptionState.SETTLED:
            row.move(ExceptionState.OPEN, action="payments.exception.reopened")
            row.save()
            touched.add(row.day)
    for mark, row in known.items():
        if mark not in marks and row.state == ExceptionState.OPEN:
            row.move(ExceptionState.SETTLED, action="payments.exception.settled")
            row.resolved_at = clock.system()
            row.save()
            touched.add(row.day)
    return touched


def _open(one: Finding) -> date:
    row = ReconException(
        mark=one.mark[:400], kind=one.fault.value, where=one.where.value if one.where else "",
        day=one.day, document=one.document[:255], amount=one.amount, currency=one.currency,
        expected=one.expected[:300], found=one.found[:300], fix=one.fix.value,
        detail={},
    )  # fmt: skip
    told = [_told(each, row.id) for each in one.rows[:50]]
    row.detail = {"rows": told, "also": list(one.also)[:50]}
    row.save()
    return row.day


def _told(row: Row, subject: UUID) -> dict[str, Any]:
    return {
        "side": row.side.value, "account": row.account, "id": row.id, "kind": row.kind,
        "document": row.document,
        "source": row.source, "amount": row.amount, "fee": row.fee, "currency": row.currency,
        "party": sealed(subject, row.party), "day": row.day.isoformat(),
        "at": row.at.isoformat() if row.at else None, "payout": row.batch or None,
    }  # fmt: skip


def _keep_day(
    day: date, here: ZoneInfo, outcome: Outcome, absent: list[str], sides: tuple[Statement, ...]
) -> ReconDay:
    row = ReconDay.objects.select_for_update().filter(day=day).first() or ReconDay(day=day)
    row.open = ReconException.objects.filter(day=day, state=ExceptionState.OPEN).count()
    row.absent = absent
    row.state = (
        DayState.INCOMPLETE if absent else DayState.EXCEPTIONS if row.open else DayState.CLEAN
    )
    row.matched = outcome.matched
    row.figures = {one.side.value: _figures(one, day) for one in sides}
    row.save()
    return row


def _figures(statement: Statement, day: date) -> dict[str, Any]:
    rows = [row for row in statement.rows if row.day == day]
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.amount
    return {"rows": len(rows), "totals": totals}
