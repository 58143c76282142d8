"""What every page has in common: errors as pages, the viewer's time zone, who may enter."""

import zoneinfo
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from kernel import ratelimit
from kernel.actors import must_hold
from kernel.api.parser import NULL, refuse_nulls
from kernel.errors import (
    DomainError,
    Forbidden,
    Invalid,
    Malformed,
    NotPermitted,
    TooMany,
    fields_told,
)
from kernel.ids import parse_public_id
from kernel.money import InvalidMoney, Money
from platforms import facade as platforms
from storefront import typed

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]
FORM_BYTES = 200_000  # what a form may bring beside its file
POLICY = (
    "default-src 'self'; img-src 'self' data: blob:{pictures}; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)


class NotWhole(Malformed):
    """A form without its button, its key or another field that nobody types."""

    title = _("The form didn't arrive whole")
    remedy = _("Load the page again, fill it in and press the button for what you want.")


def policy() -> str:
    """What a page may load: of other hosts only pictures, where they have an address of their
    own."""
    parts = urlsplit(settings.MEDIA_PUBLIC_URL)
    where = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return POLICY.format(pictures=where)


def page(view: View[P]) -> View[P]:
    """A page: an expected error becomes an error page, or, after a form, a toast where it was."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        zone = _zone(request)
        with (
            timezone.override(zone) if zone else timezone.override(timezone.get_default_timezone())
        ):
            try:
                if request.method == "POST":
                    _refuse_nulls(request)
                response = view(request, *args, **kwargs)
            except DomainError as error:
                whole = type(error) is not Malformed  # whose words are those of the API
                response = failed(request, error if whole else NotWhole())
            typed.put_back(request, response)
        response.setdefault("Content-Security-Policy", policy())
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response

    return cast("View[P]", inner)


def _refuse_nulls(request: HttpRequest) -> None:
    """Nobody can type one, and not every field that a view reads stands in a form of Django's."""
    lists = request.POST.lists()
    refuse_nulls({name: one for name, sent in lists for one in sent if NULL in name + one})


def signed_in(view: View[P]) -> View[P]:
    """A page for people with a sign-in; others go there first and come back."""

    @wraps(view)
    def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if person_of(request) is None:
            return to_sign_in(request)
        return view(request, *args, **kwargs)

    return page(cast("View[P]", inner))


def merchant_desk(*permissions: str) -> Callable[[View[P]], View[P]]:
    """A page of the merchant console: the role in use is one at a merchant, and includes one of
    these permissions (``own``: everyone on the staff)."""
    return _desk(lambda held: held.merchant_id is not None, permissions)


def operator_desk(*permissions: str) -> Callable[[View[P]], View[P]]:
    """A page of the operator console: the role in use is an operator's, and includes one of these
    permissions."""
    return _desk(lambda held: held.role == platforms.Role.OPERATOR, permissions)


def _desk(
    stands: Callable[[platforms.MembershipInfo], bool], permissions: tuple[str, ...]
) -> Callable[[View[P]], View[P]]:
    def wrap(view: View[P]) -> View[P]:
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            person = person_of(request)
            if person is None:
                return to_sign_in(request)
            if person.membership is None or not stands(person.membership):
                raise Forbidden
            if platforms.must_enrol(person.id, person.membership.role):
                return redirect("storefront:security")
            must_hold(*permissions)
            return view(request, *args, **kwargs)

        named = page(cast("View[P]", inner))
        named.permissions = permissions  # type: ignore[attr-defined]
        return named

    return wrap


def up_to(
    limit: int | Callable[[], int], error: Callable[[], DomainError]
) -> Callable[[View[P]], View[P]]:
    """A page that takes files: what announces itself as larger than ``limit`` bytes (a call asks
    for the platform's own) is refused with 413, before any of it is read (the usual check of the
    form's token reads all of it)."""

    def wrap(view: View[P]) -> View[P]:
        protected = csrf_protect(cast("Any", view))

        @csrf_exempt
        @wraps(view)
        def inner(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            announced = str(request.META.get("CONTENT_LENGTH") or "0")
            most = limit() if callable(limit) else limit
            if announced.isdigit() and int(announced) > most + FORM_BYTES:
                return page(_refuse(error()))(request)
            return cast("HttpResponseBase", protected(request, *args, **kwargs))

        return cast("View[P]", inner)

    return wrap


def _refuse(error: DomainError) -> Callable[[HttpRequest], HttpResponseBase]:
    return lambda request: error_page(request, error, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


def person_of(request: HttpRequest) -> platforms.SignedInPerson | None:
    """Who is signed in, or None."""
    found: platforms.SignedInPerson | None = getattr(request, "person", None)
    return found


def buyer_of(request: HttpRequest) -> UUID | None:
    """Whose prices a page shows: those of who is signed in, None for a guest's."""
    person = person_of(request)
    return person.id if person else None


def merchant_of(request: HttpRequest) -> UUID:
    """The merchant for whom the person works in this role. Raises Forbidden without one."""
    person = person_of(request)
    if person is None or person.membership is None or person.membership.merchant_id is None:
        raise Forbidden
    return person.membership.merchant_id


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back here afterwards."""
    back = request.get_full_path() if request.method == "GET" else back_of(request)
    return redirect(f"{reverse('storefront:sign_in')}?next={back}")


def language() -> str:
    """The language of this page (``zh-hans``)."""
    return translation.get_language() or "en"


def done(request: HttpRequest, text: object, to: str, **kwargs: Any) -> HttpResponse:
    """Redirect with a toast."""
    messages.success(request, str(text))
    answer: HttpResponse = redirect(to, **kwargs)
    return answer


def words_of(error: DomainError) -> str:
    """What went wrong and what to do, in the reader's language."""
    parts = [str(error.title), str(error.remedy)]
    if isinstance(error, InvalidMoney):  # whose remedy is for programs
        parts = [str(error.detail)]
    elif type(error) is Invalid and error.problems:  # whose own words say no more than that
        parts = [str(error.problems[0].problem), str(error.problems[0].remedy)]
    parts = [part for part in parts if part]
    return " ".join(part if part[-1:] in ".!?。！？" else part + _stop() for part in parts)


def _stop() -> str:
    return "。" if language().startswith("zh") else "."


def limited(request: HttpRequest, what: str, per_minute: int) -> None:
    """Raises TooMany for who asks for suggestions more often than a person types."""
    person = person_of(request)
    assert person is not None
    verdict = ratelimit.hit(f"{what}:{person.id}", limit=per_minute, seconds=60)
    if not verdict.allowed:
        told = _("%(limit)s searches a minute are allowed.") % {"limit": per_minute}
        raise TooMany(told, retry_after=verdict.reset)


def failed(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The error on the page that sent the form, else as a page of its own."""
    if request.method == "POST":
        back = back_of(request)
        # An address that only takes forms is no page to go back to.
        if back and urlsplit(back).path != request.path:
            return sent_back(request, error, back)
    return error_page(request, error)


def sent_back(request: HttpRequest, error: DomainError, back: str) -> HttpResponse:
    """To the page that sent the form, which shows it filled in again, and what went wrong."""
    messages.error(request, words_of(error))
    response: HttpResponse = redirect(back)
    typed.keep(request, response, back, error)
    return response


def error_page(request: HttpRequest, error: DomainError, status: int = 0) -> HttpResponse:
    """What happened, what to do, and the id to quote."""
    status = status or error.status
    context = {"error": error, "status": status, "refused": _refused(request, error)}
    return render(request, "storefront/error.html", context, status=status)


def _refused(request: HttpRequest, error: DomainError) -> dict[str, Any] | None:
    """Which permission a page asks for, and whom to ask for it; None for other errors."""
    person = person_of(request)
    if not isinstance(error, NotPermitted) or person is None or person.membership is None:
        return None
    named = platforms.PERMISSIONS.get(str(error.params.get("permission", "")))
    return {
        "title": named.title if named else "",
        "ask": platforms.who_gives(person.membership.merchant_id),
    }


def back_of(request: HttpRequest) -> str:
    """The page of this site that the request came from, or an empty string."""
    back = str(request.META.get("HTTP_REFERER", ""))
    if not back or not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        return ""
    parts = urlsplit(back)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def pressed(request: HttpRequest, *offered: str) -> str:
    """Which of a form's buttons (``do``) was pressed. Raises Malformed for none of these."""
    what = request.POST.get("do", "")
    if what not in offered:
        raise Malformed
    return what


def money(request: HttpRequest, name: str, currency: str) -> Money:
    """The amount in a form's field; nothing is 0. Raises InvalidMoney, naming the field."""
    with fields_told(lambda _name: name):
        return Money.parse(request.POST.get(name, "").strip() or "0", currency)


def safe_next(request: HttpRequest, default: str) -> str:
    """The page to go to after signing in, if it is one of this site."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # What isn't an address would be taken for the name of a page.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, {request.get_host()}):
        return wanted
    return default


def public(prefix: str, text: str) -> UUID:
    """The UUID behind a public id in an address. Raises NotFound."""
    return parse_public_id(prefix, text)


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo | None:
    name = request.COOKIES.get("qc_zone", "")
    if not name or len(name) > 64:
        return None
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None
