"""Cookies: each is one platform's, sent to that platform's addresses only."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token

from kernel import clock, tenancy
from platforms.contracts import NewSession
from platforms.lookup import well_formed

ASKED_SECONDS = 600


def cookie_name() -> str:
    """The cookie's name on the platform in scope."""
    return f"qc_session_{tenancy.current().code}"


def cookie_path(request: HttpRequest) -> str:
    """``/p/<code>/`` below a shared host, ``/`` on a host of the platform's own."""
    return (request.META.get("SCRIPT_NAME") or "") + "/"


def session_token(request: HttpRequest) -> str:
    """The session token that the browser sent, or an empty string."""
    return request.COOKIES.get(cookie_name(), "")


def set_session_cookie(
    request: HttpRequest, response: HttpResponseBase, session: NewSession
) -> None:
    """Hand a fresh session to the browser, and with it a fresh CSRF token."""
    response.set_cookie(
        cookie_name(),
        session.token,
        max_age=int((session.expires_at - clock.system()).total_seconds()),
        path=cookie_path(request),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    rotate_token(request)


def clear_session_cookie(request: HttpRequest, response: HttpResponseBase) -> None:
    """Take the session cookie back."""
    response.delete_cookie(cookie_name(), path=cookie_path(request), samesite="Lax")
    rotate_token(request)


def asked_token(request: HttpRequest) -> str:
    """By what a browser is known that was asked for a passkey before anybody is signed in."""
    token = request.COOKIES.get(_asked_name(), "")
    return token if well_formed(token) else ""


def set_asked_cookie(request: HttpRequest, response: HttpResponseBase, token: str) -> None:
    """Hand that token to the browser, for minutes."""
    response.set_cookie(
        _asked_name(),
        token,
        max_age=ASKED_SECONDS,
        path=cookie_path(request) + "sign-in/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def _asked_name() -> str:
    return f"qc_asked_{tenancy.current().code}"
