"""The directory's reader: platforms by code, host or id, remembered for one second.

A second is short enough for a suspension to act almost at once in every process, and long enough
that a busy process asks the control database once a second per platform, not once a request.
"""

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from kernel.tenancy import Tenant
from platforms.models import DirectoryEntry

KEEP_SECONDS = 1.0
KEEP_ENTRIES = 10_000
_FIELDS = ("id", "code", "database", "clock_offset", "live", "state")


class PlatformDirectory:
    """Provider for ``kernel.tenancy.directory()``."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, object], tuple[float, Tenant | None]] = {}
        self._lock = threading.Lock()

    def by_code(self, code: str) -> Tenant | None:
        """The platform with this code, or None."""
        return self._find("code", code)

    def by_host(self, host: str) -> Tenant | None:
        """The platform that owns this host name (without port), or None."""
        return self._find("hosts__host", host.lower())

    def by_id(self, platform_id: UUID) -> Tenant | None:
        """The platform with this id, or None."""
        return self._find("id", platform_id)

    def all(self) -> Iterable[Tenant]:
        """Every platform, in order of opening; never from memory, but remembered by id."""
        rows = DirectoryEntry.objects.order_by("id").values_list(*_FIELDS)
        found = [_tenant(row) for row in rows]
        until = self._clock() + KEEP_SECONDS
        with self._lock:
            self._kept.update({("id", one.id): (until, one) for one in found[:KEEP_ENTRIES]})
        return found

    def forget(self) -> None:
        """Read afresh next time; this process calls it after writing the directory."""
        with self._lock:
            self._kept.clear()

    def _find(self, field: str, value: object) -> Tenant | None:
        now = self._clock()
        kept = self._kept.get((field, value))
        if kept is not None and kept[0] > now:
            return kept[1]
        row = DirectoryEntry.objects.filter(**{field: value}).values_list(*_FIELDS).first()
        tenant = _tenant(row) if row else None
        with self._lock:
            if len(self._kept) >= KEEP_ENTRIES:
                self._kept.clear()
            self._kept[(field, value)] = (now + KEEP_SECONDS, tenant)
        return tenant


def _tenant(row: tuple[Any, ...]) -> Tenant:
    platform_id, code, database, clock_offset, live, state = row
    return Tenant(
        id=platform_id,
        code=code,
        database=database,
        clock_offset=clock_offset,
        live=live,
        state=state,
    )


DIRECTORY = PlatformDirectory()
