"""Where videos lie: ``MEDIA_ROOT/<platform>/<aa>/<digest>.<kind>``. They come in piece by piece."""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from catalog.contracts_video import VideoKind
from catalog.errors import VideoTooLarge
from catalog.gateways import videos
from kernel import tenancy

NAME = re.compile(r"([0-9a-f]{64})\.(mp4|webm)")
PIECE = 64 * 1024


@dataclass(frozen=True)
class Draft:
    """A video that has come whole and isn't in its place yet."""

    path: Path
    digest: str
    size: int
    footage: videos.Footage


def place(digest: str, kind: VideoKind) -> Path:
    """The file of a video, on the platform in scope."""
    return _root() / digest[:2] / f"{digest}.{kind.value}"


def by_name(name: str) -> tuple[Path, VideoKind] | None:
    """The file named in an address, and what it is, if the name has the right form."""
    match = NAME.fullmatch(name)
    if match is None:
        return None
    kind = VideoKind(match[2])
    return place(match[1], kind), kind


@contextmanager
def received(pieces: Iterable[bytes], limit: int) -> Iterator[Draft]:
    """Write what comes, at most ``limit`` bytes, and look at it; gone at the end unless ``keep``
    put it in its place. Raises VideoTooLarge, VideoUnreadable."""
    path = _drafts() / f"{uuid4().hex}.part"
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("w+b") as file:
            for piece in pieces:
                size += len(piece)
                if size > limit:
                    raise too_large(limit)
                digest.update(piece)
                file.write(piece)
            footage = videos.inspect(file, size)
            videos.forget(file, footage)
            file.flush()
            os.fsync(file.fileno())
        yield Draft(path, digest.hexdigest(), size, footage)
    finally:
        path.unlink(missing_ok=True)


def too_large(limit: int) -> VideoTooLarge:
    return VideoTooLarge(
        _("At most %(limit)s MB are taken.") % {"limit": limit // 1_000_000},
        field="file",
        limit=limit,
    )


def keep(draft: Draft) -> None:
    """Put the video in its place, unless it is there."""
    target = place(draft.digest, draft.footage.kind)
    if target.exists():
        return  # the name is the content
    target.parent.mkdir(parents=True, exist_ok=True)
    draft.path.replace(target)


def remove(digest: str, kind: VideoKind) -> None:
    """Take the video away; one that isn't there is no matter."""
    with contextlib.suppress(FileNotFoundError):
        place(digest, kind).unlink()


def sweep_drafts(before: datetime) -> None:
    """Take away what a process left that ended while a video came in."""
    for path in _drafts().glob("*.part"):
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                path.unlink()


def pieces(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """The bytes from ``start`` until before ``end``; the file is closed then."""
    with file:
        file.seek(start)
        while start < end and (piece := file.read(min(PIECE, end - start))):
            start += len(piece)
            yield piece


def _root() -> Path:
    return Path(settings.MEDIA_ROOT) / tenancy.current_id().hex


def _drafts() -> Path:
    return _root() / "drafts"
