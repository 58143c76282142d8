"""The context's route table, and what its handlers share."""

from typing import Annotated
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from pydantic import Field

from kernel.actors import Actor
from kernel.api import ExternalId, Id, Metadata, Routes, Schema
from kernel.errors import Invalid, NotFound
from kernel.money import LIMIT, Money

routes = Routes("payments", tag="Payments, refunds, balance and payouts")

PaymentId = Annotated[UUID, Id("pay")]
RefundId = Annotated[UUID, Id("ref")]
PayoutId = Annotated[UUID, Id("pot")]
MerchantId = Annotated[UUID, Id("mer")]
BOTH = {"merchant", "operator"}
SORTS: dict[str, tuple[str, ...]] = {"-created_at": ("-id",), "created_at": ("id",)}


class Positive(Schema):
    """An amount of more than nothing."""

    amount: Annotated[
        int, Field(strict=True, gt=0, le=LIMIT, description="Minor units", examples=[1999])
    ]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$", examples=["CNY"])]

    def money(self) -> Money:
        return Money(self.amount, self.currency)


class Own(Schema):
    """The seller's own id and data."""

    external_id: ExternalId | None = None
    metadata: Metadata = Field(default_factory=dict)


def merchant_of(actor: Actor, asked: UUID | None = None) -> UUID:
    """Whose money: a merchant's own; an operator names the merchant. Raises NotFound, Invalid."""
    if actor.kind == "operator":
        if asked is None:
            raise Invalid(_("Name the merchant."), field="merchant")
        return asked
    if actor.merchant_id is None or asked not in (None, actor.merchant_id):
        raise NotFound
    return actor.merchant_id


def visible_to(actor: Actor, merchant_id: UUID | None) -> None:
    """An operator sees all, a merchant its own; anything else answers as absent."""
    if actor.kind != "operator" and (merchant_id is None or merchant_id != actor.merchant_id):
        raise NotFound


def party_filter(actor: Actor) -> dict[str, UUID | None]:
    """What a caller may list: buyers what they pay, merchants their own, operators all. Raises
    NotFound for a buyer's key without a person."""
    if actor.kind != "buyer":
        return {"merchant_id": actor.merchant_id}
    if actor.person_id is None:
        raise NotFound
    return {"payer_id": actor.person_id}
