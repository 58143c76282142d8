"""The buyer's guarantee: confirm receipt, complain, show evidence."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from journeys import facade as journeys
from kernel.errors import Malformed, NotFound
from kernel.ids import public_id
from kernel.money import Money
from marketplace import facade as marketplace
from payments import facade as payments
from storefront import orders as shown
from storefront.pages import done, page, pressed
from storefront.views.shop.orders import visible


@require_POST
@page
def accept(request: HttpRequest, order: str) -> HttpResponse:
    """The goods are here and as agreed: the order is completed and its money released."""
    found = visible(request, order, request.POST.get("t", ""))
    journeys.accept_order(order_id=found.id)
    return _back(request, order, _("Thank you. The merchant gets the money now."))


@require_POST
@page
def complain(request: HttpRequest, order: str) -> HttpResponse:
    """Something is wrong: the money is frozen until it is decided."""
    found = visible(request, order, request.POST.get("t", ""))
    held = shown.guarantee(found)
    if held is None:
        raise NotFound
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise Malformed from error
    text = request.POST.get("amount", "").strip()
    payments.open_complaint(
        key=key,
        escrow_id=held.id,
        reason=request.POST.get("reason", ""),
        text=request.POST.get("text", ""),
        amount=Money.parse(text, held.amount.currency) if text else None,
    )
    told = _("The money is frozen. The merchant is asked first; then the platform decides.")
    return _back(request, order, told)


@require_POST
@page
def evidence(request: HttpRequest, order: str) -> HttpResponse:
    """Say or show something more, or withdraw the complaint."""
    found = visible(request, order, request.POST.get("t", ""))
    open_ = _open_dispute(found)
    if pressed(request, "add", "withdraw") == "withdraw":
        payments.withdraw_complaint(dispute_id=open_.id)
        return _back(request, order, _("The complaint is withdrawn."))
    file = request.FILES.get("file")
    payments.add_evidence(
        dispute_id=open_.id,
        side="buyer",
        text=request.POST.get("text", ""),
        file=file.read() if file else None,
        name=file.name or "" if file else "",
    )
    return _back(request, order, _("Added. The merchant and the platform can see it."))


def _open_dispute(order: marketplace.OrderInfo) -> payments.DisputeInfo:
    for one in payments.disputes_of(reference=public_id("ord", order.id)):
        if one.open and one.merchant_id == order.merchant_id:
            return one
    raise NotFound


def _back(request: HttpRequest, order: str, text: str) -> HttpResponse:
    token = request.POST.get("t", "")
    where = reverse("storefront:order", args=[order])
    return done(request, text, where + (f"?t={token}" if token else "") + "#guarantee")
