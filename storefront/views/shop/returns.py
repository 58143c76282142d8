"""A buyer's returns and exchanges: asked for, followed, sent, withdrawn, complained about."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journeys import facade as journeys
from kernel import clock
from kernel.errors import Malformed, TooLarge
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments
from platforms import facade as platforms
from storefront import formats, words
from storefront import returns as shown
from storefront.forms.returns import ExchangeForm, Refused, ReturnForm
from storefront.lists import choice, window
from storefront.pages import done, page, person_of, pressed, public, signed_in, up_to
from storefront.templatetags.shop import said
from storefront.views.shop.orders import visible

UPLOAD = 6 * 5 * 1024 * 1024


def _too_large() -> TooLarge:
    return TooLarge(limit=UPLOAD)


@up_to(UPLOAD, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
@page
def ask(request: HttpRequest, order: str) -> HttpResponse:
    """The form to ask for a return; ``do=preview`` says first what would go back."""
    token = request.POST.get("t", "") or request.GET.get("t", "")
    found = visible(request, order, token)
    may = marketplace.returnable(order_id=found.id)
    lines = _lines(may)
    sent = request.method == "POST"
    form = ReturnForm(request.POST if sent else None, lines=lines)
    preview = None
    if sent and form.is_valid():
        try:
            if pressed(request, "preview", "ask") == "ask":
                made = _made(request, found, form)
                told = _("Asked for. The merchant answers; you follow it here.")
                return done(request, told, _address(found, made.id, token))
            preview = marketplace.preview_return(
                order_id=found.id, lines=form.wanted(), cause=form.cleaned_data["cause"]
            )
        except Refused as error:
            form.take(error)
    context = {
        "order": found,
        "token": token,
        "returnable": may,
        "why_not_return": shown.why_not(may),
        "form": form,
        "preview": preview,
        "key": request.POST.get("key") or uuid4(),
    }
    status = 422 if form.errors else 200
    return _private(render(request, "storefront/shop/return_ask.html", context, status=status))


@up_to(UPLOAD, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
@page
def ask_exchange(request: HttpRequest, order: str) -> HttpResponse:
    """The form to ask for an exchange."""
    token = request.POST.get("t", "") or request.GET.get("t", "")
    found = visible(request, order, token)
    may = marketplace.returnable(order_id=found.id, kind="exchange")
    choices = {
        piece: [(one.variant_id, _choice(one)) for one in offered if one.fits and one.there > 0]
        for piece, offered in marketplace.choices_for_order(order_id=found.id).items()
    }
    lines = [line for line in _lines(may) if choices[line[0]]]
    sent = request.method == "POST"
    form = ExchangeForm(request.POST if sent else None, lines=lines, choices=choices)
    if sent and form.is_valid():
        try:
            made = _made(request, found, form, kind="exchange", wishes=form.wishes())
            told = _("Asked for. The merchant answers; you follow it here.")
            return done(request, told, _address(found, made.id, token))
        except Refused as error:
            form.take(error)
    nothing = _("Nothing to exchange it for is there")
    context = {
        "order": found,
        "token": token,
        "returnable": may,
        "why_not": shown.why_not(may) or ("" if lines else nothing),
        "missing": [line[1] for line in _lines(may) if line[2] and not choices[line[0]]],
        "form": form,
        "key": request.POST.get("key") or uuid4(),
    }
    status = 422 if form.errors else 200
    return _private(render(request, "storefront/shop/exchange_ask.html", context, status=status))


def _lines(may: marketplace.Returnable) -> list[tuple[UUID, str, Decimal, str]]:
    """Id, title, how much there may be of it, unit; nothing of what is too late."""
    now = clock.business()
    return [
        (
            one.id,
            f"{said(one.titles)} ({_('replacement')})" if one.replaced else said(one.titles),
            one.left if one.until and now < one.until else Decimal(0),
            one.unit,
        )
        for one in may.pieces
    ]


def _choice(one: marketplace.Choice) -> str:
    there = _("%(n)s there") % {"n": formats.quantity(one.there, one.unit)}
    return f"{said(one.titles)} — {there}"


def _made(
    request: HttpRequest, order: marketplace.OrderInfo, form: ReturnForm, **more: Any
) -> marketplace.ReturnInfo:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
    files: list[Any] = request.FILES.getlist("pictures")
    return marketplace.request_return(
        key=key,
        order_id=order.id,
        lines=form.wanted(),
        cause=form.cleaned_data["cause"],
        text=form.cleaned_data["text"],
        pictures=[marketplace.ReturnPictureIn(one.name or "", one.read()) for one in files],
        **more,
    )


@require_safe
@page
def one(request: HttpRequest, order: str, back: str) -> HttpResponse:
    """One return: how it stands, what comes next, what can be done."""
    token = request.GET.get("t", "")
    found = visible(request, order, token)
    info = _of(found, back)
    context = {
        **shown.shown(info, for_buyer=True),
        "order": found,
        "token": token,
        "merchant": platforms.merchants({found.merchant_id}).get(found.merchant_id),
        "dispute": payments.dispute(dispute_id=info.dispute_id) if info.dispute_id else None,
        "key": uuid4(),
    }
    return _private(render(request, "storefront/shop/return.html", context))


@require_POST
@page
def act(request: HttpRequest, order: str, back: str) -> HttpResponse:
    """Withdraw it, tell the waybill, say that the replacement came, or ask the platform to
    decide."""
    token = request.POST.get("t", "")
    found = visible(request, order, token)
    info = _of(found, back)
    what = request.POST.get("do")
    if what == "withdraw":
        marketplace.withdraw_return(return_id=info.id)
        text = _("Withdrawn. You keep the goods.")
    elif what == "sent":
        marketplace.send_return(
            return_id=info.id,
            carrier=request.POST.get("carrier", ""),
            waybill=request.POST.get("waybill", ""),
        )
        text = _("Thank you. The merchant confirms when it has arrived.")
    elif what == "confirm":
        marketplace.confirm_exchange(return_id=info.id)
        text = _("Thank you. The exchange is over.")
    elif what == "dispute":
        journeys.dispute_return(
            key=info.id, return_id=info.id, text=request.POST.get("text", "")[:2000]
        )
        text = _("The money is frozen. The merchant is asked first; then the platform decides.")
    else:
        raise Malformed
    return done(request, text, _address(found, info.id, token))


@require_safe
@page
def picture(request: HttpRequest, order: str, back: str, piece: str) -> HttpResponse:
    """A picture of the buyer's own."""
    found = visible(request, order, request.GET.get("t", ""))
    return shown.picture_answer(_of(found, back).id, public("rtp", piece))


@require_safe
@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """The buyer's returns."""
    person = person_of(request)
    assert person is not None  # the page is for those who are signed in
    states = list(words.STATES["return"])
    state = choice(request, "state", states)
    found = marketplace.returns_page(buyer_id=person.id, state=state, **window(request))
    context = {
        "page": found,
        "state": state,
        "states": states,
        "merchants": platforms.merchants({one.merchant_id for one in found.items}),
    }
    return render(request, "storefront/account/returns.html", context)


def _of(order: marketplace.OrderInfo, back: str) -> marketplace.ReturnInfo:
    """The return, if it is one of the order. Raises ReturnNotFound."""
    found = marketplace.order_return(return_id=public("ret", back))
    if found.order_id != order.id:
        raise marketplace.ReturnNotFound
    return found


def _address(order: marketplace.OrderInfo, return_id: UUID, token: str) -> str:
    names = [public_id("ord", order.id), public_id("ret", return_id)]
    return reverse("storefront:return", args=names) + (f"?t={token}" if token else "")


def _private(response: HttpResponse) -> HttpResponse:
    """A page whose address opens it: the address goes nowhere else."""
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response
