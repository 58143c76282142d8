"""What kinds of jobs there are, and what a running one is given."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from kernel import tenancy
from kernel.transactions import cursor

MAX_ATTEMPTS = 8
_PROGRESS_EVERY = 0.5  # seconds between two writes of progress


class JobCancelled(Exception):
    """The job was cancelled, or another worker has taken it over: stop, nothing more to write."""


@dataclass
class JobContext:
    """The running job. ``attempt`` counts from 1 and is the token that later writes must hold."""

    id: UUID
    kind: str
    attempt: int
    merchant_id: UUID | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    lost: bool = False
    _written: float = 0.0

    def progress(self, done: int, total: int) -> None:
        """Tell how far the work is. Raises JobCancelled when it shouldn't go on."""
        if self.lost:
            raise JobCancelled(str(self.id))
        here = time.monotonic()
        if done < total and here - self._written < _PROGRESS_EVERY:
            return
        self._written = here
        with cursor() as sql:
            sql.execute(
                "UPDATE kernel_job SET progress_done = %s, progress_total = %s "
                "WHERE platform_id = %s AND id = %s AND state = 'running' AND attempts = %s",
                [done, total, tenancy.current_id(), self.id, self.attempt],
            )
            if sql.rowcount == 0:
                self.lost = True
                raise JobCancelled(str(self.id))


@dataclass(frozen=True)
class Kind:
    """One kind of job; ``every`` in seconds for periodic ones."""

    name: str
    call: Callable[..., Any]
    attempts: int = MAX_ATTEMPTS
    every: int | None = None


KINDS: dict[str, Kind] = {}
F = Callable[..., Any]


def job(name: str, *, attempts: int = MAX_ATTEMPTS) -> Callable[[F], F]:
    """Register a kind of job: ``run(job: JobContext, **args) -> dict | None``.

    It runs in the platform's scope, as whoever enqueued it, outside of any transaction, at least
    once: it must bear being run again. A DomainError below 500 fails it at once, anything else
    is tried ``attempts`` times with growing pauses.
    """
    return lambda function: _register(Kind(name, function, attempts))


def periodic(name: str, *, seconds: int) -> Callable[[F], F]:
    """Register a job that every platform runs each ``seconds``; runs never pile up."""
    if seconds < 1:
        raise TypeError(f"{name}: a period is at least one second.")
    return lambda function: _register(Kind(name, function, MAX_ATTEMPTS, seconds))


def _register(kind: Kind) -> F:
    known = KINDS.get(kind.name)
    if known and known.call.__qualname__ != kind.call.__qualname__:
        raise TypeError(f"Two kinds of job are named {kind.name}.")
    KINDS[kind.name] = kind
    return kind.call
