"""Second factors: the second step of signing in, and their place in one's account."""

from uuid import UUID

from django.forms import Form
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import DomainError, Forbidden
from platforms import facade as platforms
from storefront import baskets
from storefront.forms.account import Code, ConfirmSelf
from storefront.pages import done, page, person_of, safe_next, signed_in
from storefront.views.account import PAGE, put_error

SETTINGS, BEGIN = "storefront/account/security.html", "begin-%s"
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@page
def code(request: HttpRequest) -> HttpResponse:
    """The second step of signing in."""
    token = platforms.session_token(request)
    if platforms.waiting_for_code(token) is None:
        return redirect("storefront:sign_in")
    form = Code(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            session = platforms.finish_sign_in(
                token=token,
                code=form.cleaned_data["code"],
                user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
            )
        except platforms.TokenSpent:
            return redirect("storefront:sign_in")
        except DomainError as error:
            put_error(form, error)
        else:
            response = redirect(safe_next(request, reverse("storefront:start")))
            platforms.set_session_cookie(request, response, session)
            baskets.take_over(request, response, session.person_id)
            return response
    context = {"form": form, "next": safe_next(request, ""), "kind": "code"}
    return render(request, PAGE, context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD"])
@signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """How the second factor stands, and what can be done about it."""
    return _shown(request, Code())


@require_POST
@signed_in
def begin(request: HttpRequest) -> HttpResponse:
    """A fresh secret, with its QR code, and the field for the first code; for the password of
    who has no factor yet, or a code of who has passkeys."""
    person_id = _person(request)
    asked = _asked(person_id, request.POST)
    if not asked.is_valid():
        return _shown(request, Code(), asked=asked)
    try:
        made = platforms.begin_second_factor(person_id=person_id, **asked.cleaned_data)
    except platforms.SecondFactorPresent:
        raise
    except DomainError as error:
        put_error(asked, error)
        return _shown(request, Code(), asked=asked)
    return _shown(request, Code(), enrolment=made)


@require_POST
@signed_in
def act(request: HttpRequest) -> HttpResponse:
    """Finish the enrolment, renew the recovery codes or remove the factor, each by a code."""
    form = Code(request.POST)
    codes: list[str] = []
    what = request.POST.get("do", "")
    if form.is_valid():
        typed = form.cleaned_data["code"]
        try:
            if what == "finish":
                codes = platforms.finish_second_factor(person_id=_person(request), code=typed)
            elif what == "renew":
                codes = platforms.new_recovery_codes(person_id=_person(request), code=typed)
            elif what == "remove":
                platforms.remove_second_factor(person_id=_person(request), code=typed)
                text = _("The authenticator app is removed.")
                return done(request, text, "storefront:security")
        except DomainError as error:
            put_error(form, error)
    return _shown(request, Code() if codes else form, codes=codes, what=what)


def show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Recovery codes that came with a first factor; shown only now."""
    return _shown(request, Code(), codes=codes)


def _shown(
    request: HttpRequest,
    form: Code,
    *,
    enrolment: platforms.Enrolment | None = None,
    codes: list[str] | None = None,
    what: str = "",
    asked: Form | None = None,
) -> HttpResponse:
    asked = asked or _asked(_person(request))
    context = {
        "factor": platforms.second_factor(_person(request)),
        "passkeys": platforms.passkeys_of(_person(request)),
        "form": form,
        "asked": asked,
        "enrolment": enrolment,
        # Drawn by our own library from our own secret; nothing of it was typed by anybody.
        "qr": mark_safe(enrolment.qr_svg) if enrolment else "",  # noqa: S308
        "codes": codes or [],
        "finishing": what == "finish",
    }
    status = 422 if form.errors or asked.errors else 200
    response = render(request, SETTINGS, context, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _asked(person_id: UUID, sent: QueryDict | None = None) -> Form:
    """What it takes to add an app: an open session alone must not."""
    kind = Code if platforms.has_second_factor(person_id) else ConfirmSelf
    return kind(sent, auto_id=BEGIN)


def _person(request: HttpRequest) -> UUID:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person.id
