"""What the last hours' requests were like: by route, how many, how many failed, how long they took.

Prometheus keeps figures for years elsewhere; these are for whoever asks the machine itself
(``manage.py operations``). Each web process adds up in memory and now and then writes the hour's
file below DATA_DIR, so that a restart loses half a minute, not the day. Machines that share no
folder count on their own.
"""

import json
import logging
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings

from kernel import clock

log = logging.getLogger(__name__)
SLOT, HOUR, DAY = 600, 3600, 86_400  # seconds
KEPT = DAY + HOUR
WRITE_EVERY, WRITE_FAILED = 30.0, 1.0  # a failure may be the last thing that is asked for long


@dataclass
class Figures:
    """Requests of one route; ``refused`` were answered with 4xx, ``failed`` with 5xx."""

    count: int = 0
    refused: int = 0
    failed: int = 0
    seconds: float = 0.0
    longest: float = 0.0

    @property
    def mean(self) -> float:
        """Seconds until the answer began, on average."""
        return self.seconds / self.count if self.count else 0.0

    def add(self, other: "Figures") -> None:
        self.count += other.count
        self.refused += other.refused
        self.failed += other.failed
        self.seconds += other.seconds
        self.longest = max(self.longest, other.longest)


Slots = dict[int, dict[str, Figures]]


class Recent:
    """One process's own counts; thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.name = uuid4().hex[:12]
        self.slots: Slots = {}
        self.written = time.monotonic()

    def note(self, route: str, status: int, seconds: float) -> None:
        """Count an answer, and write the file when it is time."""
        one = Figures(1, int(400 <= status < 500), int(status >= 500), seconds, seconds)
        with self.lock:
            slot = _slot(clock.system().timestamp())
            if slot not in self.slots:
                self._begin(slot)
            self.slots[slot][route].add(one)
            pause = WRITE_FAILED if one.failed else WRITE_EVERY
            if time.monotonic() - self.written >= pause:
                self._write()

    def flush(self) -> None:
        """Write what was counted, now."""
        with self.lock:
            self._write()

    def _begin(self, slot: int) -> None:
        """A new slot; with a new hour what was counted before it is written for the last time."""
        if self.slots and _hour(slot) != _hour(next(iter(self.slots))):
            self._write()
            self.slots.clear()
            _forget()
        self.slots[slot] = defaultdict(Figures)

    def _write(self) -> None:
        self.written = time.monotonic()
        if not self.slots:
            return
        told = {
            str(slot): {route: list(vars(one).values()) for route, one in routes.items()}
            for slot, routes in self.slots.items()
        }
        path = folder() / f"{_hour(next(iter(self.slots)))}-{self.name}.json"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".draft")
            draft.write_text(json.dumps(told), encoding="utf-8")
            draft.replace(path)
        except OSError:
            log.warning("%s can't be written", path, exc_info=True)


OWN = Recent()


def folder() -> Path:
    """Where the processes of this machine write."""
    return Path(settings.DATA_DIR) / "metrics" / "recent"


def by_route(seconds: int) -> dict[str, Figures] | None:
    """The routes of about the last ``seconds`` (in slots of ten minutes, the present one too), as
    the processes of this machine wrote them; None when none ever did."""
    since = _slot(clock.system().timestamp() - seconds)
    found: defaultdict[str, Figures] = defaultdict(Figures)
    files = list(folder().glob("*.json"))
    for path in files:
        for slot, routes in _read(path):
            if slot >= since:
                for route, values in routes.items():
                    found[route].add(Figures(*values))
    return dict(found) if files else None


def _read(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        yield from [(int(slot), routes) for slot, routes in told.items()]
    except FileNotFoundError:
        return  # too old, and just removed
    except (OSError, ValueError, AttributeError):
        log.warning("%s can't be read", path, exc_info=True)


def _forget() -> None:
    oldest = _hour(_slot(clock.system().timestamp() - KEPT))
    for path in folder().glob("*-*"):
        hour = path.name.partition("-")[0]
        if hour.isdigit() and int(hour) < oldest:
            try:
                path.unlink(missing_ok=True)
            except OSError:  # a request is being answered: that must not fail for it
                log.warning("%s can't be removed", path, exc_info=True)


def _slot(moment: float) -> int:
    return int(moment) // SLOT * SLOT


def _hour(slot: int) -> int:
    return slot // HOUR * HOUR
