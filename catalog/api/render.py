"""Contracts as JSON."""

from typing import Any

from catalog.api.routes import address, image_out
from catalog.contracts import CategoryInfo, PictureInfo, ProductInfo, VariantRecord
from catalog.contracts_video import VideoFileInfo, VideoInfo
from catalog.domain.sizes import SIDES
from kernel.api import ApiRequest
from kernel.ids import public_id


def variant_out(info: VariantRecord, *, private: bool) -> dict[str, Any]:
    return {
        "id": public_id("var", info.id),
        "product": public_id("prd", info.product_id),
        "sku": info.sku,
        "options": info.options,
        "weight_grams": info.weight_grams,
        **{side: getattr(info, side) for side in SIDES},
        "barcode": info.barcode,
        "active": info.active,
        "external_id": info.external_id if private else None,
        "metadata": info.metadata if private else {},
    }


def picture_out(request: ApiRequest, info: PictureInfo) -> dict[str, Any]:
    return {
        "id": public_id("pic", info.id),
        "media": public_id("med", info.image.media_id),
        "variant": public_id("var", info.variant_id) if info.variant_id else None,
        "alts": info.image.alts,
        "image": image_out(request, info.image),
    }


def video_file_out(request: ApiRequest, info: VideoFileInfo) -> dict[str, Any]:
    return {
        "id": public_id("vdf", info.id),
        "filename": info.filename,
        "type": info.content_type,
        "bytes": info.size,
        "milliseconds": info.milliseconds,
        "width": info.width,
        "height": info.height,
        "url": address(request, info.url, info.path),
        "created_at": info.created_at,
    }


def video_out(request: ApiRequest, info: VideoInfo) -> dict[str, Any]:
    return {
        "id": public_id("vid", info.id),
        "titles": info.titles,
        "file": video_file_out(request, info.file),
    }


def category_out(info: CategoryInfo, *, private: bool) -> dict[str, Any]:
    return {
        "id": public_id("cat", info.id),
        "parent": public_id("cat", info.parent_id) if info.parent_id else None,
        "slug": info.slug,
        "path": info.path,
        "position": info.position,
        "names": info.names,
        "external_id": info.external_id if private else None,
        "metadata": info.metadata if private else {},
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def product_out(info: ProductInfo, *, private: bool) -> dict[str, Any]:
    """The product alone, as in lists."""
    return {
        "id": public_id("prd", info.id),
        "merchant": public_id("mer", info.merchant_id),
        "category": public_id("cat", info.category_id) if info.category_id else None,
        "brand": public_id("brd", info.brand_id) if info.brand_id else None,
        "slug": info.slug,
        "state": str(info.state),
        "titles": info.titles,
        "descriptions": info.descriptions,
        "options": [{"code": axis.code, "titles": axis.titles} for axis in info.options],
        "unit": info.unit,
        "attributes": dict(info.attributes),
        "external_id": info.external_id if private else None,
        "metadata": info.metadata if private else {},
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "published_at": info.published_at,
    }


def detail_out(request: ApiRequest, info: ProductInfo, *, private: bool = True) -> dict[str, Any]:
    """The product with its variants, pictures and videos."""
    return {
        **product_out(info, private=private),
        "variants": [variant_out(variant, private=private) for variant in info.variants],
        "pictures": [picture_out(request, picture) for picture in info.pictures],
        "videos": [video_out(request, video) for video in info.videos],
    }
