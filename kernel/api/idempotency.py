"""Mutations that can be repeated safely (Idempotency-Key).

Handlers that run in one transaction keep their answer in that transaction; who comes with the
same key meanwhile is told so (409) by an advisory lock that a crash releases at once. Handlers
that call outside take a lease of 60 s first and get a token that stays the same on retries.

Kept answers lie in one partition a day and are looked for in the last ones alone. No constraint
reaches over midnight, so every writer of a key holds its lock.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from kernel import clock, tenancy, transactions
from kernel.api.headers import CART_TOKEN, IDEMPOTENCY_KEY, ORDER_TOKEN
from kernel.errors import IdempotencyInFlight, IdempotencyMismatch, Invalid
from kernel.ids import floor
from kernel.questions import Question, ask
from kernel.records.idempotency import IdempotencyRecord
from kernel.seal import derived_key, derived_keys, open_bytes, seal_bytes
from kernel.statements import Rows

LEASE = timedelta(seconds=60)
KEEP = timedelta(hours=24)
# How far back a key is looked for: its day, and a lease taken at its end. Partitions go later.
REACH = KEEP + LEASE + timedelta(minutes=10)
_rows = Rows(IdempotencyRecord, later=True)
_TRY = "SELECT pg_try_advisory_xact_lock(%s)"
_LOCK = "SELECT pg_advisory_xact_lock(%s)"
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
GUEST_KEY = 16
GUEST_SECRETS = (CART_TOKEN, ORDER_TOKEN)  # what tells one guest from another


@dataclass(frozen=True)
class Caller:
    """The caller's key for one request, and what the request is."""

    name: str
    key: str
    fingerprint: str
    older: tuple[str, ...] = ()  # what it would be under master keys before the one in use

    @property
    def key_hash(self) -> str:
        return hashlib.sha256(f"{self.name}\x00{self.key}".encode()).hexdigest()

    @property
    def lock(self) -> int:
        """The advisory lock's number; a key of another platform is another lock."""
        content = tenancy.current_id().bytes + self.key_hash.encode()
        return int.from_bytes(hashlib.sha256(content).digest()[:8], "big", signed=True)

    @property
    def seal_key(self) -> bytes:
        return derived_key("idempotency", self.key.encode())


def caller_of(request: HttpRequest) -> Caller | None:
    """The caller and key of a mutation; None when no key was sent."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= 255 or not key.isprintable():
        raise Invalid(_("1 to 255 printable characters."), field=IDEMPOTENCY_KEY)
    actor = request.actor  # type: ignore[attr-defined]
    owner = f"{actor.kind}:{actor.id or actor.person_id or ''}"
    if actor.kind == "guest":
        secrets = "\x00".join(request.headers.get(name, "") for name in GUEST_SECRETS)
        if not secrets.strip("\x00") and len(key) < GUEST_KEY:
            # Nothing else tells guests apart yet, and the answer may hold a secret of one of them.
            raise Invalid(
                _("Without a key or Cart-Token, use at least 16 random characters."),
                field=IDEMPOTENCY_KEY,
            )
        owner += hashlib.sha256(secrets.encode()).hexdigest()[:32]
    content = f"{request.method} {request.get_full_path()}\x00".encode() + request.body
    # Keyed, because a body may be short enough (an e-mail, a phone) to be guessed from its hash.
    marks = [
        hmac.new(secret, content, "sha256").hexdigest()
        for secret in derived_keys("idempotency fingerprint", key.encode())
    ]
    return Caller(owner, key, marks[0], tuple(marks[1:]))


def replay_or_lock(caller: Caller) -> HttpResponse | None:
    """Inside the mutation's transaction: the kept answer, or None with the key locked."""
    # One after the other, though in one round trip: the second sees what was kept under the lock.
    (locked, rows) = ask(Question(_TRY, [caller.lock], _first), _kept(caller))
    if not locked:
        raise IdempotencyInFlight(retry_after=1)
    found = rows[0] if rows else None
    if found and _is_old(found):
        _forget(found)
        found = None
    return _replay(found, caller) if found else None


def keep(caller: Caller, response: HttpResponse) -> None:
    """Keep the answer in the mutation's own transaction."""
    record = _rows.new(
        caller=caller.name,
        key_hash=caller.key_hash,
        fingerprint=caller.fingerprint,
        state=IdempotencyRecord.State.DONE,
        status=response.status_code,
        sealed_answer=_seal(caller, response),
        created_at=clock.system(),
    )
    _rows.insert([record])


