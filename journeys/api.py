"""Routes that begin or steer a journey, and orders' timelines."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from inventory import facade as inventory
from journeys import facade
from journeys.contracts import CheckoutInfo, JourneyInfo, TimelineLine
from kernel.api import ApiRequest, Id, ListOf, ListQuery, Routes, Schema, Timestamp
from kernel.errors import NotFound
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace import facade as marketplace

routes = Routes("journeys", tag="Checkout and journeys")
OrderId = Annotated[UUID, Id("ord")]
CheckoutId = Annotated[UUID, Id("jny")]
JourneyId = Annotated[UUID, Id("jny")]
ORDER = "ord_01k00000000000000000000000"
JOURNEY = "jny_01k00000000000000000000000"
CHECKOUT = {
    "id": JOURNEY,
    "state": "done",
    "order_group": "ogr_01k00000000000000000000000",
    "orders": [ORDER],
    "redirect_url": "",
    "error": None,
}
STEP = {
    "id": JOURNEY,
    "kind": "cancel",
    "state": "done",
    "step": "finish",
    "subject": ORDER,
    "attempts": 0,
    "error": None,
    "created_at": "2026-05-01T08:00:00Z",
    "updated_at": "2026-05-01T08:00:02Z",
}
LINE = {
    "type": "marketplace.order.paid.v1",
    "title": "Order paid",
    "actor": "buyer",
    "at": "2026-05-01T08:00:00Z",
    "document": "",
}


class CheckoutIn(Schema):
    """``expected_total`` is what the buyer was shown, in minor units; another total is refused."""

    cart_id: Annotated[UUID, Id("crt")]
    payment_method: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        description="offline_test, or a card's token such as pm_card_visa"
    )
    expected_total: Annotated[int, Field(ge=0)] | None = None
    return_url: Annotated[str, Field(max_length=500)] = ""
    note: Annotated[str, Field(max_length=500)] = ""


class CheckoutOut(Schema):
    id: CheckoutId
    state: str = Field(description="running, waiting, done, undoing, undone, needs_attention")
    order_group: Annotated[UUID, Id("ogr")] | None
    orders: list[OrderId]
    redirect_url: str = Field(description="Where the buyer confirms the payment, while waiting")
    error: dict[str, Any] | None


class CancelIn(Schema):
    reason: Annotated[str, Field(max_length=200)] = ""


class JourneyOut(Schema):
    id: JourneyId
    kind: str
    state: str
    step: str
    subject: str | None
    attempts: int
    error: dict[str, Any] | None
    created_at: Timestamp
    updated_at: Timestamp


class TimelineOut(Schema):
    type: str
    title: str
    actor: str
    at: Timestamp
    document: str


class JourneyQuery(ListQuery):
    state: str | None = Field(None, description="needs_attention for what waits for a person")
    kind: str | None = None


class ReasonIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=500)]


def render_checkout(info: CheckoutInfo) -> dict[str, Any]:
    return {
        "id": public_id("jny", info.id),
        "state": info.state,
        "order_group": public_id("ogr", info.group_id) if info.group_id else None,
        "orders": [public_id("ord", order) for order in info.order_ids],
        "redirect_url": info.redirect_url,
        "error": info.error,
    }


def render_journey(info: JourneyInfo) -> dict[str, Any]:
    prefix = "ogr" if info.kind == "checkout" else "ord"
    return {
        "id": public_id("jny", info.id),
        "kind": info.kind,
        "state": info.state,
        "step": info.step,
        "subject": public_id(prefix, info.subject) if info.subject else None,
        "attempts": info.attempts,
        "error": info.error,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
    }


def render_line(line: TimelineLine) -> dict[str, Any]:
    return {
        "type": line.kind,
        "title": line.title,
        "actor": line.actor,
        "at": line.at,
        "document": line.document,
    }


@routes.post(
    "/checkouts",
    summary="Buy a cart: orders are placed, goods held, the payment made",
    audience={"guest", "buyer"},
    scope="checkout:write",
    status=201,
    response=CheckoutOut,
    outside=True,
    errors=(
        NotFound,
        facade.PaymentDeclined,
        marketplace.CartEmpty,
        marketplace.NotPurchasable,
        marketplace.AddressMissing,
        marketplace.TotalChanged,
        inventory.OutOfStock,
    ),
    example=CHECKOUT,
    request_example={
        "cart_id": "crt_01k00000000000000000000000",
        "payment_method": "pm_card_visa",
        "expected_total": 28900,
    },
)
def create_checkout(request: ApiRequest, body: CheckoutIn) -> dict[str, Any]:
    cart = marketplace.cart_of_request(request, cart_id=body.cart_id)
    info = facade.start_checkout(
        key=request.idempotency_token,
        cart_id=cart.id,
        payment_method=body.payment_method,
        return_url=body.return_url,
        expected_total=body.expected_total,
        note=body.note,
    )
    return _answer(info)


def _answer(info: CheckoutInfo) -> dict[str, Any]:
    """A checkout that was undone is a refusal, with the reason that turned it round."""
    if info.state in ("undoing", "undone"):
        error = info.error or {}
        if error.get("code") == facade.DeadlinePassed.code:
            raise facade.DeadlinePassed
        raise facade.PaymentDeclined(
            str(error.get("detail") or "") or None,
            decline_code=str(error.get("decline_code", "")),
            checkout=public_id("jny", info.id),
        )
    return render_checkout(info)


def _visible_checkout(request: ApiRequest, checkout_id: UUID) -> CheckoutInfo:
    """The checkout, if the caller may see its orders. Raises NotFound."""
    info = facade.checkout(checkout_id=checkout_id)
    if info.group_id is None:
        raise NotFound
    marketplace.group_for(
        group_id=info.group_id,
        actor=request.actor,
        token=request.headers.get("Order-Token"),
        cart_token=request.headers.get("Cart-Token"),
    )
    return info


@routes.get(
    "/checkouts/{checkout_id}",
    summary="How a checkout stands",
    audience={"guest", "buyer", "operator"},
    scope="checkout:read",
    response=CheckoutOut,
    errors=(NotFound,),
    example=CHECKOUT,
)
def get_checkout(request: ApiRequest, checkout_id: CheckoutId) -> dict[str, Any]:
    return render_checkout(_visible_checkout(request, checkout_id))


@routes.post(
    "/checkouts/{checkout_id}/resume",
    summary="Look again how the payment stands, after the buyer confirmed it elsewhere",
    audience={"guest", "buyer", "operator"},
    scope="checkout:write",
    response=CheckoutOut,
    outside=True,
    errors=(NotFound, facade.PaymentDeclined, facade.DeadlinePassed),
    example=CHECKOUT,
)
def resume_checkout(request: ApiRequest, checkout_id: CheckoutId) -> dict[str, Any]:
    info = _visible_checkout(request, checkout_id)
    return _answer(facade.resume_checkout(checkout_id=info.id))


def _visible_order(request: ApiRequest, order_id: UUID) -> marketplace.OrderInfo:
    return marketplace.order_for(
        order_id=order_id,
        actor=request.actor,
        token=request.headers.get("Order-Token"),
        cart_token=request.headers.get("Cart-Token"),
    )


@routes.post(
    "/orders/{order_id}/cancel",
    summary="Cancel an order before it ships: money and goods go back",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:write",
    response=JourneyOut,
    outside=True,
    errors=(marketplace.OrderNotFound, marketplace.OrderState, facade.NotCancellable),
    example=STEP,
    request_example={"reason": "changed_mind"},
)
def cancel_order(request: ApiRequest, order_id: OrderId, body: CancelIn) -> dict[str, Any]:
    order = _visible_order(request, order_id)
    return render_journey(facade.cancel_order(order_id=order.id, reason=body.reason))


@routes.post(
    "/orders/{order_id}/ship",
    summary="Get a waybill and mark the order as shipped",
    audience={"merchant"},
    scope="orders:write",
    response=JourneyOut,
    outside=True,
    errors=(marketplace.OrderNotFound, marketplace.OrderState, facade.NotShippable),
    example={**STEP, "kind": "fulfil", "step": "mark"},
)
def ship_order(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = _visible_order(request, order_id)
    info = facade.ship_order(order_id=order.id)
    if info.state in ("undone", "undoing"):
        raise facade.NotShippable(str((info.error or {}).get("detail") or "") or None)
    return render_journey(info)


@routes.get(
    "/orders/{order_id}/timeline",
    summary="All that happened to an order, oldest first",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:read",
    response=ListOf[TimelineOut],
    errors=(marketplace.OrderNotFound,),
    example={"data": [LINE], "has_more": False, "next_cursor": None},
)
def get_timeline(
    request: ApiRequest, order_id: OrderId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    order = _visible_order(request, order_id)
    return PageOf([render_line(line) for line in facade.timeline(order_id=order.id)], False, None)


@routes.get(
    "/journeys",
    summary="Journeys, newest first; state=needs_attention for what waits for a person",
    audience={"operator"},
    scope="journeys:read",
    response=ListOf[JourneyOut],
    example={"data": [STEP], "has_more": False, "next_cursor": None},
)
def list_journeys(request: ApiRequest, q: JourneyQuery = Query(...)) -> PageOf[dict[str, Any]]:
    page = facade.journeys(state=q.state, kind=q.kind, cursor=q.cursor, limit=q.limit)
    return page.map(render_journey)


@routes.post(
    "/journeys/{journey_id}/retry",
    summary="Try a stuck journey's step again",
    audience={"operator"},
    scope="journeys:write",
    response=JourneyOut,
    outside=True,
    errors=(NotFound, facade.JourneyFinished),
    example=STEP,
)
def retry_journey(request: ApiRequest, journey_id: JourneyId) -> dict[str, Any]:
    return render_journey(facade.retry_journey(journey_id=journey_id))


@routes.post(
    "/journeys/{journey_id}/close",
    summary="Put a stuck journey aside: what was left was done by hand",
    audience={"operator"},
    scope="journeys:write",
    response=JourneyOut,
    errors=(NotFound, facade.JourneyFinished),
    example={**STEP, "state": "undone"},
    request_example={"reason": "Refunded by bank transfer on 2 May."},
)
def close_journey(request: ApiRequest, journey_id: JourneyId, body: ReasonIn) -> dict[str, Any]:
    return render_journey(facade.close_journey(journey_id=journey_id, reason=body.reason))
