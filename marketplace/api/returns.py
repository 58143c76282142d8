"""Returns: buyers ask and send, merchants answer; who received them says so in ``journeys``."""

from base64 import b64encode
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja.params.functions import Query

from kernel.api import ApiRequest, ListOf, headers, set_etag
from kernel.ids import public_id
from kernel.pagination import PageOf
from marketplace.api.return_shapes import (
    PICTURE_FILE,
    PREVIEW,
    RETURN,
    RETURNABLE,
    SORTS,
    PictureId,
    RejectIn,
    ReturnableOut,
    ReturnApproveIn,
    ReturnId,
    ReturnIn,
    ReturnOut,
    ReturnPictureOut,
    ReturnPreviewIn,
    ReturnPreviewOut,
    ReturnQuery,
    SentIn,
    piece_of,
    render,
    render_piece,
)
from marketplace.api.routes import OrderId, merchant_of, needs, routes
from marketplace.contracts import OrderInfo
from marketplace.contracts_returns import ReturnInfo, ReturnPictureIn
from marketplace.errors import (
    InvalidPicture,
    InvalidReturn,
    NothingLeftToReturn,
    NotReturnable,
    OrderNotFound,
    ReplacementMissing,
    ReturnDisputed,
    ReturnNotFound,
    ReturnTooLate,
    WrongReturnState,
)
from marketplace.selectors import returns as reads
from marketplace.services.returns import answer
from marketplace.services.returns.ask import preview_return, request_return
from marketplace.visitors import order_for, return_for

BUYERS = {"guest", "buyer", "operator"}
ASKING = (
    OrderNotFound, NotReturnable, ReturnTooLate, NothingLeftToReturn, ReturnDisputed,
    InvalidReturn, InvalidPicture,
)  # fmt: skip


