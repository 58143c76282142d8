"""JSON in: fast, strict, with our errors."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from kernel.errors import FieldProblem, Invalid, Malformed

NULL = "\x00"
NAMED = 20  # problems that one answer names
Way = tuple["Way", str] | None  # to a value: the way to what holds it, and its name there


class JsonParser(Parser):
    """Reads a JSON object; numbers with a fraction are refused later, by the field types."""

    def parse_body(self, request: HttpRequest) -> dict[str, Any]:
        content = request.headers.get("Content-Type", "application/json").split(";")[0].strip()
        if content != "application/json":
            said = _("Content-Type is “%(kind)s”; application/json is needed.")
            raise Malformed(said % {"kind": content[:80]})
        try:
            body = orjson.loads(request.body)
        except orjson.JSONDecodeError as error:
            raise Malformed(_("The body isn't JSON: %(why)s.") % {"why": error}) from error
        if not isinstance(body, dict):
            raise Malformed(_("The body must be a JSON object."))
        if b"\\u0000" in request.body:
            refuse_nulls(body)
        return body


def refuse_nulls(body: dict[str, Any]) -> None:
    """PostgreSQL can't keep a null character, and no text has any use for one. Raises Invalid."""
    ways = (way for way, text in _texts(body) if NULL in text)
    found = list(dict.fromkeys(_named(way) for way in islice(ways, NAMED)))
    if found:
        said, remedy = _("A null character stands in the text."), _("Send the text without it.")
        raise Invalid(problems=[FieldProblem(field, said, remedy) for field in found])


def _texts(body: dict[str, Any]) -> Iterator[tuple[Way, str]]:
    """Every text in ``body``, the names of fields too, with the way to it; however deep it goes."""
    left: list[tuple[Way, Any]] = [(None, body)]
    while left:
        way, value = left.pop()
        if isinstance(value, str):
            yield way, value
        elif isinstance(value, dict):
            for name in value:
                yield (way, name), name
            left.extend(((way, name), value[name]) for name in reversed(value))
        elif isinstance(value, list):
            left.extend(((way, str(n)), value[n]) for n in reversed(range(len(value))))


def _named(way: Way) -> str:
    names: list[str] = []
    while way is not None:
        way, name = way
        names.append(name.replace(NULL, "\ufffd"))
    return ".".join(reversed(names))
