"""Products: public reads, the merchant's writes."""

from typing import Annotated, Any, Literal, cast
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field, ValidationError

from catalog import selectors
from catalog.api.render import (
    category_out,
    detail_out,
    picture_out,
    product_out,
    variant_out,
    video_out,
)
from catalog.api.routes import (
    STAFF,
    CategoryId,
    MerchantId,
    ProductId,
    own,
    own_or_any,
    routes,
    row_problem,
)
from catalog.api.schemas import (
    DETAIL_EXAMPLE,
    PRODUCT_EXAMPLE,
    PRODUCT_IN_EXAMPLE,
    ProductBatch,
    ProductBatchOut,
    ProductChange,
    ProductIn,
    ProductOut,
    ProductPut,
    ProductReasonIn,
    ProductRow,
)
from catalog.contracts import ProductInfo, ProductState
from catalog.errors import (
    BarcodeWrong,
    BrandUnknown,
    CategoryUnknown,
    ExternalIdTaken,
    LastVariant,
    NotPublishable,
    SameOptions,
    SkuTaken,
    SlugTaken,
)
from catalog.services import product_states, products
from catalog.services.products import ProductChanges
from catalog.videos import videos as videos_of
from kernel.api import (
    ApiRequest,
    ExternalId,
    ListOf,
    ListQuery,
    Schema,
    check_if_match,
    run_rows,
    set_etag,
)
from kernel.errors import InvalidTransition, NotFound, PreconditionFailed, TooLarge
from kernel.pagination import PageOf
from kernel.units import UnknownUnit
from platforms.facade import MerchantNotApproved

SORTS: dict[str, tuple[str, ...]] = {
    "-created_at": ("-id",),
    "created_at": ("id",),
    "title": ("title_key", "id"),
    "-title": ("-title_key", "-id"),
}
PUBLIC_SORTS = {**SORTS, "-published_at": ("-published_at", "-id")}
WRITING = (
    MerchantNotApproved,
    BarcodeWrong,
    BrandUnknown,
    CategoryUnknown,
    SlugTaken,
    SkuTaken,
    SameOptions,
    ExternalIdTaken,
    UnknownUnit,
)
CHANGING = (*WRITING, PreconditionFailed, LastVariant)


class ProductQuery(ListQuery):
    """``state`` and drafts are for merchants (their own) and operators."""

    state: Literal["draft", "in_review", "returned", "published", "withdrawn"] | None = None
    category: CategoryId | None = Field(None, description="With the branch below it")
    merchant: MerchantId | None = None
    sku: Annotated[str, Field(max_length=64)] | None = None
    q: Annotated[str, Field(max_length=100)] | None = Field(None, description="All of these words")


