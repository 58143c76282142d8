"""Whose cart it is: the buyer's own, or a guest's by a token in a cookie of this platform."""

from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from kernel import tenancy
from marketplace import facade as marketplace
from platforms import facade as platforms
from storefront.pages import person_of

COOKIE_DAYS = 60


def cookie_name() -> str:
    """The cart's cookie on the platform in scope."""
    return f"qc_cart_{tenancy.current().code}"


def cart_token(request: HttpRequest) -> str:
    """The guest's token that the browser sent, or an empty string."""
    return request.COOKIES.get(cookie_name(), "")


def cart_of(request: HttpRequest) -> marketplace.CartInfo | None:
    """The visitor's cart, if there is one."""
    person = person_of(request)
    if person is not None:
        return marketplace.cart_for(buyer_id=person.id)
    token = cart_token(request)
    return marketplace.cart_for(token=token) if token else None


def cart_to_fill(request: HttpRequest) -> marketplace.CartInfo:
    """The visitor's cart, made now if there is none; a guest's fresh token is on the answer."""
    found = cart_of(request)
    if found is not None:
        return found
    person = person_of(request)
    return marketplace.open_cart(buyer_id=person.id if person else None)


def keep_token(
    request: HttpRequest, response: HttpResponseBase, cart: marketplace.CartInfo
) -> None:
    """Hand a fresh guest's token to the browser."""
    if cart.token is None:
        return
    response.set_cookie(
        cookie_name(),
        cart.token,
        max_age=COOKIE_DAYS * 86_400,
        path=platforms.cookie_path(request),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def take_over(request: HttpRequest, response: HttpResponseBase, buyer_id: UUID) -> None:
    """At sign-in the guest's cart goes into the buyer's own, and its cookie ends."""
    token = cart_token(request)
    if token:
        marketplace.merge_carts(token=token, buyer_id=buyer_id)
        response.delete_cookie(cookie_name(), path=platforms.cookie_path(request))


def whole(text: str) -> Decimal:
    """A quantity out of a form; what can't be read becomes -1, which the marketplace refuses."""
    try:
        found = Decimal(text.strip())
    except ArithmeticError:
        return Decimal(-1)
    return found if found.is_finite() else Decimal(-1)
