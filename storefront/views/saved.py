"""What a buyer keeps for later, and buying again what was bought."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import Forbidden
from marketplace import facade as marketplace
from storefront import baskets
from storefront.pages import done, page, person_of, pressed, public, signed_in
from storefront.views.shop.cart import PROBLEMS
from storefront.views.shop.orders import visible


@require_safe
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """The latest first, at today's prices."""
    found = marketplace.saved_items(
        buyer_id=_buyer(request), cursor=request.GET.get("cursor"), limit=20
    )
    context = {"page": found, "problems": PROBLEMS}
    return render(request, "storefront/account/saved.html", context)


@require_POST
@signed_in
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a variant, from its product's page or out of the cart."""
    buyer_id, variant_id = _buyer(request), public("var", request.POST.get("variant", ""))
    if request.POST.get("do") == "aside":
        cart = baskets.cart_of(request)
        if cart is not None:
            owner = marketplace.CartOwner(buyer_id=buyer_id)
            marketplace.put_aside(cart_id=cart.id, owner=owner, variant_id=variant_id)
        return done(request, _("It is kept for later."), "storefront:cart")
    quantity = baskets.whole(request.POST.get("quantity") or "1")
    marketplace.save_item(buyer_id=buyer_id, variant_id=variant_id, quantity=quantity)
    return done(request, _("It is kept for later."), "storefront:saved")


@require_POST
@signed_in
def act(request: HttpRequest) -> HttpResponse:
    """Into the cart, or forgotten."""
    buyer_id, variant_id = _buyer(request), public("var", request.POST.get("variant", ""))
    if pressed(request, "cart", "remove") == "remove":
        marketplace.forget_item(buyer_id=buyer_id, variant_id=variant_id)
        return done(request, _("It is kept no longer."), "storefront:saved")
    cart = baskets.cart_to_fill(request)
    owner = marketplace.CartOwner(buyer_id=buyer_id)
    marketplace.take_up(cart_id=cart.id, owner=owner, variant_id=variant_id)
    return done(request, _("It is in your cart."), "storefront:saved")


@require_POST
@page
def again(request: HttpRequest, order: str) -> HttpResponse:
    """Put what an order had into the cart."""
    found = visible(request, order, request.POST.get("t", ""))
    cart = baskets.cart_to_fill(request)
    person = person_of(request)
    lines, gone = marketplace.buy_again(
        cart_id=cart.id,
        owner=marketplace.CartOwner(buyer_id=person.id) if person else None,
        order=found,
    )
    text = ngettext(
        "%(n)d line is in your cart, at today's price.",
        "%(n)d lines are in your cart, at today's prices.",
        lines,
    ) % {"n": lines}
    messages.success(request, text)
    if gone:
        text = ngettext(
            "%(n)d line isn't for sale any more.", "%(n)d lines aren't for sale any more.", gone
        ) % {"n": gone}
        messages.warning(request, text)
    response = redirect("storefront:cart")
    baskets.keep_token(request, response, cart)
    return response


def _buyer(request: HttpRequest) -> UUID:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person.id