@routes.get(
    "/products",
    summary="Products: published ones; a merchant's key sees its own in every state",
    scope="catalog:read",
    permission="own",
    response=ListOf[ProductOut],
    example={"data": [PRODUCT_EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_products(request: ApiRequest, q: ProductQuery = Query(...)) -> PageOf[dict[str, Any]]:
    staff = request.actor.kind in STAFF
    merchant = q.merchant
    if request.actor.kind == "merchant":
        merchant = own(request.actor)
        if q.merchant not in (None, merchant):
            return PageOf([], False, None)
    wanted = q.expands({"variants", "pictures", "videos", "category"})
    order = q.order(SORTS, "-created_at") if staff else q.order(PUBLIC_SORTS, "-published_at")
    page = selectors.products_page(
        merchant_id=merchant,
        visible=not staff,
        state=q.state,
        category=q.category,
        sku=q.sku,
        query=q.q,
        updated_since=q.updated_since,
        order=order,
        cursor=q.cursor,
        limit=q.limit,
    )
    return _expanded(request, page, wanted, private=staff)


def _expanded(
    request: ApiRequest, page: PageOf[ProductInfo], wanted: set[str], *, private: bool
) -> PageOf[dict[str, Any]]:
    ids = [info.id for info in page.items]
    variants = selectors.variant_records(ids) if "variants" in wanted else {}
    pictures = selectors.pictures(ids) if "pictures" in wanted else {}
    videos = videos_of(ids) if "videos" in wanted else {}
    categories = (
        selectors.categories({info.category_id for info in page.items if info.category_id})
        if "category" in wanted
        else {}
    )

    def render(info: ProductInfo) -> dict[str, Any]:
        found = product_out(info, private=private)
        if "variants" in wanted:
            found["variants"] = [
                variant_out(variant, private=private)
                for variant in variants.get(info.id, ())
                if private or variant.active
            ]
        if "pictures" in wanted:
            found["pictures"] = [picture_out(request, p) for p in pictures.get(info.id, ())]
        if "videos" in wanted:
            found["videos"] = [video_out(request, v) for v in videos.get(info.id, ())]
        if info.category_id in categories:
            found["category"] = category_out(categories[info.category_id], private=False)
        return found

    return page.map(render)


@routes.post(
    "/products",
    summary="Make a product, as a draft unless publish is true",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    status=201,
    response=ProductOut,
    errors=(*WRITING, NotPublishable),
    example=DETAIL_EXAMPLE,
    request_example={**PRODUCT_IN_EXAMPLE, "external_id": "A-17"},
)
def create_product(request: ApiRequest, body: ProductIn) -> dict[str, Any]:
    values = _values(body)
    info = products.create_product(
        merchant_id=own(request.actor), external_id=body.external_id, **cast(Any, values)
    )
    return _answer(request, _published(info) if body.publish else info)


@routes.post(
    "/products/batch",
    summary="Create or change up to 500 products by your own ids; a result for each",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductBatchOut,
    errors=(TooLarge,),
    example={
        "data": [{"index": 0, "status": 200, "object": PRODUCT_EXAMPLE}],
        "succeeded": 1,
        "failed": 0,
    },
    request_example={"products": [{**PRODUCT_IN_EXAMPLE, "external_id": "A-17"}]},
)
def batch_products(request: ApiRequest, body: ProductBatch) -> dict[str, Any]:
    merchant_id = own(request.actor)

    def put(row: tuple[int, dict[str, Any]]) -> dict[str, Any]:
        try:
            given = ProductRow.model_validate(row[1])
        except ValidationError as error:
            raise row_problem(error) from error
        return product_out(_put(merchant_id, given.external_id, given), private=True)

    # In the order of the external ids, so that two batches of the same goods don't deadlock;
    # answered in the order sent.
    rows = sorted(enumerate(body.products), key=lambda row: str(row[1].get("external_id")))
    results = run_rows(rows, put)
    for result, (index, _row) in zip(results["data"], rows, strict=True):
        result["index"] = index
    results["data"].sort(key=lambda result: result["index"])
    return results


@routes.put(
    "/products/by-external-id/{external_id}",
    summary="Create or change the product with your own id; fields left out get their defaults",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(*CHANGING, NotPublishable),
    example=DETAIL_EXAMPLE,
    request_example=PRODUCT_IN_EXAMPLE,
)
def put_product(request: ApiRequest, external_id: ExternalId, body: ProductPut) -> dict[str, Any]:
    return _answer(request, _put(own(request.actor), external_id, body, request))


@routes.get(
    "/products/by-external-id/{external_id}",
    summary="Your product with your own id",
    audience={"merchant"},
    scope="catalog:read",
    permission="catalogue",
    response=ProductOut,
    example=DETAIL_EXAMPLE,
)
def get_by_external_id(request: ApiRequest, external_id: ExternalId) -> dict[str, Any]:
    found = selectors.product_id_by_external(own(request.actor), external_id)
    if found is None:
        raise NotFound
    return _answer(request, selectors.product(found))


@routes.get(
    "/products/{product_id}",
    summary="One product with variants and pictures",
    scope="catalog:read",
    permission="own",
    response=ProductOut,
    example=DETAIL_EXAMPLE,
)
def get_product(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    if request.actor.kind in STAFF:
        return _answer(request, selectors.product(product_id, own_or_any(request.actor)))
    info = selectors.visible_product(product_id)
    set_etag(request, info.version)
    return detail_out(request, info, private=False)


@routes.patch(
    "/products/{product_id}",
    summary="Change a product; fields left out stay",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=CHANGING,
    example=DETAIL_EXAMPLE,
    request_example={"titles": {"zh-Hans": "西湖龙井", "en": "West Lake Longjing"}},
)
def update_product(
    request: ApiRequest, product_id: ProductId, body: ProductChange
) -> dict[str, Any]:
    info = products.update_product(
        product_id=product_id,
        changes=_values(body),
        merchant_id=own(request.actor),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.post(
    "/products/{product_id}/publish",
    summary="Show a product to buyers",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(MerchantNotApproved, NotPublishable, InvalidTransition, PreconditionFailed),
    example=DETAIL_EXAMPLE,
)
def publish_product(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    info = product_states.publish_product(
        product_id=product_id,
        merchant_id=own(request.actor),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.post(
    "/products/{product_id}/withdraw",
    summary="Take a product out of sale; operators may, too",
    audience=STAFF,
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(InvalidTransition, PreconditionFailed),
    example={**DETAIL_EXAMPLE, "state": "withdrawn"},
    request_example={"reason": "Sold out for this year"},
)
def withdraw_product(
    request: ApiRequest, product_id: ProductId, body: ProductReasonIn
) -> dict[str, Any]:
    info = product_states.withdraw_product(
        product_id=product_id,
        merchant_id=own_or_any(request.actor),
        reason=body.reason,
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


@routes.post(
    "/products/{product_id}/redraft",
    summary="Make a withdrawn product a draft again",
    audience={"merchant"},
    scope="catalog:write",
    permission="catalogue",
    response=ProductOut,
    errors=(InvalidTransition, PreconditionFailed),
    example={**DETAIL_EXAMPLE, "state": "draft"},
)
def redraft_product(request: ApiRequest, product_id: ProductId) -> dict[str, Any]:
    info = product_states.redraft_product(
        product_id=product_id,
        merchant_id=own(request.actor),
        check=lambda version: check_if_match(request, version),
    )
    return _answer(request, info)


def _put(
    merchant_id: UUID, external_id: str, body: ProductPut, request: ApiRequest | None = None
) -> ProductInfo:
    values = _values(body)
    if body.slug is None:
        values.pop("slug", None)
    info, _made = products.put_product(
        merchant_id=merchant_id,
        external_id=external_id,
        values=values,
        check=(lambda version: check_if_match(request, version)) if request else None,
    )
    return _published(info) if body.publish else info


def _published(info: ProductInfo) -> ProductInfo:
    if info.state == ProductState.PUBLISHED:
        return info
    return product_states.publish_product(product_id=info.id, merchant_id=info.merchant_id)


def _values(body: Schema) -> ProductChanges:
    """The body as the services take it: of a change what was sent, of a whole body everything."""
    partial = isinstance(body, ProductChange)
    nullable = {"category", "brand", "external_id"}
    given: dict[str, Any] = {}
    for name in body.model_fields_set if partial else type(body).model_fields:
        value = getattr(body, name)
        if name in ("publish", "external_id") and not partial:
            continue
        if value is None and name not in nullable:
            continue
        if name in ("options", "variants"):
            value = [item.contract() for item in value]
        given[f"{name}_id" if name in ("category", "brand") else name] = value
    return cast(ProductChanges, given)


def _answer(request: ApiRequest, info: ProductInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return detail_out(request, info)
