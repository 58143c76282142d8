"""What a buyer keeps for later, and buying again."""

from decimal import Decimal
from typing import Any

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Currency, DecimalStr, ListOf, ListQuery, Schema, Timestamp
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace.api.applied_lists import AppliedListOut, render_applied
from marketplace.api.routes import (
    TAIL,
    TEXTS,
    CartId,
    OrderId,
    VariantId,
    buyer_of,
    routes,
)
from marketplace.contracts_showcase import SavedItemInfo
from marketplace.domain.quantities import plain_quantity
from marketplace.errors import (
    CartFull,
    CartNotFound,
    InvalidQuantity,
    NotPurchasable,
    OrderNotFound,
    SavedFull,
    UnknownVariant,
)
from marketplace.selectors.orders import visible_order
from marketplace.services import saved_items
from marketplace.visitors import owner_of_request

BUYERS = {"buyer"}
EXAMPLE = {
    "variant_id": f"var_{TAIL}",
    "quantity": "1",
    "saved_at": "2026-05-01T08:00:00Z",
    "title": TEXTS,
    "currency": "CNY",
    "unit_price": "19.90",
    "price_list": None,
    "problem": None,
}


class SavedItemIn(Schema):
    quantity: DecimalStr = Decimal(1)


class SavedItemOut(Schema):
    variant_id: VariantId
    quantity: DecimalStr
    saved_at: Timestamp
    title: dict[str, str] | None
    currency: Currency
    unit_price: DecimalStr | None
    price_list: AppliedListOut | None
    problem: str | None = Field(
        description="not_for_sale, merchant_closed, on_vacation, no_price: why it can't be"
        " bought now"
    )


class AgainIn(Schema):
    order_id: OrderId


class AgainOut(Schema):
    lines: int = Field(description="How many of the order's lines are in the cart now")
    gone: int = Field(description="How many aren't for sale any more")


def render(info: SavedItemInfo) -> dict[str, Any]:
    return {
        "variant_id": public_id("var", info.variant_id),
        "quantity": plain_quantity(info.quantity),
        "saved_at": info.saved_at,
        "title": info.variant.title if info.variant else None,
        "currency": info.currency,
        "unit_price": info.unit_price,
        "price_list": render_applied(info.price_list),
        "problem": info.problem or None,
    }


@routes.get(
    "/saved",
    summary="What you keep for later, the latest first, at today's prices",
    audience=BUYERS,
    response=ListOf[SavedItemOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_saved(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return saved_items.saved_items(buyer_id=buyer_of(request), cursor=q.cursor, limit=q.limit).map(
        render
    )


@routes.put(
    "/saved/{variant_id}",
    summary="Keep goods for later, or change how many",
    audience=BUYERS,
    response=None,
    status=204,
    errors=(UnknownVariant, InvalidQuantity, SavedFull),
    request_example={"quantity": "1"},
)
def save(request: ApiRequest, variant_id: VariantId, body: SavedItemIn) -> None:
    saved_items.save_item(buyer_id=buyer_of(request), variant_id=variant_id, quantity=body.quantity)


@routes.delete(
    "/saved/{variant_id}",
    summary="Keep it no longer",
    audience=BUYERS,
    response=None,
    status=204,
    errors=(NotFound,),
)
def forget(request: ApiRequest, variant_id: VariantId) -> None:
    saved_items.forget_item(buyer_id=buyer_of(request), variant_id=variant_id)


@routes.post(
    "/carts/{cart_id}/again",
    summary="Put what an order of yours had into the cart, at today's prices",
    audience=BUYERS,
    response=AgainOut,
    errors=(CartNotFound, OrderNotFound, NotPurchasable, CartFull),
    example={"lines": 2, "gone": 0},
    request_example={"order_id": f"ord_{TAIL}"},
)
def again(request: ApiRequest, cart_id: CartId, body: AgainIn) -> dict[str, Any]:
    order = visible_order(order_id=body.order_id, buyer_id=buyer_of(request))
    lines, gone = saved_items.buy_again(
        cart_id=cart_id, owner=owner_of_request(request), order=order
    )
    return {"lines": lines, "gone": gone}
