"""Rate limits (限流): fixed windows, counted in PostgreSQL, or in Redis when there is one.

``hit`` is for every request and approximate: each process counts for itself and exchanges its
counts at most once a second with one statement for all buckets, so a caller may get through what
it does within a second on other processes. ``hit_strict`` is exact, one statement a call, for
sign-in and the like. Both write outside the caller's transaction: a count must stay when the
request fails.
"""

import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from kernel import clock, tenancy
from kernel.ids import uuid7
from kernel.transactions import assert_outside_transaction, cursor, in_transaction

EXCHANGE = 1.0  # seconds between two exchanges of one process
_MOST_BUCKETS = 50_000


@dataclass(frozen=True)
class Verdict:
    """Whether the hit is within the limit, and what the headers say."""

    allowed: bool
    limit: int
    remaining: int
    reset: int
    """Whole seconds until the window ends."""
    hits: int

    def headers(self) -> dict[str, str]:
        """``RateLimit-Limit``, ``-Remaining``, ``-Reset``, and ``Retry-After`` when refused."""
        found = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset),
        }
        return found if self.allowed else found | {"Retry-After": str(self.reset)}


@dataclass
class _Count:
    known: int = 0
    """What all processes had counted at the last exchange."""
    mine: int = 0
    """Counted here since."""


_Key = tuple[UUID, str, datetime, int]
_counts: dict[_Key, _Count] = {}
_lock = threading.Lock()
_exchanged = [0.0]


def hit(bucket: str, *, limit: int, seconds: int, cost: int = 1) -> Verdict:
    """Count ``cost`` against ``bucket`` on the current platform; approximate, see above."""
    key = (tenancy.current_id(), bucket[:200], _window(seconds), seconds)
    if settings.REDIS_URL:
        return _verdict(_redis_add(key, cost), limit, key)
    with _lock:
        count = _counts.get(key)
        if count is None:
            if len(_counts) >= _MOST_BUCKETS:
                _forget_old(clock.system())
            count = _counts[key] = _Count()
        count.mine += cost
        hits = count.known + count.mine
        due = time.monotonic() - _exchanged[0] >= EXCHANGE
        if due:
            _exchanged[0] = time.monotonic()
    if due and not in_transaction():
        exchange()
        with _lock:
            count = _counts.get(key, count)
            hits = count.known + count.mine
    return _verdict(hits, limit, key)


def hit_strict(bucket: str, *, limit: int, seconds: int, cost: int = 1) -> Verdict:
    """Count ``cost`` exactly, at once. Refused inside a transaction, which could undo it."""
    assert_outside_transaction("Counting attempts")
    key = (tenancy.current_id(), bucket[:200], _window(seconds), seconds)
    if settings.REDIS_URL:
        return _verdict(_redis_add(key, cost), limit, key)
    return _verdict(_add([(key, cost)])[key], limit, key)


def peek(bucket: str, *, limit: int, seconds: int) -> Verdict:
    """How a strictly counted bucket stands, without counting."""
    key = (tenancy.current_id(), bucket[:200], _window(seconds), seconds)
    if settings.REDIS_URL:
        return _verdict(_redis_add(key, 0), limit, key, cost=0)
    with cursor() as sql:
        sql.execute(
            "SELECT hits FROM kernel_ratecounter "
            "WHERE platform_id = %s AND bucket = %s AND window_start = %s",
            [key[0], _name(key), key[2]],
        )
        row = sql.fetchone()
    return _verdict(row[0] if row else 0, limit, key, cost=0)


def forget(bucket: str, *, seconds: int) -> None:
    """Clear a strictly counted bucket, as after a successful sign-in."""
    key = (tenancy.current_id(), bucket[:200], _window(seconds), seconds)
    if settings.REDIS_URL:
        _redis().delete(_redis_name(key))
        return
    with cursor() as sql:
        sql.execute(
            "DELETE FROM kernel_ratecounter "
            "WHERE platform_id = %s AND bucket = %s AND window_start = %s",
            [key[0], _name(key), key[2]],
        )


def exchange() -> None:
    """Write this process's counts of the current platform and read everyone's."""
    platform, now = tenancy.current_id(), clock.system()
    with _lock:
        _forget_old(now)
        mine = [(k, c.mine) for k, c in _counts.items() if k[0] == platform and c.mine]
        for key, amount in mine:
            _counts[key].known += amount
            _counts[key].mine = 0
    if not mine:
        return
    totals = _add(mine)
    with _lock:
        for key, total in totals.items():
            if key in _counts:
                _counts[key].known = max(total, _counts[key].known)


def reset_process() -> None:
    """Forget what this process has counted. For tests."""
    with _lock:
        _counts.clear()
        _exchanged[0] = 0.0


def _add(amounts: list[tuple[_Key, int]]) -> dict[_Key, int]:
    """Add to the shared counters, always in the same order; their totals."""
    amounts = sorted(amounts, key=lambda pair: (_name(pair[0]), pair[0][2]))
    keys = [key for key, _amount in amounts]
    with cursor() as sql:
        sql.execute(
            "INSERT INTO kernel_ratecounter "
            "(platform_id, id, bucket, window_start, hits, expires_at) "
            "SELECT %s, * FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::bigint[], "
            "%s::timestamptz[]) ON CONFLICT (platform_id, bucket, window_start) "
            "DO UPDATE SET hits = kernel_ratecounter.hits + excluded.hits "
            "RETURNING bucket, window_start, hits",
            [
                tenancy.current_id(),
                [uuid7() for _key in keys],
                [_name(key) for key in keys],
                [key[2] for key in keys],
                [amount for _key, amount in amounts],
                [key[2] + timedelta(seconds=key[3] * 2) for key in keys],
            ],
        )
        totals = {(row[0], row[1]): row[2] for row in sql.fetchall()}
    return {key: totals[_name(key), key[2]] for key in keys}


def _name(key: _Key) -> str:
    return f"{key[1]}:{key[3]}"[-200:]


def _window(seconds: int) -> datetime:
    start = int(clock.system().timestamp()) // seconds * seconds
    return datetime.fromtimestamp(start, UTC)


def _forget_old(now: datetime) -> None:
    for key in [k for k in _counts if k[2] + timedelta(seconds=k[3]) <= now]:
        del _counts[key]


def _verdict(hits: int, limit: int, key: _Key, *, cost: int = 1) -> Verdict:
    left = (key[2] + timedelta(seconds=key[3]) - clock.system()).total_seconds()
    return Verdict(
        allowed=hits + (1 - cost) <= limit,
        limit=limit,
        remaining=max(0, limit - hits),
        reset=max(1, int(left) + 1),
        hits=hits,
    )


_redis_client: list[Any] = []


def _redis() -> Any:
    if not _redis_client:
        import redis

        _redis_client.append(redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1))
    return _redis_client[0]


def _redis_name(key: _Key) -> str:
    return f"rate:{key[0]}:{_name(key)}:{int(key[2].timestamp())}"


def _redis_add(key: _Key, cost: int) -> int:
    with _redis().pipeline(transaction=False) as pipe:
        pipe.incrby(_redis_name(key), cost)
        pipe.expire(_redis_name(key), key[3] * 2)
        return int(pipe.execute()[0])
