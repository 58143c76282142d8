"""Deliveries that wait for an operator: see, replay, skip."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, tenancy, wake
from kernel.errors import Conflict, Invalid, NotFound
from kernel.outbox.deliveries import release_followers
from kernel.pagination import PageOf, keyset
from kernel.records.outbox import Delivery, OutboxEvent
from kernel.transactions import atomic, cursor


class DeliveryNotParked(Conflict):
    code = "delivery_not_parked"
    title = _("This event isn't parked")
    remedy = _("Only parked events can be replayed or skipped; look at the list again.")


@dataclass(frozen=True)
class ParkedDelivery:
    """One event that a handler could not take, and how many wait behind it."""

    id: UUID
    handler: str
    event_id: UUID
    event_type: str
    aggregate_type: str
    aggregate_id: UUID
    version: int
    attempts: int
    error: str
    payload: dict[str, Any]
    waiting: int
    created_at: datetime
    updated_at: datetime


def parked_deliveries(*, cursor: str | None = None, limit: int = 50) -> PageOf[ParkedDelivery]:
    """The platform's parked deliveries, oldest first."""
    rows = Delivery.objects.filter(state=Delivery.State.PARKED)
    page = keyset(rows, order=("id",), cursor=cursor, limit=limit)
    events = OutboxEvent.objects.in_bulk([row.event_id for row in page.items])
    waiting = _waiting([row.id for row in page.items])
    return page.map(lambda row: _shown(row, events[row.event_id], waiting.get(row.id, 0)))


def parked_count() -> int:
    """How many deliveries are parked on the platform, counted up to 100."""
    return Delivery.objects.filter(state=Delivery.State.PARKED)[:100].count()


def replay(delivery: UUID) -> None:
    """Let a parked delivery try again, at once and with all its attempts."""
    _reopen(delivery, state="pending", action="kernel.delivery.replayed", reason="")
    wake.after_commit()


def skip(delivery: UUID, *, reason: str) -> None:
    """Give a parked delivery up; what waits behind it goes on. The reason is audited."""
    if not reason.strip():
        raise Invalid(_("Say why the event is skipped."), field="reason")
    _reopen(delivery, state="skipped", action="kernel.delivery.skipped", reason=reason.strip())
    wake.after_commit()


def _reopen(delivery: UUID, *, state: str, action: str, reason: str) -> None:
    now = clock.system()
    with atomic(), cursor() as sql:
        sql.execute(
            "SELECT state, handler, event_id, event_type, aggregate_id, version "
            "FROM kernel_delivery WHERE platform_id = %s AND id = %s FOR UPDATE",
            [tenancy.current_id(), delivery],
        )
        row = sql.fetchone()
        if row is None:
            raise NotFound
        if row[0] != "parked":
            raise DeliveryNotParked(_("It is %(state)s.") % {"state": row[0]}, state=row[0])
        sql.execute(
            "UPDATE kernel_delivery SET state = %s, attempts = 0, next_attempt_at = %s, "
            "updated_at = %s WHERE platform_id = %s AND id = %s",
            [state, now, now, tenancy.current_id(), delivery],
        )
        release_followers(sql, row[1], row[4], now)
        after = {"state": state, "handler": row[1], "event": row[2], "type": row[3],
                 "aggregate": row[4], "version": row[5]}  # fmt: skip
        if reason:
            after["reason"] = reason
        audit.record(
            action,
            target=audit.AuditTarget("kernel.delivery", delivery),
            before={"state": "parked"},
            after=after,
            texts={"reason"},
        )


def _waiting(deliveries: list[UUID]) -> dict[UUID, int]:
    if not deliveries:
        return {}
    with cursor() as sql:
        sql.execute(
            "SELECT d.id, count(*) FROM kernel_delivery d JOIN kernel_delivery w "
            "ON w.platform_id = d.platform_id AND w.handler = d.handler "
            "AND w.aggregate_id = d.aggregate_id AND w.version > d.version "
            "AND w.state IN ('pending', 'parked') "
            "WHERE d.platform_id = %s AND d.id = ANY(%s) GROUP BY d.id",
            [tenancy.current_id(), deliveries],
        )
        return dict(sql.fetchall())


def _shown(row: Any, event: Any, waiting: int) -> ParkedDelivery:
    return ParkedDelivery(
        id=row.id,
        handler=row.handler,
        event_id=row.event_id,
        event_type=row.event_type,
        aggregate_type=event.aggregate_type,
        aggregate_id=row.aggregate_id,
        version=row.version,
        attempts=row.attempts,
        error=row.error,
        payload=event.payload,
        waiting=waiting,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
