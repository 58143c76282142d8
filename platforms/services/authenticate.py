"""Who sends this API request: the key's holder, the signed-in person, or a guest."""

import hmac
import json
import threading
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from ninja.utils import check_csrf

from kernel import clock, tenancy, transactions
from kernel.actors import Actor
from kernel.errors import Forbidden, Unauthenticated
from platforms.contracts import KeyState, MerchantState, PersonState
from platforms.domain.keys import ParsedKey, parse_key
from platforms.errors import MerchantNotApproved, PlatformUnknown
from platforms.models import Merchant
from platforms.services.sessions import actor_of

USED_EVERY = 60.0  # seconds between two notes of a key's use by this process
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FIND = "SELECT * FROM platforms_find_key(%s, %s)"
_USED = """
UPDATE platforms_apikey SET last_used_at = %s
WHERE platform_id = %s AND id = %s AND (last_used_at IS NULL OR last_used_at < %s)
"""
_noted: dict[UUID, float] = {}
_noted_lock = threading.Lock()


def authenticate(request: HttpRequest) -> Actor:
    """The actor of an API request, by one query for a key.

    Raises Unauthenticated for anything in Authorization that isn't a valid key of this platform
    (all cases answer alike), MerchantNotApproved for a suspended merchant's key or people,
    Forbidden for a signed-in person's change without a CSRF token, PlatformUnknown without a
    platform.
    """
    tenant = tenancy.current_or_none()
    if tenant is None:
        raise PlatformUnknown(
            _("Send the request to /p/<code>/api/v1/…, to the platform's host, or with its key.")
        )
    header = request.META.get("HTTP_AUTHORIZATION")
    if header is not None:
        return _by_key(header, tenant)
    person = getattr(request, "person", None)
    if person is not None and request.method not in _SAFE and check_csrf(request) is not None:
        raise Forbidden(_("The form is out of date: its CSRF token is missing or wrong."))
    actor = actor_of(person, live=tenant.live)
    if actor.merchant_id is not None and _suspended(actor.merchant_id):
        raise MerchantNotApproved(_("The merchant is suspended."))
    return actor


def _suspended(merchant_id: UUID) -> bool:
    return Merchant.objects.filter(id=merchant_id, state=MerchantState.SUSPENDED).exists()


def bearer(header: str) -> ParsedKey | None:
    """The well-formed key in an Authorization header, else None."""
    kind, _space, raw = header.partition(" ")
    return parse_key(raw.strip()) if kind.lower() == "bearer" else None


def _by_key(header: str, tenant: tenancy.Tenant) -> Actor:
    parsed = bearer(header)
    if parsed is None or parsed.platform_code != tenant.code or parsed.live != tenant.live:
        raise Unauthenticated
    with transactions.cursor() as cursor:
        cursor.execute(_FIND, [tenant.id, parsed.key_id])
        row: tuple[Any, ...] | None = cursor.fetchone()
    known = row[1] if row else "0" * 64
    if not hmac.compare_digest(known, parsed.secret_hash) or row is None:
        raise Unauthenticated
    key_id, _hash, kind, merchant_id, person_id, scopes, state, expires_at, merchant, person = row
    now = clock.system()
    if state != KeyState.ACTIVE or (expires_at is not None and expires_at <= now):
        raise Unauthenticated
    if person is not None and person != PersonState.ACTIVE:
        raise Unauthenticated
    if merchant == MerchantState.SUSPENDED:
        raise MerchantNotApproved(_("The merchant is suspended."))
    _note_use(key_id, tenant.id)
    return Actor(
        kind=kind,
        id=key_id,
        merchant_id=merchant_id,
        person_id=person_id,
        scopes=frozenset(json.loads(scopes) if isinstance(scopes, str) else scopes),
        label=f"key:{parsed.key_id}",
        live=tenant.live,
    )


def _note_use(key_id: UUID, platform_id: UUID) -> None:
    here = time.monotonic()
    if _noted.get(key_id, 0.0) > here:
        return
    with _noted_lock:
        if len(_noted) > 100_000:
            _noted.clear()
        _noted[key_id] = here + USED_EVERY
    now = clock.system()
    earlier = now - timedelta(seconds=USED_EVERY)
    with transactions.cursor() as cursor:
        cursor.execute(_USED, [now, platform_id, key_id, earlier])
