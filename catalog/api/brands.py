"""Brands: everybody reads, operators write; related products: their merchant writes."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from catalog import brands as reads
from catalog import selectors
from catalog.api.routes import ProductId, own, routes
from catalog.api.schemas import Texts
from catalog.contracts import BrandInfo
from catalog.errors import BrandTaken, ExternalIdTaken, RelatedUnknown
from catalog.services import brands, related
from kernel.api import (
    ApiRequest,
    ExternalId,
    Id,
    ListOf,
    ListQuery,
    Schema,
    Timestamp,
    check_if_match,
    set_etag,
)
from kernel.errors import PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf

BrandId = Annotated[UUID, Id("brd")]
SORTS: dict[str, tuple[str, ...]] = {"code": ("code", "id"), "-created_at": ("-id",)}
BRAND: dict[str, Any] = {
    "id": "brd_01k00000000000000000000000",
    "code": "songhua",
    "names": {"zh-Hans": "松花江", "en": "Songhua River"},
    "external_id": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
RELATED = {"related": ["prd_01k00000000000000000000000"]}


class BrandIn(Schema):
    code: str = Field(description="a-z, 0-9 and -; stays")
    names: Texts
    external_id: ExternalId | None = None


class BrandChange(Schema):
    names: Texts


class BrandOut(Schema):
    id: BrandId
    code: str
    names: Texts
    external_id: ExternalId | None
    created_at: Timestamp
    updated_at: Timestamp


class RelatedIO(Schema):
    related: Annotated[list[ProductId], Field(max_length=12)]


@routes.get(
    "/brands",
    summary="The platform's brands",
    scope="catalog:read",
    permission="public",
    response=ListOf[BrandOut],
    example={"data": [BRAND], "has_more": False, "next_cursor": None},
)
def list_brands(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    page = reads.brands_page(order=q.order(SORTS, "code"), cursor=q.cursor, limit=q.limit)
    return page.map(lambda info: _out(info, private=request.actor.kind == "operator"))


@routes.post(
    "/brands",
    summary="Make a brand",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=BrandOut,
    errors=(BrandTaken, ExternalIdTaken),
    example=BRAND,
    request_example={"code": "songhua", "names": BRAND["names"], "external_id": "B-7"},
)
def create_brand(request: ApiRequest, body: BrandIn) -> dict[str, Any]:
    return _answer(request, brands.create_brand(**body.model_dump()))


@routes.get(
    "/brands/{brand_id}",
    summary="One brand",
    scope="catalog:read",
    permission="public",
    response=BrandOut,
    example=BRAND,
)
def get_brand(request: ApiRequest, brand_id: BrandId) -> dict[str, Any]:
    return _answer(request, reads.brand(brand_id))


@routes.patch(
    "/brands/{brand_id}",
    summary="Rename a brand; its code stays",
    audience={"operator"},
    scope="catalog:write",
    permission="catalogue",
    response=BrandOut,
    errors=(PreconditionFailed,),
    example=BRAND,
    request_example={"names": BRAND["names"]},
)
def rename_brand(request: ApiRequest, brand_id: BrandId, body: BrandChange) -> dict[str, Any]:
    info = brands.rename_brand(
        brand_id=brand_id,
        names=body.names,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.get(
    "/products/{product_id}/related",
    summary="The products that a product's page shows beside it",
    audience={"merchant"},
    scope="catalog:read",
    permission="catalogue",
    response=RelatedIO,
    example=RELATED,
)
def get_related(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    selectors.product(product_id, own(request.actor))
    return _related(reads.related_ids(product_id))


@routes.put(
    "/products/{product_id}/related",
    summary="Choose them: up to twelve of your own, in order",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=RelatedIO,
    errors=(RelatedUnknown,),
    example=RELATED,
    request_example=RELATED,
)
def put_related(request: ApiRequest, product_id: ProductId, body: RelatedIO) -> dict[str, Any]:
    found = related.put_related(
        product_id=product_id, others=body.related, merchant_id=own(request.actor)
    )
    return _related(found)


def _related(ids: tuple[UUID, ...]) -> dict[str, Any]:
    return {"related": [public_id("prd", one) for one in ids]}


def _answer(request: ApiRequest, info: BrandInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return _out(info, private=request.actor.kind == "operator")


def _out(info: BrandInfo, *, private: bool) -> dict[str, Any]:
    return {
        "id": public_id("brd", info.id),
        "code": info.code,
        "names": info.names,
        "external_id": info.external_id if private else None,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }
