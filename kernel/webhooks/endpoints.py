"""A merchant's webhook endpoints: made, changed, rotated, removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from kernel import audit, clock, personal
from kernel.errors import Conflict, Invalid, NotFound, PreconditionFailed
from kernel.outbox.events import EVENTS
from kernel.pagination import PageOf, keyset
from kernel.records.webhooks import WebhookEndpoint
from kernel.transactions import atomic
from kernel.webhooks.guard import check_url
from kernel.webhooks.signing import new_secret

MOST = 20  # endpoints of one merchant
OLD_SECRET = timedelta(hours=24)
State = WebhookEndpoint.State


class TooManyEndpoints(Conflict):
    code = "too_many_webhook_endpoints"
    title = _("This merchant has as many webhook endpoints as it may have")
    remedy = _("Delete one that is no longer needed.")


@dataclass(frozen=True)
class EndpointInfo:
    """One endpoint, without its secret."""

    id: UUID
    merchant_id: UUID
    url: str
    description: str
    event_types: list[str]
    state: str
    disabled_reason: str
    failing_since: datetime | None
    external_id: str | None
    metadata: dict[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class CreatedEndpoint:
    """A new endpoint, or one with a new secret: this is the only time the secret is shown."""

    endpoint: EndpointInfo
    secret: str


def create_endpoint(
    *,
    merchant_id: UUID,
    url: str,
    event_types: Iterable[str] = ("*",),
    description: str = "",
    external_id: str | None = None,
    metadata: dict[str, Any] | None = None,
) -> CreatedEndpoint:
    """Register an endpoint. Raises ForbiddenAddress, Invalid (event_types), TooManyEndpoints."""
    here, secret = check_url(url), new_secret()
    types = _checked_types(event_types)
    with atomic():
        if WebhookEndpoint.objects.filter(merchant_id=merchant_id)[:MOST].count() >= MOST:
            raise TooManyEndpoints(_("%(most)s is the limit.") % {"most": MOST}, limit=MOST)
        row = WebhookEndpoint(
            merchant_id=merchant_id,
            url=here,
            event_types=types,
            description=description[:500],
            external_id=external_id,
            metadata=metadata or {},
        )
        row.sealed_secret = personal.seal(row.id, secret)
        row.save(force_insert=True)
        after = {"url": here, "event_types": types}
        audit.record("kernel.webhook.created", target=row, after=after, texts={"description"})
    return CreatedEndpoint(info(row), secret)


def update_endpoint(
    endpoint_id: UUID,
    *,
    merchant_id: UUID,
    url: str | None = None,
    event_types: Iterable[str] | None = None,
    description: str | None = None,
    metadata: dict[str, Any] | None = None,
    expected_version: int | None = None,
) -> EndpointInfo:
    """Change what is given. Raises NotFound, PreconditionFailed, and what creating raises."""
    changes: dict[str, Any] = {}
    if url is not None:
        changes["url"] = check_url(url)
    if event_types is not None:
        changes["event_types"] = _checked_types(event_types)
    if description is not None:
        changes["description"] = description[:500]
    if metadata is not None:
        changes["metadata"] = metadata
    with atomic():
        row = _locked(endpoint_id, merchant_id)
        if expected_version is not None and row.version != expected_version:
            raise PreconditionFailed
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        audit.record(
            "kernel.webhook.updated",
            target=row,
            before=before,
            after=changes,
            texts={"description"},
        )
    return info(row)


def set_enabled(endpoint_id: UUID, *, merchant_id: UUID, enabled: bool) -> EndpointInfo:
    """Switch an endpoint on (its failures forgotten) or off."""
    with atomic():
        row = _locked(endpoint_id, merchant_id)
        before = {"state": row.state}
        row.state = State.ENABLED if enabled else State.DISABLED
        row.disabled_reason = "" if enabled else "switched off by the merchant"
        row.failing_since = None
        row.save()
        after = {"state": row.state}
        audit.record("kernel.webhook.switched", target=row, before=before, after=after)
    return info(row)


def rotate_secret(endpoint_id: UUID, *, merchant_id: UUID) -> CreatedEndpoint:
    """A new secret; for 24 hours every body is signed with the old one too."""
    secret = new_secret()
    with atomic():
        row = _locked(endpoint_id, merchant_id)
        row.sealed_old_secret = row.sealed_secret
        row.old_secret_until = clock.system() + OLD_SECRET
        row.sealed_secret = personal.seal(row.id, secret)
        row.save()
        audit.record("kernel.webhook.secret_rotated", target=row)
    return CreatedEndpoint(info(row), secret)


def delete_endpoint(endpoint_id: UUID, *, merchant_id: UUID) -> None:
    """Remove an endpoint with its deliveries and its secret."""
    with atomic():
        row = _locked(endpoint_id, merchant_id)
        audit.record("kernel.webhook.deleted", target=row, before={"url": row.url})
        personal.erase(row.id)
        row.delete()


def endpoints(
    *, merchant_id: UUID, cursor: str | None = None, limit: int = 20
) -> PageOf[EndpointInfo]:
    """The merchant's endpoints, oldest first."""
    rows = WebhookEndpoint.objects.filter(merchant_id=merchant_id)
    return keyset(rows, order=("id",), cursor=cursor, limit=limit).map(info)


def endpoint(endpoint_id: UUID, *, merchant_id: UUID) -> EndpointInfo:
    """One endpoint of the merchant. Raises NotFound."""
    row = WebhookEndpoint.objects.filter(id=endpoint_id, merchant_id=merchant_id).first()
    if row is None:
        raise NotFound
    return info(row)


def info(row: WebhookEndpoint) -> EndpointInfo:
    """What is shown of an endpoint."""
    return EndpointInfo(
        id=row.id,
        merchant_id=row.merchant_id,
        url=row.url,
        description=row.description,
        event_types=list(row.event_types),
        state=str(row.state),
        disabled_reason=row.disabled_reason,
        failing_since=row.failing_since,
        external_id=row.external_id,
        metadata=row.metadata,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _locked(endpoint_id: UUID, merchant_id: UUID) -> WebhookEndpoint:
    rows = WebhookEndpoint.objects.select_for_update()
    row = rows.filter(id=endpoint_id, merchant_id=merchant_id).first()
    if row is None:
        raise NotFound
    return row


def _checked_types(types: Iterable[str]) -> list[str]:
    found = sorted(set(types))
    if not found:
        raise Invalid(_("Name at least one event type, or * for all."), field="event_types")
    for name in found:
        if name != "*" and name not in EVENTS:
            told = _("There is no event type %(name)s.") % {"name": repr(name[:80])}
            raise Invalid(told, field="event_types")
    return found
