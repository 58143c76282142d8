"""Orders: a merchant's own, a buyer's own, a guest's by token, all for the operator."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja.params.functions import Query
from pydantic import Field

from kernel.api import (
    ApiRequest,
    Currency,
    DecimalStr,
    ExternalId,
    ListOf,
    ListQuery,
    Metadata,
    MoneyIO,
    Schema,
    Timestamp,
    check_if_match,
    headers,
    set_etag,
)
from kernel.errors import Invalid, PreconditionFailed
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace.api.cart_shapes import (
    DETAILS,
    DISCOUNT,
    NOTHING,
    DetailsIO,
    DiscountOut,
    render_details,
    render_discount,
)
from marketplace.api.order_lines import LINE, OrderLineOut, render_line
from marketplace.api.routes import (
    MONEY,
    TAIL,
    GroupId,
    MerchantId,
    OrderId,
    PersonId,
    ShipmentId,
    merchant_of,
    needs,
    routes,
    shown_id,
)
from marketplace.contracts import OrderGroupInfo, OrderInfo
from marketplace.errors import ExternalIdTaken, OrderNotFound
from marketplace.selectors import orders as reads
from marketplace.services.annotate import annotate_order
from marketplace.visitors import group_for, order_for

SORTS: dict[str, tuple[str, ...]] = {"-placed_at": ("-id",), "placed_at": ("id",)}
ORDER = {
    "id": f"ord_{TAIL}",
    "number": "20261124-4K7Q9M2X-1",
    "order_group": f"ogr_{TAIL}",
    "state": "paid",
    "merchant_id": f"mer_{TAIL}",
    "buyer_id": f"per_{TAIL}",
    "lines": [LINE],
    "goods_total": MONEY,
    "discount_total": DISCOUNT["amount"],
    "platform_discount": NOTHING,
    "discounts": [DISCOUNT],
    "shipping_total": {"amount": 900, "currency": "CNY"},
    "total": {"amount": 2699, "currency": "CNY"},
    "cancelled_total": {"amount": 0, "currency": "CNY"},
    "commission_rate": "5",
    "commission": {"amount": 90, "currency": "CNY"},
    "rate_code": "standard",
    "carrier": "sandbox",
    "shipment_id": None,
    "waybill": "",
    "cancel_reason": "",
    "external_id": "SO-881",
    "metadata": {"erp": "A-17"},
    "placed_at": "2026-05-01T08:00:00Z",
    "paid_at": "2026-05-01T08:01:00Z",
    "packing_at": None,
    "shipped_at": None,
    "delivered_at": None,
    "completed_at": None,
    "cancelled_at": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:01:00Z",
}
DETAIL = {**ORDER, "delivery": DETAILS, "note": "Please ring twice"}
STATES = (
    "pending_payment, paid, shipping, partly_shipped, shipped, delivered, completed, cancelling, "
    "cancelled"
)


class OrderOut(Schema):
    id: OrderId
    number: str
    order_group: GroupId
    state: str = Field(description=STATES)
    merchant_id: MerchantId
    buyer_id: PersonId | None
    lines: list[OrderLineOut]
    goods_total: MoneyIO
    discount_total: MoneyIO
    platform_discount: MoneyIO = Field(description="What of the discount the platform pays")
    discounts: list[DiscountOut] = Field(description="How the discount came about")
    shipping_total: MoneyIO
    total: MoneyIO
    cancelled_total: MoneyIO = Field(description="What of it goes back for cancelled parts")
    commission_rate: DecimalStr | None = Field(description="Per cent; not shown to buyers")
    commission: MoneyIO | None = Field(description="Not shown to buyers")
    rate_code: str
    carrier: str
    shipment_id: ShipmentId | None = Field(description="Of the parcel that was sent last")
    waybill: str = Field(description="Of the parcel that was sent last")
    cancel_reason: str
    external_id: str | None = Field(description="Not shown to buyers")
    metadata: dict[str, Any] = Field(description="Not shown to buyers")
    placed_at: Timestamp
    paid_at: Timestamp | None
    packing_at: Timestamp | None = Field(description="From then on a buyer asks before cancelling")
    shipped_at: Timestamp | None
    delivered_at: Timestamp | None
    completed_at: Timestamp | None
    cancelled_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


class OrderDetail(OrderOut):
    delivery: DetailsIO | None = Field(description="null after the buyer's data were erased")
    note: str


class GroupOut(Schema):
    id: GroupId
    number: str
    currency: Currency
    orders: list[OrderOut]
    goods_total: MoneyIO
    discount_total: MoneyIO
    shipping_total: MoneyIO
    total: MoneyIO
    placed_at: Timestamp


class OrderPatch(Schema):
    external_id: ExternalId | None = None
    metadata: Metadata | None = None


class OrderQuery(ListQuery):
    state: Annotated[str, Field(max_length=16, description=STATES)] | None = None
    number: Annotated[str, Field(max_length=24, description="An order's or a group's")] | None = (
        None
    )
    external_id: ExternalId | None = None
    merchant_id: MerchantId | None = Field(None, description="For operators")
    placed_from: Timestamp | None = Field(None, description="Ordered at this moment or later")
    placed_before: Timestamp | None = Field(None, description="Ordered before this moment")


def render(info: OrderInfo, *, trade: bool = True) -> dict[str, Any]:
    """``trade``: with what stands between platform and merchant only."""
    return {
        "id": public_id("ord", info.id),
        "number": info.number,
        "order_group": public_id("ogr", info.group_id),
        "state": info.state,
        "merchant_id": public_id("mer", info.merchant_id),
        "buyer_id": shown_id("per", info.buyer_id),
        "lines": [render_line(line) for line in info.lines],
        "goods_total": info.goods_total,
        "discount_total": info.discount_total,
        "platform_discount": info.platform_discount,
        "discounts": [render_discount(one) for one in info.discounts],
        "shipping_total": info.shipping_total,
        "total": info.total,
        "cancelled_total": info.cancelled_total,
        "commission_rate": info.commission_rate.normalize() if trade else None,
        "commission": info.commission if trade else None,
        "rate_code": info.rate_code,
        "carrier": info.carrier,
        "shipment_id": shown_id("shp", info.shipment_id),
        "waybill": info.waybill,
        "cancel_reason": info.cancel_reason,
        "external_id": info.external_id if trade else None,
        "metadata": info.metadata if trade else {},
        "placed_at": info.placed_at,
        "paid_at": info.paid_at,
        "packing_at": info.packing_at,
        "shipped_at": info.shipped_at,
        "delivered_at": info.delivered_at,
        "completed_at": info.completed_at,
        "cancelled_at": info.cancelled_at,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def _detail(request: ApiRequest, info: OrderInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    known = info.contact is not None and info.address is not None
    return {
        **render(info, trade=_trade(request)),
        "delivery": render_details(info.contact, info.address)  # type: ignore[arg-type]
        if known
        else None,
        "note": info.note,
    }


def _trade(request: ApiRequest) -> bool:
    return request.actor.kind in ("merchant", "operator")


@routes.get(
    "/orders",
    summary="Your orders, newest first; a guest's by Cart-Token",
    permission="orders.see",
    response=ListOf[OrderOut],
    errors=(OrderNotFound, Invalid),
    example={"data": [ORDER], "has_more": False, "next_cursor": None},
)
def list_orders(request: ApiRequest, q: OrderQuery = Query(...)) -> PageOf[dict[str, Any]]:
    owner = _owner(request, q.merchant_id)
    return reads.orders(
        **owner,
        state=q.state,
        number=q.number,
        external_id=q.external_id if _trade(request) else None,
        updated_since=q.updated_since,
        placed_from=q.placed_from,
        placed_before=q.placed_before,
        order=q.order(SORTS, "-placed_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(lambda info: render(info, trade=_trade(request)))


def _owner(request: ApiRequest, merchant_id: UUID | None) -> dict[str, Any]:
    """Whose orders are listed."""
    actor = request.actor
    if actor.kind == "operator":
        needs(request, "orders:read")
        return {"merchant_id": merchant_id}
    if actor.kind == "merchant":
        needs(request, "orders:read")
        return {"merchant_id": merchant_of(request)}
    if actor.kind == "buyer" and actor.person_id is not None:
        return {"buyer_id": actor.person_id}
    token = headers.sent(request, headers.CART_TOKEN)
    if not token:
        raise OrderNotFound(_("Send the token of the cart from which you ordered in Cart-Token."))
    return {"cart_token": token}


@routes.get(
    "/orders/{order_id}",
    summary="One order with its lines and where it goes",
    permission="orders.see",
    response=OrderDetail,
    errors=(OrderNotFound,),
    example=DETAIL,
)
def get_order(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    if _trade(request):
        needs(request, "orders:read")
    info = order_for(
        order_id=order_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )
    return _detail(request, info)


@routes.patch(
    "/orders/{order_id}",
    summary="Put your own id and data on an order",
    audience={"merchant"},
    scope="orders:write",
    permission="orders",
    response=OrderDetail,
    errors=(OrderNotFound, ExternalIdTaken, PreconditionFailed),
    example=DETAIL,
    request_example={"external_id": "SO-881", "metadata": {"erp": "A-17"}},
)
def patch_order(request: ApiRequest, order_id: OrderId, body: OrderPatch) -> dict[str, Any]:
    info = annotate_order(
        order_id=order_id,
        merchant_id=merchant_of(request),
        changes=body.model_dump(exclude_unset=True),
        check=lambda version: check_if_match(request, version),
    )
    return _detail(request, info)


@routes.get(
    "/order-groups/{group_id}",
    summary="All that was bought at once",
    permission="orders.see",
    response=GroupOut,
    errors=(OrderNotFound,),
    example={
        "id": f"ogr_{TAIL}",
        "number": "20261124-4K7Q9M2X",
        "currency": "CNY",
        "orders": [ORDER],
        "goods_total": MONEY,
        "discount_total": DISCOUNT["amount"],
        "shipping_total": {"amount": 900, "currency": "CNY"},
        "total": {"amount": 2699, "currency": "CNY"},
        "placed_at": "2026-05-01T08:00:00Z",
    },
)
def get_group(request: ApiRequest, group_id: GroupId) -> dict[str, Any]:
    if _trade(request):
        needs(request, "orders:read")
    info = group_for(
        group_id=group_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )
    return render_group(info, trade=_trade(request))


def render_group(info: OrderGroupInfo, *, trade: bool) -> dict[str, Any]:
    return {
        "id": public_id("ogr", info.id),
        "number": info.number,
        "currency": info.currency,
        "orders": [render(order, trade=trade) for order in info.orders],
        "goods_total": info.goods_total,
        "discount_total": info.discount_total,
        "shipping_total": info.shipping_total,
        "total": info.total,
        "placed_at": info.placed_at,
    }
