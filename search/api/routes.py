"""The context's route table, and what its handlers share."""

from typing import Annotated
from uuid import UUID

from kernel.actors import Actor
from kernel.api import ApiRequest, Id, Routes
from kernel.errors import Forbidden
from search.contracts.saved import Owner

routes = Routes("search", tag="Search")

ProductId = Annotated[UUID, Id("prd")]
MerchantId = Annotated[UUID, Id("mer")]
CategoryId = Annotated[UUID, Id("cat")]
VariantId = Annotated[UUID, Id("var")]
RuleId = Annotated[UUID, Id("srl")]
SynonymId = Annotated[UUID, Id("syn")]
RedirectId = Annotated[UUID, Id("srd")]
VersionId = Annotated[UUID, Id("stv")]
SavedId = Annotated[UUID, Id("sav")]
TAIL = "06ayz2ss6npwb36m1fnsd1d8e8"


def visit_of(request: ApiRequest) -> str:
    """What tells this caller's visits from others', for counting; never stored."""
    actor = request.actor
    who = actor.person_id or actor.id
    if who is not None:
        return who.hex
    return f"{request.META.get('REMOTE_ADDR', '')} {request.META.get('HTTP_USER_AGENT', '')[:200]}"


def owner_of(actor: Actor) -> Owner:
    """Whose kept searches this caller works with: the merchant's, or the person's own."""
    if actor.kind == "merchant" and actor.merchant_id is not None:
        return Owner(merchant_id=actor.merchant_id)
    if actor.person_id is not None:
        return Owner(person_id=actor.person_id)
    raise Forbidden
