"""From a request to its platform, and to the person who sent it."""

import contextvars
import re
from collections.abc import Callable, Iterable, Iterator
from typing import cast

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.request import split_domain_port
from django.template.loader import render_to_string
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.translation import gettext_lazy as _
from django.utils.translation.trans_real import parse_accept_lang_header

from kernel import personal, tenancy
from kernel.actors import acting
from kernel.api.problems import problem_response
from kernel.errors import DomainError, Forbidden, NotPermitted, Unauthenticated
from kernel.tenancy import Tenant
from platforms import cookies, selectors
from platforms.contracts import PlatformState
from platforms.errors import PlatformClosed, PlatformOpening, PlatformSuspended, PlatformUnknown
from platforms.services.authenticate import bearer
from platforms.services.sessions import actor_of, find_session
from platforms.viewer import Viewer

GetResponse = Callable[[HttpRequest], HttpResponseBase]
PREFIX = "/p/"
RAW_TABLES, RAW_PERMISSION = "/admin", "audit"
# Read as text: parsing an address with too many parameters fails, which is the view's to answer.
_ADDRESSED_LANGUAGE = re.compile(r"(?:^|&)hl=([A-Za-z-]{2,10})(?:&|$)")
# Pages that stand before any platform: the deployment's own.
ROOT_PAGES = frozenset({"/", "/healthz", "/readyz", "/favicon.ico", "/robots.txt"})
ROOT_FOLDERS = (
    "/styleguide",
    "/api/docs",
    "/api/v1/docs",
    "/api/v1/openapi",
    "/api/v1/errors",
    "/static/",
    "/i18n/",
)
_REFUSALS: dict[str, type[DomainError]] = {
    PlatformState.OPENING: PlatformOpening,
    PlatformState.SUSPENDED: PlatformSuspended,
    PlatformState.CLOSED: PlatformClosed,
}


class PlatformMiddleware:
    """Finds the platform, by ``/p/<code>/``, by host, or by the API key's public part, and works
    in its scope until the last byte is sent. ``/p/<code>`` moves into SCRIPT_NAME, so that
    addresses are written without it and ``reverse`` adds it.

    A suspended, closed or unknown platform gets a page (or a problem document below ``/api/``).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        outer_prefix = get_script_prefix()
        try:
            return self._answer(request)
        except DomainError as error:
            return refusal(request, error)
        finally:
            set_script_prefix(outer_prefix)

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        tenant = self._find(request)
        if request.path_info == "":
            return HttpResponseRedirect(request.path + "/")  # /p/<code> without its slash
        request.platform = tenant  # type: ignore[attr-defined]
        if tenant is None:
            if not _stands_alone(request.path_info):
                raise PlatformUnknown
            return self.get_response(request)
        if tenant.state != PlatformState.OPEN:
            raise _REFUSALS[tenant.state](platform=tenant.code)
        with tenancy.scope(tenant), personal.keyring():
            response = self.get_response(request)
        if response.streaming:
            _stream_in_scope(cast(StreamingHttpResponse, response), tenant)
        return response

    def _find(self, request: HttpRequest) -> Tenant | None:
        directory = tenancy.directory()
        addressed: Tenant | None = None
        if request.path_info.startswith(PREFIX):
            code, slash, rest = request.path_info[len(PREFIX) :].partition("/")
            addressed = directory.by_code(code) if code else None
            if addressed is None:
                raise PlatformUnknown
            _strip(request, PREFIX + code, slash + rest)
        else:
            host, _port = split_domain_port(request.get_host())
            addressed = directory.by_host(host)
        header = request.META.get("HTTP_AUTHORIZATION")
        parsed = bearer(header) if header else None
        if parsed is None:
            return addressed
        if addressed is not None:
            if addressed.code != parsed.platform_code:
                raise Unauthenticated  # a key of another platform than the address's
            return addressed
        named = directory.by_code(parsed.platform_code)
        if named is None:
            raise Unauthenticated
        return named


class SignInMiddleware:
    """Sets ``request.person`` (or None) from the platform's own session cookie, the acting actor,
    and the language: the address's, else the visitor's choice, else the person's, else the
    browser's, among those that the platform offers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.person = None  # type: ignore[attr-defined]
        tenant = tenancy.current_or_none()
        if tenant is None:
            return self.get_response(request)
        token = cookies.session_token(request)
        if token and "HTTP_AUTHORIZATION" not in request.META:
            request.person = find_session(token)  # type: ignore[attr-defined]
        person = request.person  # type: ignore[attr-defined]
        # LanguageMiddleware, which comes next, follows this cookie.
        request.COOKIES[settings.LANGUAGE_COOKIE_NAME] = language_for(
            request, person.language if person else ""
        )
        if request.path_info.startswith(RAW_TABLES):
            if person is None or not person.is_operator:
                return refusal(request, Forbidden(_("This is for operators.")))
            if not {"*", RAW_PERMISSION} & person.as_operator:
                return refusal(request, NotPermitted(permission=RAW_PERMISSION))
            request.user = Viewer(person.id, person.name)  # type: ignore[assignment]
        with acting(actor_of(person, live=tenant.live)):
            response = self.get_response(request)
        # No cache between here and the browser may hand one visitor's page to another.
        patch_vary_headers(response, ("Cookie",))
        if person is not None:
            patch_cache_control(response, private=True)
        return response


