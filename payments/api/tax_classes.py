"""How goods are taxed on invoices: by article, by category, and what holds for one now."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema as NinjaSchema
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Timestamp, set_etag
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from payments import errors_invoices as errors
from payments.api.invoice_shapes import ClassIO, class_out
from payments.api.routes import BOTH, SORTS, MerchantId, merchant_of, routes
from payments.contracts_invoices import GoodsTaxInfo
from payments.selectors import invoices as selectors
from payments.services.invoices import goods

GoodsTaxId = Annotated[UUID, Id("gtx")]
Sku = Annotated[str, Field(max_length=64, description="An article's number")]
CategoryPath = Annotated[str, Field(max_length=200, description="As fresh/fruit, with all within")]
CORN = {
    "category": "1010101030000000000",
    "category_name": "谷物",
    "rate": "9",
    "treatment": "taxed",
}
EXAMPLE = {
    "id": "gtx_01k00000000000000000000000",
    "merchant": "mer_01k00000000000000000000000",
    "sku": "CORN-25",
    "goods_category": "",
    **CORN,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:00Z",
}
SETTING = (errors.InvalidInvoice, errors.RateNotAllowed, errors.TaxProfileMissing)


class GoodsTaxIn(ClassIO):
    sku: Sku = ""
    goods_category: CategoryPath = ""


class GoodsTaxOut(GoodsTaxIn):
    id: GoodsTaxId
    merchant: MerchantId | None = Field(description="None: the platform's word on a category")
    created_at: Timestamp
    updated_at: Timestamp


class GoodsTaxQuery(ListQuery):
    of: Literal["articles", "categories"] | None = None
    merchant: MerchantId | None = Field(None, description="Only for operators: a merchant's")


class HoldingQuery(NinjaSchema):
    sku: Sku = ""
    goods_category: CategoryPath = ""
    merchant: MerchantId | None = Field(None, description="Only for operators, and needed there")


class HoldingOut(ClassIO):
    level: str = Field(description="article, category, platform_category, default")
    usable: bool = Field(description="Whether the seller may use the rate today")


def _out(info: GoodsTaxInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "merchant": public_id("mer", info.merchant_id) if info.merchant_id else None,
        "sku": info.sku,
        "goods_category": info.category,
        **class_out(info.tax),
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


@routes.get(
    "/tax-classes", summary="Tax classes of articles and categories: yours and the platform's",
    audience=BOTH, scope="payments:read", permission="money.see", response=ListOf[GoodsTaxOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)  # fmt: skip
def list_tax_classes(request: ApiRequest, q: GoodsTaxQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    mine = request.actor.kind != "operator"
    return goods.goods_taxes_page(
        merchant_id=merchant_of(request.actor, q.merchant) if mine else q.merchant,
        platforms_too=mine,
        categories=None if q.of is None else q.of == "categories",
        updated_since=q.updated_since,
        order=q.order(SORTS, "-created_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(_out)


@routes.put(
    "/tax-classes", summary="Say how an article, or a category, is taxed",
    audience=BOTH, scope="payments:write",
    permission="invoices", response=GoodsTaxOut, errors=SETTING, example=EXAMPLE,
    request_example={"sku": "CORN-25", **CORN},
)  # fmt: skip
def put_tax_class(request: ApiRequest, body: GoodsTaxIn) -> dict[str, Any]:
    info = goods.set_goods_tax(
        merchant_id=_whose(request), sku=body.sku, category=body.goods_category, tax=body.read()
    )
    set_etag(request, info.version)
    return _out(info)


@routes.delete(
    "/tax-classes/{goods_tax_id}", summary="Let an article or a category be taxed as usual",
    audience=BOTH, scope="payments:write",
    permission="invoices", status=204, response=None, errors=(NotFound,),
)  # fmt: skip
def remove_tax_class(request: ApiRequest, goods_tax_id: GoodsTaxId) -> None:
    goods.remove_goods_tax(merchant_id=_whose(request), goods_tax_id=goods_tax_id)


@routes.get(
    "/tax-class", summary="How an article is taxed now, and who said so",
    audience=BOTH, scope="payments:read", permission="money.see", response=HoldingOut,
    errors=(NotFound, errors.TaxProfileMissing),
    example={**CORN, "level": "article", "usable": True},
)  # fmt: skip
def get_tax_class(request: ApiRequest, q: HoldingQuery = Query(...)) -> dict[str, Any]:
    profile = selectors.tax_profile(merchant_id=merchant_of(request.actor, q.merchant))
    if profile is None:
        raise errors.TaxProfileMissing
    [found] = goods.tax_classes(profile, [(q.sku, q.goods_category)])
    return {
        **class_out(found.tax),
        "level": found.level,
        "usable": goods.usable(found.tax, profile.taxpayer),
    }


def _whose(request: ApiRequest) -> UUID | None:
    """A merchant's own; an operator speaks for the platform."""
    return None if request.actor.kind == "operator" else merchant_of(request.actor)
