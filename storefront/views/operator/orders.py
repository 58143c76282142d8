"""All orders of the platform, to look at: found by number, buyer, merchant, state and day."""

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from kernel.actors import current_actor
from kernel.audit import latest_for
from kernel.errors import DomainError
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from storefront import figures, order_contracts, parcels, words
from storefront import orders as shown
from storefront import returns as shown_returns
from storefront.lists import choice, csv_answer, days, every, window
from storefront.pages import language, operator_desk, public
from storefront.words.promotions import PAYERS

STATES = list(words.STATES["order"])


@dataclass
class Asked:
    """What the address asks for: ``filters`` for the list, ``wrong`` what isn't understood."""

    filters: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    merchant: platforms.MerchantInfo | None = None


@require_safe
@operator_desk("orders.see")
def listing(request: HttpRequest) -> HttpResponseBase:
    """Orders of every merchant, newest first."""
    state, span, asked = choice(request, "state", STATES), days(request), _asked(request)
    filters = {
        "state": state,
        "placed_from": span["since"],
        "placed_before": span["until"],
        **asked.filters,
    }
    if request.GET.get("format") == "csv" and not asked.wrong:
        return _export(filters)
    page = marketplace.orders(**filters, **window(request)) if not asked.wrong else None
    rows = page.items if page else []
    context = {
        "page": page,
        "state": state,
        "states": STATES,
        "span": {**span, "wrong": [*span["wrong"], *asked.wrong]},
        "q": request.GET.get("q", ""),
        "merchant": asked.merchant,
        "merchants": platforms.merchants({one.merchant_id for one in rows}),
        "sum": figures.total_of(rows),
    }
    return render(request, "storefront/operator/orders.html", context)


def _asked(request: HttpRequest) -> Asked:
    """Number, buyer's e-mail address, merchant and purchase out of the address."""
    found = Asked()
    text = request.GET.get("q", "").strip()[:254]
    merchant, purchase = request.GET.get("merchant", ""), request.GET.get("purchase", "")
    if merchant:
        found.merchant = platforms.merchant(public("mer", merchant))
        found.filters["merchant_id"] = found.merchant.id
    if purchase:
        found.filters["groups"] = [public("ogr", purchase)]
    if "@" in text:
        try:
            found.filters["buyer_id"] = platforms.person_by_email(text).id
        except DomainError:
            told = _("No account has the address “%(text)s”. Guests are found by order number.")
            found.wrong.append(told % {"text": text})
    elif text.startswith("ord_"):
        found.filters["among"] = [public("ord", text)]
    elif text:
        found.filters["number"] = text[:40]
    return found


@require_safe
@operator_desk("orders.see")
def one(request: HttpRequest, order: str) -> HttpResponse:
    """One order: goods, money, parcels, what was written, what happened."""
    found = marketplace.order_for(order_id=public("ord", order), actor=current_actor())
    cards = parcels.of_order(found)
    region = found.address.region if found.address else ""
    buyer = platforms.people([found.buyer_id]).get(found.buyer_id) if found.buyer_id else None
    context = {
        "order": found,
        "merchant": platforms.merchants({found.merchant_id}).get(found.merchant_id),
        "buyer": buyer,
        "steps": shown.steps(found),
        "timeline": shown.timeline(found),
        "parcels": cards,
        "contract": order_contracts.card(request, found, role=""),
        "documents": shown.documents(cards),
        "region": logistics.region_name(region, language()) if region else "",
        "share": shown.share(found),
        "payers": PAYERS,
        **shown.inspections(found),
        "disputes": payments.disputes_of(reference=public_id("ord", found.id)),
        "returns": marketplace.returns_of(order_id=found.id),
        **shown_returns.messages(found, "merchant"),
        "history": latest_for(found.id, limit=50),
    }
    return render(request, "storefront/operator/order.html", context)


def _export(filters: dict[str, Any]) -> HttpResponseBase:
    found = list(every(marketplace.orders, **filters))
    names = platforms.merchants({one.merchant_id for one in found})
    header = [_("Order"), _("Number"), _("Merchant"), _("State"), *shown.money_header(),
              _("Cancelled, to the buyer")]  # fmt: skip
    return csv_answer(
        "orders",
        header,
        [
            [
                one.number,
                public_id("ord", one.id),
                platforms.in_language(names[one.merchant_id].names, language())
                if one.merchant_id in names
                else public_id("mer", one.merchant_id),
                str(one.state),
                *shown.money_cells(one),
                one.cancelled_total.major,
            ]
            for one in found
        ],
    )
