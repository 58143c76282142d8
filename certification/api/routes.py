"""The context's route table, and what its handlers share."""

from typing import Annotated
from uuid import UUID

from kernel.actors import Actor
from kernel.api import Id, Routes
from kernel.errors import NotFound

routes = Routes("certification", tag="E-certification")

MerchantId = Annotated[UUID, Id("mer")]
PersonId = Annotated[UUID, Id("per")]
BOTH = {"merchant", "operator"}
SORTS: dict[str, tuple[str, ...]] = {"-created_at": ("-id",), "created_at": ("id",)}


def merchant_of(actor: Actor) -> UUID:
    """The merchant on whose behalf the actor works. Raises NotFound when there is none."""
    if actor.merchant_id is None:
        raise NotFound
    return actor.merchant_id
