"""A merchant sends some of an order in a parcel of its own."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from journeys import facade as journeys
from kernel.actors import current_actor
from kernel.errors import Malformed
from logistics import facade as logistics
from marketplace import facade as marketplace
from storefront import order_contracts, parcels
from storefront.forms.quantities import QuantitiesForm
from storefront.pages import done, merchant_desk, merchant_of, public
from storefront.templatetags.shop import said

Refused = (
    marketplace.InvalidParcel,
    marketplace.NothingToShip,
    marketplace.GoodsAwaited,
    marketplace.OrderState,
    journeys.NotShippable,
)


@require_http_methods(["GET", "HEAD", "POST"])
@merchant_desk("orders")
def send(request: HttpRequest, order: str) -> HttpResponse:
    """The form: how much of each line goes into the parcel."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    contract = order_contracts.card(request, found, role="seller")
    may = parcels.to_send(found, contract)
    lines = [
        (line.id, said(line.titles), may["left_to_send"][line.id], line.unit)
        for line in found.lines
    ]
    sent = request.method == "POST"
    form = QuantitiesForm(request.POST if sent else None, lines=lines, filled=True)
    if sent and form.is_valid():
        try:
            return _sent(request, found, form, order)
        except Refused as error:
            form.take(error)
    context = {
        "order": found,
        "number": order,
        "why_not_ship": may["why_not_ship"],
        "form": form,
        "key": request.POST.get("key") or uuid4(),
    }
    return render(
        request, "storefront/merchant/parcel.html", context, status=422 if form.errors else 200
    )


@require_POST
@merchant_desk("orders")
def handed(request: HttpRequest, shipment: str) -> HttpResponse:
    """Goods that no carrier has are on their way, or with the buyer: fetched or brought."""
    what = request.POST.get("do", "")
    if what not in ("out_for_delivery", "delivered"):
        raise Malformed
    info = logistics.report_by_hand(
        shipment_id=public("shp", shipment),
        merchant_id=merchant_of(request),
        what=what,
        code=request.POST.get("code", "")[:12],
    )
    text = _("Noted: the buyer has it.") if what == "delivered" else _("Noted: it is on its way.")
    kind = "return" if info.reference.startswith("ret_") else "order"
    where = reverse(f"storefront:merchant_{kind}", args=[info.reference])
    return done(request, text, where + "#parcels")


def _sent(
    request: HttpRequest, order: marketplace.OrderInfo, form: QuantitiesForm, number: str
) -> HttpResponse:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
    made = journeys.send_parcel(key=key, order_id=order.id, lines=form.wanted())
    text = (
        _("The carrier hasn't answered yet; the booking goes on by itself.")
        if made.state == "booking"
        else parcels.sent_words(order)
    )
    return done(request, text, reverse("storefront:merchant_order", args=[number]) + "#parcels")
