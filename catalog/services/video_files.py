"""Uploaded videos: take in, and take away what nobody used."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError

from catalog import locks
from catalog.contracts_video import VideoFileInfo, VideoKind
from catalog.gateways import video_files
from catalog.models import Video, VideoFile
from catalog.services.writing import check_merchant
from catalog.videos import video_file
from kernel import audit, transactions
from platforms.facade import setting

MEGABYTE = 1_000_000


def video_limit() -> int:
    """How many bytes a video may have on the platform in scope."""
    return int(setting("catalog", "video_megabytes")) * MEGABYTE


def store_video(*, pieces: Iterable[bytes], filename: str = "", merchant_id: UUID) -> VideoFileInfo:
    """Take in a video, piece by piece onto the disk; the same bytes again give the same one.

    Raises VideoUnreadable, VideoTooLarge, MerchantNotApproved. Outside of any transaction.
    """
    check_merchant(merchant_id)
    with video_files.received(pieces, video_limit()) as draft, transactions.atomic():
        locks.content(draft.digest)
        video_files.keep(draft)
        row = VideoFile.objects.filter(digest=draft.digest, merchant_id=merchant_id).first()
        if row is None:
            row = VideoFile(
                merchant_id=merchant_id,
                digest=draft.digest,
                kind=draft.footage.kind,
                size=draft.size,
                milliseconds=draft.footage.milliseconds,
                width=draft.footage.width,
                height=draft.footage.height,
                filename="".join(c for c in filename if c.isprintable())[:200],
            )
            row.save(force_insert=True)
            audit.record(
                action="catalog.video.stored",
                target=row,
                after={"digest": row.digest, "bytes": row.size, "filename": row.filename},
            )
        else:
            row.save()  # its day begins anew
    return video_file(row.id, merchant_id)


def sweep_unused_videos(before: datetime) -> int:
    """Remove videos that nothing has used since, and what is left of broken uploads; how many."""
    video_files.sweep_drafts(before)
    used = Video.objects.values("file_id")
    rows = VideoFile.objects.filter(updated_at__lt=before).exclude(id__in=used).order_by("id")
    removed = 0
    for file_id, digest in list(rows.values_list("id", "digest")[:500]):
        try:
            removed += _remove(file_id, digest, used_before=before)
        except IntegrityError:
            continue  # attached meanwhile: the foreign key held it
    return removed


def _remove(file_id: UUID, digest: str, *, used_before: datetime) -> int:
    with transactions.atomic():
        locks.content(digest)
        row = VideoFile.objects.filter(id=file_id, updated_at__lt=used_before).first()
        if row is None or Video.objects.filter(file_id=file_id).exists():
            return 0
        VideoFile.objects.filter(id=file_id).delete()
        # Last of all and under the lock, as with pictures (``media``).
        if not VideoFile.objects.filter(digest=digest).exists():
            video_files.remove(digest, VideoKind(row.kind))
        return 1
