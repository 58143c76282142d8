"""When this machine was last backed up: a file in DATA_DIR, written after a backup is whole."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings

NAME = "last_backup.json"


@dataclass(frozen=True)
class LastBackup:
    """``made_at`` is ISO 8601 in UTC; ``folder`` is where it was written, on this machine."""

    made_at: str
    folder: str

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.made_at)


def remember(folder: Path, made_at: str, say: Callable[[str], None]) -> None:
    """Keep the moment. A backup is good without this note, so a disk that refuses it is told."""
    path = _path()
    draft = path.with_suffix(".draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(json.dumps(asdict(LastBackup(made_at, str(folder)))), encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        say(f"The backup is whole, but {path} couldn't be written: {error}.")


def last_backup() -> LastBackup | None:
    """The last one known here. Raises OSError, ValueError, KeyError when the note can't be read."""
    try:
        told = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    found = LastBackup(str(told["made_at"]), str(told["folder"]))
    return found if found.at else None


def _path() -> Path:
    return Path(settings.DATA_DIR) / NAME
