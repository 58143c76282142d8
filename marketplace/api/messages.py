"""Messages between buyer and merchant about an order; the operator reads and writes too."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query
from pydantic import Field

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.pagination import PageOf
from marketplace.api.returns import order_of_request
from marketplace.api.routes import TAIL, OrderId, needs, routes
from marketplace.contracts_messages import MessageInfo
from marketplace.errors import InvalidMessage, OrderNotFound
from marketplace.selectors import messages as reads
from marketplace.services.messages import read_messages, write_message

MESSAGE = {
    "id": f"msg_{TAIL}",
    "side": "buyer",
    "text": "When does it leave?",
    "at": "2026-05-01T08:00:00Z",
}


class MessageIn(Schema):
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class MessageOut(Schema):
    id: Annotated[UUID, Id("msg")]
    side: str = Field(description="buyer, merchant, operator")
    text: str
    at: Timestamp


class ReadOut(Schema):
    unread: int


def render(info: MessageInfo) -> dict[str, Any]:
    return {"id": info.public_id, "side": info.side, "text": info.text, "at": info.at}


@routes.get(
    "/orders/{order_id}/messages",
    summary="What buyer and merchant wrote about an order, oldest first",
    permission="orders.see",
    response=ListOf[MessageOut],
    errors=(OrderNotFound,),
    example={"data": [MESSAGE], "has_more": False, "next_cursor": None},
)
def list_messages(
    request: ApiRequest, order_id: OrderId, q: ListQuery = Query(...)
) -> PageOf[dict[str, Any]]:
    order = order_of_request(request, order_id)
    return PageOf([render(one) for one in reads.messages_of(order_id=order.id)], False, None)


@routes.post(
    "/orders/{order_id}/messages",
    summary="Write to the other side about an order",
    permission="service",
    status=201,
    response=MessageOut,
    errors=(OrderNotFound, InvalidMessage),
    example=MESSAGE,
    request_example={"text": "When does it leave?"},
)
def create_message(request: ApiRequest, order_id: OrderId, body: MessageIn) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    side = _side(request)
    info = write_message(
        key=request.idempotency_token, order_id=order.id, side=side, text=body.text
    )
    return render(info)


@routes.post(
    "/orders/{order_id}/messages/read",
    summary="Mark an order's messages as read by your side",
    permission="service",
    response=ReadOut,
    errors=(OrderNotFound,),
    example={"unread": 0},
)
def mark_read(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    side = _side(request)
    read_messages(order_id=order.id, side=side)
    return {"unread": reads.unread(order_id=order.id, side=side)}


def _side(request: ApiRequest) -> str:
    """On whose side the caller writes; keys need the scope to write."""
    kind = request.actor.kind
    if kind in ("merchant", "operator"):
        needs(request, "orders:write")
        return kind
    return "buyer"
