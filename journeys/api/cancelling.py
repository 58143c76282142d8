"""Routes by which an order, or a part of it, is cancelled before it is sent."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from inventory import facade as inventory
from journeys import facade
from journeys.api.routes import routes
from journeys.shapes import ORDER, STEP, CancelIn, JourneyOut, OrderId, render_journey
from kernel.api import ApiRequest, Id, MoneyIO, PositiveDecimalStr, Schema, headers
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments

CancellationId = Annotated[UUID, Id("can")]
STATES = "refunded, refunding (the gateway takes its time), requested (the merchant answers)"
DONE = {
    "id": "can_01k00000000000000000000000",
    "number": "20261124-4K7Q9M2X-1-C1",
    "order": ORDER,
    "state": "refunded",
    "whole": False,
    "refund_total": {"amount": 1999, "currency": "CNY"},
}
BUYERS = ", ".join(sorted(marketplace.BUYERS_CAUSES))
MERCHANTS = ", ".join(sorted(marketplace.MERCHANTS_CAUSES))
ERRORS = (
    marketplace.NotCancellableNow,
    marketplace.InvalidCancellation,
    facade.ContractInForce,
    facade.ContractCoversAll,
    inventory.RestockRefused,
    payments.RefundTooLarge,
)


class CancelledLine(Schema):
    variant_id: Annotated[UUID, Id("var")]
    quantity: PositiveDecimalStr


class CancelPartIn(Schema):
    lines: Annotated[list[CancelledLine], Field(min_length=1, max_length=200)]
    cause: Annotated[
        str,
        Field(max_length=20, description=f"A buyer's: {BUYERS}; a merchant's: {MERCHANTS}"),
    ]
    text: Annotated[str, Field(max_length=1000, description="Shown to the other side")] = ""
    restock: bool | None = Field(
        None, description="A merchant's: back on sale; yes unless told or out_of_stock"
    )

    def wanted(self, order: marketplace.OrderInfo) -> dict[UUID, Decimal]:
        """Quantities by the order's lines. Raises InvalidCancellation for what it has none of, and
        for what is named twice."""
        lines = {line.variant_id: line.id for line in order.lines}
        found: dict[UUID, Decimal] = {}
        for place, one in enumerate(self.lines):
            line = lines.pop(one.variant_id, None)
            if line is None:
                raise marketplace.InvalidCancellation(field=f"lines.{place}.variant_id")
            found[line] = one.quantity
        return found


class CancellationAcceptIn(Schema):
    restock: bool | None = Field(None, description="Back on sale; yes unless told")
    answer: Annotated[str, Field(max_length=1000)] = ""


class CancelledOut(Schema):
    id: CancellationId = Field(description="See /cancellations/{cancellation_id}")
    number: str
    order: OrderId
    state: str = Field(description=STATES)
    whole: bool = Field(description="Nothing of the order was left: it is cancelled")
    refund_total: MoneyIO = Field(description="Foreseen while it is only asked for")


@routes.post(
    "/orders/{order_id}/cancel",
    summary="Cancel an order before it ships: money and goods go back",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:write",
    permission="orders",
    response=JourneyOut,
    outside=True,
    errors=(
        marketplace.OrderNotFound,
        marketplace.OrderState,
        marketplace.MerchantMustAgree,
        facade.NotCancellable,
        facade.ContractInForce,
    ),
    example=STEP,
    request_example={"reason": "changed_mind"},
)
def cancel_order(request: ApiRequest, order_id: OrderId, body: CancelIn) -> dict[str, Any]:
    order = marketplace.order_for(order_id=order_id, **_who(request))
    by_buyer = marketplace.side_of(request.actor) == "buyer"
    info = facade.cancel_order(order_id=order.id, reason=body.reason, by_buyer=by_buyer)
    return render_journey(info)


@routes.post(
    "/orders/{order_id}/cancellations",
    summary="Cancel lines of a paid order, or a part of their quantity, before they are sent",
    audience={"guest", "buyer", "merchant", "operator"},
    scope="orders:write",
    permission=("service", "orders"),
    status=201,
    response=CancelledOut,
    outside=True,
    errors=(marketplace.OrderNotFound, marketplace.NothingLeftToCancel, *ERRORS),
    example=DONE,
    request_example={
        "lines": [{"variant_id": "var_01k00000000000000000000000", "quantity": "1"}],
        "cause": "other",
        "text": "",
    },
)
def cancel_part(request: ApiRequest, order_id: OrderId, body: CancelPartIn) -> dict[str, Any]:
    order = marketplace.order_for(order_id=order_id, **_who(request))
    side = marketplace.side_of(request.actor)
    found = facade.cancel_lines(
        key=request.idempotency_token,
        order_id=order.id,
        lines=body.wanted(order),
        cause=body.cause,
        side=side,
        text=body.text,
        restock=body.restock if side != "buyer" else None,
    )
    return _shown(found)


@routes.post(
    "/cancellations/{cancellation_id}/accept",
    summary="Agree to what the buyer asked for; or begin a refund anew that was refused",
    audience={"merchant", "operator"},
    scope="orders:write",
    permission=("service", "orders"),
    response=CancelledOut,
    outside=True,
    errors=(marketplace.CancellationNotFound, marketplace.WrongCancellationState, *ERRORS),
    example=DONE,
    request_example={"answer": ""},
)
def accept_cancellation(
    request: ApiRequest, cancellation_id: CancellationId, body: CancellationAcceptIn
) -> dict[str, Any]:
    info = marketplace.cancellation_for(cancellation_id=cancellation_id, **_who(request))
    done = facade.accept_cancellation(
        cancellation_id=info.id, restock=body.restock, answer=body.answer
    )
    return _shown(done)


def _who(request: ApiRequest) -> dict[str, Any]:
    return {"actor": request.actor, **headers.secrets_of(request)}


def _shown(info: marketplace.CancellationInfo) -> dict[str, Any]:
    return {
        "id": info.public_id,
        "number": info.number,
        "order": public_id("ord", info.order_id),
        "state": info.state,
        "whole": info.whole,
        "refund_total": info.refund,
    }
