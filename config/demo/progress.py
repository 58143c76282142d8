"""What the demo has done so far, so that a killed start goes on where it stopped."""

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

T = TypeVar("T")


def write_private(path: Path, content: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(draft).chmod(0o600)
    Path(draft).replace(path)


class Progress:
    """A small JSON file: each fact is kept the moment it is known."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.facts: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}

    def __contains__(self, name: str) -> bool:
        return name in self.facts

    def __getitem__(self, name: str) -> Any:
        return self.facts[name]

    def keep(self, name: str, value: Any) -> Any:
        """Remember ``value`` under ``name``."""
        self.facts[name] = value
        write_private(self.path, json.dumps(self.facts, ensure_ascii=False, indent=1))
        return value

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What was made under ``name`` before, else made now and kept."""
        if name not in self.facts:
            self.keep(name, make())
        found: T = self.facts[name]
        return found

    def key(self, name: str) -> str:
        """An Idempotency-Key that stays the same over restarts."""
        return self.once(f"key:{name}", lambda: f"demo-{name}-{uuid4().hex}")
