"""The merchant's side of a dispute."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import NotFound
from payments import facade as payments
from storefront.pages import done, merchant_desk, merchant_of, pressed, public
from storefront.views.disputes import add, context_of, evidence_answer


@require_safe
@merchant_desk("disputes", "money.see")
def dispute(request: HttpRequest, dispute: str) -> HttpResponse:
    """What it is about, what both sides say, how it stands."""
    info = payments.dispute(dispute_id=_mine(request, dispute))
    action = reverse("storefront:merchant_dispute_act", args=[dispute])
    context = context_of(info, side="merchant", action=action)
    return render(request, "storefront/merchant/dispute.html", context)


@require_POST
@merchant_desk("disputes")
def act(request: HttpRequest, dispute: str) -> HttpResponse:
    """Add evidence, or answer."""
    dispute_id = _mine(request, dispute)
    answering = pressed(request, "add", "answer") == "answer"
    if request.POST.get("text", "").strip() or request.FILES.get("file") or not answering:
        add(request, dispute_id, "merchant")
    text = _("Added.")
    if answering:
        payments.answer(dispute_id=dispute_id)
        text = _("Answered. It is decided now.")
    return done(request, text, "storefront:merchant_dispute", dispute=dispute)


@require_safe
@merchant_desk("disputes", "money.see")
def file(request: HttpRequest, dispute: str, piece: str) -> HttpResponse:
    """A piece's file."""
    return evidence_answer(_mine(request, dispute), public("dev", piece))


def _mine(request: HttpRequest, dispute: str) -> UUID:
    dispute_id = public("dsp", dispute)
    if not payments.is_party(dispute_id=dispute_id, merchant_id=merchant_of(request)):
        raise NotFound
    return dispute_id
