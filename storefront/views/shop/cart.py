"""The cart: grouped by merchant, with what keeps it from being ordered."""

from contextlib import suppress
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from marketplace import facade as marketplace
from storefront import baskets
from storefront.pages import page, pressed, public

PROBLEMS = {
    "not_for_sale": gettext_lazy("Not for sale any more. Take it out to go on."),
    "merchant_closed": gettext_lazy(
        "This merchant doesn't sell at the moment. Take it out to go on."
    ),
    "on_vacation": gettext_lazy(
        "This shop is on holiday. Take it out to go on, or order when the shop sells again."
    ),
    "no_price": gettext_lazy("It has no price at the moment. Take it out to go on."),
    "short_stock": gettext_lazy("Not so many are left. Lower the quantity."),
    "price_changed": gettext_lazy("The price has changed since you put it here."),
}
NOTICES = frozenset({"price_changed"})


@require_safe
@page
def cart(request: HttpRequest) -> HttpResponse:
    """What is in the cart at today's prices."""
    info = baskets.cart_of(request)
    view = marketplace.cart_view(cart_id=info.id) if info and info.line_count else None
    return _shown(request, view)


def _shown(
    request: HttpRequest,
    view: marketplace.CartView | None,
    *,
    code: str = "",
    code_problem: str = "",
) -> HttpResponse:
    context = {
        "cart": view,
        "so_far": view.goods_total - view.discount_total if view else None,
        "problems": PROBLEMS,
        "notices": NOTICES,
        "code": code,
        "code_problem": code_problem,
    }
    status = 422 if code_problem else 200
    return render(request, "storefront/shop/cart.html", context, status=status)


@require_POST
@page
def code(request: HttpRequest) -> HttpResponse:
    """Enter a coupon code, or take it out; a refused one stays in its field with the reason."""
    info = baskets.cart_of(request)
    if info is None:
        return redirect("storefront:cart")
    text = request.POST.get("code", "")[:60]
    if pressed(request, "apply", "remove") == "remove":
        marketplace.remove_code(cart_id=info.id, code=text)
        return redirect("storefront:cart")
    try:
        marketplace.apply_code(cart_id=info.id, code=text)
    except (marketplace.CouponRefused, marketplace.TooManyCodes) as error:
        view = marketplace.cart_view(cart_id=info.id)
        return _shown(request, view, code=text, code_problem=str(error.detail or error.title))
    messages.success(request, _("The code is in your cart."))
    return redirect("storefront:cart")


@require_POST
@page
def add(request: HttpRequest) -> HttpResponse:
    """Put a variant into the cart."""
    info = baskets.cart_to_fill(request)
    variant_id = public("var", request.POST.get("variant", ""))
    quantity = baskets.whole(request.POST.get("quantity", "1"))
    marketplace.add_to_cart(cart_id=info.id, variant_id=variant_id, quantity=quantity)
    messages.success(request, _("It is in your cart."))
    response = redirect("storefront:cart")
    baskets.keep_token(request, response, info)
    return response


@require_POST
@page
def change(request: HttpRequest) -> HttpResponse:
    """Set a line's quantity, or take the line out."""
    info = baskets.cart_of(request)
    if info is None:
        return redirect("storefront:cart")
    variant_id = public("var", request.POST.get("variant", ""))
    removing = request.POST.get("do") == "remove"
    quantity = Decimal(0) if removing else baskets.whole(request.POST.get("quantity", ""))
    with suppress(marketplace.LineNotFound):  # the second click of a removal
        marketplace.set_cart_line(cart_id=info.id, variant_id=variant_id, quantity=quantity)
    if removing:
        messages.success(request, _("Taken out of the cart."))
    return redirect("storefront:cart")