def language_for(request: HttpRequest, preferred: str) -> str:
    """The language (Django's spelling) in which to answer: the address's (``?hl=en``, so that a
    search engine can name each language's page), else the visitor's choice, and so on."""
    offered = [locale.lower() for locale in selectors.current_platform().locales]
    addressed = _ADDRESSED_LANGUAGE.search(request.META.get("QUERY_STRING", ""))
    if addressed and addressed[1].lower() in offered:
        return addressed[1].lower()
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "").lower()
    if chosen in offered:
        return chosen
    if preferred.lower() in offered:
        return preferred.lower()
    accepted = request.META.get("HTTP_ACCEPT_LANGUAGE", "")
    for part, _quality in parse_accept_lang_header(accepted):
        for locale in offered:
            if part == locale or part.split("-")[0] == locale.split("-")[0]:
                return locale
    return offered[0]


def refusal(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The error as a problem document below ``/api/``, else as a plain page."""
    with translation.override(translation.get_language_from_request(request)):
        if "/api/" in request.path_info:
            return problem_response(error)
        page = render_to_string(
            "platforms/refusal.html",
            {"error": error, "language": translation.get_language()},
        )
        return HttpResponse(page, status=error.status)


def _stands_alone(path: str) -> bool:
    return path in ROOT_PAGES or path.startswith(ROOT_FOLDERS)


def _strip(request: HttpRequest, prefix: str, rest: str) -> None:
    script_name = (request.META.get("SCRIPT_NAME") or "") + prefix
    request.META["SCRIPT_NAME"] = script_name
    request.META["PATH_INFO"] = rest
    request.path_info = rest
    set_script_prefix(script_name + "/")


def _stream_in_scope(response: StreamingHttpResponse, tenant: Tenant) -> None:
    """Let the chunks be made in the platform's scope, in a context of their own, so that nothing
    of it is left with the thread between two chunks."""
    if response.is_async:
        raise RuntimeError("Streaming answers are made by plain iterators here.")
    context = contextvars.copy_context()
    content = cast("Iterable[bytes]", response.streaming_content)

    def scoped() -> Iterator[bytes]:
        with tenancy.scope(tenant), personal.keyring():
            yield from content

    def chunks() -> Iterator[bytes]:
        inner = scoped()
        try:
            while True:
                try:
                    yield context.run(next, inner)
                except StopIteration:
                    return
        finally:
            context.run(cast("Callable[[], None]", inner.close))  # type: ignore[attr-defined]

    response.streaming_content = chunks()
