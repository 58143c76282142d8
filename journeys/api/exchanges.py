"""Routes by which the replacement of an exchange goes out, or the money back instead."""

from typing import Any

from journeys import facade
from journeys.api.returns import RETURN, ReturnId, visible
from journeys.api.routes import routes
from journeys.shapes import STEP, JourneyOut, render_journey
from kernel.api import ApiRequest, Schema
from marketplace import facade as marketplace
from payments import facade as payments


class InsteadOut(Schema):
    id: ReturnId
    state: str
    journey: JourneyOut | None = None


@routes.post(
    "/returns/{return_id}/exchange/send",
    summary="Send the replacement: it gets a waybill like a parcel",
    audience={"merchant"},
    scope="orders:write",
    permission="service",
    response=JourneyOut,
    outside=True,
    errors=(
        marketplace.ReturnNotFound,
        marketplace.WrongReturnState,
        marketplace.ReplacementMissing,
        facade.NotShippable,
    ),
    example={**STEP, "kind": "replace", "step": "mark", "subject": RETURN},
)
def send_replacement(request: ApiRequest, return_id: ReturnId) -> dict[str, Any]:
    found = visible(request, return_id)
    return render_journey(facade.send_replacement(return_id=found.id))


@routes.post(
    "/returns/{return_id}/exchange/refund",
    summary="Give the money back instead of a replacement, at once if the goods are back",
    audience={"merchant", "operator"},
    scope="orders:write",
    permission="service",
    response=InsteadOut,
    outside=True,
    errors=(
        marketplace.ReturnNotFound,
        marketplace.WrongReturnState,
        marketplace.ReturnDisputed,
        facade.ReturnNotReceivable,
        facade.ReturnNotRefunded,
        payments.RefundTooLarge,
    ),
    example={
        "id": RETURN,
        "state": "refunded",
        "journey": {**STEP, "kind": "return", "subject": RETURN},
    },
)
def refund_instead(request: ApiRequest, return_id: ReturnId) -> dict[str, Any]:
    found = visible(request, return_id)
    journey = facade.refund_instead(return_id=found.id)
    now = marketplace.order_return(return_id=found.id)
    return {
        "id": now.public_id,
        "state": now.state,
        "journey": render_journey(journey) if journey else None,
    }
