"""A shop's own categories (店铺分类): make, name, place, order, remove, and what stands in them."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from catalog import events, locks, shops
from catalog.contracts import ShopCategoryInfo
from catalog.errors import ShopCategoryInUse, ShopCategoryUnknown, ShopProductsUnknown
from catalog.errors import TooManyShopCategories as TooMany
from catalog.models import Product, ShopCategory, ShopPlacement
from catalog.services.products import tell_updated
from catalog.services.writing import main_language, texts
from kernel import audit, outbox, transactions
from kernel.errors import Invalid, NotFound

NAME_LENGTH = 60
CATEGORIES_MOST = 60
PRODUCTS_MOST = 1000  # in one category
PLACES_MOST = 10  # of one product


class ShopCategoryChanges(TypedDict, total=False):
    """The fields to change; one that is left out stays."""

    names: Mapping[str, str]
    parent_id: UUID | None


def create_shop_category(
    *, merchant_id: UUID, names: Mapping[str, str], parent_id: UUID | None = None
) -> ShopCategoryInfo:
    """A new category, the last of its siblings. Raises Invalid, ShopCategoryUnknown,
    TooManyShopCategories."""
    row = ShopCategory(merchant_id=merchant_id, names=_names(names))
    with transactions.atomic():
        locks.shop(merchant_id)
        if ShopCategory.objects.filter(merchant_id=merchant_id).count() >= CATEGORIES_MOST:
            raise TooMany(limit=CATEGORIES_MOST)
        _place(row, parent_id)
        row.save(force_insert=True)
        _tell(row, "catalog.shop_category.created", {}, _seen(row))
    return shops.shop_category(row.id)


def change_shop_category(
    *,
    category_id: UUID,
    merchant_id: UUID,
    changes: ShopCategoryChanges,
    check: Callable[[int], None] | None = None,
) -> ShopCategoryInfo:
    """Change what is given; in another place it is the last there. ``check`` gets the version
    under the lock (If-Match). Raises NotFound, Invalid, ShopCategoryUnknown."""
    names = _names(changes["names"]) if "names" in changes else None
    with transactions.atomic():
        row = _locked(category_id, merchant_id)
        if check is not None:
            check(row.version)
        before = _seen(row)
        row.names = row.names if names is None else names
        if "parent_id" in changes and changes["parent_id"] != row.parent_id:
            _place(row, changes["parent_id"])
        if _seen(row) != before:
            row.save()
            _tell(row, "catalog.shop_category.changed", before, _seen(row))
    return shops.shop_category(category_id)


def order_shop_categories(
    *, merchant_id: UUID, category_ids: Sequence[UUID]
) -> tuple[ShopCategoryInfo, ...]:
    """Put siblings in this order: all categories at the top, or all below one. Raises Invalid."""
    with transactions.atomic():
        locks.shop(merchant_id)
        rows = {r.id: r for r in ShopCategory.objects.filter(merchant_id=merchant_id)}
        first = rows.get(category_ids[0]) if category_ids else None
        siblings = {r.id for r in rows.values() if first and r.parent_id == first.parent_id}
        if len(category_ids) != len(siblings) or set(category_ids) != siblings:
            raise Invalid(
                _("Name all categories at the top, or all below one, once, in the wanted order."),
                field="categories",
            )
        for place, key in enumerate(category_ids):
            row = rows[key]
            if row.position != place:
                before = _seen(row)
                row.position = place
                row.save()
                _tell(row, "catalog.shop_category.changed", before, _seen(row))
    return shops.shop_categories(merchant_id, counted=True)


def move_shop_category(
    *, category_id: UUID, merchant_id: UUID, by: int
) -> tuple[ShopCategoryInfo, ...]:
    """One place towards the first (-1) or the last (1) of its siblings; at the end it stays.
    Raises NotFound."""
    with transactions.atomic():
        row = _locked(category_id, merchant_id)
        rows = ShopCategory.objects.filter(merchant_id=merchant_id, parent_id=row.parent_id)
        order = list(rows.order_by("position", "id").values_list("id", flat=True))
        here = order.index(category_id)
        there = min(max(here + by, 0), len(order) - 1)
        order.insert(there, order.pop(here))
        return order_shop_categories(merchant_id=merchant_id, category_ids=order)


def remove_shop_category(*, category_id: UUID, merchant_id: UUID) -> None:
    """Remove a category without others below it; its products stay. Raises NotFound,
    ShopCategoryInUse."""
    with transactions.atomic():
        row = _locked(category_id, merchant_id)
        if ShopCategory.objects.filter(parent_id=category_id).exists():
            raise ShopCategoryInUse
        _tell(row, "catalog.shop_category.removed", _seen(row), {}, removed=True)
        ShopCategory.objects.filter(id=category_id).delete()


def put_shop_category_products(
    *, category_id: UUID, merchant_id: UUID, product_ids: Sequence[UUID]
) -> tuple[UUID, ...]:
    """Which of the merchant's products stand in a category: these and no others. Raises NotFound,
    Invalid, ShopProductsUnknown."""
    with transactions.atomic():
        row = _locked(category_id, merchant_id)
        present = set(shops.shop_category_products(category_id))
        _fill(row, present, set(product_ids))
    return shops.shop_category_products(category_id)


def change_shop_category_products(
    *, category_id: UUID, merchant_id: UUID, add: Sequence[UUID], remove: Sequence[UUID]
) -> tuple[UUID, ...]:
    """Put some of the merchant's products into a category, take others out; the rest stay. Raises
    NotFound, Invalid, ShopProductsUnknown."""
    with transactions.atomic():
        row = _locked(category_id, merchant_id)
        present = set(shops.shop_category_products(category_id))
        _fill(row, present, (present - set(remove)) | set(add))
    return shops.shop_category_products(category_id)


def _fill(row: ShopCategory, present: set[UUID], wanted: set[UUID]) -> None:
    new, gone = wanted - present, present - wanted
    if len(wanted) > PRODUCTS_MOST:
        raise Invalid(
            _("At most %(most)s products stand in one category.") % {"most": PRODUCTS_MOST},
            field="products",
        )
    own = Product.objects.filter(id__in=new, merchant_id=row.merchant_id)
    if own.count() != len(new):
        raise ShopProductsUnknown(field="products")
    if new or gone:
        ShopPlacement.objects.filter(category_id=row.id, product_id__in=gone).delete()
        ShopPlacement.objects.bulk_create(
            ShopPlacement(category_id=row.id, product_id=key) for key in sorted(new)
        )
        row.save()
        _tell(
            row, "catalog.shop_category.filled", {"products": sorted(map(str, gone))},
            {"products": sorted(map(str, new))},
        )  # fmt: skip


def put_product_shop_categories(
    *, product_id: UUID, merchant_id: UUID, category_ids: Sequence[UUID]
) -> tuple[UUID, ...]:
    """In which of the shop's categories a product stands: these and no others. Raises NotFound,
    Invalid, ShopCategoryUnknown."""
    wanted = set(category_ids)
    if len(wanted) > PLACES_MOST:
        raise Invalid(
            _("A product stands in at most %(most)s categories.") % {"most": PLACES_MOST},
            field="shop_categories",
        )
    with transactions.atomic():
        locks.shop(merchant_id)
        row = locks.product(product_id, merchant_id)
        own = ShopCategory.objects.filter(id__in=wanted, merchant_id=merchant_id)
        if own.count() != len(wanted):
            raise ShopCategoryUnknown(field="shop_categories")
        present = set(shops.shop_categories_of([product_id]).get(product_id, ()))
        if wanted != present:
            rows = ShopPlacement.objects.filter(product_id=product_id)
            rows.filter(category_id__in=present - wanted).delete()
            ShopPlacement.objects.bulk_create(
                ShopPlacement(category_id=key, product_id=product_id)
                for key in sorted(wanted - present)
            )
            tell_updated(
                row,
                ["shop_categories"],
                before={"shop_categories": sorted(map(str, present))},
                after={"shop_categories": sorted(map(str, wanted))},
                saved=False,
            )
    return shops.shop_categories_of([product_id]).get(product_id, ())


def _names(given: Mapping[str, str]) -> dict[str, str]:
    found = texts(given, field="names", longest=NAME_LENGTH)
    if not found.get(main_language()):
        raise Invalid(
            _("A name in the platform's main language is needed."),
            field=f"names.{main_language()}",
        )
    return found


def _locked(category_id: UUID, merchant_id: UUID) -> ShopCategory:
    """The category under its shop's lock. Raises NotFound."""
    locks.shop(merchant_id)
    row = ShopCategory.objects.filter(id=category_id, merchant_id=merchant_id).first()
    if row is None:
        raise NotFound
    found: ShopCategory = row
    return found


