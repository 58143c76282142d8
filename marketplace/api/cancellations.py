"""Parts of an order that aren't sent: what may be cancelled, what would go back, what was. Who
cancels or agrees says so in ``journeys``, because money goes back with it."""

from typing import Any

from ninja.params.functions import Query

from kernel.api import ApiRequest, ListOf, headers, set_etag
from kernel.ids import public_id
from kernel.pagination import PageOf
from kernel.quantity import Quantity
from marketplace.api.cancellation_shapes import (
    CANCELLABLE,
    CANCELLATION,
    PREVIEW,
    REQUESTED,
    SORTS,
    CancellableOut,
    CancellationId,
    CancellationOut,
    CancellationQuery,
    CancellationRefuseIn,
    CancelPreviewIn,
    CancelPreviewOut,
    render,
)
from marketplace.api.orders import ORDER, OrderOut
from marketplace.api.orders import render as render_order
from marketplace.api.returns import order_of_request, sought
from marketplace.api.routes import OrderId, needs, routes
from marketplace.contracts_cancelling import CancellationInfo
from marketplace.errors import (
    CancellationNotFound,
    InvalidCancellation,
    NotCancellableNow,
    NothingLeftToCancel,
    OrderNotFound,
    OrderState,
    WrongCancellationState,
)
from marketplace.selectors import cancellations as reads
from marketplace.services.cancelling import settle
from marketplace.services.cancelling.ask import preview_cancellation
from marketplace.services.order_states import start_packing
from marketplace.visitors import cancellation_for, side_of

ASKING = (OrderNotFound, NotCancellableNow, NothingLeftToCancel, InvalidCancellation)


@routes.get(
    "/orders/{order_id}/cancellable",
    summary="Whether a part of an order may still be cancelled, and how much of each line",
    permission="orders.see",
    response=CancellableOut,
    errors=(OrderNotFound,),
    example=CANCELLABLE,
)
def get_cancellable(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    found = reads.cancellable(order_id=order.id, side=side_of(request.actor))
    return {
        "order": public_id("ord", order.id),
        "at_once": found.at_once,
        "problem": found.problem or None,
        "lines": [
            {
                "variant_id": public_id("var", line.variant_id),
                "title": line.titles,
                "left": Quantity(found.left[line.id], line.unit).text(),
                "unit": line.unit,
            }
            for line in order.lines
        ],
    }


@routes.post(
    "/orders/{order_id}/cancellations/preview",
    summary="What would go back for a part of an order, without cancelling it",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:read",
    permission="orders.see",
    response=CancelPreviewOut,
    errors=ASKING,
    example=PREVIEW,
    request_example={
        "lines": [{"variant_id": "var_01k00000000000000000000000", "quantity": "1"}],
    },
)
def preview_of_cancellation(
    request: ApiRequest, order_id: OrderId, body: CancelPreviewIn
) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    found = preview_cancellation(
        order_id=order.id, lines=body.wanted(order), side=side_of(request.actor)
    )
    return {
        "lines": [
            {"variant_id": public_id("var", line.variant_id), "refund": found.lines[line.id]}
            for line in order.lines
            if line.id in found.lines
        ],
        "shipping": found.shipping,
        "total": found.total,
        "whole": found.whole,
        "at_once": found.at_once,
    }


@routes.post(
    "/orders/{order_id}/pack",
    summary="Say that you pack the order: from now on the buyer asks before cancelling",
    audience={"merchant"},
    scope="orders:write",
    permission="orders",
    response=OrderOut,
    errors=(OrderNotFound, OrderState),
    example={**ORDER, "packing_at": "2026-05-01T09:00:00Z"},
)
def pack_order(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    start_packing(order_id=order.id)
    return render_order(order_of_request(request, order_id))


@routes.get(
    "/cancellations",
    summary="Your cancelled parts of orders, newest first; a guest's by the order",
    permission="orders.see",
    response=ListOf[CancellationOut],
    errors=(OrderNotFound,),
    example={"data": [CANCELLATION], "has_more": False, "next_cursor": None},
)
def list_cancellations(
    request: ApiRequest, q: CancellationQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    q.expands(())
    return reads.cancellations_page(
        **sought(request, q.merchant, q.order_id),
        state=q.state,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-requested_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.get(
    "/cancellations/{cancellation_id}",
    summary="One cancelled part of an order",
    permission="orders.see",
    response=CancellationOut,
    errors=(CancellationNotFound,),
    example=CANCELLATION,
)
def get_cancellation(request: ApiRequest, cancellation_id: CancellationId) -> dict[str, Any]:
    return _shown(request, _cancellation(request, cancellation_id))


@routes.post(
    "/cancellations/{cancellation_id}/reject",
    summary="Send it all the same, with the reason",
    audience={"merchant"},
    scope="orders:write",
    permission=("service", "orders"),
    response=CancellationOut,
    errors=(CancellationNotFound, WrongCancellationState, InvalidCancellation),
    example={**REQUESTED, "state": "rejected", "answer": "It is on its way already."},
    request_example={"answer": "It is on its way already."},
)
def reject_cancellation(
    request: ApiRequest, cancellation_id: CancellationId, body: CancellationRefuseIn
) -> dict[str, Any]:
    info = _cancellation(request, cancellation_id)
    done = settle.reject_cancellation(cancellation_id=info.id, answer=body.answer)
    return _shown(request, done)


@routes.post(
    "/cancellations/{cancellation_id}/withdraw",
    summary="Want it after all, before the merchant answered",
    audience={"guest", "buyer", "operator"},
    scope="orders:write",
    permission=("service", "orders"),
    response=CancellationOut,
    errors=(CancellationNotFound, WrongCancellationState),
    example={**REQUESTED, "state": "withdrawn"},
)
def withdraw_cancellation(request: ApiRequest, cancellation_id: CancellationId) -> dict[str, Any]:
    info = _cancellation(request, cancellation_id)
    return _shown(request, settle.withdraw_cancellation(cancellation_id=info.id))


def _cancellation(request: ApiRequest, cancellation_id: CancellationId) -> CancellationInfo:
    """The cancellation, for who may see its order. Raises CancellationNotFound."""
    if request.actor.kind in ("merchant", "operator"):
        needs(request, "orders:read")
    return cancellation_for(
        cancellation_id=cancellation_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )


def _shown(request: ApiRequest, info: CancellationInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
