"""Alarms of the ledger: raised once, told by /readyz, the operator's first page and the log."""

import logging
from uuid import UUID

from kernel import audit, clock, tenancy
from kernel.actors import current_actor
from kernel.errors import NotFound
from kernel.ids import uuid7
from kernel.system_role import system_cursor
from kernel.transactions import atomic
from payments.ledger_contracts import AlarmInfo, AlarmKind
from payments.models import LedgerAlarm

log = logging.getLogger(__name__)
# The other kinds end by themselves when what they tell of is over.
BY_HAND = frozenset({AlarmKind.CHECK})
_RAISE = """
INSERT INTO ledger_alarm (platform_id, id, kind, detail, raised_at, note)
VALUES (%s, %s, %s, %s, %s, '')
ON CONFLICT (platform_id, kind) WHERE ended_at IS NULL DO UPDATE SET detail = excluded.detail
"""


def raise_alarm(kind: AlarmKind, detail: str) -> None:
    """Raise the alarm, or tell the latest detail of one that is open. Commits by itself, on a
    connection of the system role, so it stays when the caller's transaction falls."""
    log.critical("Ledger alarm: %s", kind, extra={"fields": {"kind": kind, "detail": detail}})
    tenant = tenancy.current()
    with system_cursor(tenant.database) as sql:
        sql.execute(_RAISE, [tenant.id, uuid7(), str(kind), detail[:2000], clock.system()])


def check_tripped(error: Exception) -> None:
    """A CHECK of the ledger's tables tripped. Never raises: the caller has its own error."""
    cause = error.__cause__ or error
    diagnosis = getattr(cause, "diag", None)
    name = getattr(diagnosis, "constraint_name", None) or "a check"
    try:
        raise_alarm(AlarmKind.CHECK, f"{name}: {cause}")
    except Exception:
        log.critical("A tripped check couldn't be recorded", exc_info=True)


def end_alarm(kind: AlarmKind) -> None:
    """What the alarm told of is so no more."""
    LedgerAlarm.objects.filter(kind=kind, ended_at=None).update(ended_at=clock.system())


def acknowledge_alarm(*, alarm_id: UUID, note: str) -> AlarmInfo:
    """An operator has looked into a tripped check, or knows about another alarm; that one comes
    again if it is still so. Ended before: as it is. Raises NotFound."""
    with atomic():
        row = LedgerAlarm.objects.select_for_update().filter(id=alarm_id).first()
        if row is None:
            raise NotFound
        if row.ended_at is None:
            row.ended_at, row.note = clock.system(), note
            row.ended_by = current_actor().person_id
            row.save()
            audit.record(
                "payments.ledger_alarm.acknowledged",
                target=row,
                before={"kind": row.kind, "detail": row.detail},
                after={"note": note},
                texts={"note"},
            )
        return alarm_info(row)


def open_alarms() -> list[AlarmInfo]:
    """What is wrong now, oldest first."""
    return [alarm_info(row) for row in LedgerAlarm.objects.filter(ended_at=None).order_by("id")]


def alarms(*, limit: int = 50) -> list[AlarmInfo]:
    """The latest alarms, newest first, ended ones too."""
    return [alarm_info(row) for row in LedgerAlarm.objects.order_by("-id")[:limit]]


def alarm_info(row: LedgerAlarm) -> AlarmInfo:
    """The contract of a row."""
    return AlarmInfo(
        id=row.id,
        kind=str(row.kind),
        detail=row.detail,
        raised_at=row.raised_at,
        ended_at=row.ended_at,
        note=row.note,
    )
