"""Texts in several languages: which one is shown, and which ones may be stored."""

from collections.abc import Mapping, Sequence


def pick(texts: Mapping[str, str], language: str, main: str = "") -> str:
    """The text in ``language``, else in ``main``, else in any; either spelling of a tag fits
    (``zh-hans``, ``zh-Hans``)."""
    for wanted in (language.lower(), main.lower()):
        for tag, text in texts.items():
            if tag.lower() == wanted and text:
                return text
    return next((text for text in texts.values() if text), "")


def cleaned(
    texts: Mapping[str, str], languages: Sequence[str], longest: int
) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The texts under the platform's own spelling of the tags, blanks left out, and what is wrong
    with them as (tag, ``language``, ``length`` or ``null``)."""
    known = {tag.lower(): tag for tag in languages}
    stored: dict[str, str] = {}
    problems: list[tuple[str, str]] = []
    for tag, text in texts.items():
        text = text.strip()
        if tag.lower() not in known:
            problems.append((tag, "language"))
        elif len(text) > longest:
            problems.append((tag, "length"))
        elif "\x00" in text:
            problems.append((tag, "null"))
        elif text:
            stored[known[tag.lower()]] = text
    return stored, problems
