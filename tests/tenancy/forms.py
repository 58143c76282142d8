"""Forms as a browser without scripts has them: what stands in a page, and what a button sends."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

from lxml import html  # type: ignore[import-untyped]

from tests.tenancy.filled import filled

Sent = list[tuple[str, str]]
DISABLED = "ancestor-or-self::*[@disabled]"


@dataclass
class Control:
    """A field that a person sees, with what they would type."""

    name: str
    kind: str
    value: str
    options: list[str] = field(default_factory=list)
    on: bool = True

    @property
    def typed(self) -> bool:
        return self.kind in ("text", "textarea", "search", "tel", "number", "email", "url")


@dataclass(frozen=True)
class Button:
    """What a button adds, and where it sends the form if not to the form's own address."""

    name: str = ""
    value: str = ""
    action: str = ""


NAMELESS = Button()


@dataclass
class Form:
    """One form of one page."""

    page: str
    action: str
    method: str
    hidden: Sent = field(default_factory=list)
    controls: list[Control] = field(default_factory=list)
    buttons: list[Button] = field(default_factory=list)
    multipart: bool = False

    @property
    def names(self) -> list[str]:
        return list(dict.fromkeys(control.name for control in self.controls))

    def data(self, button: Button = NAMELESS) -> Sent:
        """What is sent: filled in as a person would, by this button."""
        sent = list(self.hidden)
        sent += [(one.name, one.value) for one in self.controls if one.on]
        return [*sent, (button.name, button.value)] if button.name else sent


def forms_of(page: str, text: str) -> list[Form]:
    """Every form of a page that can be sent."""
    tree = html.document_fromstring(text)
    found = []
    for element in tree.iter("form"):
        form = Form(
            page=page,
            action=urljoin(page, element.get("action") or page) or page,
            method=(element.get("method") or "get").lower(),
            multipart="multipart" in (element.get("enctype") or ""),
        )
        marked = element.get("id")
        inside = list(element.iter("input", "select", "textarea", "button"))
        if marked:
            inside += [one for one in tree.iter("input", "select", "textarea", "button")
                       if one.get("form") == marked]  # fmt: skip
        for one in inside:
            if one.get("form") in (None, marked) and not one.xpath(DISABLED):
                _take(form, one)
        if form.method == "get":
            form.action = form.action.partition("?")[0]
        found.append(form)
    return found


def _take(form: Form, one: Any) -> None:
    name, kind = one.get("name") or "", (one.get("type") or one.tag).lower()
    kind = "text" if kind == "input" else kind
    if kind in ("submit", "image") or (one.tag == "button" and kind == "button" != one.get("type")):
        where = urljoin(form.page, one.get("formaction") or "") if one.get("formaction") else ""
        form.buttons.append(Button(name, one.get("value") or "", where))
    elif not name or kind in ("button", "reset"):
        return
    elif kind == "hidden":
        form.hidden.append((name, one.get("value") or ""))
    elif one.tag == "select":
        options = [(o.get("value", o.text or ""), o.get("selected")) for o in one.iter("option")]
        values = [value for value, _selected in options]
        chosen = next((value for value, selected in options if selected is not None), None)
        value = chosen or next((value for value in values if value), "")
        form.controls.append(Control(name, "select", value, values))
    elif kind in ("checkbox", "radio"):
        value = one.get("value") or "on"
        known = [c for c in form.controls if c.name == name]
        on = one.get("checked") is not None or (kind == "radio" and not known)
        if kind == "radio" and one.get("checked") is not None:
            for other in known:
                other.on = False
        form.controls.append(Control(name, kind, value, on=on))
    else:
        if one.get("autocomplete") == "one-time-code":
            kind = "code"
        value = (one.text_content() if one.tag == "textarea" else one.get("value")) or ""
        form.controls.append(Control(name, kind, value or filled(one, kind)))


def links_of(page: str, text: str) -> list[str]:
    """Where a page leads, on this site."""
    found = []
    for link in html.document_fromstring(text).iter("a"):
        where = urljoin(page, link.get("href") or "#").partition("#")[0]
        if not urlsplit(where).netloc and where.startswith("/"):
            found.append(where)
    return list(dict.fromkeys(found))


def query_of(where: str) -> frozenset[str]:
    return frozenset(name for name, _value in parse_qsl(urlsplit(where).query))
