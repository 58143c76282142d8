"""What was typed into a form that an address refused: back in its fields, on the page that sent
it, with the reason beside the field that it names.

For the many small forms of one or two fields that stand in a page and are sent to an address of
their own. The browser carries what was typed, for a minute and for that one page; never what is
secret, and no file.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from kernel import tenancy
from kernel.errors import DomainError
from platforms import facade as platforms

SECRET = ("password", "secret", "private_key", "apiv3_key")
CODES = {"code", "current", "new", "csrfmiddlewaretoken"}  # one-time codes, passwords
SECONDS = 60
MOST = 3500  # bytes; browsers take 4,096 with name and all
_SALT = "storefront.typed"


def keep(request: HttpRequest, response: HttpResponse, back: str, error: DomainError) -> None:
    """Let the browser carry what this form brought to the page ``back``."""
    sent = {
        name: values
        for name, values in request.POST.lists()
        if not _is_secret(name) and any(len(value) < MOST for value in values)
    }
    problems = [[one.field, str(one.problem)] for one in error.problems]
    kept: dict[str, Any] = {"to": request.path, "back": urlsplit(back).path, "problems": problems}
    text = signing.dumps(kept | {"sent": sent}, salt=_SALT, compress=True)
    while len(text) > MOST and sent:
        del sent[max(sent, key=lambda name: sum(map(len, sent[name])))]
        text = signing.dumps(kept | {"sent": sent}, salt=_SALT, compress=True)
    if len(text) > MOST:
        return
    response.set_cookie(
        _name(),
        text,
        max_age=SECONDS,
        path=platforms.cookie_path(request),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def put_back(request: HttpRequest, response: HttpResponseBase) -> None:
    """Fill the page with what its form brought, if it is the one that this was kept for."""
    if (
        request.method != "GET"
        or tenancy.current_or_none() is None
        or _name() not in request.COOKIES
    ):
        return
    if not isinstance(response, HttpResponse) or response.status_code != 200:
        return
    if not response.get("Content-Type", "").startswith("text/html"):
        return
    kept = _kept(request.COOKIES[_name()])
    if kept and kept["back"] != request.path:
        return
    response.delete_cookie(_name(), path=platforms.cookie_path(request), samesite="Lax")
    if kept:
        from storefront.refilling import refilled  # seldom needed

        page = response.content.decode()
        page = refilled(
            page, to=kept["to"], sent=kept["sent"], problems=kept["problems"], here=request.path
        )
        response.content = page.encode()


def _kept(text: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = signing.loads(text, salt=_SALT, max_age=SECONDS)
    except signing.BadSignature:
        return None
    return found


def _is_secret(name: str) -> bool:
    return name in CODES or any(word in name for word in SECRET)


def _name() -> str:
    return f"qc_typed_{tenancy.current().code}"
