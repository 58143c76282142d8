"""The pictures of a product: attach, order, describe, remove."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import selectors
from catalog.contracts import PictureInfo
from catalog.errors import MediaUnknown, TooManyPictures
from catalog.models import Media, Picture
from catalog.services.hanging import Hanging, locked
from catalog.services.media import store_media
from catalog.services.writing import TITLE_LENGTH, texts
from kernel import transactions
from kernel.errors import Invalid
from platforms.facade import setting

PICTURES = Hanging(
    "pictures", Picture, "media", _("Name every picture of the product once, in the wanted order.")
)


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
        product = locked(product_id, merchant_id)
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
            row = Picture(product_id=product_id, media_id=media_id)
            row.position = PICTURES.next_place(product_id)
            _change(row, stored, variant_id)
            row.save(force_insert=True)
        elif stored or variant_id:
            _change(row, stored or row.alts, variant_id or row.variant_id)
            row.save()
        else:
            return selectors.picture(product_id, row.id)
        PICTURES.tell(product, {"picture": str(row.id), "media": str(media_id)})
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
        product = locked(product_id, merchant_id)
        row = PICTURES.find(product, picture_id)
        if alts is not None:
            row.alts = texts(alts, field="alts", longest=TITLE_LENGTH)
        row.save()
        PICTURES.tell(product, {"picture": str(row.id), "alts": row.alts})
    return selectors.picture(product_id, picture_id)


def order_pictures(
    *, product_id: UUID, picture_ids: Sequence[UUID], merchant_id: UUID | None = None
) -> tuple[PictureInfo, ...]:
    """Put all pictures of the product in this order; the first one is its cover."""
    PICTURES.put_in_order(product_id, picture_ids, merchant_id=merchant_id)
    return selectors.pictures([product_id]).get(product_id, ())


def remove_picture(*, product_id: UUID, picture_id: UUID, merchant_id: UUID | None = None) -> None:
    """Take a picture off the product. Raises NotFound."""
    PICTURES.take_off(product_id, picture_id, merchant_id=merchant_id)


def _change(row: Picture, alts: dict[str, str], variant_id: UUID | None) -> None:
    row.alts = alts
    row.variant_id = variant_id
