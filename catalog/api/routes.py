"""The context's route table, and what its handlers share."""

from typing import Annotated, Any
from uuid import UUID

from django.conf import settings
from django.urls import get_script_prefix
from pydantic import ValidationError

from catalog.contracts import ImageInfo
from kernel.actors import Actor
from kernel.api import ApiRequest, Id, Routes
from kernel.errors import FieldProblem, Invalid, NotFound
from platforms.facade import get_platform, platform_url

routes = Routes("catalog", tag="Catalogue")

ProductId = Annotated[UUID, Id("prd")]
VariantId = Annotated[UUID, Id("var")]
PictureId = Annotated[UUID, Id("pic")]
CategoryId = Annotated[UUID, Id("cat")]
MediaId = Annotated[UUID, Id("med")]
MerchantId = Annotated[UUID, Id("mer")]
STAFF = {"operator", "merchant"}


def own(actor: Actor) -> UUID:
    """The merchant on whose behalf the actor works. Raises NotFound when there is none."""
    if actor.merchant_id is None:
        raise NotFound
    return actor.merchant_id


def own_or_any(actor: Actor) -> UUID | None:
    """The merchant to which a merchant's request is bound; None for an operator's."""
    return None if actor.kind == "operator" else own(actor)


def address(request: ApiRequest, url: str, path: str) -> str:
    """The absolute address of a picture or video, on the host that was asked if it can be."""
    if settings.MEDIA_PUBLIC_URL and url.startswith(settings.MEDIA_PUBLIC_URL):
        return url
    here = request.get_host().partition(":")[0]
    if get_script_prefix() != "/" or here in get_platform().hosts:
        return request.build_absolute_uri(url)
    return platform_url(path)


def row_problem(error: ValidationError) -> Invalid:
    """What is wrong with one row of a batch."""
    return Invalid(
        problems=[
            FieldProblem(
                ".".join(str(part) for part in item["loc"]) or "body",
                str(item["msg"]).removeprefix("Value error, "),
            )
            for item in error.errors()
        ]
    )


def image_out(request: ApiRequest, image: ImageInfo) -> dict[str, Any]:
    """A picture as sent: its copies, smallest first."""
    return {
        "width": image.width,
        "height": image.height,
        "sizes": [
            {
                "width": width,
                "height": height,
                "url": address(request, image.url(width), image.path(width)),
            }
            for width, height in image.sizes
        ],
    }
