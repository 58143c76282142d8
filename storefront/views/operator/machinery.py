"""Journeys that need attention, parked events, jobs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from journeys import facade as journeys
from kernel import outbox
from kernel.errors import Malformed
from storefront import reads, words
from storefront.lists import choice, uuid_of, window
from storefront.pages import done, operator_desk, public
from storefront.words.jobs import JOBS

OPERATOR = "storefront/operator"


@require_safe
@operator_desk("orders")
def attention(request: HttpRequest) -> HttpResponse:
    """Journeys, those that can't go on by themselves first."""
    state = request.GET.get("state", "needs_attention")
    states = list(words.STATES["journey"])
    chosen = state if state in states else None
    page = journeys.journeys(state=chosen, **window(request))
    context = {"page": page, "state": chosen, "states": states, "kinds": words.JOURNEYS}
    return render(request, f"{OPERATOR}/attention.html", context)


@require_safe
@operator_desk("orders")
def journey(request: HttpRequest, journey: str) -> HttpResponse:
    """One journey with everything that happened to its steps."""
    info = journeys.journey(journey_id=public("jny", journey))
    context = {"journey": info, "kinds": words.JOURNEYS, "whats": words.STEP_NEWS}
    return render(request, f"{OPERATOR}/journey.html", context)


@require_POST
@operator_desk("orders")
def act_on_journey(request: HttpRequest, journey: str) -> HttpResponse:
    """Try the stuck step again, or put the journey aside with a reason."""
    journey_id = public("jny", journey)
    reason = request.POST.get("reason", "").strip()
    if request.POST.get("do") == "retry":
        info = journeys.retry_journey(journey_id=journey_id, reason=reason)
        text = (
            _("Tried again; it still needs attention.")
            if info.state == "needs_attention"
            else _("Tried again; it goes on.")
        )
    elif request.POST.get("do") == "close" and reason:
        journeys.close_journey(journey_id=journey_id, reason=reason)
        text = _("Put aside. Your reason is in the audit trail.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_journey", journey=journey)


@require_safe
@operator_desk("jobs")
def events(request: HttpRequest) -> HttpResponse:
    """Events that a handler could not take."""
    page = outbox.parked_deliveries(**window(request))
    return render(request, f"{OPERATOR}/events.html", {"page": page})


@require_POST
@operator_desk("jobs")
def act_on_event(request: HttpRequest) -> HttpResponse:
    """Replay a parked event, or skip it with a reason."""
    delivery = uuid_of(request.POST.get("delivery", ""))
    what = request.POST.get("do")
    if what == "replay":
        outbox.replay(delivery)
        text = _("The event is tried again now; what waits behind it follows.")
    elif what == "skip":
        outbox.skip(delivery, reason=request.POST.get("reason", ""))
        text = _("Skipped. What waited behind it goes on.")
    else:
        raise Malformed
    return done(request, text, "storefront:operator_events")


@require_safe
@operator_desk("jobs")
def jobs(request: HttpRequest) -> HttpResponse:
    """The platform's jobs with their progress."""
    states = reads.job_states()
    state, kind = choice(request, "state", states), choice(request, "kind", JOBS)
    context = {
        "state": state,
        "kind": kind,
        "page": reads.jobs(state=state, kind=kind, **window(request)),
        "states": states,
        "kinds": JOBS,
    }
    return render(request, f"{OPERATOR}/jobs.html", context)
