"""Telling a worker that there is something to do. Only a hint: a sweep finds what it misses.

Without a broker there is nothing to tell: the worker looks for itself. With one, ``config``
registers what sends the message.
"""

import threading
import time
from collections.abc import Callable

from kernel import transactions

_waker: list[Callable[[], None]] = []
_lock = threading.Lock()
_last = [0.0]
INTERVAL = 0.05  # seconds between two messages of one process


def register_waker(call: Callable[[], None]) -> None:
    """Name what tells the workers; it must not raise when the broker is away."""
    _waker[:] = [call]


def after_commit() -> None:
    """Tell them once the open transaction has committed."""
    if _waker:
        transactions.on_commit(now)


def now() -> None:
    """Tell them, unless this process just did."""
    if not _waker:
        return
    with _lock:
        here = time.monotonic()
        if here - _last[0] < INTERVAL:
            return
        _last[0] = here
    _waker[0]()
