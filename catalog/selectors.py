"""Reads of one thing and of merchants' lists: plain values and contracts, never ORM objects."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog.contracts import (
    CategoryInfo,
    CategoryNode,
    ImageInfo,
    MediaInfo,
    OptionAxis,
    PictureInfo,
    ProductInfo,
    ProductState,
    VariantRecord,
)
from catalog.domain.sizes import SIDES
from catalog.domain.texts import pick
from catalog.domain.tokens import after_beginnings, query_tokens
from catalog.models import Category, Media, Picture, Product, ProductToken, Variant
from catalog.videos import videos
from kernel import tenancy
from kernel.errors import NotFound
from kernel.pagination import PageOf, keyset
from kernel.sql_parts import AMONG
from kernel.statements import Columns
from kernel.transactions import cursor as open_cursor
from platforms.facade import get_platform

PRODUCT_FIELDS = (
    "id", "merchant_id", "category_id", "slug", "state", "titles", "descriptions", "options",
    "unit", "external_id", "metadata", "version", "created_at", "updated_at", "published_at",
    "attributes", "brand_id",
)  # fmt: skip
VARIANT_FIELDS = (
    "id", "product_id", "sku", "options", "weight_grams", *SIDES, "barcode", "active", "position",
    "external_id", "metadata", "version",
)  # fmt: skip
CATEGORY_FIELDS = (
    "id", "parent_id", "slug", "path", "depth", "position", "names", "external_id", "metadata",
    "version", "created_at", "updated_at",
)  # fmt: skip
_BY_EXTERNAL = """
SELECT p.id FROM catalog_product p
WHERE p.platform_id = %s AND p.merchant_id = %s AND p.external_id = %s
"""
_CATEGORY = "SELECT c.id FROM catalog_category c WHERE c.platform_id = %s AND c.id = %s"
_PRODUCT, _VARIANT = Columns(Product, *PRODUCT_FIELDS), Columns(Variant, *VARIANT_FIELDS)
_NODE = Columns(Category, "id", "parent_id", "slug", "path", "depth", "names")
_OF_PRODUCTS = f"product_id {AMONG} ORDER BY position, id"
_IMAGE = ("media_id", "media__digest", "media__width", "media__height", "media__sizes", "alts")


def image_info(row: tuple[Any, ...]) -> ImageInfo:
    """(media id, digest, width, height, sizes, alts) as contract."""
    media_id, digest, width, height, sizes, alts = row
    return ImageInfo(media_id, digest, width, height, tuple([(w, h) for w, h in sizes]), alts or {})


def axes(stored: list[dict[str, Any]]) -> tuple[OptionAxis, ...]:
    """The option axes of a product row."""
    return tuple(OptionAxis(axis["code"], axis.get("titles", {})) for axis in stored)


def product_info(row: dict[str, Any]) -> ProductInfo:
    """A row of ``PRODUCT_FIELDS`` values as contract."""
    values = {name: row[name] for name in PRODUCT_FIELDS}
    values |= {"state": ProductState(row["state"]), "options": axes(row["options"])}
    return ProductInfo(**values)


def product(product_id: UUID, merchant_id: UUID | None = None) -> ProductInfo:
    """One product with variants, pictures and videos, in any state; ``merchant_id`` must own it.
    Raises NotFound."""
    if merchant_id is None:
        row = _PRODUCT.one("id = %s", [product_id])
    else:
        row = _PRODUCT.one("id = %s AND merchant_id = %s", [product_id, merchant_id])
    if row is None:
        raise NotFound
    return replace(
        product_info(row),
        variants=variant_records([product_id]).get(product_id, ()),
        pictures=pictures([product_id]).get(product_id, ()),
        videos=videos([product_id]).get(product_id, ()),
    )


def product_made(row: Product, variants: Iterable[Variant]) -> ProductInfo:
    """A product just made from its rows, without reading them again; it has neither pictures nor
    videos yet."""
    return replace(
        product_info({name: getattr(row, name) for name in PRODUCT_FIELDS}),
        variants=tuple(
            VariantRecord(**{name: getattr(variant, name) for name in VARIANT_FIELDS})
            for variant in variants
        ),
    )


def visible_product(product_id: UUID) -> ProductInfo:
    """One product that everybody may see, with active variants only. Raises NotFound."""
    row = _PRODUCT.one("id = %s AND state = 'published' AND merchant_open", [product_id])
    if row is None:
        raise NotFound
    found = variant_records([product_id]).get(product_id, ())
    return replace(
        product_info(row),
        variants=tuple(variant for variant in found if variant.active),
        pictures=pictures([product_id]).get(product_id, ()),
        videos=videos([product_id]).get(product_id, ()),
    )


def owner_of(product_id: UUID) -> UUID:
    """The product's merchant. Raises NotFound."""
    found = Product.objects.filter(id=product_id).values_list("merchant_id", flat=True).first()
    if found is None:
        raise NotFound
    owner: UUID = found
    return owner


