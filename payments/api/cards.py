"""Saved cards of a buyer: listed, removed. Saving one is part of paying with it."""

from typing import Annotated, Any
from uuid import UUID

from ninja.params.functions import Query

from kernel.api import ApiRequest, Id, ListOf, ListQuery, Schema, Timestamp
from kernel.errors import NotFound
from kernel.pagination import PageOf
from payments.api.routes import routes
from payments.api.wallet import owner_of
from payments.errors import GatewayNotConfigured
from payments.services import saved_methods
from payments.services.saved_methods import SavedCard

BUYERS = {"buyer"}
EXAMPLE = {
    "id": "spm_01k00000000000000000000000",
    "brand": "visa",
    "last4": "4242",
    "expires": "2031-04",
    "consent_version": "2026-11",
    "consented_at": "2026-05-01T08:00:00Z",
    "created_at": "2026-05-01T08:00:00Z",
}
CardId = Annotated[UUID, Id("spm")]


class CardOut(Schema):
    id: CardId
    brand: str
    last4: str
    expires: str
    consent_version: str
    consented_at: Timestamp
    created_at: Timestamp


def render(card: SavedCard) -> dict[str, Any]:
    return {
        "id": card.public_id,
        "brand": card.brand,
        "last4": card.last4,
        "expires": card.expires,
        "consent_version": card.consent_version,
        "consented_at": card.consented_at,
        "created_at": card.created_at,
    }


@routes.get(
    "/payments/cards",
    summary="The cards you asked us to keep",
    audience=BUYERS,
    scope="payments:read",
    response=ListOf[CardOut],
    example={"data": [EXAMPLE], "has_more": False, "next_cursor": None},
)
def list_cards(request: ApiRequest, q: ListQuery = Query(...)) -> PageOf[dict[str, Any]]:
    q.expands(())
    found = saved_methods.saved_cards(person_id=owner_of(request.actor))
    return PageOf([render(card) for card in found], False, None)


@routes.delete(
    "/payments/cards/{card_id}",
    summary="Forget a card, here and at the payment provider",
    audience=BUYERS,
    scope="payments:write",
    response=None,
    status=204,
    errors=(NotFound, GatewayNotConfigured),
    outside=True,
)
def remove_card(request: ApiRequest, card_id: CardId) -> None:
    saved_methods.remove_card(person_id=owner_of(request.actor), card_id=card_id)
