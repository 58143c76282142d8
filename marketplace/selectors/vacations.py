"""Reads of shops' holidays."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import clock
from marketplace.contracts_vacations import VacationInfo
from marketplace.models import Vacation

_FIELDS = ("merchant_id", "starts_at", "ends_at", "messages", "version")


def vacation(merchant_id: UUID) -> VacationInfo:
    """The merchant's holiday, planned, running or over; an empty one when there is none."""
    row: Any = Vacation.objects.filter(merchant_id=merchant_id).values(*_FIELDS).first()
    return VacationInfo(**row) if row else VacationInfo(merchant_id)


def vacations(
    merchant_ids: Iterable[UUID], *, at: datetime | None = None
) -> dict[UUID, VacationInfo]:
    """Those of these merchants that are on holiday ``at`` a business time (now). One query, none
    for none."""
    wanted, now = set(merchant_ids), at or clock.business()
    if not wanted:
        return {}
    rows: Any = Vacation.objects.filter(
        merchant_id__in=wanted, starts_at__lte=now, ends_at__gt=now
    ).values(*_FIELDS)
    return {row["merchant_id"]: VacationInfo(**row) for row in rows}
