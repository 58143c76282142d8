"""A buyer cancels a part of an order before it is sent."""

from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from journeys import facade as journeys
from kernel.errors import Malformed
from kernel.ids import public_id
from marketplace import facade as marketplace
from storefront import cancelling, order_contracts, words
from storefront.forms.cancelling import CancelForm, Refused
from storefront.pages import done, page, pressed, public
from storefront.templatetags.shop import said
from storefront.views.shop.orders import visible


@require_http_methods(["GET", "HEAD", "POST"])
@page
def ask(request: HttpRequest, order: str) -> HttpResponse:
    """The form to cancel goods; ``do=preview`` says first what would go back."""
    token = request.POST.get("t", "") or request.GET.get("t", "")
    found = visible(request, order, token)
    contract = order_contracts.card(request, found, role=order_contracts.role_of(request, found))
    where = reverse("storefront:order", args=[order]) + (f"?t={token}" if token else "")
    context = {"token": token, "contract": contract, "back": where}
    answer = form_page(request, found, "buyer", context)
    if isinstance(answer, marketplace.CancellationInfo):
        text = (
            _("Asked for. The merchant answers; you follow it here.")
            if answer.state == "requested"
            else _("Cancelled. The money is on its way back to you.")
        )
        return done(request, text, f"{where}#cancellations")
    answer["Referrer-Policy"] = "same-origin"
    answer["X-Robots-Tag"] = "noindex"
    return answer


@require_POST
@page
def act(request: HttpRequest, order: str, part: str) -> HttpResponse:
    """Withdraw what wasn't answered yet."""
    token = request.POST.get("t", "")
    found = visible(request, order, token)
    info = marketplace.cancellation(cancellation_id=public("can", part))
    if info.order_id != found.id:
        raise marketplace.CancellationNotFound
    marketplace.withdraw_cancellation(cancellation_id=info.id)
    where = reverse("storefront:order", args=[order]) + (f"?t={token}" if token else "")
    return done(request, _("Withdrawn. You get the goods."), f"{where}#cancellations")


def form_page(
    request: HttpRequest, order: marketplace.OrderInfo, side: str, context: dict[str, Any]
) -> HttpResponse | marketplace.CancellationInfo:
    """The form for either side: a page, or what was cancelled by it."""
    may = marketplace.cancellable(order_id=order.id, side=side)
    lines = [(line.id, said(line.titles), may.left[line.id], line.unit) for line in order.lines]
    sent = request.method == "POST"
    causes = words.cancelling.BUYERS if side == "buyer" else words.cancelling.MERCHANTS
    form = CancelForm(request.POST if sent else None, lines=lines, causes=causes)
    preview = None
    if sent and form.is_valid():
        try:
            if pressed(request, "preview", "ask") == "ask":
                return _carried_out(request, order, side, form)
            preview = marketplace.preview_cancellation(
                order_id=order.id, lines=form.wanted(), side=side
            )
        except Refused as error:
            form.take(error)
    context |= {
        "order": order,
        "number": public_id("ord", order.id),
        "at_once": may.at_once,
        "why_not_part": cancelling.why_not(may, context.get("contract")),
        "form": form,
        "preview": preview,
        "restock": request.POST.get("restock", "as_cause"),
        "key": request.POST.get("key") or uuid4(),
    }
    frame = "shop/cancel_part.html" if side == "buyer" else "merchant/cancel_part.html"
    return render(request, f"storefront/{frame}", context, status=422 if form.errors else 200)


def _carried_out(
    request: HttpRequest, order: marketplace.OrderInfo, side: str, form: CancelForm
) -> marketplace.CancellationInfo:
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
    restock = {"yes": True, "no": False}.get(request.POST.get("restock", ""))
    return journeys.cancel_lines(
        key=key,
        order_id=order.id,
        lines=form.wanted(),
        cause=form.cleaned_data["cause"],
        side=side,
        text=form.cleaned_data["text"],
        restock=restock if side == "merchant" else None,
    )
