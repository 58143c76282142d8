"""When to look again at what is in flight."""

from datetime import datetime, timedelta

from kernel import clock
from payments.models import Attempt

FIRST = timedelta(seconds=45)  # the call itself, with its retries, is over by then
LONGEST = timedelta(minutes=30)


# Gateways forget their idempotency keys after 24 h; what is older is only asked for.
KEYS_LAST = timedelta(hours=23)


def is_stale(created_at: datetime) -> bool:
    """Whether the gateway may have forgotten the key of what was begun then."""
    return clock.system() - created_at >= KEYS_LAST


def call_is_out(attempt: Attempt | None) -> bool:
    """Whether our own call for the attempt may still be answered: that says all there is to say,
    and if nothing comes, the attempt's next check asks."""
    if attempt is None or attempt.answered_at is not None:
        return False
    return clock.system() - attempt.created_at < FIRST


def next_check(checks: int) -> datetime:
    """45 s after the first time, then twice as long each time, at most half an hour."""
    wait: timedelta = min(FIRST * (1 << min(checks, 10)), LONGEST)
    return clock.system() + wait
