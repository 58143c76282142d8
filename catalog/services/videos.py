"""The videos of a product: attach, order, name, remove."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog.contracts_video import VideoInfo
from catalog.errors import TooManyVideos, VideoUnknown
from catalog.models import Video, VideoFile
from catalog.selectors import owner_of
from catalog.services.hanging import Hanging, locked
from catalog.services.video_files import store_video
from catalog.services.writing import TITLE_LENGTH, texts
from catalog.videos import video, videos
from kernel import transactions
from kernel.errors import NotFound
from platforms.facade import setting

VIDEOS = Hanging(
    "videos", Video, "file", _("Name every video of the product once, in the wanted order.")
)


def add_video(
    *,
    product_id: UUID,
    pieces: Iterable[bytes],
    filename: str = "",
    titles: Mapping[str, str] | None = None,
    merchant_id: UUID | None = None,
) -> VideoInfo:
    """Take in a video and attach it at the end. Raises as ``store_video`` and
    ``attach_video``; a product that has all it can have takes none in."""
    owner = owner_of(product_id)
    if merchant_id not in (None, owner):
        raise NotFound
    _check_room(product_id)
    file = store_video(pieces=pieces, filename=filename, merchant_id=owner)
    return attach_video(
        product_id=product_id, file_id=file.id, titles=titles, merchant_id=merchant_id
    )


def attach_video(
    *,
    product_id: UUID,
    file_id: UUID,
    titles: Mapping[str, str] | None = None,
    merchant_id: UUID | None = None,
) -> VideoInfo:
    """Attach an uploaded video at the end; attached already, it is only named anew.

    Raises NotFound, VideoUnknown, TooManyVideos, Invalid, MerchantNotApproved.
    """
    stored = texts(titles or {}, field="titles", longest=TITLE_LENGTH)
    with transactions.atomic():
        product = locked(product_id, merchant_id)
        if not VideoFile.objects.filter(id=file_id, merchant_id=product.merchant_id).exists():
            raise VideoUnknown(field="file")
        row = Video.objects.filter(product_id=product_id, file_id=file_id).first()
        if row is None:
            _check_room(product_id)
            place = VIDEOS.next_place(product_id)
            row = Video(product_id=product_id, file_id=file_id, position=place, titles=stored)
            row.save(force_insert=True)
        elif stored and stored != row.titles:
            row.titles = stored
            row.save()
        else:
            return video(product_id, row.id)
        VIDEOS.tell(product, {"video": str(row.id), "file": str(file_id)})
    return video(product_id, row.id)


def change_video(
    *,
    product_id: UUID,
    video_id: UUID,
    titles: Mapping[str, str],
    merchant_id: UUID | None = None,
) -> VideoInfo:
    """Name a video anew. Raises NotFound, Invalid, MerchantNotApproved."""
    stored = texts(titles, field="titles", longest=TITLE_LENGTH)
    with transactions.atomic():
        product = locked(product_id, merchant_id)
        row = VIDEOS.find(product, video_id)
        if row.titles != stored:
            row.titles = stored
            row.save()
            VIDEOS.tell(product, {"video": str(row.id), "titles": stored})
    return video(product_id, video_id)


def order_videos(
    *, product_id: UUID, video_ids: Sequence[UUID], merchant_id: UUID | None = None
) -> tuple[VideoInfo, ...]:
    """Put all videos of the product in this order. Raises NotFound, Invalid."""
    VIDEOS.put_in_order(product_id, video_ids, merchant_id=merchant_id)
    return videos([product_id]).get(product_id, ())


def remove_video(*, product_id: UUID, video_id: UUID, merchant_id: UUID | None = None) -> None:
    """Take a video off the product. Raises NotFound."""
    VIDEOS.take_off(product_id, video_id, merchant_id=merchant_id)


def _check_room(product_id: UUID) -> None:
    limit = setting("catalog", "videos_per_product")
    if Video.objects.filter(product_id=product_id).count() >= limit:
        raise TooManyVideos(limit=limit)
