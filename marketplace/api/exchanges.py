"""Exchanges: what can be had for delivered goods, asked for, received and confirmed. Answered and
sent they are as returns are; the replacement is sent in ``journeys``."""

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from inventory.facade import RestockRefused
from kernel.api import ApiRequest, DecimalStr, Schema, Timestamp
from kernel.ids import public_id
from kernel.quantity import Quantity
from marketplace.api.return_shapes import (
    CAUSES,
    RETURN,
    PieceLine,
    ReturnableLine,
    ReturnId,
    ReturnOut,
    ReturnProofIn,
    Words,
    render_piece,
    wanted,
)
from marketplace.api.returns import ASKING, BUYERS, order_of_request, return_of, shown
from marketplace.api.routes import TAIL, TEXTS, OrderId, VariantId, routes
from marketplace.contracts_returns import Choice, ReturnKind, ReturnPictureIn
from marketplace.errors import (
    NotExchangeable,
    OrderNotFound,
    PriceDiffers,
    ReturnDisputed,
    ReturnNotFound,
    WrongReturnState,
)
from marketplace.selectors.choices import choices_for_order
from marketplace.selectors.returns import returnable
from marketplace.services.returns import exchanges
from marketplace.services.returns.ask import request_return

EXCHANGEABLE = {
    "order": f"ord_{TAIL}",
    "until": "2026-05-17T16:00:00Z",
    "problem": None,
    "lines": [
        {
            "variant_id": f"var_{TAIL}",
            "piece": None,
            "title": TEXTS,
            "left": "2",
            "unit": "C62",
            "until": "2026-05-17T16:00:00Z",
            "replacements": [
                {
                    "variant_id": f"var_{TAIL}",
                    "sku": "TEA-50",
                    "title": TEXTS,
                    "available": "12",
                    "same": True,
                }
            ],
        }
    ],
}
REPLACEMENT = {"variant_id": f"var_{TAIL}", "sku": "TEA-50", "title": TEXTS, "changed": False}
EXCHANGE: dict[str, Any] = {
    **RETURN,
    "kind": "exchange",
    "cause": "defective",
    "text": "It doesn't close.",
    "lines": [{**RETURN["lines"][0], "replacement": REPLACEMENT}],
}
RESENT = {"resent_waybill": "SF1400000001", "resent_at": "2026-05-12T08:00:00Z"}


class ReplacementChoice(Schema):
    variant_id: VariantId
    sku: str
    title: dict[str, str]
    available: DecimalStr
    same: bool = Field(description="The same variant as the goods")


class ExchangeableLine(ReturnableLine):
    replacements: list[ReplacementChoice] = Field(description="At the same price only")


class ExchangeableOut(Schema):
    order: OrderId
    until: Timestamp | None = Field(description="Until when; null: it isn't delivered")
    problem: str | None = Field(description="The code of the error that asking would give")
    lines: list[ExchangeableLine]


class ExchangeLine(PieceLine):
    replacement: VariantId | None = Field(None, description="Else the same variant")


class GoodsExchangeIn(Schema):
    lines: Annotated[list[ExchangeLine], Field(min_length=1, max_length=200)]
    cause: Annotated[str, Field(max_length=20, description=CAUSES)]
    text: Words = ""
    pictures: Annotated[list[ReturnProofIn], Field(max_length=20)] = []


class ReceivedIn(Schema):
    restock: bool = Field(False, description="Put the goods back on sale where they came from")


@routes.get(
    "/orders/{order_id}/exchangeable",
    summary="What of an order may be exchanged, until when, and for what",
    permission="orders.see",
    response=ExchangeableOut,
    errors=(OrderNotFound,),
    example=EXCHANGEABLE,
)
def get_exchangeable(request: ApiRequest, order_id: OrderId) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    found = returnable(order_id=order.id, kind=ReturnKind.EXCHANGE)
    choices = choices_for_order(order_id=order.id)
    return {
        "order": public_id("ord", order.id),
        "until": found.until,
        "problem": found.problem or None,
        "lines": [
            render_piece(piece) | {"replacements": _choices(choices[piece.id])}
            for piece in found.pieces
        ],
    }


def _choices(found: Iterable[Choice]) -> list[dict[str, Any]]:
    return [
        {
            "variant_id": public_id("var", one.variant_id),
            "sku": one.sku,
            "title": one.titles,
            "available": Quantity(one.there, one.unit).text(),
            "same": one.same,
        }
        for one in found
        if one.fits
    ]


@routes.post(
    "/orders/{order_id}/exchanges",
    summary="Ask to exchange goods of a delivered order for the same, or another variant",
    audience=BUYERS,
    scope="orders:write",
    permission="service",
    status=201,
    response=ReturnOut,
    errors=(*ASKING, NotExchangeable, PriceDiffers),
    example=EXCHANGE,
    request_example={
        "lines": [
            {
                "variant_id": "var_01k00000000000000000000000",
                "quantity": "1",
                "replacement": "var_01k00000000000000000000001",
            }
        ],
        "cause": "defective",
        "text": "It doesn't close.",
        "pictures": [{"name": "lid.png", "data": "iVBORw0KGgo="}],
    },
)
def create_exchange(
    request: ApiRequest, order_id: OrderId, body: GoodsExchangeIn
) -> dict[str, Any]:
    order = order_of_request(request, order_id)
    lines = wanted(body.lines, order)
    wishes: dict[UUID, UUID] = {
        piece: one.replacement
        for piece, one in zip(lines, body.lines, strict=True)
        if one.replacement is not None
    }
    info = request_return(
        key=request.idempotency_token,
        order_id=order.id,
        lines=lines,
        cause=body.cause,
        text=body.text,
        pictures=[ReturnPictureIn(one.name, one.data) for one in body.pictures],
        kind=ReturnKind.EXCHANGE,
        wishes=wishes,
    )
    return shown(request, info)


@routes.post(
    "/returns/{return_id}/exchange/receive",
    summary="The goods of an exchange are here (or may be kept): you send the replacement next",
    audience={"merchant"},
    scope="orders:write",
    permission="service",
    response=ReturnOut,
    errors=(ReturnNotFound, WrongReturnState, RestockRefused),
    example={**EXCHANGE, "state": "received", "ship_by": "2026-05-19T08:00:00Z"},
    request_example={"restock": False},
)
def receive(request: ApiRequest, return_id: ReturnId, body: ReceivedIn) -> dict[str, Any]:
    info = return_of(request, return_id)
    done = exchanges.receive_exchange(return_id=info.id, restocked=body.restock)
    return shown(request, done)


@routes.post(
    "/returns/{return_id}/exchange/confirm",
    summary="The replacement has come: the exchange is over",
    audience=BUYERS,
    scope="orders:write",
    permission="service",
    response=ReturnOut,
    errors=(ReturnNotFound, WrongReturnState, ReturnDisputed),
    example={**EXCHANGE, **RESENT, "state": "exchanged"},
)
def confirm(request: ApiRequest, return_id: ReturnId) -> dict[str, Any]:
    info = return_of(request, return_id)
    return shown(request, exchanges.confirm_exchange(return_id=info.id))
