"""What was bought: a group after paying, one order with its timeline, a buyer's list."""

from dataclasses import replace
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from journeys import facade as journeys
from kernel.actors import Actor, current_actor
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from storefront import cancelling, order_contracts, parcels, words
from storefront import orders as shown
from storefront import returns as shown_returns
from storefront.baskets import cart_token
from storefront.lists import choice, window
from storefront.pages import done, language, page, person_of, public, signed_in


@require_safe
@page
def group(request: HttpRequest, group: str) -> HttpResponse:
    """What was bought at once."""
    token = request.GET.get("t", "")
    found = marketplace.group_for(
        group_id=public("ogr", group),
        actor=_actor(),
        token=token,
        cart_token=cart_token(request) or None,
    )
    checkout = journeys.checkout_of_group(group_id=found.id)
    context = {
        "group": found,
        "checkout": checkout,
        "token": token,
        "merchants": platforms.merchants({order.merchant_id for order in found.orders}),
        "waiting": checkout is not None and checkout.state in ("running", "waiting"),
    }
    return _private(render(request, "storefront/shop/group.html", context))


@require_safe
@page
def order(request: HttpRequest, order: str) -> HttpResponse:
    """One order: how it stands, everything that happened, its documents."""
    token = request.GET.get("t", "")
    found = visible(request, order, token)
    cards = parcels.of_order(found, for_buyer=True)
    region = found.address.region if found.address else ""
    contract = order_contracts.card(request, found, role=order_contracts.role_of(request, found))
    context = {
        "contract": contract,
        "order": found,
        "token": token,
        "merchant": platforms.merchants({found.merchant_id}).get(found.merchant_id),
        "steps": shown.steps(found),
        "timeline": shown.timeline(found),
        "parcels": cards,
        "documents": shown.documents(cards),
        "region": logistics.region_name(region, language()) if region else "",
        "why_not_cancel": shown.why_not_cancel(found, contract, by_buyer=True),
        "left_to_refund": found.total - found.cancelled_total,
        **guarantee_of(found),
        **cancelling.of_order(found, "buyer", contract),
        **shown_returns.of_order(found),
        **shown_returns.messages(found, "buyer"),
    }
    return _private(render(request, "storefront/shop/order.html", context))


@require_POST
@page
def cancel(request: HttpRequest, order: str) -> HttpResponse:
    """Cancel before shipment; the money goes back."""
    token = request.POST.get("t", "")
    found = visible(request, order, token)
    journey = journeys.cancel_order(
        order_id=found.id, reason=request.POST.get("reason", "").strip()[:200], by_buyer=True
    )
    text = (
        _("Cancelled. The money is on its way back to you.")
        if journey.state == "done"
        else _("The cancellation has begun; you can follow it here.")
    )
    where = reverse("storefront:order", args=[order])
    return done(request, text, where + (f"?t={token}" if token else ""))


@require_safe
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """The buyer's orders."""
    person = person_of(request)
    assert person is not None
    states = list(words.STATES["order"])
    state = choice(request, "state", states)
    found = marketplace.orders(buyer_id=person.id, state=state, **window(request))
    context = {
        "page": found,
        "state": state,
        "states": states,
        "merchants": platforms.merchants({one.merchant_id for one in found.items}),
    }
    return render(request, "storefront/account/orders.html", context)


def guarantee_of(order: marketplace.OrderInfo) -> dict[str, Any]:
    """The money that is kept for the order, the complaints over it, and what can be done."""
    held = shown.guarantee(order)
    disputes = payments.disputes_of(reference=public_id("ord", order.id)) if held else []
    dispute = payments.dispute(dispute_id=disputes[0].id) if disputes else None
    open_ = dispute is not None and dispute.open
    return {
        "held": held,
        "inspections": payments.inspections_of(escrow_id=held.id) if held else [],
        "inspection_effects": words.money.INSPECTION_EFFECTS,
        "dispute": dispute,
        "may_accept": not shown.why_not_accept(order) and not open_,
        "why_not_accept": shown.why_not_accept(order),
        "may_complain": held is not None
        and not open_
        and held.state in ("held", "released")
        and held.refunded < held.amount
        and order.state not in ("pending_payment", "cancelled", "cancelling"),
        "reasons": {k: v for k, v in words.REASONS.items() if k not in ("fraudulent",)},
        "sides": words.SIDES,
        "key": uuid4(),
    }


def visible(request: HttpRequest, order: str, token: str) -> marketplace.OrderInfo:
    """The order, if the visitor may see it. Raises OrderNotFound."""
    return marketplace.order_for(
        order_id=public("ord", order),
        actor=_actor(),
        token=token,
        cart_token=cart_token(request) or None,
    )


def _actor() -> Actor:
    """Who looks: in the shop, whoever works for a merchant or the platform is a buyer like others.
    Operators see orders at their desk, where their role is asked for its permissions."""
    actor = current_actor()
    staff = actor.kind in ("merchant", "operator")
    return replace(actor, kind="buyer", merchant_id=None) if staff else actor


def _private(response: HttpResponse) -> HttpResponse:
    """A page whose address opens it: the address goes nowhere else."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
