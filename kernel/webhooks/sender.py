"""Sending: claimed as the system role, read in the platform's scope, posted outside of both.

A claim moves the next attempt a minute on; that is the lease, so a crash costs a minute. The
pauses between attempts are those of Standard Webhooks (about three days in all), each a little
different. 410 switches the endpoint off at once, five days of nothing but failures too.
"""

import logging
import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import requests

from kernel import audit, clock, failpoints, http, personal, tenancy
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.outbox.feed import FeedEvent, any_event, rendered
from kernel.records.webhooks import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from kernel.transactions import atomic, cursor
from kernel.webhooks.guard import PinnedAdapter
from kernel.webhooks.signing import signature_headers

log = logging.getLogger("kernel.webhooks")
SERIES = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)  # seconds
LEASE = timedelta(seconds=60)
GIVE_UP = timedelta(days=5)
TIMEOUT = (5.0, 10.0)
KEPT = 1000  # characters of an answer

# At most two at once for one endpoint, so that a slow one doesn't hold the others up.
_CLAIM = """
WITH due AS (
  SELECT platform_id, id, next_attempt_at,
    row_number() OVER (PARTITION BY endpoint_id ORDER BY next_attempt_at, id) AS place
  FROM (SELECT * FROM kernel_webhookdelivery d
        WHERE d.state = 'pending' AND d.next_attempt_at <= %(now)s
          AND (%(platform)s::uuid IS NULL OR d.platform_id = %(platform)s)
        ORDER BY d.next_attempt_at LIMIT 500) AS first
), taken AS (
  SELECT d.platform_id, d.id FROM kernel_webhookdelivery d
  JOIN due ON due.platform_id = d.platform_id AND due.id = d.id
  WHERE due.place <= 2 AND d.state = 'pending' AND d.next_attempt_at <= %(now)s
  ORDER BY due.place, due.next_attempt_at LIMIT %(limit)s
  FOR UPDATE OF d SKIP LOCKED
)
UPDATE kernel_webhookdelivery d
SET next_attempt_at = %(lease)s, attempts = d.attempts + 1, tries = d.tries + 1
FROM taken WHERE d.platform_id = taken.platform_id AND d.id = taken.id
RETURNING d.platform_id, d.id, d.endpoint_id, d.event_id, d.attempts, d.tries
"""


@dataclass(frozen=True)
class ClaimedDelivery:
    """A delivery this worker sends; ``number`` counts all attempts, ``tries`` since a resend."""

    platform_id: UUID
    id: UUID
    endpoint_id: UUID
    event_id: UUID
    number: int
    tries: int


@dataclass(frozen=True)
class _Request:
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True)
class _Answer:
    status: int | None
    error: str
    text: str
    milliseconds: int
    at: datetime
    retry_after: int = 0

    @property
    def good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def claim_webhooks(sql: Any, *, limit: int, platform: UUID | None = None) -> list[ClaimedDelivery]:
    """Take up to ``limit`` deliveries that are due."""
    now = clock.system()
    values = {"now": now, "lease": now + LEASE, "limit": limit, "platform": platform}
    sql.execute(_CLAIM, values)
    return [ClaimedDelivery(*row) for row in sql.fetchall()]


def send(claimed: ClaimedDelivery, tenant: tenancy.Tenant) -> None:
    """Post one claimed delivery and write down what came of it."""
    with tenancy.scope(tenant), personal.keyring():
        request = _prepared(claimed)
    if request is None:
        return
    failpoints.hit("webhooks.send.before")
    answer = _post(request)
    failpoints.hit("webhooks.send.after")
    with tenancy.scope(tenant):
        _record(claimed, answer)


def drain() -> int:
    """Send everything due on the platform in scope, here and now; for tests and commands."""
    tenant, count = tenancy.current(), 0
    while True:
        with atomic(), cursor() as sql:
            claimed = claim_webhooks(sql, limit=50, platform=tenant.id)
        for delivery in claimed:
            send(delivery, tenant)
            count += 1
        if not claimed:
            return count


