"""What was sent to an endpoint, what came back, and sending it again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import clock, wake
from kernel.errors import Conflict, NotFound
from kernel.pagination import PageOf, keyset
from kernel.records.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from kernel.transactions import atomic


class EndpointDisabled(Conflict):
    code = "webhook_endpoint_disabled"
    title = _("This webhook endpoint is switched off")
    remedy = _("Switch it on first.")


@dataclass(frozen=True)
class DeliveryInfo:
    """One event for one endpoint."""

    id: UUID
    endpoint_id: UUID
    event_id: UUID
    event_type: str
    state: str
    attempts: int
    last_status: int | None
    next_attempt_at: datetime | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class AttemptInfo:
    """One POST and its answer; ``status`` is None when none came."""

    number: int
    at: datetime
    milliseconds: int
    status: int | None
    error: str
    answer: str


def deliveries(
    endpoint_id: UUID, *, merchant_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[DeliveryInfo]:
    """An endpoint's deliveries, newest first. Raises NotFound."""
    if not WebhookEndpoint.objects.filter(id=endpoint_id, merchant_id=merchant_id).exists():
        raise NotFound
    rows = WebhookDelivery.objects.filter(endpoint_id=endpoint_id)
    return keyset(rows, order=("-id",), cursor=cursor, limit=limit).map(_info)


def attempts(delivery_id: UUID, *, merchant_id: UUID) -> list[AttemptInfo]:
    """Every POST of a delivery, oldest first. Raises NotFound."""
    _owned(delivery_id, merchant_id)
    rows = WebhookAttempt.objects.filter(delivery_id=delivery_id).order_by("number")
    return [
        AttemptInfo(row.number, row.at, row.milliseconds, row.status, row.error, row.answer)
        for row in rows
    ]


def resend(delivery_id: UUID, *, merchant_id: UUID) -> DeliveryInfo:
    """Send once more, with all retries, whatever came of it before."""
    with atomic():
        row = _owned(delivery_id, merchant_id, lock=True)
        if row.endpoint.state != WebhookEndpoint.State.ENABLED:
            raise EndpointDisabled
        row.state = WebhookDelivery.State.PENDING
        row.tries = 0
        row.next_attempt_at = clock.system()
        row.finished_at = None
        row.save(update_fields=["state", "tries", "next_attempt_at", "finished_at"])
        wake.after_commit()
    return _info(row)


def _owned(delivery_id: UUID, merchant_id: UUID, *, lock: bool = False) -> WebhookDelivery:
    rows = WebhookDelivery.objects.select_related("endpoint")
    if lock:
        rows = rows.select_for_update(of=("self",))
    row = rows.filter(id=delivery_id, endpoint__merchant_id=merchant_id).first()
    if row is None:
        raise NotFound
    return row


def _info(row: WebhookDelivery) -> DeliveryInfo:
    pending = row.state == WebhookDelivery.State.PENDING
    return DeliveryInfo(
        id=row.id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.event_type,
        state=str(row.state),
        attempts=row.attempts,
        last_status=row.last_status,
        next_attempt_at=row.next_attempt_at if pending else None,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
