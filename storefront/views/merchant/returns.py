"""Returns and exchanges in the merchant console: what waits for an answer, for its arrival, for
its replacement."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

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
KINDS = list(words.returns.KINDS)


@require_safe
@merchant_desk("orders.see")
def listing(request: HttpRequest) -> HttpResponse:
    """The merchant's returns, newest first, by state or number."""
    state, kind = choice(request, "state", STATES), choice(request, "kind", KINDS)
    query = request.GET.get("q", "").strip()[:30]
    context = {
        "page": marketplace.returns_page(
            merchant_id=merchant_of(request),
            state=state,
            kind=kind,
            number=query or None,
            **window(request),
        ),
        "state": state,
        "kind_of_return": kind,
        "kinds": words.returns.KINDS,
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
        "given": _given(info) if info.exchange and info.state == "requested" else [],
    }
    return render(request, "storefront/merchant/return.html", context)


@require_POST
@merchant_desk("service")
def act(request: HttpRequest, back: str) -> HttpResponse:
    """Approve, refuse, confirm what arrived, send the replacement, or give the money instead."""
    info = _mine(request, back)
    what, answer = request.POST.get("do"), request.POST.get("answer", "")
    if info.exchange and what in EXCHANGE_ACTS:
        text = EXCHANGE_ACTS[what](request, info)
    elif what == "approve":
        text = _approve(request, info)
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


def _approve(request: HttpRequest, info: marketplace.ReturnInfo) -> str:
    send_to = request.POST.get("send_to", "").strip()
    if not send_to and not marketplace.return_address(info.merchant_id):
        raise marketplace.InvalidReturn(_("Say where the goods go."), field="send_to")
    marketplace.approve_return(
        return_id=info.id,
        answer=request.POST.get("answer", ""),
        send_to=send_to,
        variants=_chosen(request, info),
        refund=bool(request.POST.get("refund")),
    )
    return _("Approved. The buyer sends the goods back.")


def _chosen(request: HttpRequest, info: marketplace.ReturnInfo) -> dict[UUID, UUID]:
    """Which variants are given, by line; what isn't chosen stays as the buyer wished."""
    asked = {line.id: request.POST.get(f"v-{line.id}", "") for line in info.lines}
    try:
        return {line: UUID(variant) for line, variant in asked.items() if variant}
    except ValueError as error:
        raise Malformed from error


def _receive(request: HttpRequest, info: marketplace.ReturnInfo) -> str:
    marketplace.receive_exchange(return_id=info.id, restocked=bool(request.POST.get("restock")))
    return _("Received. Send the replacement now.")


def _send(_request: HttpRequest, info: marketplace.ReturnInfo) -> str:
    journey = journeys.send_replacement(return_id=info.id)
    if journey.state == "done":
        return _("Sent. The buyer has the waybill.")
    return _("The carrier has been asked; you can follow it here.")


def _instead(_request: HttpRequest, info: marketplace.ReturnInfo) -> str:
    if journeys.refund_instead(return_id=info.id) is None:
        return _("It is a return now: the money goes back when you have received the goods.")
    return _("The money goes back instead of a replacement.")


EXCHANGE_ACTS: dict[str | None, Callable[[HttpRequest, marketplace.ReturnInfo], str]] = {
    "receive": _receive,
    "send": _send,
    "instead": _instead,
}


def _given(info: marketplace.ReturnInfo) -> list[dict[str, Any]]:
    """What may be given for each line, as the buyer wished unless chosen otherwise."""
    offered = marketplace.choices_for_return(return_id=info.id)
    return [
        {
            "line": line,
            "choices": offered[line.id],
            "short": not any(
                one.there >= line.quantity
                for one in offered[line.id]
                if line.replacement and one.variant_id == line.replacement.variant_id
            ),
        }
        for line in info.lines
    ]


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
