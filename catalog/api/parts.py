"""Variants and pictures of a product."""

from dataclasses import replace
from typing import Annotated, Any

from pydantic import Field

from catalog import selectors
from catalog.api.render import detail_out, picture_out, variant_out
from catalog.api.routes import MediaId, PictureId, ProductId, VariantId, own, routes
from catalog.api.schemas import (
    DETAIL_EXAMPLE,
    PICTURE_EXAMPLE,
    VARIANT_EXAMPLE,
    VARIANT_IN_EXAMPLE,
    PictureOut,
    ProductOut,
    Texts,
    VariantChange,
    VariantIn,
    VariantOut,
)
from catalog.contracts import VariantInput
from catalog.domain.sizes import SIDES
from catalog.errors import (
    BarcodeWrong,
    ExternalIdTaken,
    LastVariant,
    MediaUnknown,
    SameOptions,
    SkuTaken,
    TooManyPictures,
)
from catalog.services import pictures, products
from kernel.api import ApiRequest, Schema, check_if_match, set_etag
from kernel.errors import NotFound, PreconditionFailed, fields_told
from platforms.facade import MerchantNotApproved

VARIANT_ERRORS = (
    BarcodeWrong,
    MerchantNotApproved,
    SkuTaken,
    SameOptions,
    ExternalIdTaken,
    PreconditionFailed,
)


class ProductPictureIn(Schema):
    media: MediaId
    alts: Texts = Field(default_factory=dict)
    variant: VariantId | None = None


class PictureChange(Schema):
    alts: Texts


class PictureOrder(Schema):
    pictures: Annotated[list[PictureId], Field(max_length=50)]


@routes.post(
    "/products/{product_id}/variants",
    summary="Add a variant",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=VariantOut,
    errors=VARIANT_ERRORS,
    example=VARIANT_EXAMPLE,
    request_example=VARIANT_IN_EXAMPLE,
)
def create_variant(request: ApiRequest, product_id: ProductId, body: VariantIn) -> dict[str, Any]:
    if body.sku in {v.sku for v in selectors.variant_records([product_id]).get(product_id, ())}:
        selectors.product(product_id, own(request.actor))  # another merchant's is absent
        raise SkuTaken(field="sku")
    with fields_told(_of_one):
        found = products.change_variant(
            product_id=product_id,
            variant_id=None,
            change=lambda _present: body.contract(),
            merchant_id=own(request.actor),
            check=lambda version: check_if_match(request, version),
        )
    return _variant(request, product_id, found)


@routes.patch(
    "/products/{product_id}/variants/{variant_id}",
    summary="Change a variant; active false takes it out of sale",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=VariantOut,
    errors=(*VARIANT_ERRORS, LastVariant),
    example=VARIANT_EXAMPLE,
    request_example={"weight_grams": 580},
)
def update_variant(
    request: ApiRequest, product_id: ProductId, variant_id: VariantId, body: VariantChange
) -> dict[str, Any]:
    given = {
        name: getattr(body, name)
        for name in body.model_fields_set
        if name in ("external_id", *SIDES) or getattr(body, name) is not None
    }

    def change(present: VariantInput | None) -> VariantInput:
        if present is None:
            raise NotFound
        return replace(present, **given)

    with fields_told(_of_one):
        found = products.change_variant(
            product_id=product_id,
            variant_id=variant_id,
            change=change,
            merchant_id=own(request.actor),
            check=lambda version: check_if_match(request, version),
        )
    return _variant(request, product_id, found)


def _of_one(field: str) -> str:
    """Of a list of one variant, which this caller didn't send as a list."""
    return field.removeprefix("variants.0.")


@routes.post(
    "/products/{product_id}/pictures",
    summary="Attach an uploaded picture at the end; see POST /media",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=PictureOut,
    errors=(MerchantNotApproved, MediaUnknown, TooManyPictures),
    example=PICTURE_EXAMPLE,
    request_example={"media": "med_01k00000000000000000000000", "alts": {"en": "A bag"}},
)
def attach_picture(
    request: ApiRequest, product_id: ProductId, body: ProductPictureIn
) -> dict[str, Any]:
    info = pictures.attach_picture(
        product_id=product_id,
        media_id=body.media,
        alts=body.alts,
        variant_id=body.variant,
        merchant_id=own(request.actor),
    )
    return picture_out(request, info)


@routes.put(
    "/products/{product_id}/pictures",
    summary="Put all pictures of the product in order; the first is its cover",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(MerchantNotApproved,),
    example=DETAIL_EXAMPLE,
    request_example={"pictures": ["pic_01k00000000000000000000000"]},
)
def order_pictures(
    request: ApiRequest, product_id: ProductId, body: PictureOrder
) -> dict[str, Any]:
    merchant_id = own(request.actor)
    pictures.order_pictures(
        product_id=product_id, picture_ids=body.pictures, merchant_id=merchant_id
    )
    info = selectors.product(product_id, merchant_id)
    set_etag(request, info.version)
    return detail_out(request, info)


@routes.patch(
    "/products/{product_id}/pictures/{picture_id}",
    summary="Describe a picture for those who can't see it",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=PictureOut,
    errors=(MerchantNotApproved,),
    example=PICTURE_EXAMPLE,
    request_example={"alts": {"en": "A bag of tea"}},
)
def change_picture(
    request: ApiRequest, product_id: ProductId, picture_id: PictureId, body: PictureChange
) -> dict[str, Any]:
    info = pictures.change_picture(
        product_id=product_id,
        picture_id=picture_id,
        alts=body.alts,
        merchant_id=own(request.actor),
    )
    return picture_out(request, info)


@routes.delete(
    "/products/{product_id}/pictures/{picture_id}",
    summary="Take a picture off the product",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=204,
    response=None,
    errors=(MerchantNotApproved,),
)
def remove_picture(request: ApiRequest, product_id: ProductId, picture_id: PictureId) -> None:
    pictures.remove_picture(
        product_id=product_id, picture_id=picture_id, merchant_id=own(request.actor)
    )


def _variant(request: ApiRequest, product_id: ProductId, variant_id: VariantId) -> dict[str, Any]:
    for found in selectors.variant_records([product_id]).get(product_id, ()):
        if found.id == variant_id:
            set_etag(request, found.version)
            return variant_out(found, private=True)
    raise NotFound