def lease(caller: Caller, token: UUID) -> HttpResponse | UUID:
    """Take the key for 60 s: the kept answer if there is one, else the token to work under."""
    with transactions.atomic():
        # Locked for these statements alone, so it is waited for.
        (_locked, rows) = ask(Question(_LOCK, [caller.lock], _first), _kept(caller, lock=True))
        now = clock.system()
        record = _rows.new(
            id=token,
            caller=caller.name,
            key_hash=caller.key_hash,
            fingerprint=caller.fingerprint,
            state=IdempotencyRecord.State.RUNNING,
            lease_until=now + LEASE,
            created_at=now,
        )
        found = rows[0] if rows else None
        if found and _is_old(found):
            _forget(found)
            found = None
        if found is None:
            _rows.insert([record])
            return token
        if found.state == IdempotencyRecord.State.DONE:
            return _replay(found, caller)
        _same(found, caller)
        if found.lease_until and found.lease_until > now:
            wait = max(1, int((found.lease_until - now).total_seconds()))
            raise IdempotencyInFlight(retry_after=wait)
        found.lease_until = now + LEASE
        found.save(update_fields=["lease_until"])
        return found.id


def finish(caller: Caller, token: UUID, response: HttpResponse) -> None:
    """Keep a leased request's answer; a failure of ours only gives the lease back.

    When the lease ran out and a retry has answered meanwhile, that answer stays.
    """
    changes: dict[str, Any] = {"lease_until": clock.system()}
    if response.status_code < 500 and response.status_code not in (409, 429):
        changes = {
            "state": IdempotencyRecord.State.DONE,
            "status": response.status_code,
            "sealed_answer": _seal(caller, response),
            "lease_until": None,
        }
    written = ", ".join(f"{name} = %s" for name in changes)
    with transactions.cursor() as cursor:
        cursor.execute(
            f"UPDATE kernel_idempotencyrecord SET {written} "  # noqa: S608
            "WHERE platform_id = %s AND id = %s AND state = 'running'",
            [*changes.values(), tenancy.current_id(), token],
        )


def _kept(caller: Caller, *, lock: bool = False) -> Question[list[IdempotencyRecord]]:
    """The key's row, in the partitions of the days around now alone. There is one at most: an old
    one is forgotten before the next is written, and what is older still isn't within reach. Nor is
    what a machine wrote whose clock is as far ahead; it wouldn't find ours either."""
    now = clock.system()
    values = [caller.name, caller.key_hash, floor(now - REACH), floor(now + REACH)]
    end = " FOR UPDATE" if lock else ""
    return _rows.question(f"caller = %s AND key_hash = %s AND id >= %s AND id < %s{end}", values)


def _first(rows: list[Any]) -> Any:
    return rows[0][0]


def _is_old(found: IdempotencyRecord) -> bool:
    """Whether its day is over, though it hasn't been swept away; never while it is at work."""
    now = clock.system()
    at_work = found.lease_until is not None and found.lease_until > now
    return found.created_at <= now - KEEP and not at_work


def _forget(found: IdempotencyRecord) -> None:
    IdempotencyRecord.objects.filter(id=found.id).delete()


def _same(found: IdempotencyRecord, caller: Caller) -> None:
    if found.fingerprint not in (caller.fingerprint, *caller.older):
        raise IdempotencyMismatch(field=IDEMPOTENCY_KEY)


def _replay(found: IdempotencyRecord, caller: Caller) -> HttpResponse:
    _same(found, caller)
    keys = derived_keys("idempotency", caller.key.encode())
    tried = (open_bytes(key, bytes(found.sealed_answer)) for key in keys)
    opened = next((one for one in tried if one is not None), None)
    if opened is None:
        raise IdempotencyMismatch(field=IDEMPOTENCY_KEY)
    head, _line, body = opened.partition(b"\n")
    headers = orjson.loads(head)
    response = HttpResponse(body, status=found.status)
    for name, value in headers.items():
        response[name] = value
    response["Idempotent-Replayed"] = "true"
    return response


def _seal(caller: Caller, response: HttpResponse) -> bytes:
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    # Bytes, since not every answer is text.
    return seal_bytes(caller.seal_key, orjson.dumps(headers) + b"\n" + response.content)
