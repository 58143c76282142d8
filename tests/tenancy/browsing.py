"""Going through a platform's pages as guest, buyer, merchant and operator, link by link."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import Resolver404, resolve, set_script_prefix

from kernel import tenancy
from marketplace.tokens import order_token
from platforms import cookies
from platforms import facade as platforms
from storefront import baskets
from tests.factories.catalog import picture_bytes
from tests.tenancy.filled import CODE
from tests.tenancy.forms import Form, Sent, forms_of, links_of, query_of
from tests.tenancy.town import Town

HOMES = {
    "guest": ["/", "/cart/", "/checkout/", "/sign-in/", "/sign-up/", "/reset/", "/verify/"],
    "buyer": ["/account/", "/checkout/", "/"],
    "merchant": ["/merchant/", "/contracts/", "/certificates/"],
    "operator": ["/operator/"],
}
MOST = 2  # pages of one kind


def file_for(accepted: str) -> SimpleUploadedFile:
    """A small file of a kind that a field accepts."""
    if "csv" in accepted:
        return SimpleUploadedFile("list.csv", b"SKU,price\nA-1,2\n", "text/csv")
    return SimpleUploadedFile("picture.png", picture_bytes(seed=7), "image/png")


class Visitor:
    """A browser on the town's platform, signed in as one of its people or as nobody."""

    def __init__(self, town: Town, who: str, language: str = "zh-hans") -> None:
        self.client = Client(raise_request_exception=False, enforce_csrf_checks=True)
        self.prefix, self.language, self.town, self.who = (
            f"/p/{town.tenant.code}", language, town, who,
        )  # fmt: skip
        with tenancy.scope(town.tenant):
            if who in town.people:
                session = platforms.open_session(person_id=town.people[who][0])
                self.client.cookies[cookies.cookie_name()] = session.token
            else:
                self.client.cookies[baskets.cookie_name()] = town.headers["Cart-Token"]
        self.client.cookies["django_language"] = language

    def see(self, where: str) -> Any:
        return self.client.get(where)

    def send(self, form: Form, data: Sent, where: str = "") -> Any:
        """Send a form from its page."""
        where, page = where or form.action, {"Referer": f"http://testserver{form.page}"}
        text = urlencode(data, errors="surrogatepass")
        if form.method == "get":
            return self.client.get(f"{where}?{text}", headers=page)
        if not form.multipart:
            kind = "application/x-www-form-urlencoded"
            return self.client.post(where, text, content_type=kind, headers=page)
        sent: dict[str, list[Any]] = {}
        files = {one.name: one.value for one in form.controls if one.kind == "file"}
        for name, value in data:
            plain = value.encode(errors="replace").decode()
            known = value and value == files.get(name)
            sent.setdefault(name, []).append(file_for(value) if known else plain)
        return self.client.post(where, sent, headers=page)

    def homes(self) -> list[str]:
        found = [self.prefix + path for path in HOMES[self.who]]
        if self.who == "guest":
            with tenancy.scope(self.town.tenant):
                secret = order_token(self.town.ids["ogr"])
            for kind, prefix in (("purchases", "ogr"), ("orders", "ord")):
                found.append(f"{self.prefix}/{kind}/{self.town.public(prefix)}/?t={secret}")
        return found

    def pages(self) -> Iterator[tuple[str, str]]:
        """Each page that links lead to: of each kind some; its address and text."""
        ahead, known = self.homes(), set[str]()
        kinds: dict[tuple[str, frozenset[str]], int] = {}
        while ahead:
            where = ahead.pop(0)
            kind = (self.named(where), query_of(where))
            if where in known or kind[0] == "" or kinds.get(kind, 0) >= MOST:
                continue
            known.add(where)
            kinds[kind] = kinds.get(kind, 0) + 1
            answer = self.see(where)
            if answer.status_code in (301, 302):
                ahead.append(answer["Location"])
                continue
            if answer.get("Content-Type", "").startswith("text/html") and not answer.streaming:
                text = answer.content.decode()
                yield where, text
                ahead += [one for one in links_of(where, text) if one not in known]

    def sent_by(self, form: Form) -> Iterator[object]:
        """What tells forms of one address apart besides their fields: what their buttons do."""
        if form.method == "post":
            yield frozenset(value for name, value in form.hidden if name == "do")
            yield frozenset((one.name, one.value.partition(":")[0]) for one in form.buttons)

    def named(self, where: str) -> str:
        """The name of the page at an address; "" if it isn't one of this platform."""
        path = urlsplit(where).path
        if not path.startswith(self.prefix + "/"):
            return ""
        set_script_prefix("/")
        try:
            return str(resolve(path.removeprefix(self.prefix)).url_name or "")
        except Resolver404:
            return ""

    def forms(self) -> dict[Any, Form]:
        """The forms of all pages, of the same ones one."""
        found: dict[Any, Form] = {}
        for where, text in self.pages():
            for form in forms_of(where, text):
                shape = (self.named(form.action), form.method, tuple(sorted(form.names)),
                         *self.sent_by(form))  # fmt: skip
                for one in form.controls:
                    if one.value == CODE and self.who in self.town.people:
                        one.value = self.town.people[self.who][1]
                found.setdefault(shape, form)
        return found
