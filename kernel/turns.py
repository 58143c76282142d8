"""One thread of a web process at a time takes requests; the others rest until it is held up.

Python runs one thread at a time anyway. Where several have a request, each statement and each call
into the search engine hands the interpreter to another, which hands it back a moment later: a tenth
to a fifth of the processor's time went there (docs/performance.md). Nothing is gained by it where
the database is on the same machine, since whoever waits for that leaves it the processor.

So a thread that has answered rests while another one, the lead, takes requests. Whoever calls an
outside party lets the next take the lead at once (``held_up``), whoever takes longer than ``SLOW``
seconds as soon as somebody notices. With all threads held up it is as it would be without turns.

The server ends threads that had no request for ten minutes (``config.web``) and doesn't tell. So a
lead is trusted for less than that, and after a minute without requests nobody rests.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock, get_ident
from typing import Any

SLOW = 0.05
QUIET = 1.0  # seconds without a request after which nobody looks whether one is slow
IDLE = 60.0  # seconds without a request after which all threads wait for one
Runner = Callable[[Any, Any], Any]
_here: "list[Turns]" = []


def held_up() -> None:
    """The thread will wait for somebody outside: another one may take the lead."""
    for turns in _here:
        turns.held_up()


@dataclass(eq=False)
class _Resting:
    """A thread that has answered. Its bell is a lock that it waits for."""

    thread: int
    bell: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        self.bell.acquire()

    def wake(self) -> None:
        """For whoever holds the turns' lock; once is enough."""
        if self.bell.locked():
            self.bell.release()


class Turns:
    """Of one process. Times in seconds; of its clock, 0 is never."""

    def __init__(self, *, slow: float = SLOW, quiet: float = QUIET, idle: float = IDLE) -> None:
        self.slow, self.quiet, self.idle = slow, quiet, idle
        self._lock = Lock()
        self._lead = 0  # the thread that takes requests; 0: none is known
        self._since = 0.0  # when its request began; 0 while it has none
        self._seen = 0.0  # when it was heard of last
        self._resting: list[_Resting] = []  # the first looks whether the lead is held up …
        self._asleep = False  # … or not before it is woken, since there are no requests

    def kept_by(self, runner: Runner) -> Runner:
        """``runner``, the server's call for a request, with turns. It returns when the answer has
        been handed over; when it raises, the server answers afterwards."""
        _here[:] = [self]

        def run(protocol: Any, scope: Any) -> Any:
            self.begin()
            told = runner(protocol, scope)
            self.end()
            return told

        return run

    def begin(self) -> None:
        """This thread has a request."""
        me, now = get_ident(), time.monotonic()
        if self._lead == me:
            self._since = now
            if not self._asleep:
                return
        with self._lock:
            if self._lead == me or self._vacant(now):
                self._take(me, since=now)
                self._asleep = False
                self._look()

    def held_up(self) -> None:
        """See the module's."""
        if self._lead != get_ident():
            return
        with self._lock:
            if self._lead != get_ident():
                return
            if self._resting:
                following = self._resting.pop()  # what it works with is at hand still
                self._take(following.thread)
                following.wake()
                self._look()
            else:
                self._lead = 0

    def end(self) -> None:
        """It has answered. Returns when this thread should take requests."""
        me, now = get_ident(), time.monotonic()
        if self._lead == me:
            self._seen, self._since = now, 0.0
            return
        with self._lock:
            if self._vacant(now):
                self._take(me)
                return
            rest = _Resting(me)
            self._resting.append(rest)
        while not self._rested(rest):
            pass

    def _rested(self, rest: _Resting) -> bool:
        """Wait; whether it was long enough."""
        with self._lock:
            wait = self.idle
            if self._resting[:1] == [rest]:
                quiet = not self._since and time.monotonic() - self._seen > self.quiet
                self._asleep = quiet
                wait = self.idle if quiet else self.slow
        rest.bell.acquire(timeout=wait)
        with self._lock:
            if self._lead == rest.thread:
                return True
            now = time.monotonic()
            slow = self._since > 0 and now - self._since > self.slow
            if not slow and (self._since or now - self._seen < self.idle):
                return False
            self._resting.remove(rest)
            if slow:
                self._take(rest.thread)
            self._look()
            return True

    def _vacant(self, now: float) -> bool:
        """Whether nobody takes requests for certain."""
        return not self._lead or (not self._since and now - self._seen > 2 * self.idle)

    def _take(self, thread: int, *, since: float = 0.0) -> None:
        self._lead, self._since, self._seen = thread, since, time.monotonic()

    def _look(self) -> None:
        """Have the first of those that rest look how things are."""
        if self._resting:
            self._resting[0].wake()
