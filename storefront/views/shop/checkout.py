"""Checkout on one page: address, delivery for each merchant, payment. Guests welcome.

The form carries a key that names the attempt, so a double click buys once, and the total that
the buyer saw: if it isn't the total any more, nothing is bought and the new one is shown.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from journeys import facade as journeys
from kernel.errors import DomainError, Malformed, NotFound
from kernel.ids import parse_public_id, public_id
from kernel.money import Money
from logistics import facade as logistics
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from storefront import baskets
from storefront.forms.checkout import CheckoutForm
from storefront.pages import language, page, person_of, words_of
from storefront.views.account import put_error
from storefront.views.addresses import details_of, initial_of, labels_of
from storefront.views.pay import choices


@dataclass(frozen=True)
class Delivery:
    """One merchant's part of the cart with its ways of delivery for the chosen province."""

    part: marketplace.CartMerchant
    quotes: tuple[logistics.ShippingQuote, ...]
    chosen: logistics.ShippingQuote | None
    problem: str
    field: str


@require_http_methods(["GET", "HEAD", "POST"])
@page
def checkout(request: HttpRequest) -> HttpResponse:
    """The page, and what its button does."""
    if request.method == "POST":
        earlier = _earlier(request)
        if earlier is not None:
            return _onward(request, earlier)
    info = baskets.cart_of(request)
    if info is None or not info.line_count:
        return redirect("storefront:cart")
    view = marketplace.cart_view(cart_id=info.id)
    if "problems" in view.missing:
        messages.error(request, _("Some lines need your attention first; they are marked."))
        return redirect("storefront:cart")
    form = _form(request, view)
    deliveries = _deliveries(request, view, _region(form))
    if request.method == "POST" and request.POST.get("do") == "pay" and form.is_valid():
        answer = _buy(request, view, form, deliveries)
        if answer is not None:
            return answer
    return _shown(request, view, form, deliveries)


@require_safe
@page
def come_back(request: HttpRequest, key: UUID) -> HttpResponse:
    """Where the buyer arrives after confirming with the bank."""
    found = journeys.checkout_by_key(key=key)
    if found is None:
        raise NotFound
    if found.state not in ("done", "undone"):
        found = journeys.resume_checkout(checkout_id=found.id)
    return _onward(request, found)


def _earlier(request: HttpRequest) -> journeys.CheckoutInfo | None:
    """The checkout that this form began already: the second click joins the first."""
    if request.POST.get("do") != "pay":
        return None
    found = journeys.checkout_by_key(key=_key(request))
    return None if found is None or found.state == "undone" else found


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error


def _form(request: HttpRequest, view: marketplace.CartView) -> CheckoutForm:
    if request.method == "POST" and request.POST.get("do") == "pay":
        return CheckoutForm(request.POST, language=language())
    if request.method == "POST":
        return CheckoutForm(initial=request.POST.dict() | _picked(request), language=language())
    known = marketplace.cart_details(cart_id=view.id)
    person = person_of(request)
    if known is not None:
        initial = details_of(*known)
    elif person is not None:
        book = marketplace.addresses(buyer_id=person.id)
        initial = {"name": person.name}
        if book:
            initial = initial_of(book[0]) | {"book": public_id("adr", book[0].id)}
    else:
        initial = {}
    return CheckoutForm(initial=initial, language=language())


def _picked(request: HttpRequest) -> dict[str, Any]:
    """The address that was chosen from the buyer's book just now."""
    person, chosen = person_of(request), request.POST.get("book", "")
    if request.POST.get("do") != "address" or not chosen or person is None:
        return {}
    address_id = parse_public_id("adr", chosen)
    return initial_of(marketplace.address(buyer_id=person.id, address_id=address_id))


def _region(form: CheckoutForm) -> str:
    region = str(form["region"].value() or "")
    return region if region in logistics.REGIONS else ""


def _deliveries(request: HttpRequest, view: marketplace.CartView, region: str) -> list[Delivery]:
    """Each merchant's ways of delivery to ``region``, with the one that is chosen."""
    found = []
    for part in view.merchants:
        field = f"rate-{public_id('mer', part.merchant_id)}"
        quotes: tuple[logistics.ShippingQuote, ...] = ()
        problem = ""
        if region:
            try:
                alone = {part.merchant_id: part.load}
                offered = logistics.quotes_for(region=region, parcels=alone)
                quotes = tuple(offered[part.merchant_id])
            except DomainError as error:
                problem = words_of(error)
        wanted = request.POST.get(field) or (part.chosen.rate_code if part.chosen else "")
        chosen = next((q for q in quotes if q.rate_code == wanted), quotes[0] if quotes else None)
        found.append(Delivery(part, quotes, chosen, problem, field))
    return found


def _shipping(view: marketplace.CartView, deliveries: list[Delivery]) -> Money | None:
    """What delivery costs, once every merchant's is known."""
    if not deliveries or any(one.chosen is None for one in deliveries):
        return None
    prices = [one.chosen.price for one in deliveries if one.chosen]
    return sum(prices, Money(0, view.currency))


