"""Expected receipts: written down, received in parts, closed or cancelled."""

from datetime import date
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inventory import facade as inventory
from kernel.errors import DomainError, Invalid, Malformed
from kernel.ids import public_id
from storefront import words
from storefront.forms.stock import ReceiptForm
from storefront.lists import choice, window
from storefront.pages import done, merchant_desk, merchant_of, public
from storefront.stock_papers import given, places_of, told_at, variants_of, warehouses_of

STATES = list(words.STATES["receipt"])
ONE = "storefront:merchant_receipt"
AUTOMATIC = "page-"  # what stands before the number that a delivery gets when none is given


@require_safe
@merchant_desk("stock")
def listing(request: HttpRequest) -> HttpResponse:
    """What is to arrive and what has, the latest first."""
    merchant_id = merchant_of(request)
    state = choice(request, "state", STATES)
    context = {
        "page": inventory.receipts_page(merchant_id=merchant_id, state=state, **window(request)),
        "warehouses": places_of(merchant_id),
        "state": state,
        "states": STATES,
    }
    return render(request, "storefront/merchant/receipts.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("stock")
def new(request: HttpRequest) -> HttpResponse:
    """Write down what is to arrive."""
    merchant_id = merchant_of(request)
    asked = request.POST if request.method == "POST" else None
    form = ReceiptForm(asked, warehouses=warehouses_of(merchant_id))
    if asked is not None and form.is_valid():
        values = dict(form.cleaned_data)
        try:
            info = inventory.create_receipt(
                merchant_id=merchant_id,
                warehouse_id=values.pop("warehouse"),
                lines=values.pop("goods"),
                confirm=asked.get("do") != "draft",
                **values,
            )
        except DomainError as error:
            form.refuse(error)
        else:
            return done(request, _("It is written down."), ONE, paper=public_id("rcp", info.id))
    context = {"form": form}
    status = 422 if form.errors else 200
    return render(request, "storefront/merchant/receipt_new.html", context, status=status)


@require_safe
@merchant_desk("stock")
def one(request: HttpRequest, paper: str) -> HttpResponse:
    """One receipt: what is missing, and the form for the next delivery."""
    merchant_id = merchant_of(request)
    info = inventory.receipt(public("rcp", paper), merchant_id)
    context = {
        "receipt": info,
        "act": paper,
        "ended": info.state in ("received", "cancelled"),
        "awaited": info.state in ("expected", "partly_received"),
        "variants": variants_of(info.lines),
        "warehouses": places_of(merchant_id),
        "deliveries": inventory.deliveries_page(receipt_id=info.id, limit=100).items,
        "units": {line.variant_id: line.unit for line in info.lines},
        "key": f"{AUTOMATIC}{uuid4().hex}",
    }
    return render(request, "storefront/merchant/receipt.html", context)


@require_POST
@merchant_desk("stock")
def act(request: HttpRequest, paper: str) -> HttpResponse:
    """Confirm, receive a delivery, change, close, cancel."""
    own: dict[str, Any] = {
        "receipt_id": public("rcp", paper),
        "merchant_id": merchant_of(request),
    }
    what = request.POST.get("do", "")
    if what == "receive":
        info = inventory.receipt(own["receipt_id"], own["merchant_id"])
        lines = given(request, info.lines)
        with told_at(lines, info.lines):
            inventory.receive_goods(
                **own,
                # Without a number of its own, a form sent twice is still one delivery.
                delivery=request.POST.get("delivery", "").strip() or request.POST.get("key", ""),
                lines=lines,
                accept_over=bool(request.POST.get("accept_over")),
                note=request.POST.get("note", ""),
            )
        text = _("The goods are on hand.")
    elif what == "change":
        inventory.change_receipt(**own, changes=_changes(request))
        text = _("Changed.")
    elif what == "confirm":
        inventory.confirm_receipt(**own)
        text = _("Its goods are on their way now.")
    elif what == "close":
        inventory.close_receipt(**own)
        text = _("Nothing more is expected.")
    elif what == "cancel":
        inventory.cancel_receipt(**own)
        text = _("It is cancelled.")
    else:
        raise Malformed
    return done(request, text, ONE, paper=paper)


def _changes(request: HttpRequest) -> inventory.ReceiptChanges:
    """Date and note; the rest can be changed by API. Raises Invalid."""
    text = request.POST.get("expected_on", "").strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Invalid(_("A day, as 2026-05-01."), field="expected_on") from error
    return {"expected_on": day, "note": request.POST.get("note", "")}
