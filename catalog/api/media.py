"""Pictures on their way in: a staged upload, or an address to fetch from."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from catalog import selectors
from catalog.api.routes import STAFF, MediaId, ProductId, image_out, own, own_or_any, routes
from catalog.api.schemas import MEDIA_EXAMPLE, MediaOut
from catalog.contracts import MediaInfo
from catalog.errors import AddressRefused, MediaStoreAway, PictureTooLarge, PictureUnreadable
from catalog.gateways.pictures import BYTES_MAX
from catalog.services import media
from kernel.api import ApiRequest, Id, Schema
from kernel.errors import Invalid, TooLarge
from kernel.ids import public_id
from platforms.facade import MerchantNotApproved

# A shop's pictures and those of the first page come in by the same door as a product's.
UPLOADS = {"merchant": ("catalogue", "shop"), "operator": ("catalogue", "content")}


class MediaAddress(Schema):
    url: Annotated[str, Field(min_length=1, max_length=2000)]
    product: ProductId | None = Field(None, description="Attach it there when it has come")


class MediaJobStarted(Schema):
    job: Annotated[UUID, Id("job")]


@routes.post(
    "/media",
    summary="Upload a picture: the file as body (image/*), or multipart with the field file",
    audience=STAFF,
    scope="catalog:write",
    permission=UPLOADS,
    status=201,
    takes=("image/*", "multipart/form-data"),
    response=MediaOut,
    errors=(
        MerchantNotApproved,
        PictureUnreadable,
        PictureTooLarge,
        TooLarge,
        Invalid,
        MediaStoreAway,
    ),
    example=MEDIA_EXAMPLE,
)
def upload_media(request: ApiRequest) -> dict[str, Any]:
    data, filename = _sent(request)
    info = media.store_media(data=data, filename=filename, merchant_id=own_or_any(request.actor))
    return _render(request, info)


@routes.post(
    "/media/by-url",
    summary="Fetch a picture from a public address; GET /jobs/{id} tells how it went",
    audience={"merchant"},
    scope="catalog:write",
    permission=("catalogue", "shop"),
    status=202,
    response=MediaJobStarted,
    errors=(MerchantNotApproved, AddressRefused),
    example={"job": "job_01k00000000000000000000000"},
    request_example={"url": "https://pictures.example/longjing.jpg"},
)
def fetch_media(request: ApiRequest, body: MediaAddress) -> dict[str, Any]:
    job = media.request_fetch(url=body.url, merchant_id=own(request.actor), product_id=body.product)
    return {"job": public_id("job", job)}


@routes.get(
    "/media/{media_id}",
    summary="An uploaded picture",
    audience=STAFF,
    scope="catalog:read",
    permission=UPLOADS,
    response=MediaOut,
    example=MEDIA_EXAMPLE,
)
def get_media(request: ApiRequest, media_id: MediaId) -> dict[str, Any]:
    return _render(request, selectors.media(media_id, own_or_any(request.actor)))


def _sent(request: ApiRequest) -> tuple[bytes, str]:
    if request.content_type == "multipart/form-data":
        file = request.FILES.get("file")
        if file is None:
            raise Invalid(_("Send the picture in the field file."), field="file")
        if (file.size or 0) > BYTES_MAX:
            raise PictureTooLarge(field="file", limit=BYTES_MAX)
        return file.read(), file.name or ""
    if request.content_type and request.content_type.startswith("image/"):
        return request.body, ""
    raise Invalid(
        _("Send the file itself with Content-Type image/…, or multipart/form-data."),
        field="Content-Type",
    )


def _render(request: ApiRequest, info: MediaInfo) -> dict[str, Any]:
    return {
        "id": public_id("med", info.id),
        "filename": info.filename,
        "image": image_out(request, info.image),
        "created_at": info.created_at,
    }
