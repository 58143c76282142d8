"""Where the copies of pictures lie: ``MEDIA_ROOT/<platform>/<aa>/<digest>-<width>.webp``."""

import contextlib
import os
import re
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from catalog.gateways.pictures import Rendered
from kernel import tenancy

NAME = re.compile(r"([0-9a-f]{64})-(\d{1,5})\.webp")


def place(digest: str, width: int) -> Path:
    """The file of one copy, on the platform in scope."""
    root = Path(settings.MEDIA_ROOT) / tenancy.current_id().hex
    return root / digest[:2] / f"{digest}-{width}.webp"


def by_name(name: str) -> Path | None:
    """The file named in an address, if the name has the right form."""
    match = NAME.fullmatch(name)
    return place(match[1], int(match[2])) if match else None


def write(rendered: Rendered) -> None:
    """Put all copies there, each whole or not at all."""
    for width, _height, data in rendered.copies:
        target = place(rendered.digest, width)
        if target.exists():
            continue  # the name is the content
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{uuid4().hex}.part")
        try:
            with draft.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def remove(digest: str, widths: list[int]) -> None:
    """Take the copies away; one that isn't there is no matter."""
    for width in widths:
        with contextlib.suppress(FileNotFoundError):
            place(digest, width).unlink()
