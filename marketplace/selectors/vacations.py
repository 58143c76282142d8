"""Reads of shops' holidays."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from kernel import clock
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG
from kernel.statements import Columns
from marketplace.contracts_vacations import VacationInfo
from marketplace.models import Vacation

_FIELDS = ("merchant_id", "starts_at", "ends_at", "messages", "version")
_VACATIONS = Columns(Vacation, *_FIELDS)


def vacation(merchant_id: UUID) -> VacationInfo:
    """The merchant's holiday, planned, running or over; an empty one when there is none."""
    row: Any = Vacation.objects.filter(merchant_id=merchant_id).values(*_FIELDS).first()
    return VacationInfo(**row) if row else VacationInfo(merchant_id)


def vacations(
    merchant_ids: Iterable[UUID], *, at: datetime | None = None
) -> dict[UUID, VacationInfo]:
    """Those of these merchants that are on holiday ``at`` a business time (now). One query, none
    for none."""
    return ask(vacations_question(merchant_ids, at=at or clock.business()))[0]


def vacations_question(
    merchant_ids: Iterable[UUID], *, at: datetime
) -> Question[dict[UUID, VacationInfo]]:
    """``vacations``, to be asked with others."""
    wanted = set(merchant_ids)
    if not wanted:
        return NOTHING
    return _VACATIONS.question(
        f"merchant_id {AMONG} AND starts_at <= %s AND ends_at > %s",
        [list(wanted), at, at],
        lambda rows: {row["merchant_id"]: VacationInfo(**row) for row in rows},
    )
