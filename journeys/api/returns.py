"""Routes by which a return goes on across contexts: received and refunded, or disputed."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from inventory import facade as inventory
from journeys import facade
from journeys.api.routes import routes
from journeys.shapes import STEP, JourneyOut, render_journey
from kernel.api import ApiRequest, Id, Schema, headers
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments

ReturnId = Annotated[UUID, Id("ret")]
RETURN = "ret_01k00000000000000000000000"


class ReceiveIn(Schema):
    restock: bool = Field(False, description="Put the goods back on sale where they came from")


class ComplainIn(Schema):
    text: Annotated[str, Field(max_length=2000)] = ""


class ReturnDisputeOut(Schema):
    id: ReturnId
    dispute: Annotated[UUID, Id("dsp")] = Field(description="See /disputes/{dispute_id}")
    state: str = Field(description="The dispute's")


@routes.post(
    "/returns/{return_id}/receive",
    summary="The goods are here (or may be kept): the buyer gets the money back",
    audience={"merchant", "operator"},
    scope="orders:write",
    permission="service",
    response=JourneyOut,
    outside=True,
    errors=(
        marketplace.ReturnNotFound,
        facade.ReturnNotReceivable,
        facade.ReturnNotRefunded,
        inventory.RestockRefused,
        payments.RefundTooLarge,
    ),
    example={**STEP, "kind": "return", "subject": RETURN},
    request_example={"restock": True},
)
def receive_return(request: ApiRequest, return_id: ReturnId, body: ReceiveIn) -> dict[str, Any]:
    found = visible(request, return_id)
    return render_journey(facade.receive_return(return_id=found.id, restock=body.restock))


@routes.post(
    "/returns/{return_id}/dispute",
    summary="Don't accept the merchant's refusal: the money is frozen until the platform decides",
    audience={"guest", "buyer", "operator"},
    scope="payments:write",
    permission="disputes",
    status=201,
    response=ReturnDisputeOut,
    errors=(
        marketplace.ReturnNotFound,
        marketplace.WrongReturnState,
        marketplace.NothingLeftToReturn,
        payments.NotDisputable,
        payments.AlreadyDisputed,
    ),
    example={"id": RETURN, "dispute": "dsp_01k00000000000000000000000", "state": "needs_response"},
    request_example={"text": "It was never used."},
)
def dispute_return(request: ApiRequest, return_id: ReturnId, body: ComplainIn) -> dict[str, Any]:
    found = visible(request, return_id)
    info = facade.dispute_return(key=request.idempotency_token, return_id=found.id, text=body.text)
    return {"id": found.public_id, "dispute": public_id("dsp", info.id), "state": info.state}


def visible(request: ApiRequest, return_id: UUID) -> marketplace.ReturnInfo:
    """The return, for who may see its order. Raises ReturnNotFound."""
    return marketplace.return_for(
        return_id=return_id,
        actor=request.actor,
        **headers.secrets_of(request),
    )
