"""A page's text with one of its forms filled in again, and with what is wrong beside the fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from storefront.templatetags.shop import icon

Attributes = dict[str, str | None]
Edit = tuple[int, int, str]  # from, to, what stands there instead
CONTROLS = {"input", "select", "textarea", "button"}
NEVER = {"password", "file", "hidden", "submit", "button", "reset", "image"}
LEFT = {"csrfmiddlewaretoken", "key", "version", "t"}  # new with each page, or not of the form


@dataclass
class _Tag:
    """A tag with its place in the text; ``ends`` is behind its closing tag."""

    name: str
    attributes: Attributes
    start: int
    end: int
    content: int = 0  # where the closing tag begins
    ends: int = 0
    options: list["_Tag"] = field(default_factory=list)

    def get(self, name: str) -> str:
        return self.attributes.get(name) or ""

    @property
    def kind(self) -> str:
        return self.get("type").lower() or ("text" if self.name == "input" else self.name)

    def written(self) -> str:
        parts = [
            name if value is None else f'{name}="{escape(value)}"'
            for name, value in self.attributes.items()
        ]
        return f"<{' '.join([self.name, *parts])}>"


@dataclass
class _Form:
    tag: _Tag
    around: list[_Tag]  # the closed <details> that it stands in
    controls: list[_Tag] = field(default_factory=list)


class _Reader(HTMLParser):
    """The forms of a page, with the places of their fields."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = [0]
        for line in text.split("\n"):
            self.lines.append(self.lines[-1] + len(line) + 1)
        self.forms: list[_Form] = []
        self.loose: list[_Tag] = []  # fields outside of their form
        self._details: list[_Tag] = []
        self._form: _Form | None = None
        self._field: _Tag | None = None
        self.feed(text)
        for one in self.loose:
            for form in self.forms:
                if form.tag.get("id") == one.get("form"):
                    form.controls.append(one)

    def _here(self) -> int:
        line, column = self.getpos()
        return self.lines[line - 1] + column

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start = self._here()
        found = _Tag(tag, dict(attrs), start, start + len(self.get_starttag_text() or ""))
        found.content = found.ends = found.end
        if tag == "details":
            self._details.append(found)
        elif tag == "form":
            closed = [one for one in self._details if "open" not in one.attributes]
            self._form = _Form(found, closed)
            self.forms.append(self._form)
        elif tag == "option" and self._field is not None:
            self._field.options.append(found)
        elif tag in CONTROLS:
            if "form" in found.attributes:
                self.loose.append(found)
            elif self._form is not None:
                self._form.controls.append(found)
            if tag in ("select", "textarea"):
                self._field = found

    def handle_endtag(self, tag: str) -> None:
        start = self._here()
        if tag == "details" and self._details:
            self._details.pop()
        elif tag == "form":
            self._form = None
        elif self._field is not None and tag == self._field.name:
            self._field.content, self._field.ends = start, start + len(f"</{tag}>")
            self._field = None


def refilled(
    text: str,
    *,
    to: str,
    sent: Mapping[str, Sequence[str]],
    problems: Sequence[Sequence[str]],
    here: str = "",
) -> str:
    """``text`` with the form that sends to ``to`` and brought ``sent`` filled in again;
    ``problems`` are (field, what is wrong), ``here`` is the page's own address, to which a form
    without one sends. Unchanged if it has no such form."""
    form = next((one for one in _Reader(text).forms if _is_it(one, to, here, sent)), None)
    if form is None:
        return text
    edits: list[Edit] = [_opened(one) for one in form.around]
    beside = _placed(form, problems)
    first = True
    for control in form.controls:
        if control.kind in NEVER or control.name == "button" or not control.get("name"):
            continue
        told = beside.pop(control.get("name"), None)
        if told:
            control.attributes |= {"aria-invalid": "true"} | ({"autofocus": None} if first else {})
            first = False
        edits += _filled(control, sent)
        if told:
            edits.append((control.ends, control.ends, _said(told)))
    rest = [words for told in beside.values() for words in told]
    if rest:
        edits.append((form.tag.end, form.tag.end, _said(rest)))
    for start, end, instead in sorted(edits, reverse=True):
        text = text[:start] + instead + text[end:]
    return text


def _is_it(form: _Form, to: str, here: str, sent: Mapping[str, Sequence[str]]) -> bool:
    """Whether what was sent came out of this form: by address, hidden fields and button."""
    if form.tag.get("method").lower() != "post":
        return False
    action = urlsplit(form.tag.get("action")).path or here
    if action != to and not any(
        urlsplit(one.get("formaction")).path == to for one in form.controls
    ):
        return False
    offered: dict[str, set[str]] = {}
    free = set(LEFT)  # fields into which anything can be written
    for one in form.controls:
        name = one.get("name")
        if one.kind in ("hidden", "submit", "button"):
            offered.setdefault(name, set()).add(one.get("value"))
        else:
            free.add(name)
    hidden = {one.get("name") for one in form.controls if one.kind == "hidden"}
    return hidden - LEFT <= set(sent) and all(
        name in free or set(values) <= offered.get(name, set()) for name, values in sent.items()
    )


def _placed(form: _Form, problems: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    """What is wrong by the name of the field; "" for what none of the form's fields is named."""
    names = [
        one.get("name") for one in form.controls if one.name != "button" and one.kind not in NEVER
    ]
    found: dict[str, list[str]] = {}
    for path, words in problems:
        parts = [path, *(part for part in reversed(path.split(".")) if not part.isdigit())]
        name = next((part for part in parts if part in names), "")
        if not name and len(set(names)) == 1:
            name = names[0]
        found.setdefault(name, []).append(words)
    return found


def _opened(details: _Tag) -> Edit:
    details.attributes["open"] = None
    return details.start, details.end, details.written()


def _filled(control: _Tag, sent: Mapping[str, Sequence[str]]) -> list[Edit]:
    """The field as it was sent; what wasn't kept stays as the page has it."""
    values = sent.get(control.get("name"))
    if control.name == "textarea" or control.name == "select":
        edits = [(control.start, control.end, control.written())]
        if values is None:
            return edits
        if control.name == "textarea":
            # Its first end of line isn't part of what it holds.
            first = "\n" if values[0][:1] in "\r\n" else ""
            return [*edits, (control.end, control.content, first + escape(values[0]))]
        for option in control.options:
            option.attributes.pop("selected", None)
            if option.get("value") in values:
                option.attributes["selected"] = None
            edits.append((option.start, option.end, option.written()))
        return edits
    if control.kind in ("checkbox", "radio"):
        if values is not None or control.kind == "checkbox":
            control.attributes.pop("checked", None)
        if values is not None and (control.get("value") or "on") in values:
            control.attributes["checked"] = None
    elif values is not None:
        control.attributes["value"] = values[0]
    return [(control.start, control.end, control.written())]


def _said(told: Sequence[str]) -> str:
    return "".join(
        f'<span class="error" role="alert">{icon("alert", "s16")}<span>{escape(one)}</span></span>'
        for one in told
    )
