"""A circuit breaker (熔断器): a server that doesn't answer is left alone for a while.

Callers then learn at once that search is down, and fall back, instead of each waiting for its own
timeout; and a server that comes back isn't met by everybody together.
"""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Opens after ``failures`` in a row, and lets one caller try each ``pause`` seconds."""

    def __init__(
        self,
        *,
        failures: int = 3,
        pause: float = 2.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._pause = pause
        self._now = now
        self._lock = threading.Lock()
        self._failed = 0
        self._next_try = 0.0

    def allows(self) -> bool:
        """Whether to call now. While open, True for one caller each ``pause``."""
        with self._lock:
            if self._failed < self._limit:
                return True
            now = self._now()
            if now < self._next_try:
                return False
            self._next_try = now + self._pause
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        with self._lock:
            self._failed += 1
            self._next_try = self._now() + self._pause
