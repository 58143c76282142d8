"""What a blueprint says about the platform itself, checked without a database."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel.errors import FieldProblem
from platforms.domain import contrast

CODE = re.compile(r"[a-z][a-z0-9-]{0,30}[a-z0-9]")
HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)
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
        FieldProblem(key, "A blueprint has no such part.", f"Use {', '.join(sorted(KEYS))}.")
        for key in sorted(set(blueprint) - KEYS)
    ]
    frame = Frame(
        locales=tuple(blueprint.get("locales", ("zh-Hans", "en"))),
        currency=str(blueprint.get("currency", "CNY")),
        accent=str(blueprint.get("accent", DEFAULT_ACCENT)).lower(),
        sections=blueprint.get("sections", {}),
    )
    unknown = [locale for locale in frame.locales if locale not in languages]
    if unknown or not frame.locales or len(set(frame.locales)) != len(frame.locales):
        problems.append(
            FieldProblem(
                "locales",
                f"Not a list of languages of ours: {', '.join(map(str, unknown or frame.locales))}",
                f"Use one or more of {', '.join(sorted(languages))}, each once.",
            )
        )
    if frame.currency not in currencies:
        problems.append(
            FieldProblem("currency", f"{frame.currency!r} is no currency.", "Use an ISO 4217 code.")
        )
    problems += accent_problems(frame.accent)
    return frame, problems


def accent_problems(accent: str) -> list[FieldProblem]:
    """Whether the accent colour is one, and can be read on white (and white on it)."""
    if not contrast.is_colour(accent):
        return [FieldProblem("accent", f"{accent!r} is no colour.", "Use the form #0b6b53.")]
    if not contrast.readable(accent):
        found = contrast.contrast(accent)
        return [
            FieldProblem(
                "accent",
                f"The contrast of {accent} with white is {found:.2f}:1.",
                f"Choose a darker colour, {contrast.MINIMUM}:1 at least.",
            )
        ]
    return []


def name_problems(names: Mapping[str, str], *, languages: frozenset[str]) -> list[FieldProblem]:
    """Whether there is a name, and each is in a language of ours and 1 to 100 characters long."""
    problems = []
    if not names:
        problems.append(FieldProblem("names", "There is no name.", 'Send {"en": "…"}.'))
    for language, text in names.items():
        if language not in languages:
            problems.append(
                FieldProblem(
                    f"names.{language}",
                    "Not a language of ours.",
                    f"Use {', '.join(sorted(languages))}.",
                )
            )
        elif not isinstance(text, str) or not 1 <= len(text.strip()) <= 100:
            problems.append(
                FieldProblem(f"names.{language}", "A name has 1 to 100 characters.", "")
            )
    return problems


def code_problems(code: str, hosts: tuple[str, ...]) -> list[FieldProblem]:
    """Whether code and host names have their form."""
    problems = []
    if not CODE.fullmatch(code):
        problems.append(
            FieldProblem(
                "code",
                f"{code!r} isn't a platform's code.",
                "Use 2 to 32 of a-z, 0-9 and -, a letter first and no - last.",
            )
        )
    problems += [
        FieldProblem("hosts", f"{host!r} is no host name.", "Use the form shop.example.com.")
        for host in hosts
        if not HOST.fullmatch(host.lower())
    ]
    return problems