@routes.get(
    "/orders/{order_id}/returnable",
    summary="Whether something of an order may be returned, until when, and how much of each line",
    permission="orders.see",
    response=ReturnableOut,
    errors=(OrderNotFound,),
    example=RETURNABLE,
)
def get_returnable(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    found = reads.returnable(order_id=order.id)
    return {
        "order": public_id("ord", order.id),
        "until": found.until,
        "problem": found.problem or None,
        "lines": [render_piece(piece) for piece in found.pieces],
    }


@routes.post(
    "/orders/{order_id}/returns/preview",
    summary="What would go back for a return, without asking for it",
    audience=BUYERS,
    scope="orders:read",
    permission="orders.see",
    response=ReturnPreviewOut,
    errors=ASKING,
    example=PREVIEW,
    request_example={
        "lines": [{"variant_id": "var_01k00000000000000000000000", "quantity": "1"}],
        "cause": "no_reason",
    },
)
def preview(request: ApiRequest, order_id: OrderId, body: ReturnPreviewIn) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    found = preview_return(order_id=order.id, lines=body.wanted(order), cause=body.cause)
    return {
        "lines": [
            {
                "variant_id": public_id("var", piece.variant_id),
                "piece": piece_of(piece),
                "refund": found.lines[piece.id],
            }
            for piece in reads.returnable(order_id=order.id).pieces
            if piece.id in found.lines
        ],
        "shipping": found.shipping,
        "total": found.total,
    }


@routes.post(
    "/orders/{order_id}/returns",
    summary="Ask to return lines of a delivered order",
    audience=BUYERS,
    scope="orders:write",
    permission="service",
    status=201,
    response=ReturnOut,
    errors=ASKING,
    example=RETURN,
    request_example={
        "lines": [{"variant_id": "var_01k00000000000000000000000", "quantity": "1"}],
        "cause": "damaged",
        "text": "The lid is broken.",
        "pictures": [{"name": "lid.png", "data": "iVBORw0KGgo="}],
    },
)
def create_return(request: ApiRequest, order_id: OrderId, body: ReturnIn) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    info = request_return(
        key=request.idempotency_token,
        order_id=order.id,
        lines=body.wanted(order),
        cause=body.cause,
        text=body.text,
        pictures=[ReturnPictureIn(one.name, one.data) for one in body.pictures],
    )
    return shown(request, info)


@routes.get(
    "/returns",
    summary="Your returns and exchanges, newest first; a guest's by the order",
    permission="orders.see",
    response=ListOf[ReturnOut],
    errors=(OrderNotFound,),
    example={"data": [RETURN], "has_more": False, "next_cursor": None},
)
def list_returns(request: ApiRequest, q: ReturnQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    return reads.returns_page(
        **sought(request, q.merchant, q.order_id),
        state=q.state,
        kind=q.kind,
        number=q.number,
        updated_since=q.updated_since,
        order=q.order(SORTS, "-requested_at"),
        cursor=q.cursor,
        limit=q.limit,
    ).map(render)


@routes.get(
    "/returns/{return_id}",
    summary="One return",
    permission="orders.see",
    response=ReturnOut,
    errors=(ReturnNotFound,),
    example=RETURN,
)
def get_return(request: ApiRequest, return_id: ReturnId) -> dict[str, Any]:
    return shown(request, return_of(request, return_id))


@routes.get(
    "/returns/{return_id}/pictures/{picture_id}",
    summary="A picture that the buyer showed",
    permission="orders.see",
    response=ReturnPictureOut,
    errors=(ReturnNotFound,),
    example=PICTURE_FILE,
)
def get_return_picture(
    request: ApiRequest, return_id: ReturnId, picture_id: PictureId
) -> dict[str, Any]:
    info = return_of(request, return_id)
    name, kind, data = reads.picture_of(return_id=info.id, picture_id=picture_id)
    return {"name": name, "type": kind, "content": b64encode(data).decode()}


@routes.post(
    "/returns/{return_id}/approve",
    summary="Take it back: the buyer sends it to your address",
    audience={"merchant"},
    scope="orders:write",
    permission="service",
    response=ReturnOut,
    errors=(ReturnNotFound, WrongReturnState, InvalidReturn, ReplacementMissing),
    example={**RETURN, "state": "approved", "answered_at": "2026-05-09T08:00:00Z"},
    request_example={
        "send_to": "长春市人民大街 1 号 退货组",
        "answer": "",
        "lines": [
            {
                "line": "rtl_01k00000000000000000000000",
                "variant_id": "var_01k00000000000000000000000",
            }
        ],
    },
)
def approve(request: ApiRequest, return_id: ReturnId, body: ReturnApproveIn) -> dict[str, Any]:
    info = return_of(request, return_id)
    done = answer.approve_return(
        return_id=info.id,
        answer=body.answer,
        send_to=body.send_to,
        variants={one.line: one.variant_id for one in body.lines},
        refund=body.refund,
    )
    return shown(request, done)


@routes.post(
    "/returns/{return_id}/reject",
    summary="Refuse it, or what arrived, with the reason; the buyer may complain",
    audience={"merchant"},
    scope="orders:write",
    permission="service",
    response=ReturnOut,
    errors=(ReturnNotFound, WrongReturnState, InvalidReturn),
    example={**RETURN, "state": "rejected", "answer": "It was used."},
    request_example={"answer": "It was used."},
)
def reject(request: ApiRequest, return_id: ReturnId, body: RejectIn) -> dict[str, Any]:
    info = return_of(request, return_id)
    return shown(request, answer.reject_return(return_id=info.id, answer=body.answer))


@routes.post(
    "/returns/{return_id}/withdraw",
    summary="Keep the goods after all, before they were sent",
    audience=BUYERS,
    scope="orders:write",
    permission="service",
    response=ReturnOut,
    errors=(ReturnNotFound, WrongReturnState),
    example={**RETURN, "state": "withdrawn"},
)
def withdraw(request: ApiRequest, return_id: ReturnId) -> dict[str, Any]:
    info = return_of(request, return_id)
    return shown(request, answer.withdraw_return(return_id=info.id))


@routes.post(
    "/returns/{return_id}/sent",
    summary="Tell the waybill under which the goods go back",
    audience=BUYERS,
    scope="orders:write",
    permission="service",
    response=ReturnOut,
    errors=(ReturnNotFound, WrongReturnState, InvalidReturn),
    example={**RETURN, "state": "sent", "carrier": "顺丰", "waybill": "SF998877"},
    request_example={"carrier": "顺丰", "waybill": "SF998877"},
)
def sent(request: ApiRequest, return_id: ReturnId, body: SentIn) -> dict[str, Any]:
    info = return_of(request, return_id)
    done = answer.send_return(return_id=info.id, carrier=body.carrier, waybill=body.waybill)
    return shown(request, done)


def order_of_request(request: ApiRequest, order_id: OrderId) -> OrderInfo:
    """The order, for who may see it. Raises OrderNotFound."""
    if request.actor.kind in ("merchant", "operator"):
        needs(request, "orders:read")
    return order_for(
        order_id=order_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )


def sought(
    request: ApiRequest, merchant_id: UUID | None, order_id: UUID | None
) -> dict[str, UUID | None]:
    """Whose returns or cancellations are listed: an operator's choice, a merchant's own, a buyer's
    own, a guest's of the order whose token is sent. Raises OrderNotFound."""
    actor = request.actor
    if actor.kind in ("operator", "merchant"):
        needs(request, "orders:read")
        owner = merchant_id if actor.kind == "operator" else merchant_of(request)
        return {"merchant_id": owner, "order_id": order_id}
    if actor.kind == "buyer" and actor.person_id is not None:
        return {"buyer_id": actor.person_id, "order_id": order_id}
    if order_id is None:
        raise OrderNotFound(_("Name the order, with its Order-Token or Cart-Token."))
    return {"order_id": order_of_request(request, order_id).id}


def return_of(request: ApiRequest, return_id: ReturnId) -> ReturnInfo:
    """The return, for who may see its order. Raises ReturnNotFound."""
    if request.actor.kind in ("merchant", "operator"):
        needs(request, "orders:read")
    return return_for(
        return_id=return_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )


def shown(request: ApiRequest, info: ReturnInfo) -> dict[str, Any]:
    set_etag(request, info.version)
    return render(info)
