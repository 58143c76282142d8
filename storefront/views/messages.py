"""Messages about an order, as buyer and merchant write them on its page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kernel.actors import current_actor
from kernel.errors import Malformed
from marketplace import facade as marketplace
from storefront.pages import done, merchant_desk, page, pressed, public
from storefront.views.shop.orders import visible


@require_POST
@page
def buyer(request: HttpRequest, order: str) -> HttpResponse:
    """The buyer writes to the merchant, or has read what the merchant wrote."""
    token = request.POST.get("t", "")
    found = visible(request, order, token)
    text = _act(request, found.id, "buyer")
    where = reverse("storefront:order", args=[order]) + (f"?t={token}" if token else "")
    return done(request, text, where + "#messages")


@require_POST
@merchant_desk("service")
def merchant(request: HttpRequest, order: str) -> HttpResponse:
    """The merchant writes to the buyer, or has read what the buyer wrote."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    text = _act(request, found.id, "merchant")
    where = reverse("storefront:merchant_order", args=[order])
    return done(request, text, where + "#messages")


def _act(request: HttpRequest, order_id: UUID, side: str) -> str:
    if pressed(request, "read", "write") == "read":
        marketplace.read_messages(order_id=order_id, side=side)
        return _("Marked as read.")
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
    text = request.POST.get("text", "")
    marketplace.write_message(key=key, order_id=order_id, side=side, text=text)
    return _("Sent. The answer appears here.")
