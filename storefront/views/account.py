"""Signing in, up and out; passwords; invitations; roles."""

from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.errors import DomainError, Malformed
from platforms import facade as platforms
from storefront import baskets
from storefront.forms.account import Accept, AskReset, NewPassword, SignIn, SignUp
from storefront.pages import done, language, page, person_of, safe_next, signed_in, words_of

PAGE = "storefront/account/form.html"
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@ensure_csrf_cookie
@page
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page."""
    form = SignIn(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            session = platforms.sign_in(
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                address=request.META.get("REMOTE_ADDR", ""),
                user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
                replaces=platforms.session_token(request) or None,
            )
        except DomainError as error:
            form.add_error(None, words_of(error))
        else:
            return _enter(request, session)
    status = 422 if form.errors else 200
    context = {"form": form, "next": safe_next(request, ""), "kind": "sign_in"}
    return render(request, PAGE, context, status=status)


@both
@page
def sign_up(request: HttpRequest) -> HttpResponse:
    """A buyer makes an account."""
    form = SignUp(_sent(request))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            platforms.create_person(
                email=data["email"],
                name=data["name"],
                password=data["password"],
                language=language(),
            )
            session = platforms.sign_in(
                email=data["email"],
                password=data["password"],
                address=request.META.get("REMOTE_ADDR", ""),
            )
        except DomainError as error:
            put_error(form, error)
        else:
            return _enter(request, session)
    status = 422 if form.errors else 200
    context = {"form": form, "next": safe_next(request, ""), "kind": "sign_up"}
    return render(request, PAGE, context, status=status)


@require_POST
@page
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    platforms.sign_out(token=platforms.session_token(request))
    response = done(request, _("You are signed out."), "storefront:home")
    platforms.clear_session_cookie(request, response)
    return response


@require_safe
@signed_in
def start(request: HttpRequest) -> HttpResponse:
    """The first page of the role in use."""
    person = person_of(request)
    return redirect(home_of(person.membership if person else None))


@require_POST
@signed_in
def use_role(request: HttpRequest) -> HttpResponse:
    """Go on in another role without signing out."""
    person = person_of(request)
    assert person is not None
    try:
        chosen = UUID(request.POST.get("membership", ""))
    except ValueError as error:
        raise Malformed from error
    platforms.use_role(session_id=person.session_id, membership_id=chosen)
    role = next((m for m in person.memberships if m.id == chosen), None)
    return redirect(safe_next(request, home_of(role)))


@both
@page
def ask_reset(request: HttpRequest) -> HttpResponse:
    """Have a link to a new password sent; says the same whether or not there is an account."""
    form = AskReset(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            platforms.request_password_reset(
                email=form.cleaned_data["email"], address=request.META.get("REMOTE_ADDR", "")
            )
        except DomainError as error:
            put_error(form, error)
        else:
            text = _("If there is an account with this address, a letter is on its way.")
            return done(request, text, "storefront:sign_in")
    return render(
        request, PAGE, {"form": form, "kind": "ask_reset"}, status=422 if form.errors else 200
    )


@both
@page
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Set a new password by the link of a letter."""
    form = NewPassword(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            platforms.reset_password(token=token, password=form.cleaned_data["password"])
        except platforms.InvalidPassword as error:
            put_error(form, error)
        else:
            return done(
                request, _("Your new password is set. Sign in with it."), "storefront:sign_in"
            )
    elif request.method != "POST":
        platforms.check_reset(token=token)
    response = render(
        request, PAGE, {"form": form, "kind": "reset"}, status=422 if form.errors else 200
    )
    return response


@both
@page
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation to a role."""
    info = platforms.read_invitation(token=token)
    known = platforms.invited_person_exists(token=token)
    form: forms.Form = Accept(_sent(request)) if not known else forms.Form(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            platforms.accept_invitation(
                token=token,
                name=form.cleaned_data.get("name", ""),
                password=form.cleaned_data.get("password"),
                language=language(),
            )
        except (platforms.InvalidPassword, platforms.EmailTaken) as error:
            put_error(form, error)
        else:
            text = _("Welcome. Sign in to begin.")
            return done(request, text, "storefront:sign_in")
    merchant = platforms.merchant(info.merchant_id) if info.merchant_id else None
    context = {
        "form": form,
        "kind": "invitation",
        "info": info,
        "merchant": merchant,
        "known": known,
    }
    response = render(request, PAGE, context, status=422 if form.errors else 200)
    return response


def home_of(membership: platforms.MembershipInfo | None) -> str:
    """The first page of a role."""
    if membership is not None and membership.role == platforms.Role.OPERATOR:
        return reverse("storefront:operator_today")
    if membership is not None and membership.merchant_id is not None:
        return reverse("storefront:merchant_today")
    return reverse("storefront:home")


def _sent(request: HttpRequest) -> QueryDict | None:
    """What the form brought, be it empty; None when the page is only looked at."""
    return request.POST if request.method == "POST" else None


def put_error(form: forms.Form, error: DomainError) -> None:
    """Show a domain error beside the field that it names, else on top; so too where that field
    isn't seen."""
    placed = False
    for problem in error.problems:
        name = problem.field.rsplit(".", 1)[-1]
        if name in form.fields and not form[name].is_hidden:
            form.add_error(name, str(problem.problem))
            placed = True
    if not placed:
        form.add_error(None, words_of(error))


def _enter(request: HttpRequest, session: platforms.NewSession) -> HttpResponse:
    if session.awaits_code:
        after = urlencode({"next": safe_next(request, "")})
        response = redirect(f"{reverse('storefront:sign_in_code')}?{after}")
        platforms.set_session_cookie(request, response, session)
        return response
    response = redirect(safe_next(request, reverse("storefront:start")))
    platforms.set_session_cookie(request, response, session)
    baskets.take_over(request, response, session.person_id)
    return response
