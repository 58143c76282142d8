"""How a failure is kept beside a journey: its code and what belongs to this one case. Title, remedy
and the usual detail are looked up when somebody reads it, in the reader's language."""

from typing import Any

import orjson
from django.utils import translation
from django.utils.translation import gettext

from kernel.api.encoding import encode
from kernel.api.problems import problem
from kernel.errors import DomainError, Text

_SAID = ("type", "title", "remedy")  # what the code says, so it isn't kept


def kept(error: DomainError) -> dict[str, Any]:
    """What is stored of ``error``: its problem document without what its code says. A text that is
    this case's own is kept in English, the language that the translations are found by."""
    with translation.override("en"):
        document = problem(error)
    usual = _source(error.title)
    lean = {name: value for name, value in document.items() if name not in _SAID}
    if document["detail"] == usual:
        del lean["detail"]
    plain: dict[str, Any] = orjson.loads(encode(lean))
    return plain


def told(stored: dict[str, Any] | None) -> dict[str, Any] | None:
    """The problem document of what was kept, in the language in use. What carries no code (an
    unexpected failure) has its detail only."""
    if stored is None:
        return None
    kind = DomainError.catalogue.get(str(stored.get("code", "")))
    if kind is None:
        return stored
    usual = problem(kind())
    detail = str(stored.get("detail") or "")
    return {**usual, **stored, **{name: usual[name] for name in _SAID},
            "detail": gettext(detail) if detail else usual["detail"]}  # fmt: skip


def noted(error: DomainError) -> str:
    """The failure as a note of a step: its code, and the detail if that is this case's own."""
    own = kept(error).get("detail")
    return f"{error.code}: {own}" if own else error.code


def note_told(note: str) -> str:
    """A note of a step in the language in use; notes that begin with no code are told as they
    are."""
    code, _colon, detail = note.partition(": ")
    kind = DomainError.catalogue.get(code)
    if kind is None:
        return note
    title = str(kind.title)
    return f"{title}: {gettext(detail)}" if detail else title


def _source(text: Text) -> str:
    with translation.override("en"):
        return str(text)
