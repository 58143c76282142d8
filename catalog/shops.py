"""Reads of shops: how they present themselves, their own categories, what stands in them."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from catalog.contracts import ImageInfo, ShopCategoryInfo, ShopInfo
from catalog.models import Shop, ShopCategory, ShopPlacement
from catalog.selectors import image_info
from kernel.errors import NotFound

_MEDIA = ("id", "digest", "width", "height", "sizes")
_FIELDS = (
    "id", "merchant_id", "parent_id", "names", "position", "version", "created_at", "updated_at",
)  # fmt: skip


def shop(merchant_id: UUID) -> ShopInfo:
    """The merchant's profile; an empty one when nothing was written yet. One query."""
    row: Any = (
        Shop.objects.filter(merchant_id=merchant_id)
        .values(
            "abouts", "notices", "version", "updated_at", "banner_alts",
            *(f"{which}__{name}" for which in ("banner", "logo") for name in _MEDIA),
        )
        .first()
    )  # fmt: skip
    if row is None:
        return ShopInfo(merchant_id)
    return ShopInfo(
        merchant_id=merchant_id,
        abouts=row["abouts"],
        notices=row["notices"],
        banner=_image(row, "banner", row["banner_alts"]),
        logo=_image(row, "logo", {}),
        version=row["version"],
        updated_at=row["updated_at"],
    )


def logos(merchant_ids: Iterable[UUID]) -> dict[UUID, ImageInfo]:
    """The signs of those shops that have one. One query, none for none."""
    wanted = set(merchant_ids)
    if not wanted:
        return {}
    rows: Any = Shop.objects.filter(merchant_id__in=wanted, logo__isnull=False)
    found = rows.values("merchant_id", *(f"logo__{name}" for name in _MEDIA))
    return {row["merchant_id"]: image for row in found if (image := _image(row, "logo", {}))}


def _image(row: dict[str, Any], which: str, alts: dict[str, str]) -> ImageInfo | None:
    if row[f"{which}__id"] is None:
        return None
    return image_info((*(row[f"{which}__{name}"] for name in _MEDIA), alts))


def shop_categories(merchant_id: UUID, *, counted: bool = False) -> tuple[ShopCategoryInfo, ...]:
    """The shop's categories as a tree, in order. One query, two when the products are counted."""
    rows: Any = ShopCategory.objects.filter(merchant_id=merchant_id).order_by("position", "id")
    found = list(rows.values(*_FIELDS))
    counts = _counts([row["id"] for row in found]) if counted else {}
    children: dict[UUID | None, list[ShopCategoryInfo]] = {}
    for row in found:
        info = ShopCategoryInfo(**row, products=counts.get(row["id"], 0))
        children.setdefault(info.parent_id, []).append(info)
    return tuple(
        replace(top, children=tuple(children.get(top.id, ()))) for top in children.get(None, ())
    )


def shop_category(category_id: UUID, merchant_id: UUID | None = None) -> ShopCategoryInfo:
    """One category with those below it; ``merchant_id`` must own it. Raises NotFound."""
    family = Q(id=category_id) | Q(parent_id=category_id)
    rows: Any = ShopCategory.objects.filter(family).order_by("position", "id")
    if merchant_id is not None:
        rows = rows.filter(merchant_id=merchant_id)
    found = list(rows.values(*_FIELDS))
    counts = _counts([row["id"] for row in found])
    infos = [ShopCategoryInfo(**row, products=counts.get(row["id"], 0)) for row in found]
    for info in infos:
        if info.id == category_id:
            return replace(info, children=tuple(one for one in infos if one.id != category_id))
    raise NotFound


def _counts(ids: list[UUID]) -> dict[UUID, int]:
    rows = ShopPlacement.objects.filter(category_id__in=ids).values_list("category_id")
    return dict(rows.annotate(products=Count("id")).order_by())


def shop_category_products(category_id: UUID) -> tuple[UUID, ...]:
    """The products that stand in just this category, in any state, the oldest first."""
    rows = ShopPlacement.objects.filter(category_id=category_id).order_by("product_id")
    return tuple(rows.values_list("product_id", flat=True))


def shop_categories_of(product_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The categories in which each of these products stands itself. One query, none for none."""
    wanted = set(product_ids)
    found: dict[UUID, list[UUID]] = {}
    if wanted:
        rows = ShopPlacement.objects.filter(product_id__in=wanted).order_by("category_id")
        for product_id, category_id in rows.values_list("product_id", "category_id"):
            found.setdefault(product_id, []).append(category_id)
    return {product_id: tuple(ids) for product_id, ids in found.items()}


def shop_shelves(
    product_ids: Iterable[UUID],
) -> dict[UUID, tuple[tuple[UUID, dict[str, str]], ...]]:
    """Where buyers find each of these products: the shop's categories in which it stands and
    those above them, with their names. For the search index; one query, none for none."""
    wanted = set(product_ids)
    found: dict[UUID, dict[UUID, dict[str, str]]] = {}
    if wanted:
        rows: Any = ShopPlacement.objects.filter(product_id__in=wanted).order_by("id")
        for product_id, key, names, above_id, above_names in rows.values_list(
            "product_id", "category_id", "category__names", "category__parent_id",
            "category__parent__names",
        ):  # fmt: skip
            one = found.setdefault(product_id, {})
            one[key] = names
            if above_id is not None:
                one[above_id] = above_names
    return {product_id: tuple(one.items()) for product_id, one in found.items()}
