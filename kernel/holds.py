"""Legal holds (保全): as long as one stands, a database drops no events, audit rows or steps."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock
from kernel.errors import Conflict, Invalid, NotFound
from kernel.records.audit import RetentionHold
from kernel.transactions import atomic, cursor


class HoldReleased(Conflict):
    code = "hold_released"
    title = _("This hold was released already")
    remedy = _("Nothing has to be done; `manage.py retention status` shows those that stand.")


@dataclass(frozen=True)
class Hold:
    """One hold of the platform in scope that stands."""

    id: UUID
    reason: str
    since: datetime


def hold(reason: str) -> UUID:
    """Keep everything that may be evidence, for the platform in scope. Raises Invalid."""
    if not reason.strip():
        raise Invalid(_("Say why it is kept, and by whose order."), field="reason")
    row = RetentionHold(reason=reason.strip(), since=clock.system())
    with atomic():
        _after_dropping()
        row.save(force_insert=True)
        audit.record("kernel.retention.held", target=row, after={"reason": row.reason})
    return row.id


def release(hold_id: UUID) -> None:
    """Let retention go on, unless another hold stands. Raises NotFound, HoldReleased."""
    with atomic():
        row = RetentionHold.objects.select_for_update().filter(id=hold_id).first()
        if row is None:
            raise NotFound
        if row.released_at is not None:
            raise HoldReleased
        row.released_at = clock.system()
        row.save(update_fields=["released_at"])
        audit.record("kernel.retention.released", target=row)


def standing() -> list[Hold]:
    """The platform's holds that stand, oldest first."""
    rows: Any = RetentionHold.objects.filter(released_at=None).order_by("id")
    return [Hold(row.id, row.reason, row.since) for row in rows]


def _after_dropping() -> None:
    """Wait until what is being dropped is gone, so that a hold that stands holds everything."""
    with cursor() as sql:
        sql.execute("SELECT pg_advisory_xact_lock(hashtextextended('kernel_partitioned', 0))")
