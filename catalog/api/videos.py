"""Videos: uploaded, then attached to products."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from catalog import selectors
from catalog.api.render import detail_out, video_file_out, video_out
from catalog.api.routes import ProductId, own, routes
from catalog.api.schemas import DETAIL_EXAMPLE, ProductOut, Texts
from catalog.api.schemas_video import FILE_EXAMPLE, VIDEO_EXAMPLE, VideoFileOut, VideoOut
from catalog.errors import TooManyVideos, VideoTooLarge, VideoUnknown, VideoUnreadable
from catalog.gateways.video_files import PIECE, too_large
from catalog.services import videos
from catalog.services.video_files import store_video, video_limit
from catalog.videos import video_file
from kernel.api import ApiRequest, Id, Schema, set_etag
from kernel.errors import Invalid
from platforms.facade import MerchantNotApproved

VideoFileId = Annotated[UUID, Id("vdf")]
VideoId = Annotated[UUID, Id("vid")]
ENVELOPE = 20_000  # bytes that multipart has beside the file


class ProductVideoIn(Schema):
    file: VideoFileId
    titles: Texts = Field(default_factory=dict)


class VideoChange(Schema):
    titles: Texts


class VideoOrder(Schema):
    videos: Annotated[list[VideoId], Field(max_length=50)]


@routes.post(
    "/media/videos",
    summary="Upload a video: the file as body (video/*), or multipart with the field file",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    takes=("video/*", "multipart/form-data"),
    response=VideoFileOut,
    errors=(MerchantNotApproved, VideoUnreadable, VideoTooLarge, Invalid),
    example=FILE_EXAMPLE,
)
def upload_video(request: ApiRequest) -> dict[str, Any]:
    pieces, filename = _sent(request)
    merchant_id = own(request.actor)
    info = store_video(pieces=pieces, filename=filename, merchant_id=merchant_id)
    return video_file_out(request, info)


@routes.get(
    "/media/videos/{file_id}",
    summary="An uploaded video",
    audience={"merchant"},
    scope="catalog:read",
    permission="catalogue",
    response=VideoFileOut,
    example=FILE_EXAMPLE,
)
def get_video_file(request: ApiRequest, file_id: VideoFileId) -> dict[str, Any]:
    return video_file_out(request, video_file(file_id, own(request.actor)))


@routes.post(
    "/products/{product_id}/videos",
    summary="Attach an uploaded video at the end; see POST /media/videos",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=VideoOut,
    errors=(MerchantNotApproved, VideoUnknown, TooManyVideos),
    example=VIDEO_EXAMPLE,
    request_example={"file": "vdf_01k00000000000000000000000", "titles": {"en": "How to brew it"}},
)
def attach_video(
    request: ApiRequest, product_id: ProductId, body: ProductVideoIn
) -> dict[str, Any]:
    info = videos.attach_video(
        product_id=product_id,
        file_id=body.file,
        titles=body.titles,
        merchant_id=own(request.actor),
    )
    return video_out(request, info)


@routes.put(
    "/products/{product_id}/videos",
    summary="Put all videos of the product in order",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(MerchantNotApproved,),
    example=DETAIL_EXAMPLE,
    request_example={"videos": ["vid_01k00000000000000000000000"]},
)
def order_videos(request: ApiRequest, product_id: ProductId, body: VideoOrder) -> dict[str, Any]:
    merchant_id = own(request.actor)
    videos.order_videos(product_id=product_id, video_ids=body.videos, merchant_id=merchant_id)
    info = selectors.product(product_id, merchant_id)
    set_etag(request, info.version)
    return detail_out(request, info)


@routes.patch(
    "/products/{product_id}/videos/{video_id}",
    summary="Name a video",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=VideoOut,
    errors=(MerchantNotApproved,),
    example=VIDEO_EXAMPLE,
    request_example={"titles": {"en": "How to brew it"}},
)
def change_video(
    request: ApiRequest, product_id: ProductId, video_id: VideoId, body: VideoChange
) -> dict[str, Any]:
    info = videos.change_video(
        product_id=product_id,
        video_id=video_id,
        titles=body.titles,
        merchant_id=own(request.actor),
    )
    return video_out(request, info)


@routes.delete(
    "/products/{product_id}/videos/{video_id}",
    summary="Take a video off the product",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=204,
    response=None,
    errors=(MerchantNotApproved,),
)
def remove_video(request: ApiRequest, product_id: ProductId, video_id: VideoId) -> None:
    videos.remove_video(product_id=product_id, video_id=video_id, merchant_id=own(request.actor))


def _sent(request: ApiRequest) -> tuple[Iterable[bytes], str]:
    """The video in pieces and its name; what announces itself as too large isn't read at all."""
    limit, announced = video_limit(), str(request.META.get("CONTENT_LENGTH") or "0")
    if announced.isdigit() and int(announced) > limit + ENVELOPE:
        raise too_large(limit)
    if request.content_type == "multipart/form-data":
        file = request.FILES.get("file")
        if file is None:
            raise Invalid(_("Send the video in the field file."), field="file")
        return file.chunks(PIECE), file.name or ""
    if request.content_type and request.content_type.startswith("video/"):
        return _read(request), ""
    raise Invalid(
        _("Send the file itself with Content-Type video/…, or multipart/form-data."),
        field="Content-Type",
    )


def _read(request: HttpRequest) -> Iterator[bytes]:
    while piece := request.read(PIECE):
        yield piece
