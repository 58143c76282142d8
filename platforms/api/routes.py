"""The context's route table, and what its handlers share."""

from typing import Annotated
from uuid import UUID

from kernel.actors import Actor
from kernel.api import Id, Routes
from kernel.errors import NotFound

routes = Routes("platforms", tag="Platform, merchants and people")

MerchantId = Annotated[UUID, Id("mer")]
PersonId = Annotated[UUID, Id("per")]
KeyId = Annotated[UUID, Id("key")]
StaffRoleId = Annotated[UUID, Id("rol")]
InvitationId = Annotated[UUID, Id("inv")]
STAFF = {"operator", "merchant"}


def own_or_any(actor: Actor, merchant_id: UUID | None) -> UUID | None:
    """Which merchant the actor may look at: its own; an operator any, or the platform (None).

    Raises NotFound for another merchant's, exactly as for an absent one.
    """
    if actor.kind == "operator":
        return merchant_id
    if actor.merchant_id is None or merchant_id not in (None, actor.merchant_id):
        raise NotFound
    return actor.merchant_id