def product_id_by_external(merchant_id: UUID, external_id: str) -> UUID | None:
    """The merchant's product with its own id, or None."""
    with open_cursor() as sql:
        sql.execute(_BY_EXTERNAL, [tenancy.current_id(), merchant_id, external_id])
        row = sql.fetchone()
    return row[0] if row else None


def products_page(
    *,
    merchant_id: UUID | None = None,
    visible: bool = False,
    state: str | None = None,
    category: UUID | None = None,
    sku: str | None = None,
    query: str | None = None,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("-id",),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[ProductInfo]:
    """Products without variants and pictures; ``visible``: only what everybody may see;
    ``category``: with the branch below it; ``query``: those that have all of its words."""
    rows = Product.objects.all()
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    if visible:
        rows = rows.filter(state=ProductState.PUBLISHED, merchant_open=True)
    if state is not None:
        rows = rows.filter(state=state)
    if category is not None:
        rows = rows.filter(category_id__in=branch_ids(category))
    if sku is not None:
        rows = rows.filter(id__in=Variant.objects.filter(sku=sku).values("product_id"))
    if query is not None and query.strip():
        rows = _with_words(rows, query)
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    columns = rows.values(*PRODUCT_FIELDS, "title_key")
    return keyset(columns, order=order, cursor=cursor, limit=limit).map(product_info)


def _with_words(rows: QuerySet[Product], query: str) -> QuerySet[Product]:
    """Those that have all words of ``query`` in titles or article numbers; none without words."""
    tokens = query_tokens(query)
    for token in tokens:
        end = after_beginnings(token)
        meant = {"token": token} if end is None else {"token__gte": token, "token__lt": end}
        words = ProductToken.objects.filter(**meant)
        rows = rows.filter(id__in=words.values("product_id"))
    return rows if tokens else rows.none()


def variant_records(product_ids: Iterable[UUID]) -> dict[UUID, tuple[VariantRecord, ...]]:
    """The variants of products, each product's in order, in one query."""
    found: dict[UUID, list[VariantRecord]] = {}
    for row in _VARIANT.all(_OF_PRODUCTS, [list(set(product_ids))]):
        found.setdefault(row["product_id"], []).append(VariantRecord(**row))
    return {product_id: tuple(records) for product_id, records in found.items()}


def pictures(product_ids: Iterable[UUID]) -> dict[UUID, tuple[PictureInfo, ...]]:
    """The pictures of products, each product's in order, in one query."""
    rows = Picture.objects.filter(product_id__in=set(product_ids)).order_by("position", "id")
    found: dict[UUID, list[PictureInfo]] = {}
    values: Any = rows.values_list("product_id", "id", "position", "variant_id", *_IMAGE)
    for owner, picture_id, position, variant_id, *image in values:
        shown = PictureInfo(picture_id, position, variant_id, image_info(tuple(image)))
        found.setdefault(owner, []).append(shown)
    return {product_id: tuple(infos) for product_id, infos in found.items()}


def picture(product_id: UUID, picture_id: UUID) -> PictureInfo:
    """One picture of a product. Raises NotFound."""
    for found in pictures([product_id]).get(product_id, ()):
        if found.id == picture_id:
            return found
    raise NotFound


def media(media_id: UUID, merchant_id: UUID | None) -> MediaInfo:
    """One uploaded picture of this merchant (None: the operator's). Raises NotFound."""
    row = (
        Media.objects.filter(id=media_id, merchant_id=merchant_id)
        .values_list("id", "digest", "width", "height", "sizes", "filename", "created_at")
        .first()
    )
    if row is None:
        raise NotFound
    return MediaInfo(
        id=row[0],
        merchant_id=merchant_id,
        image=image_info((*row[:5], {})),
        filename=row[5],
        created_at=row[6],
    )


def variant_ids_by_sku(merchant_id: UUID, skus: Iterable[str]) -> dict[str, UUID]:
    """The merchant's variants by SKU, in one query."""
    rows = Variant.objects.filter(merchant_id=merchant_id, sku__in=set(skus))
    return dict(rows.values_list("sku", "id"))


def variant_ids_by_words(merchant_id: UUID, query: str, *, limit: int) -> list[UUID]:
    """The variants of the merchant's products in any state with all words of ``query``, the
    newest products' first; at most ``limit`` variants."""
    products = _with_words(Product.objects.filter(merchant_id=merchant_id), query)
    rows = Variant.objects.filter(product_id__in=products.values("id"))
    return list(rows.order_by("-product_id", "id").values_list("id", flat=True)[:limit])


def category_info(row: dict[str, Any]) -> CategoryInfo:
    """A row of ``CATEGORY_FIELDS`` values as contract."""
    return CategoryInfo(**row)


def category(category_id: UUID) -> CategoryInfo:
    """One category. Raises NotFound."""
    row = Category.objects.filter(id=category_id).values(*CATEGORY_FIELDS).first()
    if row is None:
        raise NotFound
    return category_info(row)


def categories(ids: Iterable[UUID]) -> dict[UUID, CategoryInfo]:
    """Those categories that exist, in one query."""
    rows = Category.objects.filter(id__in=set(ids)).values(*CATEGORY_FIELDS)
    return {row["id"]: category_info(row) for row in rows}


def category_exists(category_id: UUID) -> bool:
    """Whether there is such a category."""
    with open_cursor() as sql:
        sql.execute(_CATEGORY, [tenancy.current_id(), category_id])
        return sql.fetchone() is not None


def category_by_path(path: str) -> CategoryInfo:
    """The category at a path (``pantry/rice``), or with this slug. Raises NotFound."""
    field = "path" if "/" in path else "slug"
    row = Category.objects.filter(**{field: path}).values(*CATEGORY_FIELDS).first()
    if row is None:
        raise NotFound
    return category_info(row)


def category_by_external_id(external_id: str) -> CategoryInfo:
    """The category with the operator's own id. Raises NotFound."""
    row = Category.objects.filter(external_id=external_id).values(*CATEGORY_FIELDS).first()
    if row is None:
        raise NotFound
    return category_info(row)


def categories_page(
    *,
    updated_since: datetime | None = None,
    order: tuple[str, ...] = ("path", "id"),
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[CategoryInfo]:
    """Categories, branch by branch unless ``order`` says otherwise."""
    rows = Category.objects.all()
    if updated_since is not None:
        rows = rows.filter(updated_at__gte=updated_since)
    page = keyset(rows.values(*CATEGORY_FIELDS), order=order, cursor=cursor, limit=limit)
    return page.map(category_info)


def branch_ids(category_id: UUID) -> list[UUID]:
    """The category and all below it; empty when there is no such category."""
    path = Category.objects.filter(id=category_id).values_list("path", flat=True).first()
    if path is None:
        return []
    below = Category.objects.filter(path__gte=f"{path}/", path__lt=f"{path}0")
    return [category_id, *below.values_list("id", flat=True)]


def category_tree(language: str = "") -> tuple[CategoryNode, ...]:
    """The whole tree in one language, siblings by position and name, in one query."""
    main = get_platform().locales[0]
    children: dict[UUID | None, list[tuple[Any, ...]]] = {}
    for row in _NODE.all("true ORDER BY position, name_key, id", []):
        children.setdefault(row["parent_id"], []).append(tuple(row.values()))

    def nodes(parent: UUID | None) -> tuple[CategoryNode, ...]:
        return tuple(
            CategoryNode(
                row_id, slug, path, depth, pick(names, language or main, main), nodes(row_id)
            )
            for row_id, _parent, slug, path, depth, names in children.get(parent, ())
        )

    return nodes(None)
