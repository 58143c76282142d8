"""A person's wallet: stored balance, deposits, every movement."""

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel import tenancy
from kernel.errors import Malformed, NotFound
from kernel.ids import public_id
from kernel.money import Money
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.forms.checkout import TEST_METHODS
from storefront.lists import choice, window
from storefront.pages import done, person_of, public, signed_in


@require_safe
@signed_in
def wallet(request: HttpRequest) -> HttpResponse:
    """What is stored and frozen, and how it came about."""
    owner = _owner(request)
    kind = choice(request, "type", words.WALLET_MOVEMENTS)
    currency = platforms.get_platform().currency
    stored = payments.wallet_balances(owner_id=owner)
    nothing = Money(0, currency)
    context = {
        "balances": stored or [payments.WalletBalance(available=nothing, frozen=nothing)],
        "page": payments.wallet_movements_page(owner_id=owner, type=kind, **window(request)),
        "kind": kind,
        "kinds": words.WALLET_MOVEMENTS,
        "deposits": (held := _held(owner)),
        "merchants": platforms.merchants({one.merchant_id for one in held}),
        "methods": [] if tenancy.current().live else TEST_METHODS,
        "currency": currency,
        "key": uuid4(),
    }
    return render(request, "storefront/account/wallet.html", context)


@require_POST
@signed_in
def top_up(request: HttpRequest) -> HttpResponse:
    """Pay into the wallet; the bank may want the buyer to confirm first."""
    key, method = _key(request), request.POST.get("method", "")
    types = ("offline_test",) if method == "offline_test" else ("card",)
    intent = payments.create_topup(
        key=key, owner_id=_owner(request), amount=_amount(request), payment_method_types=types
    )
    back = reverse("storefront:wallet_return", args=[public_id("pay", intent.id)])
    found = payments.confirm_intent(
        intent_id=intent.id,
        payment_method=method,
        return_url=request.build_absolute_uri(back),
        key=key,
    )
    return _onward(request, found)


@require_safe
@signed_in
def come_back(request: HttpRequest, payment: str) -> HttpResponse:
    """Where the buyer arrives after confirming with the bank."""
    intent = payments.intent(intent_id=public("pay", payment))
    if intent.payer_id != _owner(request):
        raise NotFound
    return _onward(request, payments.refresh_intent(intent_id=intent.id))


@require_POST
@signed_in
def withdraw(request: HttpRequest) -> HttpResponse:
    """Back to the cards that it came from."""
    payments.withdraw(key=_key(request), owner_id=_owner(request), amount=_amount(request))
    return done(
        request, _("The money is on its way back to where it came from."), "storefront:wallet"
    )


def _onward(request: HttpRequest, intent: payments.IntentInfo) -> HttpResponse:
    if intent.state == "succeeded":
        return done(request, _("Your wallet has been topped up."), "storefront:wallet")
    if intent.redirect_url:
        return redirect(intent.redirect_url)
    if intent.state == "requires_payment_method":
        raise payments.PaymentDeclined(intent.failure_message or None)
    return done(request, _("The payment is being processed."), "storefront:wallet")


def _owner(request: HttpRequest) -> UUID:
    person = person_of(request)
    assert person is not None  # the pages are for those who are signed in
    return person.id


def _held(owner: UUID) -> tuple[payments.DepositInfo, ...]:
    page = payments.deposits_page(payer_id=owner, state="held", limit=100)
    return tuple(page.items)


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error


def _amount(request: HttpRequest) -> Money:
    return Money.parse(request.POST.get("amount", "").strip(), platforms.get_platform().currency)
