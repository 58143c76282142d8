"""The review queue of identities: papers, the provider's answer, the decision."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification import facade as certification
from certification.facade import IdentityKind, IdentityState
from kernel.audit import latest_for
from kernel.errors import Invalid, Malformed
from kernel.files import shown_alone
from platforms import facade as platforms
from storefront import certified
from storefront.lists import choice, window
from storefront.pages import done, operator_desk, person_of, public

STATES = [str(value) for value in IdentityState.values if value != IdentityState.ERASED]
WORDS = {"checks": certified.CHECKS, "outcomes": certified.OUTCOMES, "levels": certified.LEVELS}


@require_safe
@operator_desk("identities")
def queue(request: HttpRequest) -> HttpResponse:
    """Those that wait for a review, longest first; or all in one state."""
    state = choice(request, "state", [*STATES, "all"])
    page = certification.identities_page(
        queue=state is None, state=None if state == "all" else state, **window(request)
    )
    context = {"page": page, "state": state, "states": STATES, **WORDS}
    return render(request, "storefront/operator/identities.html", context)


@require_safe
@operator_desk("identities")
def detail(request: HttpRequest, identity: str) -> HttpResponse:
    """One identity, masked, with what can be decided."""
    return _page(request, identity)


@require_POST
@operator_desk("identities")
def act(request: HttpRequest, identity: str) -> HttpResponse:
    """Take a review, decide, or give it back."""
    identity_id, what = public("idn", identity), request.POST.get("do", "")
    reason = request.POST.get("reason", "").strip()
    if what in ("reject", "more", "reveal", "erase") and not reason:
        raise Invalid(_("Say why; it stands in the audit trail."), field="reason")
    if what == "reveal":
        clear = certification.reveal(identity_id=identity_id, reason=reason)
        answer = _page(request, identity, clear=clear)
        answer["Cache-Control"] = "no-store"
        return answer
    if what == "claim":
        certification.claim_review(identity_id=identity_id)
        text = _("The review is yours for two hours.")
    elif what == "release":
        certification.release_review(identity_id=identity_id)
        text = _("Given back to the queue.")
    elif what == "approve":
        by_hand = request.POST.get("by_hand") == "on"
        certification.approve_identity(identity_id=identity_id, registry_by_hand=by_hand)
        text = _("Verified. The owner is told and can apply for certificates.")
    elif what == "reject":
        certification.reject_identity(identity_id=identity_id, reason=reason)
        text = _("Rejected. The owner sees the reason.")
    elif what == "more":
        certification.ask_for_more(identity_id=identity_id, reason=reason)
        text = _("Sent back. The owner sees what is missing.")
    elif what == "erase":
        certification.erase_identity(identity_id=identity_id, reason=reason)
        return done(
            request, _("Erased. Nothing personal is left of it."), "storefront:operator_identities"
        )
    else:
        raise Malformed
    return done(request, text, "storefront:operator_identity", identity=identity)


@require_POST
@operator_desk("identities")
def paper(request: HttpRequest, identity: str, paper: str) -> HttpResponse:
    """A paper itself; who looked, and why, is kept."""
    kind, data = certification.open_paper(
        identity_id=public("idn", identity),
        paper_id=public("idp", paper),
        reason=request.POST.get("reason", "").strip(),
    )
    return shown_alone(data, kind)


def _page(
    request: HttpRequest, identity: str, clear: certification.Particulars | None = None
) -> HttpResponse:
    info = certification.identity(public("idn", identity))
    person = person_of(request)
    company = info.subject.kind == IdentityKind.COMPANY
    context = {
        "identity": info,
        "company": company,
        "holder": platforms.merchant(info.subject.id) if company else None,
        "mine": person is not None and info.claimed_by == person.id,
        "unanswered": "registry" not in info.proven,
        "clear": clear,
        "history": latest_for(info.id, limit=50),
        **WORDS,
    }
    return render(request, "storefront/operator/identity.html", context)
