"""Applications of merchants: the list, and the review of one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from certification import facade as certification
from journeys import facade as journeys
from kernel import clock
from kernel.errors import Invalid, Malformed
from kernel.files import shown_alone
from platforms import facade as platforms
from storefront import certified, words
from storefront import onboarding as shown
from storefront.lists import choice, window
from storefront.pages import done, operator_desk, public

STATES = [one for one in words.onboarding.APPLICATION if one not in ("draft", "erased")]
AGES = ("1", "3", "7", "14", "30")


@require_safe
@operator_desk("merchants")
def listing(request: HttpRequest) -> HttpResponse:
    """All that were handed in, newest first, by state, age, number or name."""
    state, age = choice(request, "state", STATES), choice(request, "age", AGES)
    query = request.GET.get("q", "").strip()[:100]
    page = journeys.applications_page(
        state=state, query=query or None, older_than=int(age) if age else None, **window(request)
    )
    now = clock.business()
    rows = [
        (one, (now - one.submitted_at).days if one.submitted_at else None) for one in page.items
    ]
    context = {
        "page": page, "rows": rows, "state": state, "states": STATES, "q": query, "age": age,
        "ages": AGES, "terms": journeys.onboarding_terms(),
    }  # fmt: skip
    return render(request, "storefront/operator/applications.html", context)


@require_safe
@operator_desk("merchants")
def one(request: HttpRequest, application: str) -> HttpResponse:
    """One application with its papers, and what can be decided."""
    info = journeys.application(application_id=public("map", application))
    identity = (
        certification.identity_of(certification.Subject.merchant(info.merchant_id))
        if info.merchant_id
        else None
    )
    terms = journeys.onboarding_terms()
    context = {
        "info": info,
        "steps": shown.steps(info, terms),
        "entries": shown.timeline(info),
        "asked": shown.asked_papers(info),
        "names": shown.category_names(info),
        "needed": journeys.papers_for(info.fields.categories),
        "kinds": [(str(one), one.label) for one in journeys.DocumentKind],
        "identity": identity,
        "levels": certified.LEVELS,
        "merchant": platforms.merchant(info.merchant_id) if info.merchant_id else None,
        "decidable": info.state in ("submitted", "in_review", "needs_more"),
    }
    answer = render(request, "storefront/operator/application.html", context)
    answer["Cache-Control"] = "no-store"
    return answer


@require_POST
@operator_desk("merchants")
def act(request: HttpRequest, application: str) -> HttpResponse:
    """Approve, ask for something, or refuse."""
    application_id, what = public("map", application), request.POST.get("do", "")
    if what == "approve":
        journeys.approve_application(
            application_id=application_id, note=request.POST.get("note", "")
        )
        text = _("Approved. The merchant can sell now and is told how to set up the shop.")
    elif what == "ask":
        asked = {kind: request.POST.get(f"asked_{kind}", "") for kind in journeys.DocumentKind}
        papers = {str(kind): text for kind, text in asked.items()}
        journeys.ask_applicant(
            application_id=application_id, asked={**papers, "": request.POST.get("asked", "")}
        )
        text = _("The applicant reads it here and by mail.")
    elif what == "refuse":
        reason = request.POST.get("reason", "").strip()
        if not reason:
            raise Invalid(_("Say why; the applicant reads it."), field="reason")
        journeys.refuse_application(application_id=application_id, reason=reason)
        text = _("Refused. The applicant reads the reason and can apply anew.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_application", application=application)


@require_safe
@operator_desk("merchants")
def document(request: HttpRequest, application: str, document: str) -> HttpResponse:
    """A paper itself; that it was looked at is kept."""
    paper, data = journeys.open_document(
        application_id=public("map", application), document_id=public("mad", document)
    )
    return shown_alone(data, paper.content_type)
