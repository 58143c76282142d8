"""Shops: everybody reads how they present themselves; their merchant writes."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from catalog import selectors, shops
from catalog.api.routes import MediaId, MerchantId, ProductId, image_out, own, routes
from catalog.api.schemas import IMAGE_EXAMPLE, ImageOut, Texts
from catalog.contracts import ShopCategoryInfo, ShopInfo
from catalog.errors import (
    MediaUnknown,
    ShopCategoryInUse,
    ShopCategoryUnknown,
    ShopProductsUnknown,
    TooManyShopCategories,
)
from catalog.services import shop_categories as categories
from catalog.services.shop_categories import PLACES_MOST, PRODUCTS_MOST, ShopCategoryChanges
from catalog.services.shops import ShopChanges, change_shop
from kernel.api import ApiRequest, Id, Schema, Timestamp, check_if_match, set_etag
from kernel.errors import NotFound, PreconditionFailed
from kernel.ids import public_id
from platforms.facade import merchant

ShopCategoryId = Annotated[UUID, Id("shc")]
TAIL = "01k00000000000000000000000"
SHOP: dict[str, Any] = {
    "merchant": f"mer_{TAIL}",
    "abouts": {"zh-Hans": "江边的茶铺。", "en": "A tea shop by the river."},
    "notices": {"zh-Hans": "每天九点开门", "en": "Open daily from nine"},
    "banner": IMAGE_EXAMPLE,
    "banner_alts": {"zh-Hans": "茶园", "en": "Tea garden"},
    "logo": IMAGE_EXAMPLE,
    "updated_at": "2026-05-01T08:00:00Z",
}
BELOW = {
    "id": "shc_01k00000000000000000000001",
    "parent": f"shc_{TAIL}",
    "names": {"zh-Hans": "绿茶", "en": "Green tea"},
    "products": 2,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
CATEGORY: dict[str, Any] = {
    **BELOW,
    "id": f"shc_{TAIL}",
    "parent": None,
    "names": {"zh-Hans": "茶", "en": "Tea"},
    "children": [BELOW],
}
TREE = {"data": [CATEGORY]}
PUBLIC = {**SHOP, "categories": [CATEGORY]}
PRODUCTS = {"products": [f"prd_{TAIL}"]}
PLACES = {"shop_categories": [f"shc_{TAIL}"]}


class ShopOut(Schema):
    merchant: MerchantId
    abouts: Texts
    notices: Texts
    banner: ImageOut | None
    banner_alts: Texts
    logo: ImageOut | None
    updated_at: Timestamp | None = Field(description="null: nothing was written yet")


class ShopChange(Schema):
    abouts: Texts | None = None
    notices: Texts | None = None
    banner: MediaId | None = Field(None, description="From POST /media; null takes it away")
    banner_alts: Texts | None = None
    logo: MediaId | None = Field(None, description="From POST /media; null takes it away")


class BelowOut(Schema):
    id: ShopCategoryId
    parent: ShopCategoryId | None
    names: Texts
    products: int = Field(description="How many stand in just this one, on sale or not")
    created_at: Timestamp
    updated_at: Timestamp


class ShopCategoryOut(BelowOut):
    children: list[BelowOut]


class TreeOut(Schema):
    data: list[ShopCategoryOut] = Field(description="In order")


class PublicShop(ShopOut):
    categories: list[ShopCategoryOut]


class ShopCategoryIn(Schema):
    names: Texts
    parent: ShopCategoryId | None = Field(None, description="One at the top")


class ShopCategoryChange(Schema):
    names: Texts | None = None
    parent: ShopCategoryId | None = None


class ShopCategoryOrderIn(Schema):
    categories: Annotated[list[ShopCategoryId], Field(max_length=categories.CATEGORIES_MOST)]


class ProductsIO(Schema):
    products: Annotated[list[ProductId], Field(max_length=PRODUCTS_MOST)]


class PlacesIO(Schema):
    shop_categories: Annotated[list[ShopCategoryId], Field(max_length=PLACES_MOST)]


@routes.get(
    "/shops/{merchant_id}",
    summary="How a merchant's shop presents itself, with its own categories",
    scope="catalog:read",
    permission="public",
    response=PublicShop,
    example=PUBLIC,
)
def get_shop(request: ApiRequest, merchant_id: MerchantId) -> dict[str, Any]:
    if not merchant(merchant_id).approved:
        raise NotFound
    tree = shops.shop_categories(merchant_id, counted=True)
    shown = _shop(request, shops.shop(merchant_id))
    return {**shown, "categories": [_category(one) for one in tree]}


@routes.get(
    "/shop",
    summary="How your own shop presents itself",
    audience={"merchant"},
    scope="catalog:read",
    permission="shop",
    response=ShopOut,
    example=SHOP,
)
def get_own_shop(request: ApiRequest) -> dict[str, Any]:
    return _shop(request, shops.shop(own(request.actor)))


@routes.patch(
    "/shop",
    summary="Change how your own shop presents itself",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    response=ShopOut,
    errors=(MediaUnknown, PreconditionFailed),
    example=SHOP,
    request_example={
        "notices": SHOP["notices"],
        "banner": f"med_{TAIL}",
        "banner_alts": SHOP["banner_alts"],
    },
)
def change_own_shop(request: ApiRequest, body: ShopChange) -> dict[str, Any]:
    changes: Any = {
        f"{name}_id" if name in ("banner", "logo") else name: getattr(body, name)
        for name in body.model_fields_set
        if name in ("banner", "logo") or getattr(body, name) is not None
    }
    given: ShopChanges = changes
    info = change_shop(
        merchant_id=own(request.actor),
        changes=given,
        check=lambda version: check_if_match(request, version),
    )
    return _shop(request, info)


@routes.get(
    "/shop/categories",
    summary="Your shop's own categories, in order",
    audience={"merchant"},
    scope="catalog:read",
    permission="shop",
    response=TreeOut,
    example=TREE,
)
def list_shop_categories(request: ApiRequest) -> dict[str, Any]:
    return _tree(shops.shop_categories(own(request.actor), counted=True))


@routes.post(
    "/shop/categories",
    summary="Make a category of your shop, the last of its siblings",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    status=201,
    response=ShopCategoryOut,
    errors=(ShopCategoryUnknown, TooManyShopCategories),
    example=CATEGORY,
    request_example={"names": CATEGORY["names"]},
)
def create_shop_category(request: ApiRequest, body: ShopCategoryIn) -> dict[str, Any]:
    info = categories.create_shop_category(
        merchant_id=own(request.actor), names=body.names, parent_id=body.parent
    )
    return _answer(request, info)


@routes.put(
    "/shop/categories/order",
    summary="Order the categories at the top, or those below one",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    response=TreeOut,
    example=TREE,
    request_example={"categories": [f"shc_{TAIL}"]},
)
def order_shop_categories(request: ApiRequest, body: ShopCategoryOrderIn) -> dict[str, Any]:
    found = categories.order_shop_categories(
        merchant_id=own(request.actor), category_ids=body.categories
    )
    return _tree(found)


@routes.get(
    "/shop/categories/{shop_category_id}",
    summary="One category of your shop",
    audience={"merchant"},
    scope="catalog:read",
    permission="shop",
    response=ShopCategoryOut,
    example=CATEGORY,
)
def get_shop_category(request: ApiRequest, shop_category_id: ShopCategoryId) -> dict[str, Any]:
    return _answer(request, shops.shop_category(shop_category_id, own(request.actor)))


@routes.patch(
    "/shop/categories/{shop_category_id}",
    summary="Rename a category of your shop, or put it below another",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    response=ShopCategoryOut,
    errors=(ShopCategoryUnknown, PreconditionFailed),
    example=CATEGORY,
    request_example={"names": CATEGORY["names"]},
)
def change_shop_category(
    request: ApiRequest, shop_category_id: ShopCategoryId, body: ShopCategoryChange
) -> dict[str, Any]:
    changes: ShopCategoryChanges = {}
    if body.names is not None:
        changes["names"] = body.names
    if "parent" in body.model_fields_set:
        changes["parent_id"] = body.parent
    info = categories.change_shop_category(
        category_id=shop_category_id,
        merchant_id=own(request.actor),
        changes=changes,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.delete(
    "/shop/categories/{shop_category_id}",
    summary="Remove a category of your shop; its products stay",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    status=204,
    response=None,
    errors=(ShopCategoryInUse,),
)
def remove_shop_category(request: ApiRequest, shop_category_id: ShopCategoryId) -> None:
    categories.remove_shop_category(category_id=shop_category_id, merchant_id=own(request.actor))


@routes.get(
    "/shop/categories/{shop_category_id}/products",
    summary="Which of your products stand in a category of your shop",
    audience={"merchant"},
    scope="catalog:read",
    permission="shop",
    response=ProductsIO,
    example=PRODUCTS,
)
def get_shop_category_products(
    request: ApiRequest, shop_category_id: ShopCategoryId
) -> dict[str, Any]:
    shops.shop_category(shop_category_id, own(request.actor))
    return _products(shops.shop_category_products(shop_category_id))


@routes.put(
    "/shop/categories/{shop_category_id}/products",
    summary="Choose them: these and no others",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    response=ProductsIO,
    errors=(ShopProductsUnknown,),
    example=PRODUCTS,
    request_example=PRODUCTS,
)
def put_shop_category_products(
    request: ApiRequest, shop_category_id: ShopCategoryId, body: ProductsIO
) -> dict[str, Any]:
    found = categories.put_shop_category_products(
        category_id=shop_category_id, merchant_id=own(request.actor), product_ids=body.products
    )
    return _products(found)


@routes.get(
    "/products/{product_id}/shop-categories",
    summary="In which of your shop's categories a product stands",
    audience={"merchant"},
    scope="catalog:read",
    permission="shop",
    response=PlacesIO,
    example=PLACES,
)
def get_product_shop_categories(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    selectors.product(product_id, own(request.actor))
    return _places(shops.shop_categories_of([product_id]).get(product_id, ()))


@routes.put(
    "/products/{product_id}/shop-categories",
    summary="Choose them: these and no others",
    audience={"merchant"},
    scope="catalog:write",
    permission="shop",
    response=PlacesIO,
    errors=(ShopCategoryUnknown,),
    example=PLACES,
    request_example=PLACES,
)
def put_product_shop_categories(
    request: ApiRequest, product_id: ProductId, body: PlacesIO
) -> dict[str, Any]:
    found = categories.put_product_shop_categories(
        product_id=product_id, merchant_id=own(request.actor), category_ids=body.shop_categories
    )
    return _places(found)


def _products(ids: tuple[UUID, ...]) -> dict[str, Any]:
    return {"products": [public_id("prd", one) for one in ids]}


def _places(ids: tuple[UUID, ...]) -> dict[str, Any]:
    return {"shop_categories": [public_id("shc", one) for one in ids]}


def _answer(request: ApiRequest, info: ShopCategoryInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _category(info)


def _tree(found: tuple[ShopCategoryInfo, ...]) -> dict[str, Any]:
    return {"data": [_category(one) for one in found]}


def _category(info: ShopCategoryInfo) -> dict[str, Any]:
    return {**_one(info), "children": [_one(below) for below in info.children]}


def _one(info: ShopCategoryInfo) -> dict[str, Any]:
    return {
        "id": public_id("shc", info.id),
        "parent": public_id("shc", info.parent_id) if info.parent_id else None,
        "names": info.names,
        "products": info.products,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _shop(request: ApiRequest, info: ShopInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return {
        "merchant": public_id("mer", info.merchant_id),
        "abouts": info.abouts,
        "notices": info.notices,
        "banner": image_out(request, info.banner) if info.banner else None,
        "banner_alts": info.banner.alts if info.banner else {},
        "logo": image_out(request, info.logo) if info.logo else None,
        "updated_at": info.updated_at,
    }