def _buy(
    request: HttpRequest,
    view: marketplace.CartView,
    form: CheckoutForm,
    deliveries: list[Delivery],
) -> HttpResponse | None:
    """Begin the checkout; None when the page is to be shown again."""
    shipping = _shipping(view, deliveries)
    method = request.POST.get("method", "")
    if method not in {name for name, _label, _number in _methods(request)}:
        form.add_error(None, _("Choose a way to pay."))
        return None
    if shipping is None:
        form.add_error(None, _("Not everything can be delivered there. See delivery below."))
        return None
    total = view.goods_total - view.discount_total + shipping
    if request.POST.get("total") != str(total.amount):
        form.add_error(None, _("The total has changed. Look at it and confirm again."))
        return None
    key = _key(request)
    person = person_of(request)
    try:
        if person is not None and request.POST.get("keep") == "on":
            marketplace.save_address(
                buyer_id=person.id, contact=form.contact(), address=form.address()
            )
        marketplace.set_cart_address(
            cart_id=view.id, contact=form.contact(), address=form.address()
        )
        marketplace.choose_shipping(
            cart_id=view.id,
            choices={d.part.merchant_id: d.chosen.rate_code for d in deliveries if d.chosen},
        )
        found = journeys.start_checkout(
            key=key,
            cart_id=view.id,
            payment_method=method,
            return_url=request.build_absolute_uri(
                reverse("storefront:checkout_return", args=[key])
            ),
            expected_total=total.amount,
            note=form.cleaned_data["note"],
            payer_id=person.id if person else None,
            save_card=request.POST.get("save") == "on" and person is not None,
            company_id=_company(request),
        )
    except DomainError as error:
        if "problems" in marketplace.cart_view(cart_id=view.id).missing:
            messages.error(request, words_of(error))
            return redirect("storefront:cart")  # where the lines in question are marked
        put_error(form, error)
        return None
    return _onward(request, found)


def _companies(request: HttpRequest) -> list[tuple[str, Any]]:
    """Whom the visitor may buy for besides themselves: the approved merchants of their roles."""
    person = person_of(request)
    there = platforms.merchants(person.merchant_ids) if person else {}
    return [
        (public_id("mer", one.id), one.names) for one in there.values() if one.state == "approved"
    ]


def _company(request: HttpRequest) -> UUID | None:
    text = request.POST.get("company", "")
    return parse_public_id("mer", text) if text else None


def _methods(request: HttpRequest) -> list[tuple[str, Any, str]]:
    """Token, name and what else is known of each way to pay that this visitor has."""
    person = person_of(request)
    there = choices(
        request,
        currency=platforms.get_platform().currency,
        payer_id=person.id if person else None,
    )
    return [(one.value, one.label, one.note) for one in there if one.available]


def _onward(request: HttpRequest, found: journeys.CheckoutInfo) -> HttpResponse:
    """To the bank, to the payment's page, to the order, or back to the cart with the reason."""
    if found.state == "waiting" and found.intent_id and (found.declined or not found.redirect_url):
        return redirect("storefront:pay", token=payments.page_token(found.intent_id))
    if found.redirect_url and found.state == "waiting":
        return redirect(found.redirect_url)
    if found.state == "undone" or found.group_id is None:
        error = found.error or {}
        title = str(error.get("title") or _("The order couldn't be placed."))
        messages.error(request, f"{title} {error.get('remedy') or ''}".strip())
        return redirect("storefront:checkout")
    where = reverse("storefront:group", args=[public_id("ogr", found.group_id)])
    if person_of(request) is None:
        where += f"?t={marketplace.guest_token(found.group_id)}"
    return redirect(where)


def _shown(
    request: HttpRequest,
    view: marketplace.CartView,
    form: CheckoutForm,
    deliveries: list[Delivery],
) -> HttpResponse:
    shipping, methods = _shipping(view, deliveries), _methods(request)
    due = view.goods_total - view.discount_total
    days, person = journeys.contract_foreseen(view.merchants), person_of(request)
    context = {
        "days": days,
        "companies": _companies(request) if days else [],
        "company": request.POST.get("company", ""),
        "cart": view,
        "form": form,
        "deliveries": deliveries,
        "region": _region(form),
        "book": labels_of(person.id) if person else [],
        "picked": request.POST.get("book", form.initial.get("book", "")),
        "keep": request.POST.get("keep") == "on",
        "shipping": shipping,
        "total": due + shipping if shipping is not None else due,
        "methods": methods,
        "consent": payments.CONSENT_TEXT if person else "",
        "method": request.POST.get("method") or (methods[0][0] if methods else ""),
        # A failed attempt's key stays spent; the next one gets its own.
        "key": uuid4(),
    }
    status = 422 if form.errors else 200
    return render(request, "storefront/shop/checkout.html", context, status=status)
