"""Sale prices: planned by their merchant."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Currency, DecimalStr, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace.api.routes import TAIL, MerchantId, VariantId, merchant_of, routes
from marketplace.contracts import SaleInfo
from marketplace.errors import InvalidSale, OfferNotFound, SaleNotFound
from marketplace.selectors import sales as reads
from marketplace.services.sales import end_sale, plan_sale

SaleId = Annotated[UUID, Id("sal")]
SALE = {
    "id": f"sal_{TAIL}",
    "state": "running",
    "variant_id": f"var_{TAIL}",
    "merchant_id": f"mer_{TAIL}",
    "unit_price": "15.90",
    "regular_price": "19.90",
    "currency": "CNY",
    "starts_at": "2026-05-01T00:00:00Z",
    "ends_at": "2026-05-08T00:00:00Z",
    "created_at": "2026-04-30T08:00:00Z",
    "updated_at": "2026-05-01T00:00:05Z",
}


class SaleIn(Schema):
    unit_price: DecimalStr
    starts_at: Timestamp | None = Field(None, description="Business time; now, if not given")
    ends_at: Timestamp


class SaleOut(Schema):
    id: SaleId
    state: str = Field(description="planned, running, over, cancelled")
    variant_id: VariantId
    merchant_id: MerchantId
    unit_price: DecimalStr
    regular_price: DecimalStr | None = Field(
        description="What it cost before; null until it begins"
    )
    currency: Currency
    starts_at: Timestamp
    ends_at: Timestamp
    created_at: Timestamp
    updated_at: Timestamp


class SaleQuery(ListQuery):
    state: Literal["planned", "running", "over", "cancelled"] | None = None


def render(info: SaleInfo) -> dict[str, Any]:
    return {
        "id": public_id("sal", info.id),
        "variant_id": public_id("var", info.variant_id),
        "merchant_id": public_id("mer", info.merchant_id),
        **{
            name: getattr(info, name)
            for name in (
                "state", "unit_price", "regular_price", "currency", "starts_at", "ends_at",
                "created_at", "updated_at",
            )
        },
    }  # fmt: skip


@routes.get(
    "/sales",
    summary="Your sale prices, the latest first",
    audience={"merchant"},
    scope="offers:read",
    permission="prices",
    response=ListOf[SaleOut],
    example={"data": [SALE], "has_more": False, "next_cursor": None},
)
def list_sales(request: ApiRequest, q: SaleQuery = Query(...)) -> PageOf[dict[str, Any]]:
    return reads.sales(
        merchant_id=merchant_of(request), state=q.state, cursor=q.cursor, limit=q.limit
    ).map(render)


@routes.post(
    "/variants/{variant_id}/sales",
    summary="Plan a reduced price for a time; setting another price meanwhile ends it",
    audience={"merchant"},
    scope="offers:write",
    permission="prices",
    status=201,
    response=SaleOut,
    errors=(OfferNotFound, InvalidSale),
    example=SALE,
    request_example={"unit_price": "15.90", "ends_at": "2026-05-08T00:00:00Z"},
)
def create_sale(request: ApiRequest, variant_id: VariantId, body: SaleIn) -> dict[str, Any]:
    made = plan_sale(
        merchant_id=merchant_of(request),
        variant_id=variant_id,
        unit_price=body.unit_price,
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    return render(made)


@routes.delete(
    "/sales/{sale_id}",
    summary="Call a planned sale off, or end a running one now",
    audience={"merchant"},
    scope="offers:write",
    permission="prices",
    response=SaleOut,
    errors=(SaleNotFound,),
    example={**SALE, "state": "over"},
)
def delete_sale(request: ApiRequest, sale_id: SaleId) -> dict[str, Any]:
    return render(end_sale(merchant_id=merchant_of(request), sale_id=sale_id))