def _prepared(claimed: ClaimedDelivery) -> _Request | None:
    endpoint = WebhookEndpoint.objects.filter(id=claimed.endpoint_id).first()
    if endpoint is None:
        return None  # deleted, and the delivery with it
    if endpoint.state != WebhookEndpoint.State.ENABLED:
        _give_up(claimed)
        return None
    try:
        event: FeedEvent = any_event(claimed.event_id)
    except NotFound:
        _give_up(claimed)
        return None
    now = clock.system()
    sealed = [endpoint.sealed_secret]
    if endpoint.old_secret_until is not None and endpoint.old_secret_until > now:
        sealed.append(endpoint.sealed_old_secret)
    secrets = [s for s in (personal.open_(endpoint.id, text) for text in sealed) if s]
    body = orjson.dumps(rendered(event))
    headers = {"Content-Type": "application/json", "User-Agent": "Quancheng-Webhooks"}
    headers |= signature_headers(
        secrets,
        message_id=public_id("evt", event.id),
        timestamp=int(now.timestamp()),
        body=body,
    )
    return _Request(endpoint.url, body, headers)


def _post(request: _Request) -> _Answer:
    session = http.client("webhooks")
    if not isinstance(session.adapters.get("https://"), PinnedAdapter):
        session.mount("https://", PinnedAdapter(max_retries=0))
        session.mount("http://", PinnedAdapter(max_retries=0))
    at, began = clock.system(), time.monotonic()
    status, error, text, wait = None, "", "", 0
    try:
        with session.post(
            request.url, data=request.body, headers=request.headers, timeout=TIMEOUT, stream=True
        ) as answer:
            status = answer.status_code
            text = answer.raw.read(KEPT, decode_content=True).decode("utf-8", "replace")
            after = answer.headers.get("Retry-After", "")
            wait = min(int(after), 86_400) if after.isascii() and after.isdigit() else 0
    except (requests.RequestException, OSError, ValueError) as problem:
        error = f"{type(problem).__name__}: {problem}"[:500]
    milliseconds = int((time.monotonic() - began) * 1000)
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in text)
    return _Answer(status, error, shown[:KEPT], milliseconds, at, wait)


def _record(claimed: ClaimedDelivery, answer: _Answer) -> None:
    now = clock.system()
    with atomic():
        endpoint = (
            WebhookEndpoint.objects.select_for_update().filter(id=claimed.endpoint_id).first()
        )
        row = WebhookDelivery.objects.select_for_update().filter(id=claimed.id).first()
        if endpoint is None or row is None:
            return
        WebhookAttempt(
            delivery=row,
            number=claimed.number,
            at=answer.at,
            milliseconds=answer.milliseconds,
            status=answer.status,
            error=answer.error,
            answer=answer.text,
        ).save(force_insert=True)
        if row.attempts != claimed.number or row.state != WebhookDelivery.State.PENDING:
            return  # meanwhile sent by another worker, or sent again on request
        row.last_status = answer.status
        over = claimed.tries > len(SERIES)
        if answer.good or over or answer.status == 410:
            row.state = (
                WebhookDelivery.State.SUCCEEDED if answer.good else WebhookDelivery.State.FAILED
            )
            row.finished_at = now
        else:
            wait = max(SERIES[claimed.tries - 1] * random.uniform(0.9, 1.1), answer.retry_after)  # noqa: S311
            row.next_attempt_at = now + timedelta(seconds=wait)
        row.save(update_fields=["state", "finished_at", "next_attempt_at", "last_status"])
        _judge(endpoint, answer, now)


def _judge(endpoint: WebhookEndpoint, answer: _Answer, now: datetime) -> None:
    """What the answer means for the endpoint: fine again, failing, or switched off."""
    if answer.good:
        if endpoint.failing_since is not None:
            endpoint.failing_since = None
            endpoint.save(update_fields=["failing_since"])
        return
    since = endpoint.failing_since or now
    reason = ""
    if answer.status == 410:
        reason = "it answered 410 Gone"
    elif now - since >= GIVE_UP:
        reason = f"every attempt failed since {since:%Y-%m-%d}"
    if reason and endpoint.state == WebhookEndpoint.State.ENABLED:
        endpoint.state = WebhookEndpoint.State.DISABLED
        endpoint.disabled_reason = reason
        audit.record(
            "kernel.webhook.disabled",
            target=endpoint,
            before={"state": "enabled"},
            after={"state": "disabled", "reason": reason},
        )
        log.warning("webhook endpoint %s was switched off: %s", endpoint.id, reason)
    elif endpoint.failing_since is not None:
        return
    endpoint.failing_since = since
    endpoint.save(update_fields=["state", "disabled_reason", "failing_since"])


def _give_up(claimed: ClaimedDelivery) -> None:
    WebhookDelivery.objects.filter(id=claimed.id).update(
        state=WebhookDelivery.State.FAILED, finished_at=clock.system()
    )
