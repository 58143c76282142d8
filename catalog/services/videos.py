"""The videos of a product: attach, order, name, remove."""

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from catalog import locks
from catalog.contracts_video import VideoInfo
from catalog.errors import TooManyVideos, VideoUnknown
from catalog.models import Product, Video, VideoFile
from catalog.selectors import owner_of
from catalog.services.products import tell_updated
from catalog.services.video_files import store_video
from catalog.services.writing import TITLE_LENGTH, check_merchant, texts
from catalog.videos import video, videos
from kernel import transactions
from kernel.errors import Invalid, NotFound
from platforms.facade import setting


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
        product = _locked(product_id, merchant_id)
        if not VideoFile.objects.filter(id=file_id, merchant_id=product.merchant_id).exists():
            raise VideoUnknown(field="file")
        row = Video.objects.filter(product_id=product_id, file_id=file_id).first()
        if row is None:
            _check_room(product_id)
            present = Video.objects.filter(product_id=product_id)
            last = present.aggregate(last=Max("position"))["last"]
            place = 0 if last is None else last + 1
            row = Video(product_id=product_id, file_id=file_id, position=place, titles=stored)
            row.save(force_insert=True)
        elif stored and stored != row.titles:
            row.titles = stored
            row.save()
        else:
            return video(product_id, row.id)
        _tell(product, {"video": str(row.id), "file": str(file_id)})
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
        product = _locked(product_id, merchant_id)
        row = _find(product, video_id)
        if row.titles != stored:
            row.titles = stored
            row.save()
            _tell(product, {"video": str(row.id), "titles": stored})
    return video(product_id, video_id)


def order_videos(
    *, product_id: UUID, video_ids: Sequence[UUID], merchant_id: UUID | None = None
) -> tuple[VideoInfo, ...]:
    """Put all videos of the product in this order. Raises NotFound, Invalid."""
    with transactions.atomic():
        product = _locked(product_id, merchant_id)
        rows = {row.id: row for row in Video.objects.filter(product_id=product_id)}
        if len(video_ids) != len(rows) or set(video_ids) != rows.keys():
            raise Invalid(
                _("Name every video of the product once, in the wanted order."), field="videos"
            )
        for place, video_id in enumerate(video_ids):
            rows[video_id].position = place
        Video.objects.bulk_update(rows.values(), ["position"])
        _tell(product, {"order": [str(video_id) for video_id in video_ids]})
    return videos([product_id]).get(product_id, ())


def remove_video(*, product_id: UUID, video_id: UUID, merchant_id: UUID | None = None) -> None:
    """Take a video off the product. Raises NotFound."""
    with transactions.atomic():
        product = _locked(product_id, merchant_id)
        row = _find(product, video_id)
        # Its day as an unused upload begins now.
        file = VideoFile.objects.filter(id=row.file_id).first()
        Video.objects.filter(id=video_id).delete()
        if file is not None:
            file.save()
        _tell(product, {"removed": str(video_id)})


def _locked(product_id: UUID, merchant_id: UUID | None) -> Product:
    product = locks.product(product_id, merchant_id)
    check_merchant(product.merchant_id)
    return product


def _check_room(product_id: UUID) -> None:
    limit = setting("catalog", "videos_per_product")
    if Video.objects.filter(product_id=product_id).count() >= limit:
        raise TooManyVideos(limit=limit)


def _find(product: Product, video_id: UUID) -> Video:
    row = Video.objects.filter(id=video_id, product_id=product.id).first()
    if row is None:
        raise NotFound
    found: Video = row
    return found


def _tell(product: Product, after: dict[str, object]) -> None:
    tell_updated(product, ["videos"], before={}, after={"videos": after}, saved=False)
