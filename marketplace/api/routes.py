"""The context's route table, and what its handlers share."""

from typing import Annotated, Any
from uuid import UUID

from django.utils.translation import gettext as _

from kernel.api import Id, Routes
from kernel.errors import Forbidden, NotFound
from kernel.ids import public_id

routes = Routes("marketplace", tag="Prices, carts and orders")

OfferId = Annotated[UUID, Id("off")]
VariantId = Annotated[UUID, Id("var")]
ProductId = Annotated[UUID, Id("prd")]
MerchantId = Annotated[UUID, Id("mer")]
CartId = Annotated[UUID, Id("crt")]
OrderId = Annotated[UUID, Id("ord")]
GroupId = Annotated[UUID, Id("ogr")]
PersonId = Annotated[UUID, Id("per")]
PromotionId = Annotated[UUID, Id("prm")]
ShipmentId = Annotated[UUID, Id("shp")]
TAIL = "01k00000000000000000000000"
MONEY = {"amount": 1999, "currency": "CNY"}
TEXTS = {"zh-Hans": "江茶", "en": "River Tea"}


def merchant_of(request: Any) -> UUID:
    """The merchant on whose behalf the request comes. Raises NotFound when there is none."""
    merchant_id: UUID | None = request.actor.merchant_id
    if merchant_id is None:
        raise NotFound
    return merchant_id


def buyer_of(request: Any) -> UUID:
    """The buyer who asks. Raises NotFound when it is nobody."""
    person_id: UUID | None = request.actor.person_id
    if person_id is None:
        raise NotFound
    return person_id


def needs(request: Any, scope: str) -> None:
    """Ask a merchant's or operator's key for a scope where guests need none."""
    if not request.actor.may(scope):
        raise Forbidden(_("The scope %(scope)s is missing.") % {"scope": scope}, scope=scope)


def shown_id(prefix: str, value: UUID | None) -> str | None:
    """The public id, or None."""
    return public_id(prefix, value) if value else None
