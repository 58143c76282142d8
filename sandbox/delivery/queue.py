"""Rows of pushes: made in the transaction of their cause, claimed with a lease."""

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sandbox import clock, conf, database
from sandbox.models import Account, Delivery, DeliveryState, Endpoint
from sandbox.rows import Rows
from sandbox.transport.call import Call

FALLBACK_SECONDS = 30
wake = threading.Event()
takers: list[Callable[[Delivery], bool]] = []
"""Who makes a push at once in this process, under the lease that it was made with; False: they
have too much to do, and somebody has to look for it."""

_ENDPOINTS, _PUSHES = Rows(Endpoint), Rows(Delivery)
_LISTENING = """
(account_id = %s AND NOT connect OR account_id = %s AND connect) AND channel = %s AND enabled
"""
_WAITING = """
SELECT EXISTS (SELECT FROM sandbox_due WHERE at <= %(now)s),
  EXISTS (SELECT FROM sandbox_delivery WHERE state = 'pending' AND next_at <= %(now)s
    AND (lease_until IS NULL OR lease_until <= %(now)s))
"""


def endpoints(call: Call, channel: str) -> list[Endpoint]:
    """The account's enabled endpoints of one outside party; read once a call.

    A connected account is also heard by its platform, at the endpoints made for that.
    """
    if channel not in call.endpoints:
        owners = [call.account.pk, call.account.platform_id, str(channel)]
        call.endpoints[channel] = _ENDPOINTS.all(_LISTENING, owners)
    return call.endpoints[channel]


def wants(endpoint: Endpoint, kind: str) -> bool:
    """Whether the endpoint listens to this type of event."""
    return "*" in endpoint.enabled_events or kind in endpoint.enabled_events


def push(
    call: Call, *, channel: str, subject: str, kind: str, body: Callable[[Endpoint], bytes]
) -> None:
    """Queue a push to every endpoint that wants it, as the call's planned faults ask."""
    targets = [endpoint for endpoint in endpoints(call, channel) if wants(endpoint, kind)]
    if not targets:
        return
    plan = call.plan
    delay = plan.webhook_delay or (FALLBACK_SECONDS if plan.webhook_first else 0)
    copies = 2 if plan.webhook_duplicate else 1
    held = bool(takers) and not delay
    rows = [
        _PUSHES.insert_numbered(
            Delivery(
                account_id=endpoint.account_id,
                endpoint=endpoint,
                subject=subject,
                type=kind,
                body=body(endpoint).decode(),
                next_at=clock.after(delay),
                lease_until=clock.after(lease_seconds()) if held else None,
            )
        )
        for endpoint in targets
        for _ in range(copies)
    ]
    if plan.webhook_first:
        call.push_first.extend(row.pk for row in rows)
    database.on_commit(partial(_hand_over, rows) if held else wake.set)


def _hand_over(rows: list[Delivery]) -> None:
    left = [row.pk for row in rows if not any(take(row) for take in takers)]
    if left:
        Delivery.objects.filter(pk__in=left).update(lease_until=None)
        wake.set()


def push_again(
    account: Account, *, endpoint: Endpoint, subject: str, kind: str, body: bytes
) -> int:
    """Queue one more push of something that happened before; returns its number."""
    row = Delivery.objects.create(
        account=account,
        endpoint=endpoint,
        subject=subject,
        type=kind,
        body=body.decode(),
        next_at=clock.now(),
    )
    database.on_commit(wake.set)
    return int(row.pk)


def waiting() -> tuple[bool, bool]:
    """Whether something is due, and whether a push waits for somebody to make it."""
    happens, waits = database.ask(_WAITING, {"now": clock.now()})
    return bool(happens), bool(waits)


def lease_seconds() -> float:
    return float(conf.get("WEBHOOK_TIMEOUT")) + 5


def claim(limit: int) -> list[int]:
    """Take up to ``limit`` waiting pushes; a dead holder's lease runs out and they come again."""
    now = clock.now()
    with database.atomic():
        rows = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=DeliveryState.PENDING, next_at__lte=now)
            .exclude(lease_until__gt=now)
            .order_by("next_at", "pk")
            .values_list("pk", flat=True)[:limit]
        )
        _lease(rows)
    return rows


def claim_one(number: int) -> bool:
    """Take this push now, whenever it is due; False if it is done or another holds it."""
    now = clock.now()
    rows = Delivery.objects.filter(pk=number, state=DeliveryState.PENDING)
    until = now + timedelta(seconds=lease_seconds())
    return bool(rows.exclude(lease_until__gt=now).update(lease_until=until))


def _lease(numbers: list[int]) -> None:
    if numbers:
        until = clock.now() + timedelta(seconds=lease_seconds())
        Delivery.objects.filter(pk__in=numbers).update(lease_until=until)
