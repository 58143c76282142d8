"""The context's route table, and what its handlers share."""

from typing import Annotated
from uuid import UUID

from kernel.actors import Actor
from kernel.api import Id, Routes
from kernel.errors import NotFound

routes = Routes("inventory", tag="Stock")

WarehouseId = Annotated[UUID, Id("whs")]
StockId = Annotated[UUID, Id("stk")]
ReservationId = Annotated[UUID, Id("rsv")]
ReceiptId = Annotated[UUID, Id("rcp")]
TransferId = Annotated[UUID, Id("trf")]
CountId = Annotated[UUID, Id("cnt")]
VariantId = Annotated[UUID, Id("var")]
MerchantId = Annotated[UUID, Id("mer")]
STAFF = {"operator", "merchant"}


def own(actor: Actor) -> UUID:
    """The merchant on whose behalf the actor works. Raises NotFound when there is none."""
    if actor.merchant_id is None:
        raise NotFound
    return actor.merchant_id


def own_or_any(actor: Actor, merchant_id: UUID | None = None) -> UUID | None:
    """The merchant to which a merchant's request is bound; an operator's wish, or None."""
    if actor.kind == "operator":
        return merchant_id
    if merchant_id not in (None, actor.merchant_id):
        raise NotFound
    return own(actor)
