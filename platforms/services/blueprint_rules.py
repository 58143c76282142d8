"""What a blueprint says about the platform itself: read, and checked without a database."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from kernel.errors import FieldProblem
from platforms.domain import contrast

CODE = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
HOST = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})*")
DEFAULT_ACCENT = "#0b6b53"
KEYS = frozenset({"locales", "currency", "accent", "sections"})


@dataclass(frozen=True)
class Frame:
    """The blueprint's own part; ``sections`` belongs to the contexts."""

    locales: tuple[str, ...]
    currency: str
    accent: str
    sections: Mapping[str, Mapping[str, Any]]


def read_frame(
    blueprint: Mapping[str, Any], *, languages: frozenset[str], currencies: frozenset[str]
) -> tuple[Frame, list[FieldProblem]]:
    """The frame and all that is wrong with it, named field by field."""
    problems = [
        FieldProblem(key, _("A blueprint has no such part."), _one_of(KEYS))
        for key in sorted(set(blueprint) - KEYS)
    ]
    frame = Frame(
        locales=tuple(blueprint.get("locales", ("zh-Hans", "en"))),
        currency=str(blueprint.get("currency", "CNY")),
        accent=str(blueprint.get("accent", DEFAULT_ACCENT)).lower(),
        sections=blueprint.get("sections", {}),
    )
    unknown = set(frame.locales) - languages
    if unknown or not frame.locales or len(set(frame.locales)) != len(frame.locales):
        problems.append(
            FieldProblem(
                "locales", _("Not a list of different languages of ours."), _one_of(languages)
            )
        )
    if frame.currency not in currencies:
        problems.append(
            FieldProblem("currency", _("This is no currency in use."), _("Use an ISO 4217 code."))
        )
    problems += accent_problems(frame.accent)
    return frame, problems


def accent_problems(accent: str) -> list[FieldProblem]:
    """Whether the accent colour is one, and can be read on white (and white on it)."""
    if not contrast.is_colour(accent):
        return [FieldProblem("accent", _("This is no colour."), _("Use the form #0b6b53."))]
    if not contrast.readable(accent):
        found = contrast.contrast(accent)
        return [
            FieldProblem(
                "accent",
                _("Its contrast with white is %(found)s:1.") % {"found": f"{found:.2f}"},
                _("Choose a darker colour: %(least)s:1 at least.") % {"least": contrast.MINIMUM},
            )
        ]
    return []


def name_problems(names: Mapping[str, str], *, languages: frozenset[str]) -> list[FieldProblem]:
    """Whether there is a name, and each is in a language of ours and 1 to 100 characters long."""
    problems = []
    if not names:
        problems.append(FieldProblem("names", _("There is no name."), '{"en": "…"}'))
    for language, text in names.items():
        field = f"names.{language}"
        if language not in languages:
            problems.append(FieldProblem(field, _("Not a language of ours."), _one_of(languages)))
        elif not isinstance(text, str) or not 1 <= len(text.strip()) <= 100:
            problems.append(FieldProblem(field, _("A name has 1 to 100 characters.")))
    return problems


def code_problems(code: str, hosts: tuple[str, ...]) -> list[FieldProblem]:
    """Whether code and host names have their form."""
    problems = []
    if not CODE.fullmatch(code):
        problems.append(
            FieldProblem(
                "code",
                _("This isn't a platform's code."),
                _("Use 2 to 32 of a-z, 0-9 and -, a letter first and no - last."),
            )
        )
    problems += [
        FieldProblem("hosts", _("This is no host name."), _("Use the form shop.example.com."))
        for host in hosts
        if not HOST.fullmatch(host.lower())
    ]
    return problems


def _one_of(choices: Iterable[str]) -> str:
    return _("Use: %(choices)s.") % {"choices": ", ".join(sorted(choices))}
