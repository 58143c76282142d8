"""Maintenance mode (维护模式): while a person works on this machine nothing is changed.

It is a file in DATA_DIR and no row, since it must hold while the database is away. Machines that
share no folder are each told on their own.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel import clock
from kernel.errors import Unavailable

RETRY = 120  # seconds after which to try again when nobody said how long it takes
_read: tuple[int, "Maintenance | None"] = (0, None)


class UnderMaintenance(Unavailable):
    code = "maintenance"
    title = _("Closed for maintenance for a while")
    remedy = _("Nothing you sent was carried out. Try again a little later.")


@dataclass(frozen=True)
class Maintenance:
    """``closed``: nothing is shown either. ``until``: when it should be over, if that is known."""

    since: datetime
    until: datetime | None = None
    closed: bool = False
    note: str = ""

    def retry_after(self) -> int:
        """Seconds until it should be over, at least half a minute."""
        if self.until is None:
            return RETRY
        return max(30, int((self.until - clock.system()).total_seconds()))


def begin(*, until: datetime | None = None, closed: bool = False, note: str = "") -> Maintenance:
    """From now on; said again it changes the rest and keeps the beginning."""
    before = current()
    since = before.since if before else clock.system()
    found = Maintenance(since, until, closed, note)
    text = json.dumps(
        {
            "since": since.isoformat(),
            "until": until.isoformat() if until else None,
            "closed": closed,
            "note": note,
        },
        ensure_ascii=False,
    )
    draft = _file().with_suffix(".draft")
    draft.write_text(text, encoding="utf-8")
    draft.replace(_file())
    return found


def end() -> bool:
    """It is over; whether there was any."""
    try:
        _file().unlink()
    except FileNotFoundError:
        return False
    return True


def current() -> Maintenance | None:
    """What holds now; asked at every request, so the file is read only when it has changed.

    A file that can't be read counts as maintenance: somebody wanted it.
    """
    global _read
    try:
        changed = os.stat(_name()).st_mtime_ns
    except OSError:
        return None
    if _read[0] != changed:
        _read = (changed, _parse(_file()))
    return _read[1]


def _parse(file: Path) -> Maintenance:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        until = found.get("until")
        return Maintenance(
            datetime.fromisoformat(found["since"]),
            datetime.fromisoformat(until) if until else None,
            bool(found.get("closed")),
            str(found.get("note") or ""),
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return Maintenance(clock.system())


def _file() -> Path:
    return Path(_name())


def _name() -> str:
    return f"{settings.DATA_DIR}/maintenance.json"
