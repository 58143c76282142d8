"""The product page: all that it shows of the catalogue, in one statement."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from catalog import attribute_sets
from catalog.contracts import CategoryNode, PageVariant, PictureInfo, ProductPage
from catalog.contracts_video import VideoInfo
from catalog.domain.sizes import size_of
from catalog.domain.texts import pick
from catalog.selectors import axes, image_info
from catalog.videos import video_file_info
from kernel import tenancy
from kernel.errors import NotFound
from kernel.transactions import cursor
from platforms.facade import get_platform

_PAGE = """
SELECT p.id, p.slug, p.merchant_id, p.unit, p.version, json_build_object(
  'attributes', p.attributes, 'titles', p.titles, 'descriptions', p.descriptions,
  'options', p.options,
  'brand', (SELECT b.names FROM catalog_brand b
    WHERE b.platform_id = %(platform)s AND b.id = p.brand_id),
  'related', (SELECT json_agg(r.other_id ORDER BY r.position, r.id) FROM catalog_related r
    WHERE r.platform_id = %(platform)s AND r.product_id = p.id),
  'trail', (
    SELECT json_agg(json_build_array(c.id, c.slug, c.path, c.depth, c.names) ORDER BY c.depth)
    FROM catalog_category own
    CROSS JOIN LATERAL generate_series(1, own.depth + 1) AS step
    JOIN catalog_category c ON c.platform_id = %(platform)s
      AND c.path = array_to_string((string_to_array(own.path, '/'))[1:step], '/')
    WHERE own.platform_id = %(platform)s AND own.id = p.category_id),
  'variants', (
    SELECT json_agg(json_build_array(v.id, v.sku, v.options, v.weight_grams, v.length_mm,
      v.width_mm, v.height_mm) ORDER BY v.position, v.id)
    FROM catalog_variant v
    WHERE v.platform_id = %(platform)s AND v.product_id = p.id AND v.active),
  'pictures', (
    SELECT json_agg(json_build_array(t.id, t.position, t.variant_id, m.id, m.digest, m.width,
      m.height, m.sizes, t.alts) ORDER BY t.position, t.id)
    FROM catalog_picture t
    JOIN catalog_media m ON m.platform_id = %(platform)s AND m.id = t.media_id
    WHERE t.platform_id = %(platform)s AND t.product_id = p.id),
  'videos', (
    SELECT json_agg(json_build_array(w.id, w.position, w.titles, f.id, f.merchant_id, f.digest,
      f.kind, f.size, f.milliseconds, f.width, f.height, f.filename, f.created_at)
      ORDER BY w.position, w.id)
    FROM catalog_video w
    JOIN catalog_videofile f ON f.platform_id = %(platform)s AND f.id = w.file_id
    WHERE w.platform_id = %(platform)s AND w.product_id = p.id)
)::text
FROM catalog_product p
WHERE p.platform_id = %(platform)s AND p.{column} = %(wanted)s
  AND p.state = 'published' AND p.merchant_open
"""


def product_page(*, slug_or_id: str | UUID, language: str = "") -> ProductPage:
    """A published product with what its page shows. Raises NotFound."""
    column = "id" if isinstance(slug_or_id, UUID) else "slug"
    values = {"platform": tenancy.current_id(), "wanted": slug_or_id}
    with cursor() as sql:
        sql.execute(_PAGE.format(column=column), values)
        row = sql.fetchone()
    if row is None:
        raise NotFound
    product_id, slug, merchant_id, unit, version, parts = row
    found: dict[str, Any] = orjson.loads(parts)
    main = get_platform().locales[0]
    language = language or main
    trail = tuple(
        CategoryNode(UUID(key), its_slug, path, depth, pick(names, language, main))
        for key, its_slug, path, depth, names in found["trail"] or ()
    )
    shown = tuple(_picture(one) for one in found["pictures"] or ())
    own = {info.variant_id: info.id for info in reversed(shown) if info.variant_id}
    return ProductPage(
        id=product_id,
        slug=slug,
        title=pick(found["titles"], language, main),
        description=pick(found["descriptions"], language, main),
        merchant_id=merchant_id,
        unit=unit,
        category=trail[-1] if trail else None,
        trail=trail,
        axes=tuple(
            (axis.code, pick(axis.titles, language, main) or axis.code)
            for axis in axes(found["options"])
        ),
        variants=tuple(
            PageVariant(
                id=UUID(key),
                sku=sku,
                options={
                    code: value if isinstance(value, str) else pick(value, language, main)
                    for code, value in options.items()
                },
                weight_grams=weight,
                picture_id=own.get(UUID(key)),
                size_mm=size_of(*sides),
            )
            for key, sku, options, weight, *sides in found["variants"] or ()
        ),
        pictures=shown,
        version=version,
        brand=pick(found["brand"] or {}, language, main),
        videos=tuple(_video(one) for one in found["videos"] or ()),
        related=tuple(UUID(one) for one in found["related"] or ()),
        attributes=attribute_sets.shown(found["attributes"], language, main),
    )


def _video(row: list[Any]) -> VideoInfo:
    key, position, titles, file, merchant, *told, made = row
    known = (UUID(file), UUID(merchant), *told, datetime.fromisoformat(made))
    return VideoInfo(UUID(key), position, video_file_info(known), titles)


def _picture(row: list[Any]) -> PictureInfo:
    key, position, variant, media, *image = row
    return PictureInfo(
        id=UUID(key),
        position=position,
        variant_id=UUID(variant) if variant else None,
        image=image_info((UUID(media), *image)),
    )
