"""The videos of a merchant's product: add, name, put first, remove."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog import facade as catalog
from kernel.errors import DomainError
from platforms import facade as platforms
from storefront.lists import uuid_of
from storefront.pages import done, merchant_desk, merchant_of, public, up_to


def _too_large() -> DomainError:
    return catalog.VideoTooLarge(limit=catalog.video_limit())


@require_POST
@up_to(catalog.video_limit, _too_large)
@merchant_desk("catalogue")
def video(request: HttpRequest, product: str) -> HttpResponse:
    """Add a video, name one, make one the first, or take one away."""
    product_id, merchant_id = public("prd", product), merchant_of(request)
    what, chosen = request.POST.get("do", ""), request.POST.get("video", "")
    if what in ("remove", "first", "name"):
        text = _changed(request, what, uuid_of(chosen), product_id, merchant_id)
    else:
        file = request.FILES.get("file")
        if file is not None:
            catalog.add_video(
                pieces=file.chunks(),
                filename=file.name or "",
                titles=_titles(request),
                product_id=product_id,
                merchant_id=merchant_id,
            )
        text = _("The video is there.") if file is not None else _("Choose a file first.")
    return done(request, text, "storefront:merchant_product", product=product)


def _changed(
    request: HttpRequest, what: str, chosen: UUID, product_id: UUID, merchant_id: UUID
) -> str:
    if what == "remove":
        catalog.remove_video(product_id=product_id, video_id=chosen, merchant_id=merchant_id)
        return _("The video is removed.")
    if what == "name":
        catalog.change_video(
            product_id=product_id,
            video_id=chosen,
            titles=_titles(request),
            merchant_id=merchant_id,
        )
        return _("Saved.")
    info = catalog.product(product_id, merchant_id)
    rest = [one.id for one in info.videos if one.id != chosen]
    catalog.order_videos(product_id=product_id, video_ids=[chosen, *rest], merchant_id=merchant_id)
    return _("This video comes first now.")


def _titles(request: HttpRequest) -> dict[str, str]:
    locales = platforms.get_platform().locales
    return {tag: request.POST.get(f"title_{n}", "") for n, tag in enumerate(locales)}


def shown_videos(info: catalog.ProductInfo | None, locales: Sequence[str]) -> dict[str, Any]:
    """Each video with its title in every language, the empty titles of a new one, the limit in MB
    and whether another one may come."""
    if info is None:
        return {}
    most: int = platforms.get_platform().settings["catalog"]["videos_per_product"]
    return {
        "videos": [(one, _named(one.titles, locales)) for one in info.videos],
        "untitled": _named({}, locales),
        "megabytes": catalog.video_limit() // 1_000_000,
        "room": len(info.videos) < most,
    }


def _named(titles: Any, locales: Iterable[str]) -> list[tuple[int, str, str]]:
    return [(n, tag, titles.get(tag, "")) for n, tag in enumerate(locales)]
