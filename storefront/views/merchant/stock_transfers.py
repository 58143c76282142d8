"""Transfers between the merchant's warehouses."""

from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import facade as inventory
from kernel.errors import DomainError, Malformed
from kernel.ids import public_id
from storefront import words
from storefront.forms.stock import TransferForm
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, public
from storefront.stock_papers import given, places_of, told_at, variants_of, warehouses_of
from storefront.words.stock import LOSSES

STATES = list(words.STATES["transfer"])
ONE = "storefront:merchant_transfer"


@require_safe
@merchant_desk("stock")
def listing(request: HttpRequest) -> HttpResponse:
    """Transfers, the latest first."""
    merchant_id = merchant_of(request)
    state = choice(request, "state", STATES)
    context = {
        "page": inventory.transfers_page(merchant_id=merchant_id, state=state, **window(request)),
        "warehouses": places_of(merchant_id),
        "state": state,
        "states": STATES,
    }
    return render(request, "storefront/merchant/transfers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("stock")
def new(request: HttpRequest) -> HttpResponse:
    """Ask for goods to be moved."""
    merchant_id = merchant_of(request)
    asked = request.POST if request.method == "POST" else None
    known = warehouses_of(merchant_id)
    start: dict[str, Any] = {"key": uuid4()}
    if len(known) > 1:
        start["target"] = str(known[1].id)
    form = TransferForm(asked, warehouses=known, initial=start)
    if asked is not None and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            info = inventory.create_transfer(
                merchant_id=merchant_id,
                source_id=values.pop("source"),
                target_id=values.pop("target"),
                lines=values.pop("goods"),
                **values,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            text = _("It is written down. Send it when the goods leave.")
            return done(request, text, ONE, paper=public_id("trf", info.id))
    context = {"form": form, "few": len(known) < 2}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/transfer_new.html", context, status=status)


@require_safe
@merchant_desk("stock")
def one(request: HttpRequest, paper: str) -> HttpResponse:
    """One transfer, and what can be done with it."""
    merchant_id = merchant_of(request)
    info = inventory.transfer(public("trf", paper), merchant_id)
    context = {
        "transfer": info,
        "act": paper,
        "variants": variants_of(info.lines),
        "warehouses": places_of(merchant_id),
        "losses": LOSSES,
        "ended": info.state in ("received", "cancelled"),
    }
    return render(request, "storefront/merchant/transfer.html", context)


@require_POST
@merchant_desk("stock")
def act(request: HttpRequest, paper: str) -> HttpResponse:
    """Send, receive, cancel."""
    own: dict[str, Any] = {
        "transfer_id": public("trf", paper),
        "merchant_id": merchant_of(request),
    }
    what = request.POST.get("do", "")
    if what == "send":
        inventory.send_transfer(**own)
        text = _("The goods are on their way.")
    elif what == "receive":
        info = inventory.transfer(own["transfer_id"], own["merchant_id"])
        lines = given(request, info.lines)
        with told_at(lines, info.lines):
            inventory.receive_transfer(
                **own,
                lines=lines,
                loss_cause=request.POST.get("loss_cause", ""),
                loss_note=request.POST.get("loss_note", ""),
            )
        text = _("The goods are on hand.")
    elif what == "cancel":
        inventory.cancel_transfer(**own)
        text = _("It is cancelled.")
    else:
        raise Malformed
    return done(request, text, ONE, paper=paper)
