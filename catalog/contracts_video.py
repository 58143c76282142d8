"""Videos as they cross this context's border."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.urls import get_script_prefix
from django.utils.translation import gettext_lazy as _

from catalog.domain.texts import pick


class VideoKind(models.TextChoices):
    MP4 = "mp4", _("MP4")
    WEBM = "webm", _("WebM")


@dataclass(frozen=True)
class VideoFileInfo:
    """An uploaded video (视频), attached to a product or still waiting for it. ``size`` in bytes;
    ``milliseconds``, ``width`` and ``height`` as far as the file says them."""

    id: UUID
    merchant_id: UUID
    digest: str
    kind: VideoKind
    size: int
    milliseconds: int | None
    width: int | None
    height: int | None
    filename: str
    created_at: datetime

    @property
    def content_type(self) -> str:
        return f"video/{self.kind.value}"

    @property
    def path(self) -> str:
        """The path of the file, below the platform."""
        return f"/media/{self.digest}.{self.kind.value}"

    @property
    def url(self) -> str:
        """``path`` with the prefix of the platform that the request was sent to."""
        return get_script_prefix().rstrip("/") + self.path


@dataclass(frozen=True)
class VideoInfo:
    """A video at its place on a product."""

    id: UUID
    position: int
    file: VideoFileInfo
    titles: Mapping[str, str]

    def title(self, language: str, main: str = "") -> str:
        """What it is called in ``language``, else in another it has, else empty."""
        return pick(self.titles, language, main)
