"""``manifest.json``: what a backup holds, and what a restored system must show again."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

FORMAT = 1
NAME = "manifest.json"


@dataclass(frozen=True)
class Dump:
    """One database: its alias and role when it was dumped, its file, and its figures."""

    alias: str
    file: str
    figures: dict[str, Any]


@dataclass(frozen=True)
class Manifest:
    """``master_keys`` are the ids of the keys that seal personal data, not the keys."""

    format: int
    made_at: str
    master_keys: list[str]
    server_version: int
    roles: dict[str, str]
    dumps: list[Dump]
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False))


def read(folder: Path) -> Manifest:
    """The manifest of a backup whose files are all there and unchanged; else CommandError."""
    try:
        data = json.loads((folder / NAME).read_text())
    except FileNotFoundError as error:
        raise CommandError(
            f"{folder} isn't a backup: it has no {NAME}. Name the folder that `make backup` made."
        ) from error
    except ValueError as error:
        raise CommandError(f"{folder / NAME} can't be read: {error}.") from error
    if data.get("format") != FORMAT:
        raise CommandError(
            f"{folder} has format {data.get('format')}; this release reads {FORMAT}. "
            "Restore it with the release that made it, then upgrade."
        )
    manifest = Manifest(**data | {"dumps": [Dump(**dump) for dump in data["dumps"]]})
    for name, expected in manifest.files.items():
        path = folder / name
        if not path.is_file():
            raise CommandError(f"{path} is missing: the backup isn't whole. Nothing was changed.")
        if digest(path) != expected:
            raise CommandError(
                f"{path} isn't what was backed up (its SHA-256 differs). Nothing was changed; "
                "use another copy."
            )
    return manifest


def digest(path: Path) -> str:
    """Hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
