"""Orders that need a contract: the platform's setting, a buyer who can sign, an order bought."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from certification import facade as certification
from certification.contracts.authority import Algorithm
from certification.services.enrol import enrol as enrol_certificate
from journeys import facade as journeys
from kernel import jobs, outbox
from marketplace import facade as marketplace
from platforms import facade as platforms
from tests.factories.logistics import make_address
from tests.factories.platforms import Factor, enrol, make_person
from tests.factories.world import CONTACT, World


@dataclass(frozen=True)
class Party:
    """Who signs for a side, with the app that confirms it."""

    person_id: UUID
    factor: Factor


def ask_for_contracts(**terms: Any) -> None:
    """From now on orders of the platform in scope need a contract."""
    certification.load_contract_templates()
    platforms.change_settings(settings={"journeys": {"contract": terms}})


def make_buyer(*, merchant_id: UUID | None = None) -> UUID:
    role = "merchant_owner" if merchant_id else "buyer"
    return make_person(role=role, merchant_id=merchant_id, name="李秀英").id


def make_party(*, merchant_id: UUID | None = None, person_id: UUID | None = None) -> Party:
    """Someone with a certificate and a second factor; ``merchant_id``: an owner of it."""
    who = person_id or make_person(merchant_id=merchant_id, role="merchant_owner").id
    names = {"common_name": "李秀英"}
    if merchant_id:
        names["organization_name"] = "丰泽粮贸"
    enrol_certificate(
        key=uuid4(), profile="organization" if merchant_id else "person",
        algorithm=Algorithm.P256, subject=names, merchant_id=merchant_id,
        person_id=None if merchant_id else who,
    )  # fmt: skip
    return Party(who, enrol(who))


def buy_as(
    world: World, buyer: UUID, *quantities: int, method: str = "offline_test", **more: Any
) -> journeys.CheckoutInfo:
    """A person's checkout of a new cart."""
    lines = [
        (shop.variant_id, Decimal(quantity))
        for shop, quantity in zip(world.shops, quantities, strict=False)
        if quantity
    ]
    cart = marketplace.open_cart(buyer_id=buyer, lines=lines)
    marketplace.set_cart_address(cart_id=cart.id, contact=CONTACT, address=make_address())
    return journeys.start_checkout(
        key=uuid4(), cart_id=cart.id, payment_method=method, payer_id=buyer, **more
    )


def settle() -> None:
    """What the worker does: facts handed on, jobs done, until nothing is left."""
    for _ in range(6):
        outbox.drain()
        jobs.drain()
