"""What runs for as long as a worker process does, in a thread of its own.

``@resident("search.indexer") def run(stopping)`` in a context's ``tasks.py``. It returns when
``stopping`` is set; if it raises, it is started again after a pause. Several processes run it at
once, so what only one may do takes a ``kernel.single.Single``.
"""

import logging
import threading
from collections.abc import Callable

from kernel.system_role import close_connections

log = logging.getLogger("kernel.residents")
PAUSE = 5.0  # seconds before one that failed is started again
Resident = Callable[[threading.Event], None]
RESIDENTS: dict[str, Resident] = {}


def resident(name: str) -> Callable[[Resident], Resident]:
    """Register what runs beside the worker."""

    def register(function: Resident) -> Resident:
        known = RESIDENTS.get(name)
        if known and known.__qualname__ != function.__qualname__:
            raise TypeError(f"Two residents are named {name}.")
        RESIDENTS[name] = function
        return function

    return register


class Residents:
    """The threads of one process."""

    def __init__(self) -> None:
        self.stopping = threading.Event()
        self.threads = [
            threading.Thread(target=self._run, args=(name, call), name=name, daemon=True)
            for name, call in RESIDENTS.items()
        ]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self, patience: float = 10.0) -> None:
        """Ask them to end, and wait so many seconds for each."""
        self.stopping.set()
        for thread in self.threads:
            if thread.is_alive():
                thread.join(patience)

    def _run(self, name: str, call: Resident) -> None:
        while not self.stopping.is_set():
            try:
                call(self.stopping)
            except Exception:
                log.exception("%s ended; it starts again in %s s", name, PAUSE)
            finally:
                close_connections()
            self.stopping.wait(PAUSE)
