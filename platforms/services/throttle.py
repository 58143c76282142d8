"""Locking out who guesses passwords: a durable row an address, whether or not it is known.

Rate limits proper (by network, by hour) are ``kernel.ratelimit``'s; this is the lock that a
restart must not open.
"""

from datetime import timedelta
from math import ceil

from kernel import clock, transactions
from platforms import lookup
from platforms.models import SignInThrottle


def count_attempt(text: str, *, limit: int, window: timedelta, lockout: timedelta) -> int:
    """Count one attempt before it is made; the seconds to wait, 0 when it may go on.

    Parallel attempts queue for the row's lock, so no more than ``limit`` get through a window.
    Must not be called where a later error would roll the count back.
    """
    subject = lookup.attempt_index(text)
    now = clock.system()
    with transactions.atomic():
        # A conflict is written over, not passed by: that takes the row's lock, and somebody's
        # success can't delete the row before it is read.
        SignInThrottle.objects.bulk_create(
            [SignInThrottle(subject=subject, window_started_at=now)],
            update_conflicts=True,
            unique_fields=["platform_id", "subject"],
            update_fields=["subject"],
        )
        row = SignInThrottle.objects.select_for_update().get(subject=subject)
        if row.locked_until is not None and row.locked_until > now:
            return ceil((row.locked_until - now).total_seconds())
        if row.locked_until is not None or row.window_started_at <= now - window:
            row.window_started_at, row.attempts, row.locked_until = now, 0, None
        row.attempts += 1
        if row.attempts > limit:
            row.locked_until = now + lockout
        row.save()
    return ceil(lockout.total_seconds()) if row.locked_until else 0


def forget_attempts(text: str) -> None:
    """Start afresh after a success."""
    SignInThrottle.objects.filter(subject=lookup.attempt_index(text)).delete()


def end_windows(older_than: timedelta) -> int:
    """Delete counters that no longer matter."""
    now = clock.system()
    old = SignInThrottle.objects.filter(window_started_at__lt=now - older_than)
    ended, _each = old.exclude(locked_until__gt=now).delete()
    return ended
