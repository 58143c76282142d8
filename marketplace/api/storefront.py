"""The shop window: products with prices and stock, for everyone."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import get_language
from ninja.params.functions import Query
from pydantic import Field

from catalog.facade import ImageInfo, PageVariant
from kernel.api import ApiRequest, Currency, DecimalStr, Id, ListOf, ListQuery, Schema
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace.api.applied_lists import (
    APPLIED,
    AppliedListOut,
    PriceStepOut,
    render_applied,
    render_step,
)
from marketplace.api.routes import (
    TAIL,
    MerchantId,
    ProductId,
    VariantId,
    routes,
    shown_id,
)
from marketplace.contracts_showcase import Listing, ProductOffers
from marketplace.domain.quantities import plain_quantity
from marketplace.selectors.showcase import listings, product_offers

_often = lru_cache(maxsize=1024)(public_id)  # many tiles are of few merchants and categories
CategoryId = Annotated[UUID, Id("cat")]
SORTS: dict[str, tuple[str, ...]] = {"newest": ("newest",), "title": ("title",)}
IMAGE = {"url": "/media/0f1e2d-320.webp", "srcset": "/media/0f1e2d-320.webp 320w", "alt": "茶"}
TILE = {
    "id": f"prd_{TAIL}",
    "slug": "river-tea",
    "title": "江茶",
    "merchant_id": f"mer_{TAIL}",
    "category_id": f"cat_{TAIL}",
    "unit": "C62",
    "image": IMAGE,
    "currency": "CNY",
    "lowest_price": "19.90",
    "highest_price": "29.90",
    "price_list": None,
    "available": "40",
    "ahead": None,
    "ships_on": None,
    "variant_ids": [f"var_{TAIL}"],
}


class ShopImageOut(Schema):
    url: str
    srcset: str
    alt: str


class TileOut(Schema):
    id: ProductId
    slug: str
    title: str
    merchant_id: MerchantId
    category_id: CategoryId | None
    unit: str
    image: ShopImageOut | None
    currency: Currency
    lowest_price: DecimalStr | None
    highest_price: DecimalStr | None
    price_list: AppliedListOut | None = Field(
        None, description="Your own price list, if the lowest price is from one"
    )
    available: DecimalStr = Field(description="What can be sent at once, over its variants")
    ahead: str | None = Field(
        None,
        description="backorder, preorder: can be bought though nothing can be sent at once",
    )
    ships_on: date | None = Field(None, description="When that is sent at the latest")
    variant_ids: list[VariantId]


class PageVariantOut(Schema):
    id: VariantId
    sku: str
    options: dict[str, str]
    weight_grams: int
    unit_price: DecimalStr | None
    public_price: DecimalStr | None = Field(
        None, description="What others pay, where unit_price is from your price list"
    )
    price_list: AppliedListOut | None = None
    steps: list[PriceStepOut] = Field(
        default_factory=list, description="What a unit costs you in larger quantities"
    )
    available: DecimalStr = Field(description="What can be sent at once")
    ahead: str | None = Field(
        None, description="backorder, preorder: more than that can be bought, and is sent later"
    )
    ships_on: date | None = Field(None, description="When that is sent at the latest")
    orderable: DecimalStr | None = Field(
        None, description="How much can be bought in all; null: no limit"
    )


class ShopProductOut(Schema):
    id: ProductId
    slug: str
    title: str
    description: str
    merchant_id: MerchantId
    category_id: CategoryId | None
    unit: str
    currency: Currency | None
    options: dict[str, str] = Field(description="The ways in which variants differ: code, title")
    variants: list[PageVariantOut]
    images: list[ShopImageOut]


class TileQuery(ListQuery):
    category_id: CategoryId | None = Field(None, description="Its whole branch")
    merchant_id: MerchantId | None = None
    search: Annotated[str, Field(max_length=100)] | None = None


def render_image(image: ImageInfo, language: str, title: str) -> dict[str, Any]:
    return {"url": image.url(320), "srcset": image.srcset, "alt": image.alt(language) or title}


def render_tile(found: Listing, language: str) -> dict[str, Any]:
    card = found.card
    return {
        "id": public_id("prd", card.id),
        "slug": card.slug,
        "title": card.title,
        "merchant_id": _often("mer", card.merchant_id),
        "category_id": _often("cat", card.category_id) if card.category_id else None,
        "unit": card.unit,
        "image": render_image(card.image, language, card.title) if card.image else None,
        "currency": found.currency,
        "lowest_price": None if found.lowest is None else format(found.lowest, "f"),
        "highest_price": None if found.highest is None else format(found.highest, "f"),
        "price_list": render_applied(found.price_list),
        "available": format(plain_quantity(found.available), "f"),
        "ahead": found.ahead.how if found.ahead else None,
        "ships_on": found.ahead.ships_on if found.ahead else None,
        "variant_ids": [public_id("var", variant) for variant in card.variant_ids],
    }


@routes.get(
    "/storefront/products",
    summary="Product tiles with prices and stock; sort by newest or title",
    permission="public",
    response=ListOf[TileOut],
    example={"data": [TILE], "has_more": False, "next_cursor": None},
)
def list_products(request: ApiRequest, q: TileQuery = Query(...)) -> PageOf[dict[str, Any]]:
    language = get_language() or ""
    (sort,) = q.order(SORTS, "newest") if q.updated_since is None else ("newest",)
    page = listings(
        category=q.category_id,
        merchant=q.merchant_id,
        query=q.search,
        sort=sort,
        cursor=q.cursor,
        limit=q.limit,
        language=language,
        buyer_id=request.actor.buyer_id,
    )
    return page.map(lambda found: render_tile(found, language))


@routes.get(
    "/storefront/products/{product_id}",
    summary="A product's page with the price and stock of each variant",
    permission="public",
    response=ShopProductOut,
    errors=(NotFound,),
    example={
        "id": f"prd_{TAIL}",
        "slug": "river-tea",
        "title": "江茶",
        "description": "春茶，产自江边。",
        "merchant_id": f"mer_{TAIL}",
        "category_id": f"cat_{TAIL}",
        "unit": "C62",
        "currency": "CNY",
        "options": {"size": "规格"},
        "variants": [
            {
                "id": f"var_{TAIL}",
                "sku": "TEA-50",
                "options": {"size": "50 g"},
                "weight_grams": 60,
                "unit_price": "15.90",
                "public_price": "19.90",
                "price_list": APPLIED,
                "steps": [{"minimum": "10", "unit_price": "14.90", "price_list": APPLIED}],
                "available": "40",
                "ahead": "backorder",
                "ships_on": "2026-05-15",
                "orderable": "60",
            }
        ],
        "images": [IMAGE],
    },
)
def get_product(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    language = get_language() or ""
    found = product_offers(
        slug_or_id=product_id, language=language, buyer_id=request.actor.buyer_id
    )
    return render_product(found, language)


def render_product(found: ProductOffers, language: str) -> dict[str, Any]:
    page = found.page
    return {
        "id": public_id("prd", page.id),
        "slug": page.slug,
        "title": page.title,
        "description": page.description,
        "merchant_id": public_id("mer", page.merchant_id),
        "category_id": shown_id("cat", page.category.id if page.category else None),
        "unit": page.unit,
        "currency": next((offer.currency for offer in found.offers.values()), None),
        "options": dict(page.axes),
        "variants": [_variant(variant, found) for variant in page.variants],
        "images": [render_image(p.image, language, page.title) for p in page.pictures],
    }


def _variant(variant: PageVariant, found: ProductOffers) -> dict[str, Any]:
    offer, there = found.offers.get(variant.id), found.sellable[variant.id]
    return {
        "id": public_id("var", variant.id),
        "sku": variant.sku,
        "options": variant.options,
        "weight_grams": variant.weight_grams,
        "unit_price": offer.unit_price if offer else None,
        "public_price": offer.public_price if offer else None,
        "price_list": render_applied(offer.price_list) if offer else None,
        "steps": [render_step(one) for one in offer.steps] if offer else [],
        "available": plain_quantity(there.now),
        "ahead": there.how,
        "ships_on": there.ships_on,
        "orderable": None if there.most is None else plain_quantity(there.most),
    }
