"""What each side tells of some days, out of the statements that were kept."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from kernel.sealed_text import opened_file
from payments.domain.reconciliation import Row, Side, Statement
from payments.gateways.statements import read
from payments.models import ReconDay, ReconException, ReconStatement
from payments.recon_contracts import DayState, ExceptionState
from payments.selectors.ledger_statement import documents
from payments.services.reconciliation.channels import MAIN, channel_of, expected

WINDOW = timedelta(days=10)
BEFORE = timedelta(days=15)  # further back for the other half of what is judged


def lacking(day: date, here: ZoneInfo) -> list[str]:
    """Whose statement of the day isn't there: channels of the gateway's side, and the bank."""
    kept = ReconStatement.objects.filter(first__lte=day, last__gte=day)
    there = {
        channel_of(account) if side == Side.GATEWAY else side
        for side, account in kept.values_list("side", "account")
    }
    return [name for name in (*expected(day, here), Side.BANK.value) if name not in there]


def start_of(day: date) -> date:
    """Far enough back for what is on its way, and for what is still open."""
    oldest = (
        ReconException.objects.filter(state=ExceptionState.OPEN)
        .order_by("day")
        .values_list("day", flat=True)
        .first()
    )
    start = day - WINDOW
    return min(start, oldest) if oldest else start


def side_of(side: Side, start: date, end: date, here: ZoneInfo) -> Statement:
    """One side's rows from its statements; of a day that several of one channel tell, the newest
    counts. A day on which a channel is silent is a gap. Rows of the days before ``start``, and of
    statements that came since, are told too, so that what was booked later isn't alone."""
    all_told: dict[str, set[date]] = defaultdict(set)
    rows: dict[tuple[str, int], Row] = {}
    came = datetime.combine(start, time(), here)
    kept = ReconStatement.objects.filter(
        Q(last__gte=start - BEFORE) | Q(created_at__gte=came), side=side, first__lte=end
    )
    for stored in kept.order_by("-id"):
        found = read(opened_file(stored.id, bytes(stored.data)), side)
        told = all_told[channel_of(stored.account) if side is Side.GATEWAY else MAIN]
        days = {stored.first + timedelta(n) for n in range((stored.last - stored.first).days + 1)}
        fresh = days - told
        seen: dict[str, int] = {}
        for row in found.rows:
            seen[row.id] = seen.get(row.id, 0) + 1
            if row.day in fresh or row.day not in days:
                known = rows.get((row.id, seen[row.id]))
                if known is None or (row.batch and not known.batch):
                    line = known.line if known else len(rows) + 1
                    rows[row.id, seen[row.id]] = replace(row, line=line)
        told |= days
    span = {start + timedelta(days=n) for n in range((end - start).days + 1)}
    whole = {
        day for day in span if all(day in all_told[name] for name in _channels(side, day, here))
    }
    # The bank's balance is proven within one file; here several are put together.
    found_rows = (replace(row, balance=None) for row in rows.values())
    return Statement(side, "", start, end, here, tuple(found_rows), frozenset(span - whole))


def _channels(side: Side, day: date, here: ZoneInfo) -> list[str]:
    return expected(day, here) if side is Side.GATEWAY else [MAIN]


def named(statement: Statement) -> Statement:
    """The same with our own ids where only the other party's are known."""
    ours = documents({row.source for row in statement.rows if row.source and not row.document})
    return replace(
        statement,
        rows=tuple(
            replace(row, document=ours[row.source])
            if row.source in ours and statement.side is Side.GATEWAY
            else row
            for row in statement.rows
        ),
    )


def relight(days: Iterable[date]) -> None:
    """Days that were compared before show what is open about them now."""
    for row in ReconDay.objects.select_for_update().filter(day__in=days).order_by("day"):
        row.open = ReconException.objects.filter(day=row.day, state=ExceptionState.OPEN).count()
        if row.state != DayState.INCOMPLETE:
            row.state = DayState.EXCEPTIONS if row.open else DayState.CLEAN
        row.save()
