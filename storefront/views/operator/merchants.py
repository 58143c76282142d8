"""Merchants: applications, reviews, suspensions."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from journeys import facade as journeys
from kernel.audit import latest_for
from kernel.errors import DomainError, Invalid, Malformed, NotFound
from kernel.ids import public_id
from platforms import facade as platforms
from storefront.confirming import confirmed
from storefront.lists import choice, window
from storefront.pages import done, operator_desk, public, words_of

STATES = [str(value) for value in platforms.MerchantState.values]


@require_safe
@operator_desk("merchants")
def listing(request: HttpRequest) -> HttpResponse:
    """The platform's merchants, newest first, by state or name."""
    state, text = choice(request, "state", STATES), request.GET.get("q", "").strip()[:100]
    page = platforms.merchants_page(state=state, words=text, **window(request))
    context = {"page": page, "states": STATES, "state": state, "q": text}
    return render(request, "storefront/operator/merchants.html", context)


@require_safe
@operator_desk("merchants")
def detail(request: HttpRequest, merchant: str) -> HttpResponse:
    """One merchant with what can be done, and its history."""
    return _shown(request, public("mer", merchant))


def _shown(
    request: HttpRequest, merchant_id: UUID, *, status: int = 200, **more: Any
) -> HttpResponse:
    info = platforms.merchant(merchant_id)
    came = journeys.application_of_merchant(merchant_id=merchant_id)
    context = {
        "merchant": info,
        "application": public_id("map", came) if came else "",
        "undecided": came is not None and info.state in ("applied", "in_review"),
        "contact": platforms.merchant_contact(merchant_id),
        "team": platforms.team(merchant_id=merchant_id, limit=50).items,
        "history": latest_for(merchant_id, limit=50),
        **more,
    }
    response = render(request, "storefront/operator/merchant.html", context, status=status)
    if more:
        response["Cache-Control"] = "no-store"
    return response


@require_POST
@operator_desk("merchants")
def act(request: HttpRequest, merchant: str) -> HttpResponse:
    """Take one step of a review."""
    merchant_id = public("mer", merchant)
    reason = request.POST.get("reason", "").strip()
    what = request.POST.get("do", "")
    if what in ("return", "suspend") and not reason:
        raise Invalid(_("Say why; the merchant reads it."), field="reason")
    if what == "review":
        platforms.start_review(merchant_id=merchant_id)
        text = _("The review has begun.")
    elif what == "approve":
        platforms.approve_merchant(merchant_id=merchant_id)
        text = _("Approved. The merchant can sell now.")
    elif what == "return":
        platforms.return_application(merchant_id=merchant_id, reason=reason)
        text = _("The application went back to the merchant.")
    elif what == "suspend":
        platforms.suspend_merchant(merchant_id=merchant_id, reason=reason)
        text = _("Suspended. Its products can't be bought any more.")
    elif what == "reopen":
        platforms.reopen_merchant(merchant_id=merchant_id, reason=reason)
        text = _("The merchant can sell again.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_merchant", merchant=merchant)


@require_POST
@operator_desk("merchants")
def invite(request: HttpRequest, merchant: str) -> HttpResponse:
    """Ask somebody to work for a merchant as its owner. What isn't taken stays typed, but for
    password and code."""
    merchant_id, email = public("mer", merchant), request.POST.get("email", "")
    try:
        with confirmed(request, platforms.Sensitive.STAFF):
            platforms.invite(
                email=email, role=platforms.Role.MERCHANT_OWNER, merchant_id=merchant_id
            )
    except NotFound:
        raise
    except DomainError as error:
        return _shown(
            request, merchant_id, status=error.status, email=email, refused=words_of(error)
        )
    return done(
        request,
        _("The invitation is on its way."),
        "storefront:operator_merchant",
        merchant=merchant,
    )
