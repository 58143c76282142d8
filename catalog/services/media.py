"""Uploaded pictures: take in, fetch by address, and take away what nobody used."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.db.models import QuerySet

from catalog import locks, selectors
from catalog.contracts import MediaInfo
from catalog.gateways import fetch, files, pictures
from catalog.models import Block, Media, Picture, Shop
from catalog.services.video_files import sweep_unused_videos
from catalog.services.writing import check_merchant
from kernel import audit, clock, jobs, transactions
from kernel.ids import public_id

UNUSED_FOR = timedelta(days=1)


def store_media(*, data: bytes, filename: str = "", merchant_id: UUID | None) -> MediaInfo:
    """Check, copy and keep a picture; the same bytes again give the same media.

    ``merchant_id`` None: the operator's. Raises PictureUnreadable, PictureTooLarge,
    MerchantNotApproved, MediaStoreAway.
    """
    if merchant_id is not None:
        check_merchant(merchant_id)
    rendered = pictures.render(data)
    # Under the lock to the end: whoever takes unused files away waits, and then sees the row.
    with locks.content_held(rendered.digest):
        files.write(rendered)
        return _keep(rendered, len(data), filename, merchant_id)


def _keep(
    rendered: pictures.Rendered, size: int, filename: str, merchant_id: UUID | None
) -> MediaInfo:
    """The row of a picture whose files are there. ``size``: bytes that were sent."""
    with transactions.atomic():
        row = Media.objects.filter(digest=rendered.digest, merchant_id=merchant_id).first()
        if row is None:
            row = Media(
                merchant_id=merchant_id,
                digest=rendered.digest,
                filename="".join(c for c in filename if c.isprintable())[:200],
                width=rendered.width,
                height=rendered.height,
                sizes=rendered.sizes,
            )
            row.save(force_insert=True)
            audit.record(
                action="catalog.media.stored",
                target=row,
                after={"digest": row.digest, "bytes": size, "filename": row.filename},
            )
        else:
            row.sizes = rendered.sizes
            row.save()  # its day begins anew
    return selectors.media(row.id, merchant_id)


def request_fetch(*, url: str, merchant_id: UUID, product_id: UUID | None = None) -> UUID:
    """Queue fetching a picture; when ``product_id`` is given it is attached there. The job's id.

    Raises AddressRefused, NotFound, MerchantNotApproved.
    """
    check_merchant(merchant_id)
    address = fetch.check_address(url)
    with transactions.atomic():
        if product_id is not None:
            locks.product(product_id, merchant_id)
        args = {
            "url": address,
            "merchant_id": str(merchant_id),
            "product_id": str(product_id) if product_id else None,
        }
        return jobs.enqueue("catalog.fetch_picture", args, merchant_id=merchant_id)


def fetch_media(*, url: str, merchant_id: UUID, product_id: UUID | None = None) -> dict[str, str]:
    """Fetch, store and attach; bears being run again. Outside of any transaction."""
    from catalog.services.pictures import attach_picture

    data, filename = fetch.fetch(url)
    found = store_media(data=data, filename=filename, merchant_id=merchant_id)
    result = {"media": public_id("med", found.id)}
    if product_id is not None:
        picture = attach_picture(product_id=product_id, media_id=found.id, merchant_id=merchant_id)
        result["picture"] = public_id("pic", picture.id)
    return result


def sweep_unused() -> int:
    """Remove pictures and videos that nothing has used for a day; how many."""
    old = clock.system() - UNUSED_FOR
    rows = Media.objects.filter(updated_at__lt=old).order_by("id")
    for used in _uses():
        rows = rows.exclude(id__in=used)
    removed = sweep_unused_videos(old)
    for media_id, digest in list(rows.values_list("id", "digest")[:500]):
        try:
            removed += _remove(media_id, digest, used_before=old)
        except IntegrityError:
            continue  # attached meanwhile: the foreign key held it
    return removed


def media_problem() -> str:
    """What is wrong with the store of pictures, "" if nothing is or there is none. Asks it."""
    return files.problem()


def _uses() -> list[QuerySet[Any, Any]]:
    """Where pictures hang: on products, in shops, on the first page."""
    return [
        Picture.objects.values("media_id"),
        Shop.objects.filter(banner_id__isnull=False).values("banner_id"),
        Shop.objects.filter(logo_id__isnull=False).values("logo_id"),
        Block.objects.filter(picture_id__isnull=False).values("picture_id"),
        Block.objects.filter(live_picture_id__isnull=False).values("live_picture_id"),
    ]


def _remove(media_id: UUID, digest: str, *, used_before: object) -> int:
    with transactions.atomic():
        locks.content(digest)
        row = Media.objects.filter(id=media_id, updated_at__lt=used_before).first()
        if row is None:
            return 0
        if any(Media.objects.filter(id=media_id, id__in=used).exists() for used in _uses()):
            return 0
        widths = [int(width) for width, _height in row.sizes]
        Media.objects.filter(id=media_id).delete()
        if Media.objects.filter(digest=digest).exists():
            return 1
        if files.outside():  # no transaction waits for the store
            jobs.enqueue("catalog.remove_files", {"digest": digest, "widths": widths})
            return 1
        # Last of all and still under the lock: a crash here leaves a row without files, which
        # the next sweep takes, and an upload of the same bytes writes the files anew.
        files.remove(digest, widths)
        return 1


def remove_files(digest: str, widths: list[int]) -> bool:
    """Take a picture's files away unless it was uploaded again meanwhile; whether they went.

    Outside of any transaction; bears being run again. Raises MediaStoreAway.
    """
    with locks.content_held(digest):
        if Media.objects.filter(digest=digest).exists():
            return False
        files.remove(digest, widths)
        return True
