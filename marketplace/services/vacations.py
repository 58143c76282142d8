"""Shops' holidays (店铺休假): set, changed, ended. They begin and end by the clock alone.

Whoever orders holds the merchant's gate shared while it looks whether the shop is on holiday, and
the order is placed at the moment of that look; who changes the holiday holds the gate alone. So no
order is placed within a holiday, also not in the instant in which it begins or is set.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext

from catalog import facade as catalog
from kernel import audit, clock, outbox
from kernel.errors import FieldProblem
from kernel.transactions import atomic
from marketplace import events, locks
from marketplace.contracts_vacations import VacationInfo
from marketplace.errors import InvalidVacation
from marketplace.models import Vacation
from marketplace.selectors.vacations import vacation

LONGEST = timedelta(days=180)
AHEAD = timedelta(days=366)
MESSAGE_LENGTH = 300


def set_vacation(
    *,
    merchant_id: UUID,
    ends_at: datetime,
    starts_at: datetime | None = None,
    messages: Mapping[str, str] | None = None,
    check: Callable[[int], None] | None = None,
) -> VacationInfo:
    """The shop sells nothing from ``starts_at`` (business time; now) until ``ends_at``; one that
    runs already keeps its beginning. ``check`` gets the version under the lock (If-Match; 0 when
    there never was one). Raises Invalid and InvalidVacation naming the fields."""
    told = catalog.checked_texts(messages or {}, field="messages", longest=MESSAGE_LENGTH)
    with atomic():
        row = _locked(merchant_id, check)
        now = clock.business()
        before = _seen(row)
        running = vacation(merchant_id).state(now) == "running"
        if starts_at is None or starts_at <= now:
            starts_at = row.starts_at if running and row.starts_at else now
        _check(starts_at, ends_at, now)
        row.starts_at, row.ends_at, row.messages = starts_at, ends_at, told
        if _seen(row) != before:
            row.save()
            _tell(row, "marketplace.vacation.set", before)
    return vacation(merchant_id)


def end_vacation(*, merchant_id: UUID, check: Callable[[int], None] | None = None) -> VacationInfo:
    """End a running holiday now, or call a planned one off; none is left as it is."""
    with atomic():
        row = _locked(merchant_id, check)
        before = _seen(row)
        if row.starts_at is not None:
            row.starts_at = row.ends_at = None
            row.save()
            _tell(row, "marketplace.vacation.ended", before)
    return vacation(merchant_id)


def _locked(merchant_id: UUID, check: Callable[[int], None] | None) -> Vacation:
    """The merchant's row, perhaps a fresh one, with the gate held."""
    locks.gate(merchant_id)
    found = Vacation.objects.filter(merchant_id=merchant_id).first()
    row = found or Vacation(merchant_id=merchant_id)
    if check is not None:
        check(row.version)
    return row


def _check(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    wrong = []
    if ends_at <= max(starts_at, now):
        told = gettext("It ends after it begins, and not in the past.")
        wrong.append(FieldProblem("ends_at", told))
    elif ends_at - starts_at > LONGEST:
        told = gettext("At most %(days)s days.") % {"days": LONGEST.days}
        wrong.append(FieldProblem("ends_at", told))
    if starts_at > now + AHEAD:
        told = gettext("It begins within the next %(days)s days.") % {"days": AHEAD.days}
        wrong.append(FieldProblem("starts_at", told))
    if wrong:
        raise InvalidVacation(problems=wrong)


def _seen(row: Vacation) -> dict[str, Any]:
    return {"starts_at": row.starts_at, "ends_at": row.ends_at, "messages": row.messages}


def _tell(row: Vacation, action: str, before: Mapping[str, Any]) -> None:
    audit.record(action=action, target=row, before=before, after=_seen(row))
    outbox.append(
        events.VacationChanged(
            merchant_id=row.merchant_id, starts_at=row.starts_at, ends_at=row.ends_at
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
