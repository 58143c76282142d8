"""Whether what the demo prints can be opened: its pages in both languages, with its logins."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import requests
from django.conf import settings

from config.demo.api import Refused
from config.demo.deal import app_code
from config.demo.goods import CORN_SHOP, FEED_MILL
from config.demo.progress import Progress

LANGUAGES = ("zh-Hans", "en")
# Each login of ``demo.json``, and where a person comes to with it.
HOMES = {
    "operator": "operator/",
    "merchant": "merchant/",
    "clerk": "merchant/",
    "buyer": "",
    "wholesale": "",
}
APPS = {CORN_SHOP.email: "seller", FEED_MILL.email: "buyer"}  # owners who have one, by their role
ANYBODY = ("", "sign-in/", "sign-up/", "verify/", "mail/", "api/v1/docs", "api/v1/openapi.json")
LANGUAGE = re.compile(r'<html[^>]* lang="([^"]+)"')
FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visitor:
    """Somebody with a browser, who may change its language."""

    def __init__(self) -> None:
        self.session = requests.Session()
        self.session.trust_env = False

    def open(self, url: str, language: str) -> requests.Response:
        """A page. Raises Refused unless it is there, in that language."""
        return self._ask("GET", url, language)

    def fill_in(self, url: str, values: dict[str, str]) -> requests.Response:
        """Send the form of a page; what follows it. Raises Refused."""
        token = FIELD.search(self.open(url, "en").text)
        if token is None:
            raise Refused(f"{url} has no form.")
        return self._ask("POST", url, "en", data={**values, "csrfmiddlewaretoken": token[1]})

    def _ask(self, method: str, url: str, language: str, **options: Any) -> requests.Response:
        self.session.cookies.set(settings.LANGUAGE_COOKIE_NAME, language.lower())
        try:
            answer = self.session.request(method, url, timeout=30, **options)
        except requests.RequestException as error:
            raise Refused(f"{method} {url} isn't answered: {error}") from error
        where = url if answer.url == url else f"{url} (now {answer.url})"
        if answer.status_code != 200:
            raise Refused(f"{method} {where} answered {answer.status_code}.")
        written = LANGUAGE.search(answer.text[:1000])
        if written and written[1] != language:
            raise Refused(f"{method} {where} is in {written[1]}, asked for in {language}.")
        return answer


def visit(shown: dict[str, Any], progress: Progress, say: Callable[[str], None]) -> None:
    """Open the pages of ``demo.json`` in each language, as nobody and with each login.

    Raises Refused with all that can't be opened.
    """
    opened, failed = 0, []
    for look in (*_as_nobody(shown), *_with_logins(shown, progress)):
        try:
            opened += look()
        except Refused as error:
            failed.append(str(error))
    if failed:
        raise Refused(f"Not everything that the demo prints can be opened: {' '.join(failed)}")
    say(f"All {opened} pages are there, in {' and '.join(LANGUAGES)}.")


def _as_nobody(shown: dict[str, Any]) -> Iterator[Callable[[], int]]:
    shops = [platform["url"] for platform in shown["platforms"].values()]
    urls = [shown["url"], *(shop + page for shop in shops for page in ANYBODY)]
    for url in urls:
        yield partial(_look, Visitor(), url)


def _with_logins(shown: dict[str, Any], progress: Progress) -> Iterator[Callable[[], int]]:
    contract = f"contracts/{shown['contract']['id']}/"
    for platform in shown["platforms"].values():
        for who, login in platform["logins"].items():
            role = APPS.get(login["email"])
            pages = (HOMES[who], "account/", *((contract,) if role else ()))
            code = partial(app_code, progress, role) if role else None
            yield partial(_sign_in_and_look, platform["url"], login, pages, code)


def _look(visitor: Visitor, url: str) -> int:
    """How many pages were there."""
    return len([visitor.open(url, language) for language in LANGUAGES])


def _sign_in_and_look(
    shop: str,
    login: dict[str, str],
    pages: tuple[str, ...],
    code: Callable[[], str] | None,
) -> int:
    visitor = Visitor()
    came = visitor.fill_in(f"{shop}sign-in/", login)
    if code is not None:
        came = visitor.fill_in(f"{shop}sign-in/code/", {"code": code()})
    if came.url != shop + pages[0]:
        raise Refused(f"{login['email']} comes to {came.url} by signing in, not {shop}{pages[0]}.")
    return sum(_look(visitor, shop + page) for page in pages)
