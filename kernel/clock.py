"""The two clocks; nothing else in the product reads the time.

``system()`` is for ids, leases, retries, limits, sessions, idempotency.
``business()`` is for deadlines, documents, rates and validity; a test platform's own clock
(an offset carried by the tenancy scope) moves it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

_offset: ContextVar[timedelta] = ContextVar("business_clock_offset", default=timedelta(0))
_frozen: ContextVar[datetime | None] = ContextVar("frozen_system_clock", default=None)


def system() -> datetime:
    """The machine's time, aware, UTC."""
    return _frozen.get() or datetime.now(UTC)


def milliseconds() -> int:
    """``system()`` as Unix milliseconds, without making a datetime of it."""
    held = _frozen.get()
    return int(held.timestamp() * 1000) if held else time.time_ns() // 1_000_000


def business() -> datetime:
    """The platform's time: the machine's, moved by the scope's offset. Aware, UTC."""
    return system() + _offset.get()


def here(moment: datetime) -> datetime:
    """A moment in the deployment's own zone, whatever the viewer's is: documents, numbers and
    deadlines that name a day mean that."""
    return moment.astimezone(timezone.get_default_timezone())


def day_of(moment: datetime) -> date:
    """The day of a moment in the deployment's own zone."""
    return here(moment).date()


def today() -> date:
    """The business day (营业日)."""
    return day_of(business())


@contextmanager
def offset(by: timedelta) -> Iterator[None]:
    """Move the business clock inside the block; the tenancy scope calls this."""
    token = _offset.set(by)
    try:
        yield
    finally:
        _offset.reset(token)


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """Hold the system clock still inside the block. For tests."""
    token = _frozen.set(at)
    try:
        yield
    finally:
        _frozen.reset(token)
