"""Videos as they go out, with examples."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from kernel.api import Id, Schema, Timestamp


class VideoFileOut(Schema):
    """What the file doesn't say of itself is null."""

    id: Annotated[UUID, Id("vdf")]
    filename: str
    type: str = Field(description="video/mp4 or video/webm")
    bytes: int
    milliseconds: int | None
    width: int | None
    height: int | None
    url: str = Field(description="Takes Range")
    created_at: Timestamp


class VideoOut(Schema):
    id: Annotated[UUID, Id("vid")]
    titles: dict[str, str] = Field(description="By language tag")
    file: VideoFileOut


FILE_EXAMPLE = {
    "id": "vdf_01k00000000000000000000000",
    "filename": "brewing.mp4",
    "type": "video/mp4",
    "bytes": 7_340_032,
    "milliseconds": 21_400,
    "width": 1280,
    "height": 720,
    "url": "https://city.example/media/" + "0" * 64 + ".mp4",
    "created_at": "2026-05-01T08:00:00Z",
}
VIDEO_EXAMPLE = {
    "id": "vid_01k00000000000000000000000",
    "titles": {"zh-Hans": "怎样冲泡", "en": "How to brew it"},
    "file": FILE_EXAMPLE,
}
