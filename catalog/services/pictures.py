"""The pictures of a product: attach, order, describe, remove."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from catalog import locks, selectors
from catalog.contracts import PictureInfo
from catalog.errors import MediaUnknown, TooManyPictures
from catalog.models import Media, Picture, Product
from catalog.services.media import store_media
from catalog.services.products import tell_updated
from catalog.services.writing import TITLE_LENGTH, check_merchant, texts
from kernel import transactions
from kernel.errors import Invalid, NotFound
from platforms.facade import setting


def add_picture(
    *,
    product_id: UUID,
    data: bytes,
    filename: str = "",
    alts: Mapping[str, str] | None = None,
    merchant_id: UUID | None = None,
) -> PictureInfo:
    """Store a picture and attach it at the end. Raises as ``store_media`` and
    ``attach_picture``."""
    owner = merchant_id or selectors.owner_of(product_id)
    media = store_media(data=data, filename=filename, merchant_id=owner)
    return attach_picture(
        product_id=product_id, media_id=media.id, alts=alts, merchant_id=merchant_id
    )


def attach_picture(
    *,
    product_id: UUID,
    media_id: UUID,
    alts: Mapping[str, str] | None = None,
    variant_id: UUID | None = None,
    merchant_id: UUID | None = None,
) -> PictureInfo:
    """Attach an uploaded picture at the end; attached already, it is only described anew.

    Raises NotFound, MediaUnknown, TooManyPictures, MerchantNotApproved.
    """
    stored = texts(alts or {}, field="alts", longest=TITLE_LENGTH)
    with transactions.atomic():
        product = _locked(product_id, merchant_id)
        if not Media.objects.filter(id=media_id, merchant_id=product.merchant_id).exists():
            raise MediaUnknown(field="media")
        if variant_id is not None and not product.variants.filter(id=variant_id).exists():
            raise Invalid(_("The variant isn't one of this product."), field="variant")
        row = Picture.objects.filter(product_id=product_id, media_id=media_id).first()
        if row is None:
            present = Picture.objects.filter(product_id=product_id)
            limit = setting("catalog", "pictures_per_product")
            if present.count() >= limit:
                raise TooManyPictures(limit=limit)
            last = present.aggregate(last=Max("position"))["last"]
            row = Picture(product_id=product_id, media_id=media_id)
            row.position = 0 if last is None else last + 1
            _change(row, stored, variant_id)
            row.save(force_insert=True)
        elif stored or variant_id:
            _change(row, stored or row.alts, variant_id or row.variant_id)
            row.save()
        else:
            return selectors.picture(product_id, row.id)
        _tell(product, {"picture": str(row.id), "media": str(media_id)})
    return selectors.picture(product_id, row.id)


def change_picture(
    *,
    product_id: UUID,
    picture_id: UUID,
    alts: Mapping[str, str] | None = None,
    merchant_id: UUID | None = None,
) -> PictureInfo:
    """Describe a picture anew. Raises NotFound, Invalid."""
    with transactions.atomic():
        product = _locked(product_id, merchant_id)
        row = _find(product, picture_id)
        if alts is not None:
            row.alts = texts(alts, field="alts", longest=TITLE_LENGTH)
        row.save()
        _tell(product, {"picture": str(row.id), "alts": row.alts})
    return selectors.picture(product_id, picture_id)


def order_pictures(
    *, product_id: UUID, picture_ids: Sequence[UUID], merchant_id: UUID | None = None
) -> tuple[PictureInfo, ...]:
    """Put all pictures of the product in this order; the first one is its cover."""
    with transactions.atomic():
        product = _locked(product_id, merchant_id)
        rows = {row.id: row for row in Picture.objects.filter(product_id=product_id)}
        if len(picture_ids) != len(rows) or set(picture_ids) != rows.keys():
            raise Invalid(
                _("Name every picture of the product once, in the wanted order."),
                field="pictures",
            )
        for place, picture_id in enumerate(picture_ids):
            rows[picture_id].position = place
        Picture.objects.bulk_update(rows.values(), ["position"])
        _tell(product, {"order": [str(picture_id) for picture_id in picture_ids]})
    return selectors.pictures([product_id]).get(product_id, ())


def remove_picture(*, product_id: UUID, picture_id: UUID, merchant_id: UUID | None = None) -> None:
    """Take a picture off the product. Raises NotFound."""
    with transactions.atomic():
        product = _locked(product_id, merchant_id)
        row = _find(product, picture_id)
        # Its day as an unused upload begins now.
        media = Media.objects.filter(id=row.media_id).first()
        Picture.objects.filter(id=picture_id).delete()
        if media is not None:
            media.save()
        _tell(product, {"removed": str(picture_id)})


def _locked(product_id: UUID, merchant_id: UUID | None) -> Product:
    product = locks.product(product_id, merchant_id)
    check_merchant(product.merchant_id)
    return product


def _find(product: Product, picture_id: UUID) -> Picture:
    row = Picture.objects.filter(id=picture_id, product_id=product.id).first()
    if row is None:
        raise NotFound
    found: Picture = row
    return found


def _change(row: Picture, alts: dict[str, str], variant_id: UUID | None) -> None:
    row.alts = alts
    row.variant_id = variant_id


def _tell(product: Product, after: dict[str, object]) -> None:
    tell_updated(product, ["pictures"], before={}, after={"pictures": after}, saved=False)
