"""Disputes to decide, money that is held, bank accounts to confirm."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from kernel.errors import Invalid, Malformed
from payments import facade as payments
from platforms import facade as platforms
from storefront import words
from storefront.confirming import confirmed
from storefront.lists import choice, window
from storefront.pages import done, money, operator_desk, pressed, public
from storefront.views.disputes import add, context_of, evidence_answer

STATES = list(words.STATES["dispute"])


@require_safe
@operator_desk("disputes", "payouts")
def desk(request: HttpRequest) -> HttpResponse:
    """All that waits for a decision, and the money that is held."""
    state = choice(request, "state", STATES)
    page = payments.disputes_page(state=state, **window(request))
    changes = payments.account_changes_page(state="proposed", limit=20).items
    held = payments.escrows_page(state="held", limit=10).items
    frozen = payments.escrows_page(state="frozen", limit=10).items
    whose = {one.merchant_id for one in page.items}
    whose |= {one.merchant_id for one in changes}
    whose |= {one.merchant_id for one in (*held, *frozen)}
    context = {
        "page": page,
        "state": state,
        "states": STATES,
        "changes": changes,
        "escrows": [*frozen, *held],
        "merchants": platforms.merchants({one for one in whose if one is not None}),
        "kinds": words.DISPUTES,
        "reasons": words.REASONS,
    }
    return render(request, "storefront/operator/guarantee.html", context)


@require_safe
@operator_desk("disputes")
def dispute(request: HttpRequest, dispute: str) -> HttpResponse:
    """One dispute, with the form that decides it."""
    info = payments.dispute(dispute_id=public("dsp", dispute))
    action = reverse("storefront:operator_dispute_act", args=[dispute])
    context = context_of(info, side="operator", action=action)
    return render(request, "storefront/operator/dispute.html", context)


@require_POST
@operator_desk("disputes")
def act(request: HttpRequest, dispute: str) -> HttpResponse:
    """Decide, or add what the platform found out."""
    dispute_id = public("dsp", dispute)
    if pressed(request, "add", "decide") == "decide":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Invalid(_("Say why; both sides read it."), field="reason")
        info = payments.dispute(dispute_id=dispute_id)
        refund = money(request, "refund", info.amount.currency)
        payments.decide(dispute_id=dispute_id, refund=refund if refund else None, reason=reason)
        text = _("Decided. Both sides are told, and the money goes where it belongs.")
    else:
        add(request, dispute_id, "operator")
        text = _("Added.")
    return done(request, text, "storefront:operator_dispute", dispute=dispute)


@require_safe
@operator_desk("disputes")
def file(request: HttpRequest, dispute: str, piece: str) -> HttpResponse:
    """A piece's file."""
    return evidence_answer(public("dsp", dispute), public("dev", piece))


@require_POST
@operator_desk("payouts")
def act_on_account(request: HttpRequest) -> HttpResponse:
    """Be the second person for a merchant's other bank account."""
    change_id = public("bac", request.POST.get("change", ""))
    what = request.POST.get("do")
    if what == "confirm":
        payments.account_change(change_id=change_id)  # before a code is used up for nothing
        with confirmed(request, platforms.Sensitive.PAYOUT_ACCOUNT):
            payments.confirm_account(change_id=change_id)
        text = _("Confirmed. Payouts go there from now on, after a rest of some days.")
    elif what == "refuse":
        payments.refuse_account(change_id=change_id, reason="")
        text = _("It stays as it was.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_guarantee")
