"""Returns in the merchant console: what waits for an answer or for its arrival."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from journeys import facade as journeys
from kernel.errors import Malformed
from marketplace import facade as marketplace
from storefront import returns as shown
from storefront import words
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, public

STATES = list(words.STATES["return"])


@require_safe
@merchant_desk("orders.see")
def listing(request: HttpRequest) -> HttpResponse:
    """The merchant's returns, newest first, by state or number."""
    state = choice(request, "state", STATES)
    query = request.GET.get("q", "").strip()[:30]
    context = {
        "page": marketplace.returns_page(
            merchant_id=merchant_of(request), state=state, number=query or None, **window(request)
        ),
        "state": state,
        "states": STATES,
        "q": query,
        "causes": words.returns.CAUSES,
        "view": "storefront:merchant_return",
    }
    return render(request, "storefront/merchant/returns.html", context)


@require_safe
@merchant_desk("orders.see")
def one(request: HttpRequest, back: str) -> HttpResponse:
    """One return: what the buyer says and shows, what can be done."""
    info = _mine(request, back)
    context = shown.shown(info) | {
        "picture_view": "storefront:merchant_return_picture",
        "home": marketplace.return_address(info.merchant_id) if info.state == "requested" else "",
    }
    return render(request, "storefront/merchant/return.html", context)


@require_POST
@merchant_desk("service")
def act(request: HttpRequest, back: str) -> HttpResponse:
    """Approve, refuse, or confirm what arrived."""
    info = _mine(request, back)
    what, answer = request.POST.get("do"), request.POST.get("answer", "")
    if what == "approve":
        send_to = request.POST.get("send_to", "").strip()
        if not send_to and not marketplace.return_address(info.merchant_id):
            raise marketplace.InvalidReturn(_("Say where the goods go."), field="send_to")
        marketplace.approve_return(return_id=info.id, answer=answer, send_to=send_to)
        text = _("Approved. The buyer sends the goods back.")
    elif what == "reject":
        marketplace.reject_return(return_id=info.id, answer=answer)
        text = _("Refused. The buyer reads your reason and may complain.")
    elif what == "receive":
        journey = journeys.receive_return(
            return_id=info.id, restock=bool(request.POST.get("restock"))
        )
        text = (
            _("Received. The buyer has the money back.")
            if journey.state == "done"
            else _("Received. The refund has begun; you can follow it here.")
        )
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_return", back=back)


@require_safe
@merchant_desk("orders.see")
def picture(request: HttpRequest, back: str, piece: str) -> HttpResponse:
    """A picture that the buyer shows."""
    return shown.picture_answer(_mine(request, back).id, public("rtp", piece))


def _mine(request: HttpRequest, back: str) -> marketplace.ReturnInfo:
    found = marketplace.order_return(return_id=public("ret", back))
    if found.merchant_id != merchant_of(request):
        raise marketplace.ReturnNotFound
    return found
