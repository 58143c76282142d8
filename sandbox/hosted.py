"""Pages of the gateway for people outside: a seller opens an account, a buyer pays."""

import re
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render as render_page
from django.utils import translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from kernel.currencies import currency_exponent
from sandbox import clock, database
from sandbox.delivery import sender
from sandbox.gateway import checkout, checkout_pay, files
from sandbox.gateway.connect import accounts, links, show
from sandbox.magic import cards
from sandbox.models import Account, CheckoutSession, Document
from sandbox.transport.call import Call
from sandbox.transport.errors import GatewayError


def shown_amount(amount: int, currency: str) -> str:
    """Minor units as people read them."""
    exponent = currency_exponent(currency.upper())
    return f"{Decimal(amount).scaleb(-exponent):,.{exponent}f} {currency.upper()}"


def call_for(request: HttpRequest, account: Account) -> Call:
    """A call that a person makes at a page, without a key: the address itself is the secret."""
    return Call(account=account, base_url=f"{request.scheme}://{request.get_host()}")


@csrf_exempt
@require_http_methods(["GET", "POST"])
def onboarding(request: HttpRequest, token: str) -> HttpResponse:
    """The page of an account link."""
    with translation.override(translation.get_language_from_request(request)):
        return _onboarding(request, token)


def _onboarding(request: HttpRequest, token: str) -> HttpResponse:
    link = links.by_token(token)
    old = link is not None and clock.unix() > link.created + links.MINUTES * 60
    if link is None or (old and not link.data.get("refresh_url")):
        return _page(request, {}, status=404)
    if old:
        return HttpResponseRedirect(link.data["refresh_url"], status=303)
    call = call_for(request, link.account)
    back = link.data.get("return_url") or ""
    with database.atomic():
        account = accounts.need(call, str(link.parent), lock=True)
        if request.method == "POST":
            accounts.complete(call, account)
    sender.send_now(call.push_first)
    if request.method == "POST" and back:
        return HttpResponseRedirect(back, status=303)
    return _page(request, {"account": account, "done": not show.restricted(account), "back": back})


def _page(request: HttpRequest, values: dict[str, Any], status: int = 200) -> HttpResponse:
    values["language"] = translation.get_language()
    return render_page(request, "sandbox/onboarding.html", values, status=status)


@csrf_exempt
@require_http_methods(["GET", "POST"])
def checkout_page(request: HttpRequest, ident: str) -> HttpResponse:
    """The page of a checkout session; its id is the secret."""
    with translation.override(translation.get_language_from_request(request)):
        found = CheckoutSession.objects.select_related("account").filter(pk=ident).first()
        if found is None:
            return _checkout(request, None, {})
        call = call_for(request, found.account)
        if request.method != "POST":
            row = checkout.need(call, ident)
            if row.status == "complete" and row.data.get("success_url"):
                return _to_success(row)
            return _checkout(request, row, {})
        return _paid(request, call, ident)


def _to_success(row: CheckoutSession) -> HttpResponse:
    address = str(row.data["success_url"]).replace("{CHECKOUT_SESSION_ID}", row.pk)
    return HttpResponseRedirect(address, status=303)


def _paid(request: HttpRequest, call: Call, ident: str) -> HttpResponse:
    """The buyer's button: pay, go to the bank's page, or read why not."""
    email = request.POST.get("email", "").strip()[:512]
    number = re.sub(r"[ -]", "", request.POST.get("number", ""))[:30]
    card = cards.by_number(number) if number else cards.by_slug_or_none(request.POST.get("card"))
    problem = ""
    with database.atomic():
        row = checkout.need(call, ident, lock=True)
        if row.status != "open":
            return _checkout(request, row, {})
        if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
            problem = gettext("The address must be complete, for example name@example.com.")
        elif card is None:
            problem = gettext("Choose a test card or type its number.")
        if problem or card is None:
            return _checkout(request, row, {"problem": problem, "email": email}, status=422)
        here = request.build_absolute_uri(request.path)
        answer = checkout_pay.pay(call, row, f"pm_card_{card.slug}", email or None, here)
    sender.send_now(call.push_first)
    if isinstance(answer, GatewayError):
        values = {"problem": answer.message, "email": email}
        return _checkout(request, row, values, status=402)
    action = answer.get("next_action")
    if action:
        return HttpResponseRedirect(action["redirect_to_url"]["url"], status=303)
    if row.data.get("success_url"):
        return _to_success(row)
    return _checkout(request, row, {})


CHOICES = ("visa", "mastercard", "unionpay", "authenticationRequired", "visa_chargeDeclined")


def _checkout(
    request: HttpRequest, row: CheckoutSession | None, values: dict[str, Any], status: int = 200
) -> HttpResponse:
    lines = checkout.items(row) if row else []
    currency = (row.currency or "") if row else ""
    shown = {
        "session": row,
        "lines": [
            {**line, "shown": shown_amount(line["amount_total"], currency)} for line in lines
        ],
        "total": shown_amount(row.amount_total, currency)
        if row and row.amount_total is not None
        else "",
        "email": (row.data.get("customer_email") or "") if row else "",
        "cards": [cards.by_slug(slug) for slug in CHOICES],
        "cancel_url": row.data.get("cancel_url") if row else "",
        "language": translation.get_language(),
    }
    if row is None:
        status = 404
    return render_page(request, "sandbox/checkout.html", shown | values, status=status)


@require_http_methods(["GET"])
def linked_file(request: HttpRequest, token: str) -> HttpResponse:
    """A file by its link, for whoever has it."""
    link = (
        Document.objects.select_related("account")
        .filter(kind="file_link", data__token=token)
        .first()
    )
    until = link.data.get("expires_at") if link else None
    if link is None or (isinstance(until, int) and until < clock.unix()):
        return HttpResponse("This link is wrong or has expired.", status=404)
    return files.contents(files.need(call_for(request, link.account), link.data["file"]))
