"""Becoming a merchant: one page from the first word to the open shop."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog import facade as catalog
from certification import facade as certification
from journeys import facade as journeys
from journeys.facade import ApplicationInfo, ApplicationState
from kernel.errors import Invalid, Malformed, TooLarge
from kernel.files import shown_alone
from platforms import facade as platforms
from storefront import certified
from storefront import onboarding as shown
from storefront.forms.onboarding import ApplicationForm, initial
from storefront.pages import done, language, person_of, public, signed_in, up_to

LIMIT = 5 * 10 * 2**20
PAGE = "storefront:application"
Refused = (
    Invalid,
    journeys.ApplicationFixed,
    journeys.CompanyTaken,
    journeys.AgreementUnfit,
    journeys.OnboardingShut,
    certification.UnreadablePaper,
)


def _too_large() -> TooLarge:
    return TooLarge(limit=LIMIT)


@up_to(LIMIT, _too_large)
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def application(request: HttpRequest) -> HttpResponse:
    """The application of who is signed in, as it stands, with what can be done."""
    person = person_of(request)
    assert person is not None  # the page is for those who are signed in
    info = journeys.own_application(person_id=person.id)
    what = request.POST.get("do", "")
    if request.method == "POST" and what in ("withdraw", "renew", "new"):
        return _turn(request, person.id, what)
    begins = request.GET.get("new") == "1" and info is not None and info.state in ENDED_WELL
    held = None if begins else info
    form = _form(request, held)
    if request.method == "POST":
        if what not in ("save", "submit", "answer"):
            raise Malformed
        answer = _keep(request, person.id, form, what)
        if answer is not None:
            return answer
        held = journeys.own_application(person_id=person.id)
    return _page(request, held, form)


ENDED_WELL = (ApplicationState.APPROVED, ApplicationState.OPEN)


@require_safe
@signed_in
def document(request: HttpRequest, document: str) -> HttpResponse:
    """A paper of one's own application."""
    person = person_of(request)
    info = journeys.own_application(person_id=person.id) if person else None
    if info is None:
        raise journeys.ApplicationNotFound
    paper, data = journeys.document_content(
        application_id=info.id, document_id=public("mad", document)
    )
    return shown_alone(data, paper.content_type)


def _form(request: HttpRequest, info: ApplicationInfo | None) -> ApplicationForm:
    locales = platforms.get_platform().locales
    chosen = info.fields.categories if info else ()
    papers = [str(one.kind) for one in journeys.papers_for(chosen)]
    papers += [kind for kind in (info.asked if info else {}) if kind and kind not in papers]
    papers += [] if "other" in papers else ["other"]
    sent = request.method == "POST"
    return ApplicationForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        locales=locales,
        tree=catalog.category_tree(language()),
        papers=papers,
        fixed=info is not None and info.state == ApplicationState.NEEDS_MORE,
        initial=initial(info, locales),
    )


def _keep(
    request: HttpRequest, person_id: UUID, form: ApplicationForm, what: str
) -> HttpResponse | None:
    """Keep what was sent, and go on if that was wanted; None: the page shows what is wrong."""
    if not form.is_valid():
        return None
    try:
        journeys.save_application(person_id=person_id, given=form.given())
        for name, kind in form.papers.items():
            file = form.cleaned_data.get(name)
            if file:
                _add(person_id, name, kind, file)
        if what == "submit":
            journeys.submit_application(person_id=person_id)
            return done(request, _("Handed in. You follow it here."), PAGE)
        if what == "answer":
            text = request.POST.get("text", "")
            journeys.answer_application(person_id=person_id, text=text)
            return done(request, _("Sent back to the operator."), PAGE)
    except Refused as error:
        form.take(error)
        return None
    return done(request, _("Kept. You can go on at any time."), PAGE)


def _add(person_id: UUID, name: str, kind: str, file: Any) -> None:
    try:
        journeys.add_document(
            person_id=person_id, kind=journeys.DocumentKind(kind), data=bytes(file.read()),
            name=file.name or "",
        )  # fmt: skip
    except certification.UnreadablePaper as error:
        raise certification.UnreadablePaper(
            error.detail, field=name.replace("_", ".", 1)
        ) from error


def _turn(request: HttpRequest, person_id: UUID, what: str) -> HttpResponse:
    if what == "withdraw":
        journeys.withdraw_application(person_id=person_id)
        return done(request, _("Called off. You can begin anew at any time."), PAGE)
    journeys.renew_application(person_id=person_id)
    return done(request, _("Begun anew with what you filled in before."), PAGE)


def _page(
    request: HttpRequest, info: ApplicationInfo | None, form: ApplicationForm
) -> HttpResponse:
    terms = journeys.onboarding_terms()
    wrong = bool(form.errors)
    form.mark_needed()
    person = person_of(request)
    place = None
    if info is not None and person is not None:
        place = next((m for m in person.memberships if m.merchant_id == info.merchant_id), None)
        place = place if info.merchant_id else None
    files = {str(one.kind): one for one in info.documents} if info else {}
    trails = catalog.category_trails(terms.categories)
    context = {
        "info": info,
        "form": form,
        "terms": terms,
        "steps": shown.steps(info, terms),
        "next": shown.next_step(info),
        "entries": shown.timeline(info) if info else [],
        "asked": shown.asked_papers(info) if info else [],
        "names": shown.category_names(info) if info else [],
        "papers": [(form[name], files.get(kind)) for name, kind in form.papers.items()],
        "fields": [one for one in form if one.name not in form.papers],
        "needs": [
            (trails[key][-1].names, [one.label for one in kinds])
            for key, kinds in terms.categories.items()
            if key in trails
        ],
        "place": place,
        "levels": certified.LEVELS,
        "editable": info is None or info.editable,
        "console": reverse("storefront:merchant_today"),
    }
    answer = render(
        request, "storefront/account/application.html", context, status=422 if wrong else 200
    )
    answer["Cache-Control"] = "no-store"
    return answer
