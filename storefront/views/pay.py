"""The hosted payment page: choose a way to pay, scan a code or transfer, and see how it stands.

Its address is a secret that names the payment, so it serves orders of this platform and payments
of merchants whose orders live elsewhere. It works without scripts: the page refreshes itself.
"""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from journeys import facade as journeys
from kernel import clock, tenancy
from kernel.errors import DomainError, NotFound
from kernel.ids import parse_public_id, public_id
from marketplace import facade as marketplace
from payments import facade as payments
from storefront import formats
from storefront.forms.checkout import TEST_METHODS
from storefront.pages import page, person_of, pressed, words_of

PATIENCE = timedelta(seconds=3)  # the gateway isn't asked more often than this
NAMES = {
    payments.ALIPAY: gettext_lazy("Alipay"),
    payments.WECHAT: gettext_lazy("WeChat Pay"),
    payments.BANK_TRANSFER: gettext_lazy("Bank transfer"),
    payments.WALLET: gettext_lazy("Your wallet"),
    payments.OFFLINE_TEST: gettext_lazy("Offline test payment, paid at once"),
}
ICONS = {payments.BANK_TRANSFER: "doc", payments.WALLET: "coins", payments.OFFLINE_TEST: "check"}


@dataclass(frozen=True)
class Choice:
    """One way to pay; ``note`` says more, ``available`` is false while its provider is away."""

    value: str
    label: Any
    note: str
    icon: str
    available: bool
    can_save: bool = False


@require_http_methods(["GET", "HEAD", "POST"])
@page
def pay(request: HttpRequest, token: str) -> HttpResponse:
    """The page, and what its buttons do."""
    intent_id = payments.intent_of_page(token)
    if request.method == "POST":
        answer = _act(request, intent_id)
        return answer or redirect("storefront:pay", token=token)
    info = _look(intent_id)
    response = render(request, "storefront/pay/page.html", _context(request, info, token))
    response["X-Robots-Tag"] = "noindex"
    return response


def choices(
    request: HttpRequest,
    *,
    currency: str,
    payer_id: UUID | None,
    types: tuple[str, ...] = payments.METHOD_TYPES,
) -> list[Choice]:
    """The ways to pay that a visitor has, out of a payment's types."""
    person = person_of(request)
    own = person is not None and person.id == payer_id
    found: list[Choice] = []
    for way in payments.ways(currency=currency, types=types, payer_id=payer_id if own else None):
        if way.type == payments.CARD:
            found += _cards(way.available, payer_id if own else None)
        elif way.type == payments.WALLET:
            found += _wallet(payer_id, currency)
        else:
            icon = ICONS.get(way.type, "qr")
            found.append(Choice(way.type, NAMES[way.type], "", icon, way.available))
    return found


def _cards(available: bool, person_id: UUID | None) -> list[Choice]:
    found = [
        Choice(card.public_id, f"{card.brand.title()} •••• {card.last4}", card.expires, "card",
               available)
        for card in (payments.saved_cards(person_id=person_id) if person_id else [])
    ]  # fmt: skip
    if not tenancy.current().live:
        found += [
            Choice(value, label, number, "card", available, can_save=person_id is not None)
            for value, label, number in TEST_METHODS
            if number
        ]
    return found


def _wallet(owner_id: UUID | None, currency: str) -> list[Choice]:
    stored = payments.wallet_balances(owner_id=owner_id) if owner_id else []
    return [
        Choice(payments.WALLET, NAMES[payments.WALLET], formats.money(one.available), "coins", True)
        for one in stored
        if one.currency == currency and one.available.amount > 0
    ]


def _look(intent_id: UUID) -> payments.IntentInfo:
    """The payment; one in flight is asked for, but not with every glance."""
    info = payments.intent(intent_id=intent_id)
    waiting = info.state in ("processing", "requires_action")
    if waiting and clock.system() - info.updated_at > PATIENCE:
        try:
            info = payments.refresh_intent(intent_id=intent_id)
        except DomainError:
            return info  # it is looked at again in the background
    _carry_on(info)
    return info


