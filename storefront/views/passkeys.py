"""Passkeys: signing in with one, confirming with one, and their place in one's account."""

import secrets
from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kernel.errors import DomainError, Forbidden
from platforms import facade as platforms
from storefront import baskets
from storefront.devices import device
from storefront.forms.account import AddPasskey, Code, NamePasskey
from storefront.pages import done, page, person_of, public, safe_next, signed_in, words_of
from storefront.views.account import put_error
from storefront.views.security import show_codes

NEW, ONE = "storefront/account/passkey_new.html", "storefront/account/passkey.html"
both = require_http_methods(["GET", "HEAD", "POST"])


def _answers(view: Callable[[HttpRequest], dict[str, Any]]) -> Callable[..., HttpResponse]:
    """A view for the page's own script: JSON, an error in words for the reader."""

    def inner(request: HttpRequest) -> HttpResponse:
        try:
            return JsonResponse(view(request), headers={"Cache-Control": "no-store"})
        except DomainError as error:
            return JsonResponse({"error": words_of(error)}, status=error.status)

    return cast("Callable[..., HttpResponse]", require_POST(page(inner)))


@require_POST
@page
def sign_in_options(request: HttpRequest) -> HttpResponse:
    """What the browser is asked before anybody is signed in; a cookie knows it again."""
    token = platforms.asked_token(request) or secrets.token_urlsafe(32)

    def asked(request: HttpRequest) -> dict[str, Any]:
        return platforms.ask_passkey_to_sign_in(
            site=platforms.passkey_site(request),
            holder=token,
            address=request.META.get("REMOTE_ADDR", ""),
        )

    response = _answers(asked)(request)
    platforms.set_asked_cookie(request, response, token)
    return response


@require_POST
@page
def sign_in(request: HttpRequest) -> HttpResponse:
    """Signed in by what the passkey signed."""
    try:
        session = platforms.sign_in_with_passkey(
            answer=request.POST.get("credential", ""),
            site=platforms.passkey_site(request),
            holder=platforms.asked_token(request),
            user_agent=request.META.get("HTTP_USER_AGENT", "")[:300],
            replaces=platforms.session_token(request) or None,
        )
    except DomainError as error:
        messages.error(request, words_of(error))
        after = urlencode({"next": safe_next(request, "")})
        return redirect(f"{reverse('storefront:sign_in')}?{after}")
    response = redirect(safe_next(request, reverse("storefront:start")))
    platforms.set_session_cookie(request, response, session)
    baskets.take_over(request, response, session.person_id)
    return response


@_answers
def prove_options(request: HttpRequest) -> dict[str, Any]:
    """What one of the person's passkeys is to sign, signed in or at the second step."""
    return platforms.ask_to_prove(person_id=asked_person(request), **_browser(request))


@_answers
def prove(request: HttpRequest) -> dict[str, Any]:
    """The code that stands for what a passkey signed."""
    proof = platforms.prove(
        person_id=asked_person(request),
        answer=request.POST.get("credential", ""),
        **_browser(request),
    )
    return {"code": proof.code}


@both
@signed_in
def new(request: HttpRequest) -> HttpResponse:
    """Add one: the person says who they are, then the browser makes it."""
    person = _person(request)
    with_code = platforms.second_factor(person.id).enrolled
    named = device(request.META.get("HTTP_USER_AGENT", ""))
    sent = request.POST if request.method == "POST" else None
    form = AddPasskey(sent, with_code=with_code, initial={"name": named})
    options: dict[str, Any] = {}
    try:
        if request.POST.get("credential"):
            return _add(request, person.id)
        if sent is not None and form.is_valid():
            options = platforms.begin_passkey(
                person_id=person.id,
                password=form.cleaned_data["password"],
                code=form.cleaned_data.get("code", ""),
                **_browser(request),
            )
    except DomainError as error:
        # What was typed before belongs to the first step; it is asked for again.
        if "password" not in request.POST:
            form = AddPasskey(with_code=with_code, initial={"name": request.POST.get("name", "")})
        if form.is_bound:
            put_error(form, error)
        else:
            messages.error(request, words_of(error))
    context = {"form": form, "options": options, "name": request.POST.get("name", "")}
    response = render(request, NEW, context, status=422 if form.errors else 200)
    response["Cache-Control"] = "no-store"
    return response


def _add(request: HttpRequest, person_id: UUID) -> HttpResponse:
    added = platforms.finish_passkey(
        person_id=person_id,
        name=request.POST.get("name", ""),
        answer=request.POST["credential"],
        **_browser(request),
    )
    if added.recovery_codes:
        return show_codes(request, list(added.recovery_codes))
    text = _("The passkey is added. From now on it signs you in here.")
    return done(request, text, "storefront:security")


@both
@signed_in
def one(request: HttpRequest, passkey: str) -> HttpResponse:
    """One passkey: another name, or its end."""
    person = _person(request)
    info = platforms.passkey(person_id=person.id, passkey_id=public("psk", passkey))
    what = request.POST.get("do", "")
    naming = NamePasskey(request.POST if what == "rename" else None, initial={"name": info.name})
    removing = Code(request.POST if what == "remove" else None)
    own: dict[str, Any] = {"person_id": person.id, "passkey_id": info.id}
    try:
        if naming.is_bound and naming.is_valid():
            platforms.rename_passkey(name=naming.cleaned_data["name"], **own)
            return done(request, _("The name is changed."), "storefront:security")
        if removing.is_bound and removing.is_valid():
            platforms.remove_passkey(code=removing.cleaned_data["code"], **own)
            text = _("The passkey is removed. Delete it on the device, too.")
            return done(request, text, "storefront:security")
    except DomainError as error:
        put_error(naming if naming.is_bound else removing, error)
    status = 422 if naming.errors or removing.errors else 200
    context = {"info": info, "naming": naming, "removing": removing}
    return render(request, ONE, context, status=status)


def asked_person(request: HttpRequest) -> UUID:
    """Who is signed in, or whose sign-in waits for the second step. Raises Forbidden."""
    person = person_of(request)
    waiting = person.id if person else platforms.waiting_for_code(platforms.session_token(request))
    if waiting is None:
        raise Forbidden
    return waiting


def _browser(request: HttpRequest) -> dict[str, Any]:
    return {"site": platforms.passkey_site(request), "holder": platforms.session_token(request)}


def _person(request: HttpRequest) -> platforms.SignedInPerson:
    person = person_of(request)
    if person is None:
        raise Forbidden
    return person
