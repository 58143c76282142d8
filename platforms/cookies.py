"""The session cookie: one per platform, sent to that platform's addresses only."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import rotate_token

from kernel import clock, tenancy
from platforms.contracts import NewSession


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
