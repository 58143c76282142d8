"""Who of those that ask may see a cart or an order, for routes and pages alike."""

from uuid import UUID

from django.http import HttpRequest

from kernel.actors import Actor
from kernel.api import headers
from marketplace.contracts import CartInfo, CartOwner, OrderGroupInfo, OrderInfo
from marketplace.contracts_cancelling import CancellationInfo
from marketplace.contracts_returns import ReturnInfo
from marketplace.errors import CancellationNotFound, CartNotFound, OrderNotFound, ReturnNotFound
from marketplace.selectors.cancellations import cancellation
from marketplace.selectors.carts import cart_info, cart_row
from marketplace.selectors.orders import visible_group, visible_order
from marketplace.selectors.returns import order_return
from marketplace.tokens import token_hash


def cart_owner(*, actor: Actor, token: str | None = None) -> CartOwner:
    """Whose carts the actor may open: a buyer's own, or for a guest what ``token`` opens.

    Raises CartNotFound when that is none.
    """
    if actor.kind == "buyer" and actor.person_id is not None:
        return CartOwner(buyer_id=actor.person_id)
    if actor.kind == "guest" and token:
        return CartOwner(token_hash=token_hash(token))
    raise CartNotFound


def owner_of_request(request: HttpRequest) -> CartOwner:
    """``cart_owner`` for an API request: the token is in the header Cart-Token."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return cart_owner(actor=actor, token=headers.sent(request, headers.CART_TOKEN))


def cart_of_actor(*, actor: Actor, cart_id: UUID, token: str | None = None) -> CartInfo:
    """The cart, if it is the buyer's, or a guest's and ``token`` opens it. CartNotFound."""
    return cart_info(cart_row(cart_id, cart_owner(actor=actor, token=token)))


def order_for(
    *,
    order_id: UUID,
    actor: Actor,
    token: str | None = None,
    cart_token: str | None = None,
) -> OrderInfo:
    """The order with address, for its merchant, its buyer, an operator, or a guest with the
    order's ``token`` or the token of the cart it came from. Raises OrderNotFound."""
    if actor.kind == "merchant":
        if actor.merchant_id is None:
            raise OrderNotFound
        return visible_order(order_id=order_id, merchant_id=actor.merchant_id)
    if actor.kind in ("operator", "system"):
        return visible_order(order_id=order_id, everything=True)
    if token:
        return visible_order(order_id=order_id, order_token=token)
    if actor.kind == "buyer" and actor.person_id is not None:
        return visible_order(order_id=order_id, buyer_id=actor.person_id)
    return visible_order(order_id=order_id, cart_token=cart_token)


def group_for(
    *,
    group_id: UUID,
    actor: Actor,
    token: str | None = None,
    cart_token: str | None = None,
) -> OrderGroupInfo:
    """The group, for its buyer, an operator, or a guest with a token. Raises OrderNotFound."""
    if actor.kind in ("operator", "system"):
        return visible_group(group_id=group_id, everything=True)
    if actor.kind == "merchant":
        raise OrderNotFound
    return visible_group(
        group_id=group_id,
        buyer_id=actor.person_id if actor.kind == "buyer" else None,
        cart_token=cart_token,
        order_token=token,
    )


def return_for(
    *,
    return_id: UUID,
    actor: Actor,
    token: str | None = None,
    cart_token: str | None = None,
) -> ReturnInfo:
    """The return, for whoever may see its order. Raises ReturnNotFound."""
    found = order_return(return_id=return_id)
    try:
        order_for(order_id=found.order_id, actor=actor, token=token, cart_token=cart_token)
    except OrderNotFound as error:
        raise ReturnNotFound from error
    return found


def cancellation_for(
    *,
    cancellation_id: UUID,
    actor: Actor,
    token: str | None = None,
    cart_token: str | None = None,
) -> CancellationInfo:
    """The cancellation, for whoever may see its order. Raises CancellationNotFound."""
    found = cancellation(cancellation_id=cancellation_id)
    try:
        order_for(order_id=found.order_id, actor=actor, token=token, cart_token=cart_token)
    except OrderNotFound as error:
        raise CancellationNotFound from error
    return found


def side_of(actor: Actor) -> str:
    """On which side of an order the actor stands who may see it: buyer, merchant, operator."""
    return actor.kind if actor.kind in ("merchant", "operator") else "buyer"