def _carry_on(info: payments.IntentInfo) -> None:
    """An order's checkout goes on as soon as it is paid, not only when the event arrives."""
    found = _checkout(info)
    if found is not None and found.state == "waiting" and info.state in ("succeeded", "canceled"):
        journeys.resume_checkout(checkout_id=found.id)


def _checkout(info: payments.IntentInfo) -> journeys.CheckoutInfo | None:
    group = _group(info)
    return journeys.checkout_of_group(group_id=group) if group else None


def _group(info: payments.IntentInfo) -> UUID | None:
    """The order group that is paid for, if it is one of this platform."""
    if info.merchant_id is not None:
        return None  # a merchant may call its own orders what it likes
    try:
        return parse_public_id("ogr", info.reference)
    except NotFound:
        return None


def _act(request: HttpRequest, intent_id: UUID) -> HttpResponse | None:
    info = payments.intent(intent_id=intent_id)
    if pressed(request, "leave", "pay") == "leave":
        return _leave(request, info)
    method = request.POST.get("method", "")
    there = choices(
        request, currency=info.amount.currency, types=info.payment_method_types,
        payer_id=info.payer_id,
    )  # fmt: skip
    chosen = next((one for one in there if one.value == method), None)
    if chosen is None:
        messages.error(request, _("Choose a way to pay."))
        return None
    try:
        done = payments.confirm_intent(
            intent_id=intent_id,
            payment_method=method,
            return_url=request.build_absolute_uri(),
            save_card=chosen.can_save and request.POST.get("save") == "on",
        )
    except DomainError as error:
        messages.error(request, words_of(error))
        return None
    _carry_on(done)
    if done.state == "requires_action" and done.redirect_url:
        return redirect(done.redirect_url)
    return None


def _leave(request: HttpRequest, info: payments.IntentInfo) -> HttpResponse | None:
    """The buyer gives the order up: the cart is as it was."""
    found = _checkout(info)
    if found is None or found.state != "waiting":
        return None
    journeys.leave_checkout(checkout_id=found.id)
    messages.success(request, _("The order was given up. Your cart is as it was."))
    return redirect("storefront:cart")


def _context(request: HttpRequest, info: payments.IntentInfo, token: str) -> dict[str, Any]:
    state = info.state
    over = info.pay_by is not None and clock.business() >= info.pay_by
    can_pay = not over and state in ("requires_payment_method", "requires_action")
    there = choices(
        request, currency=info.amount.currency, types=info.payment_method_types,
        payer_id=info.payer_id,
    ) if can_pay else []  # fmt: skip
    transfer = info.gateway == payments.BANK_TRANSFER
    # Beside a code that waits, only the other ways are offered.
    others = [one for one in there if state != "requires_action" or one.value != info.gateway]
    group = _group(info)
    return {
        "intent": info,
        "token": token,
        "over": over and state not in ("succeeded", "canceled"),
        "waits": state in ("processing", "requires_action"),
        "choices": others,
        "chosen": next((one.value for one in others if one.available), ""),
        "code": _svg(info.qr) if info.qr and not transfer else "",
        "scan_with": NAMES.get(info.gateway, ""),
        "account": json.loads(info.qr) if info.qr and transfer else None,
        "credited": payments.credited(intent_id=info.id) if transfer else None,
        "failure": info.failure_code,
        "failure_message": info.failure_message,
        "consent": payments.CONSENT_TEXT,
        "can_save": any(one.can_save for one in others),
        "can_leave": group is not None and state not in ("succeeded", "canceled"),
        "back": _back(request, info, group),
        "refresh": state in ("processing", "requires_action"),
    }


def _back(request: HttpRequest, info: payments.IntentInfo, group: UUID | None) -> str:
    """Where to go on from here: the order, or the shop that sent the buyer."""
    if group is None:
        return info.return_url
    where = reverse("storefront:group", args=[public_id("ogr", group)])
    if person_of(request) is None:
        where += f"?t={marketplace.guest_token(group)}"
    return where


def _svg(text: str) -> str:
    """The code as a picture in the page, dark on light whatever the page's colours."""
    made = segno.make(text, error="m").svg_inline(scale=5, border=4, omitsize=True, light="#fff")
    return mark_safe(made)  # noqa: S308  a picture of our own making
