"""Reads of videos: those of products, and what was uploaded."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from catalog.contracts_video import VideoFileInfo, VideoInfo, VideoKind
from catalog.models import Video, VideoFile
from kernel.errors import NotFound

FILE_FIELDS = (
    "id", "merchant_id", "digest", "kind", "size", "milliseconds", "width", "height", "filename",
    "created_at",
)  # fmt: skip


def video_file_info(row: tuple[Any, ...]) -> VideoFileInfo:
    """A row of ``FILE_FIELDS`` values as contract."""
    values = dict(zip(FILE_FIELDS, row, strict=True))
    return VideoFileInfo(**values | {"kind": VideoKind(values["kind"])})


def videos(product_ids: Iterable[UUID]) -> dict[UUID, tuple[VideoInfo, ...]]:
    """The videos of products, each product's in order, in one query."""
    rows = Video.objects.filter(product_id__in=set(product_ids)).order_by("position", "id")
    found: dict[UUID, list[VideoInfo]] = {}
    names = [f"file__{name}" for name in FILE_FIELDS]
    values: Any = rows.values_list("product_id", "id", "position", "titles", *names)
    for owner, video_id, position, titles, *file in values:
        info = VideoInfo(video_id, position, video_file_info(tuple(file)), titles)
        found.setdefault(owner, []).append(info)
    return {product_id: tuple(infos) for product_id, infos in found.items()}


def video(product_id: UUID, video_id: UUID) -> VideoInfo:
    """One video of a product. Raises NotFound."""
    for found in videos([product_id]).get(product_id, ()):
        if found.id == video_id:
            return found
    raise NotFound


def video_file(file_id: UUID, merchant_id: UUID) -> VideoFileInfo:
    """One uploaded video of this merchant. Raises NotFound."""
    row = (
        VideoFile.objects.filter(id=file_id, merchant_id=merchant_id)
        .values_list(*FILE_FIELDS)
        .first()
    )
    if row is None:
        raise NotFound
    return video_file_info(row)
