"""Variants as other contexts ask for them, in one statement."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson

from catalog.contracts import ImageInfo, VariantInfo
from catalog.domain.sizes import size_of
from catalog.models import Product, Variant
from catalog.selectors import axes, image_info
from kernel import tenancy
from kernel.questions import NOTHING, Question, ask
from kernel.sql_parts import AMONG, unseen
from kernel.statements import Columns

# A variant's own picture comes first, then those of the product, then another variant's.
_VARIANTS = f"""
SELECT v.id, v.product_id, v.merchant_id, v.sku, v.weight_grams, v.barcode, v.active,
  v.active AND p.merchant_open AND p.state = 'published', p.category_id, p.unit, p.slug,
  v.length_mm, v.width_mm, v.height_mm,
  json_build_array(p.titles, v.options, p.options, (
    SELECT json_build_array(m.id, m.digest, m.width, m.height, m.sizes, t.alts)
    FROM catalog_picture t
    JOIN catalog_media m ON m.platform_id = %(platform)s AND m.id = t.media_id
    WHERE t.platform_id = %(platform)s AND t.product_id = p.id
    ORDER BY CASE WHEN t.variant_id = v.id THEN 0 WHEN t.variant_id IS NULL THEN 1 ELSE 2 END,
      t.position, t.id
    LIMIT 1))::text
FROM catalog_variant v
JOIN catalog_product p ON p.platform_id = %(platform)s AND p.id = v.product_id
WHERE v.platform_id = %(platform)s AND v.id = ANY({unseen("%(ids)s")}::uuid[])
"""  # noqa: S608
_OWNERS = Columns(Variant, "id", "merchant_id", "product_id")
_UNITS = Columns(Product, "id", "unit")


def variant_owners(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Whose those variants are that exist, in any state: merchants by variant."""
    return {row["id"]: row["merchant_id"] for row in _OWNERS.all(f"id {AMONG}", [list(set(ids))])}


def variant_units(merchant_id: UUID, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The units of those variants that are the merchant's own. Two statements: a plan for their
    join that was made while the tables were small reads all products for each variant."""
    rows = _OWNERS.all(f"id {AMONG} AND merchant_id = %s", [list(set(ids)), merchant_id])
    products = {row["product_id"] for row in rows}
    units = {row["id"]: row["unit"] for row in _UNITS.all(f"id {AMONG}", [list(products)])}
    return {row["id"]: units[row["product_id"]] for row in rows}


def variants(ids: Iterable[UUID]) -> dict[UUID, VariantInfo]:
    """Those variants of the platform that exist, in any state."""
    return ask(variants_question(ids))[0]


def variants_question(ids: Iterable[UUID]) -> Question[dict[UUID, VariantInfo]]:
    """``variants``, to be asked with others."""
    wanted = list(set(ids))
    if not wanted:
        return NOTHING
    values = {"platform": tenancy.current_id(), "ids": wanted}
    return Question(_VARIANTS, values, lambda rows: {row[0]: _info(row) for row in rows})


def _info(row: tuple[Any, ...]) -> VariantInfo:
    titles, options, stored_axes, image = orjson.loads(row[14])
    return VariantInfo(
        id=row[0],
        product_id=row[1],
        merchant_id=row[2],
        sku=row[3],
        title=titles,
        options=options,
        weight_grams=row[4],
        published=row[7],
        image=_image(image),
        category_id=row[8],
        unit=row[9],
        slug=row[10],
        barcode=row[5],
        active=row[6],
        axes=axes(stored_axes),
        size_mm=size_of(*row[11:14]),
    )


def _image(found: list[Any] | None) -> ImageInfo | None:
    return image_info((UUID(found[0]), *found[1:])) if found else None
