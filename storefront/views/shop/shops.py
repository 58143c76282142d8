"""A merchant's shop: how it presents itself, its own categories, its products."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from catalog import facade as catalog
from kernel.errors import NotFound
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.pages import page, public
from storefront.views.shop.search import results

SHELF = "attributes.shop_category"


@require_safe
@page
def merchant(request: HttpRequest, slug: str, shelf: str = "") -> HttpResponse:
    """All that a merchant sells, or what stands in one of its own categories."""
    info = platforms.merchant_by_slug(slug)
    if not info.approved:
        raise NotFound
    tree = catalog.shop_categories(info.id)
    fixed = {"merchant": info.public_id}
    context = {
        "merchant": info,
        "shop": catalog.shop(info.id),
        "shelves": tree,
        "vacation": marketplace.vacations([info.id]).get(info.id),
    }
    if shelf:
        top, chosen = _found(tree, public("shc", shelf))
        fixed[SHELF] = public_id("shc", chosen.id)
        context |= {"shelf": chosen, "shelf_top": top}
    return results(request, context, fixed)


def _found(
    tree: tuple[catalog.ShopCategoryInfo, ...], key: UUID
) -> tuple[catalog.ShopCategoryInfo, catalog.ShopCategoryInfo]:
    """The category, after the one at the top of its branch. Raises NotFound."""
    for top in tree:
        for one in (top, *top.children):
            if one.id == key:
                return top, one
    raise NotFound
