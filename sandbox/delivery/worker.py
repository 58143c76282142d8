"""The sandbox's own threads: what is due happens, what is queued is pushed.

Everything they work on is a row, so a killed process loses nothing: the next one goes on when the
lease runs out.
"""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.db import close_old_connections

from sandbox import clock, conf, database
from sandbox.models import Delivery
from sandbox.transport import idempotency

from . import due, queue, sender

log = logging.getLogger("sandbox")
TIDY_SECONDS = 3600


def drain(*, later_too: float = 0) -> int:
    """Do everything that is due now, in this thread; ``later_too`` looks that far ahead.

    Returns the number of pushes made. For tests and for a single step by hand.
    """
    while due.run_one(until_seconds=later_too):
        pass
    made = 0
    while numbers := queue.claim(20):
        for number in numbers:
            sender.send(number)
            made += 1
    return made


class Worker:
    """One dispatcher thread and a few senders."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._pool = ThreadPoolExecutor(int(conf.get("SENDERS")), thread_name_prefix="push")
        self._free = threading.Semaphore(int(conf.get("SENDERS")))
        self._thread = threading.Thread(target=self._run, name="sandbox-worker", daemon=True)
        self._tidied = 0

    def start(self) -> "Worker":
        self._thread.start()
        queue.takers.append(self._take)
        return self

    def stop(self) -> None:
        """Finish what is being sent, then end."""
        queue.takers.remove(self._take)
        self._stop.set()
        queue.wake.set()
        self._thread.join(timeout=30)
        self._pool.shutdown(wait=True)

    def _take(self, row: Delivery) -> bool:
        """A push that was just committed, if a sender is free for it."""
        if self._stop.is_set() or not self._free.acquire(blocking=False):
            return False
        try:
            self._pool.submit(self._send, partial(sender.deliver, row))
        except RuntimeError:  # the interpreter is ending, and ended the pool
            self._free.release()
            return False
        return True

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                close_old_connections()
                busy = self._step()
            except Exception:
                log.exception("The sandbox's worker met an error and goes on")
                database.close()
                self._stop.wait(1)
                continue
            if not busy:
                queue.wake.wait(float(conf.get("POLL_SECONDS")))
                queue.wake.clear()
        database.close()

    def _step(self) -> bool:
        now = clock.unix()
        if now - self._tidied > TIDY_SECONDS:
            self._tidied = now
            idempotency.forget(now)
        happens, waits = queue.waiting()
        happened = happens and due.run_one()
        if not waits:
            return happened
        if not self._free.acquire(timeout=0.2):
            return True  # all senders are busy; claim nothing whose lease would run while waiting
        numbers = queue.claim(1)
        if not numbers:
            self._free.release()
            return happened
        self._pool.submit(self._send, partial(sender.send, numbers[0]))
        return True

    def _send(self, make: Callable[[], bool]) -> None:
        try:
            close_old_connections()
            make()
        except Exception:
            log.exception("A push could not be made")
            database.close()
        finally:
            self._free.release()