def _place(row: ShopCategory, parent_id: UUID | None) -> None:
    """Put it last below its parent. Raises ShopCategoryUnknown, Invalid when too deep."""
    siblings = ShopCategory.objects.filter(merchant_id=row.merchant_id, parent_id=parent_id)
    if parent_id is not None:
        parent = ShopCategory.objects.filter(id=parent_id, merchant_id=row.merchant_id).first()
        if parent is None:
            raise ShopCategoryUnknown(field="parent")
        below = ShopCategory.objects.filter(parent_id=row.id)
        if parent.id == row.id or parent.parent_id is not None or below.exists():
            raise Invalid(_("A shop's categories go two deep at most."), field="parent")
    last = siblings.order_by("-position").values_list("position", flat=True).first()
    row.parent_id, row.position = parent_id, 0 if last is None else last + 1


def _seen(row: ShopCategory) -> dict[str, Any]:
    return {"names": row.names, "parent_id": row.parent_id, "position": row.position}


def _tell(
    row: ShopCategory,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    removed: bool = False,
) -> None:
    audit.record(action=action, target=row, before=before, after=after)
    outbox.append(
        events.ShopCategoryChanged(
            shop_category_id=row.id, merchant_id=row.merchant_id, removed=removed
        ),
        aggregate=row,
        merchant_id=row.merchant_id,
    )
