"""Seals: applications to decide, seals in use, the log of their use."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification import facade as certification
from kernel.errors import Malformed
from platforms import facade as platforms
from storefront import certified  # noqa: F401 - its states' words
from storefront.lists import choice, window
from storefront.pages import done, operator_desk, public

STATES = [str(value) for value in certification.SealState.values]


@require_safe
@operator_desk("contracts")
def listing(request: HttpRequest) -> HttpResponse:
    """The platform's seals, newest first, by state."""
    state = choice(request, "state", STATES)
    page = certification.seals_page(state=state, **window(request))
    merchants = platforms.merchants({one.merchant_id for one in page.items})
    context = {"page": page, "state": state, "states": STATES, "merchants": merchants,
               "kinds": dict(certification.SealKind.choices)}  # fmt: skip
    return render(request, "storefront/operator/seals.html", context)


@require_safe
@operator_desk("contracts")
def detail(request: HttpRequest, seal: str) -> HttpResponse:
    """One seal with its picture, who may use it, and every use."""
    info = certification.seal(seal_id=public("sea", seal))
    uses = certification.seal_uses_page(seal_id=info.id, **window(request))
    grants = certification.seal_grants(seal_id=info.id)
    named = {one.person_id for one in uses.items} | {one.person_id for one in grants}
    people = platforms.people({one for one in named if one is not None})
    context = {
        "seal": info,
        "holder": platforms.merchant(info.merchant_id),
        "certificate": certification.certificate(certificate_id=info.certificate_id),
        "page": uses,
        "grants": grants,
        "people": people,
        "kinds": dict(certification.SealKind.choices),
    }
    return render(request, "storefront/operator/seal.html", context)


@require_safe
@operator_desk("contracts")
def picture(request: HttpRequest, seal: str) -> HttpResponse:
    """What the seal looks like."""
    info = certification.seal(seal_id=public("sea", seal))
    return HttpResponse(info.picture, content_type="image/png")


@require_POST
@operator_desk("contracts")
def act(request: HttpRequest, seal: str) -> HttpResponse:
    """Make or refuse; suspend, resume, revoke."""
    number, what = public("sea", seal), request.POST.get("do", "")
    reason = request.POST.get("reason", "").strip()
    if what == "make":
        certification.make_seal(seal_id=number)
        text = _("Made. Its keeper can use it now.")
    elif what == "refuse":
        certification.refuse_seal(seal_id=number, note=reason)
        text = _("Refused. The applicant sees the reason.")
    elif what in ("suspended", "valid", "revoked"):
        certification.change_seal(seal_id=number, state=what, note=reason)
        text = _("Changed. What it sealed before keeps its worth.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_seal", seal=seal)
