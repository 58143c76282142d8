"""Where one is signed in, and signing out there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import Forbidden, NotFound
from platforms import facade as platforms
from storefront.devices import device
from storefront.pages import done, person_of, signed_in

LIST = "storefront/account/sessions.html"


@require_http_methods(["GET", "HEAD"])
@signed_in
def listing(request: HttpRequest) -> HttpResponse:
    """All browsers, this one first."""
    person = _person(request)
    found = platforms.sessions_of(person.id)
    rows = [
        {"info": one, "device": device(one.user_agent), "here": one.id == person.session_id}
        for one in found
    ]
    rows.sort(key=lambda row: not row["here"])
    return render(request, LIST, {"rows": rows, "others": len(rows) > 1})


@require_POST
@signed_in
def end(request: HttpRequest) -> HttpResponse:
    """One other browser, or all others."""
    person = _person(request)
    chosen = request.POST.get("session", "")
    if not chosen:
        ended = platforms.end_other_sessions(person_id=person.id, keep=person.session_id)
        text = ngettext(
            "Signed out in %(count)d other browser.",
            "Signed out in %(count)d other browsers.",
            ended,
        ) % {"count": ended}
        return done(request, text, "storefront:sessions")
    try:
        platforms.end_session_of(person_id=person.id, session_id=UUID(chosen))
    except (ValueError, NotFound):
        return done(request, _("That browser was signed out already."), "storefront:sessions")
    return done(request, _("Signed out there."), "storefront:sessions")


def _person(request: HttpRequest) -> platforms.SignedInPerson:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person
