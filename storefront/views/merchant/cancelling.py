"""A merchant doesn't send a part of an order, or answers a buyer who doesn't want it."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from journeys import facade as journeys
from kernel.actors import current_actor
from kernel.errors import Malformed
from marketplace import facade as marketplace
from storefront import order_contracts
from storefront.pages import done, merchant_desk, public
from storefront.views.shop.cancelling import form_page


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("service", "orders")
def ask(request: HttpRequest, order: str) -> HttpResponse:
    """The form to cancel goods; ``do=preview`` says first what would go back."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    contract = order_contracts.card(request, found, role="seller")
    answer = form_page(request, found, "merchant", {"contract": contract})
    if isinstance(answer, marketplace.CancellationInfo):
        text = _("Cancelled. The buyer gets the money back and a letter.")
        return done(request, text, _order(order))
    return answer


@require_POST
@merchant_desk("service", "orders")
def act(request: HttpRequest, order: str, part: str) -> HttpResponse:
    """Agree to what the buyer asked for, or refuse it."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    info = marketplace.cancellation(cancellation_id=public("can", part))
    if info.order_id != found.id:
        raise marketplace.CancellationNotFound
    what = request.POST.get("do")
    if what == "accept":
        made = journeys.accept_cancellation(cancellation_id=info.id)
        text = (
            _("Cancelled. The buyer has the money back.")
            if made.state == "refunded"
            else _("Cancelled. The refund has begun; you can follow it here.")
        )
    elif what == "reject":
        marketplace.reject_cancellation(
            cancellation_id=info.id, answer=request.POST.get("answer", "")
        )
        text = _("Refused. The buyer reads your reason.")
    else:
        raise Malformed
    return done(request, text, _order(order))


def _order(order: str) -> str:
    return reverse("storefront:merchant_order", args=[order]) + "#cancellations"
