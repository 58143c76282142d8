"""The merchant's first page, and its orders."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from journeys import facade as journeys
from kernel import clock
from kernel.actors import current_actor
from kernel.errors import Malformed
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from storefront import cancelling, figures, needs, order_contracts, parcels, words
from storefront import orders as shown
from storefront import returns as shown_returns
from storefront.lists import choice, csv_answer, days, every, window
from storefront.pages import done, language, merchant_desk, merchant_of, public
from storefront.words.promotions import PAYERS

STATES = list(words.STATES["order"])
WAITS = {
    "shipping": gettext_lazy("To be shipped"),
    "signature": gettext_lazy("Awaiting signature"),
}
TO_SHIP = ("paid", "partly_shipped")
SHOWN = 8


@require_safe
@merchant_desk("own")
def today(request: HttpRequest) -> HttpResponse:
    """What needs the merchant now, and how it goes."""
    merchant_id, may = merchant_of(request), current_actor().holds
    context: dict[str, Any] = {"needs": needs.of_merchant(merchant_id, current_actor())}
    latest: list[marketplace.OrderInfo] = []
    if may("orders.see", "money.see"):
        latest = list(marketplace.orders(merchant_id=merchant_id, limit=100).items)
    if may("orders.see"):
        context |= {**_waiting(merchant_id), "latest": latest[:SHOWN]}
    if may("money.see"):
        context["balance"] = payments.balance(merchant_id=merchant_id)
        context["points"] = figures.sales_by_day(latest, clock.business())
    if may("company"):
        context["setting_up"] = journeys.setting_up(merchant_id=merchant_id)
    if may("stock"):
        context["empty_shelves"] = figures.empty_shelves(merchant_id)
    return render(request, "storefront/merchant/today.html", context)


def _waiting(merchant_id: UUID) -> dict[str, Any]:
    """Orders to ship, to be signed and on the way."""
    unsigned = journeys.unsigned_orders(merchant_id=merchant_id)
    mine: dict[str, Any] = {"merchant_id": merchant_id, "limit": 100}
    return {
        "to_ship": marketplace.orders(**mine, state=TO_SHIP, but_not=unsigned),
        "to_sign": marketplace.orders(**mine, state="paid", among=unsigned),
        "on_way": marketplace.orders(**mine, state="shipped"),
        "unsigned": unsigned,
    }


@require_safe
@merchant_desk("orders.see")
def orders(request: HttpRequest) -> HttpResponseBase:
    """The merchant's orders, newest first, by state or number."""
    merchant_id = merchant_of(request)
    waits = choice(request, "waits", WAITS)
    state = "paid" if waits else choice(request, "state", STATES)
    unsigned = journeys.unsigned_orders(merchant_id=merchant_id)
    span = days(request)
    filters: dict[str, Any] = {
        "merchant_id": merchant_id,
        "state": TO_SHIP if waits == "shipping" else state,
        "number": request.GET.get("q", "").strip()[:40] or None,
        "among": unsigned if waits == "signature" else None,
        "but_not": unsigned if waits == "shipping" else (),
        "placed_from": span["since"],
        "placed_before": span["until"],
    }
    if request.GET.get("format") == "csv":
        return _export(filters)
    page = marketplace.orders(**filters, **window(request))
    context = {
        "page": page,
        "state": state,
        "states": STATES,
        "waits": waits,
        "waiting": WAITS,
        "unsigned": unsigned,
        "q": filters["number"] or "",
        "span": span,
        "sum": figures.total_of(page.items),
    }
    return render(request, "storefront/merchant/orders.html", context)


@require_safe
@merchant_desk("orders.see")
def order(request: HttpRequest, order: str) -> HttpResponse:
    """One order: what to send, where, and what has happened."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    cards = parcels.of_order(found)
    region = found.address.region if found.address else ""
    contract = order_contracts.card(request, found, role="seller")
    context = {
        "contract": contract,
        "order": found,
        "steps": shown.steps(found),
        "timeline": shown.timeline(found),
        "parcels": cards,
        "documents": shown.documents(cards),
        "region": logistics.region_name(region, language()) if region else "",
        **parcels.to_send(found, contract),
        "hand_over": current_actor().holds("orders"),
        "why_not_cancel": shown.why_not_cancel(found, contract),
        "share": shown.share(found),
        "left_to_refund": found.total - found.cancelled_total,
        **cancelling.of_order(found, "merchant", contract),
        "payers": PAYERS,
        **shown.inspections(found),
        "returns": marketplace.returns_of(order_id=found.id),
        **shown_returns.messages(found, "merchant"),
    }
    return render(request, "storefront/merchant/order.html", context)


@require_POST
@merchant_desk("orders")
def act(request: HttpRequest, order: str) -> HttpResponse:
    """Pack the order, ship it, or cancel it with the money going back."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    what = request.POST.get("do")
    if what == "ship":
        journey = journeys.ship_order(order_id=found.id)
        text = (
            parcels.sent_words(found)
            if journey.state == "done"
            else _("The carrier hasn't answered yet; the booking goes on by itself.")
        )
    elif what == "pack":
        marketplace.start_packing(order_id=found.id)
        text = _("Noted. From now on the buyer asks you before cancelling.")
    elif what == "cancel":
        journeys.cancel_order(
            order_id=found.id, reason=request.POST.get("reason", "").strip()[:200]
        )
        text = _("The order is being cancelled; the buyer gets the money back.")
    else:
        raise Malformed
    return done(request, text, "storefront:merchant_order", order=order)


def _export(filters: dict[str, Any]) -> HttpResponseBase:
    header = [_("Order"), _("Number"), _("State"), *shown.money_header(), _("Waybill"),
              _("Cancelled, to the buyer")]  # fmt: skip
    found = list(every(marketplace.orders, **filters))
    return csv_answer(
        "orders",
        header,
        [
            [
                one.number,
                public_id("ord", one.id),
                str(one.state),
                *shown.money_cells(one),
                one.waybill,
                one.cancelled_total.major,
            ]
            for one in found
        ],
    )
