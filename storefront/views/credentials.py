"""One's own password and e-mail address, changed while signed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kernel.errors import DomainError, Forbidden
from platforms import facade as platforms
from storefront.forms.account import ChangeEmail, ChangePassword
from storefront.pages import done, page, person_of, signed_in
from storefront.views.account import put_error

both = require_http_methods(["GET", "HEAD", "POST"])
PAGE = "storefront/account/credentials.html"


@both
@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """A new password; every other browser is signed out."""
    person = _person(request)
    form = ChangePassword(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            platforms.change_password(
                person_id=person.id,
                session_id=person.session_id,
                current=form.cleaned_data["current"],
                new=form.cleaned_data["new"],
            )
        except DomainError as error:
            put_error(form, error)
        else:
            text = _("Your new password is set. You are signed out everywhere else.")
            return done(request, text, "storefront:security")
    return _shown(request, form, "password")


@both
@signed_in
def email(request: HttpRequest) -> HttpResponse:
    """Another address: a link goes there, and until it is followed the old one holds."""
    person = _person(request)
    with_code = platforms.second_factor(person.id).enrolled
    form = ChangeEmail(request.POST if request.method == "POST" else None, with_code=with_code)
    if request.method == "POST" and form.is_valid():
        try:
            platforms.request_email_change(
                person_id=person.id,
                email=form.cleaned_data["email"],
                password=form.cleaned_data["password"],
                code=form.cleaned_data.get("code", ""),
            )
        except DomainError as error:
            put_error(form, error)
        else:
            text = _("A letter is on its way to the new address. Follow its link to confirm.")
            return done(request, text, "storefront:security")
    return _shown(request, form, "email")


@both
@page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the letter. Opening it changes nothing: machines open links too."""
    if request.method == "POST":
        platforms.confirm_email_change(token=token)
        return done(request, _("Your new address is in use."), "storefront:home")
    platforms.check_email_change(token=token)
    return render(request, PAGE, {"kind": "confirm"})


def _shown(request: HttpRequest, form: ChangePassword | ChangeEmail, kind: str) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, PAGE, {"form": form, "kind": kind}, status=status)


def _person(request: HttpRequest) -> platforms.SignedInPerson:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person
