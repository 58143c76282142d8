"""Queries made comparable: case, width, traditional to simplified, blanks."""

import re
import unicodedata
from functools import lru_cache

from search.analysis.simplified import table

LONGEST = 100
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_BLANK = re.compile(r"\s+")


def clean(text: str) -> str:
    """The text without what nobody types: control characters, lone surrogates; one line."""
    kept = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    return _BLANK.sub(" ", kept).strip()


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """The form in which queries are compared and counted, at most 100 characters."""
    found = unicodedata.normalize("NFKC", clean(text[: 4 * LONGEST])).casefold()
    if _HAN.search(found):
        found = table().of(found)
    return _BLANK.sub(" ", found).strip()[:LONGEST].strip()


def has_han(text: str) -> bool:
    """Whether there is a Chinese character in it."""
    return _HAN.search(text) is not None


def language_of(text: str) -> str:
    """``zh`` for a text with Chinese characters, else ``en``: the script, not the viewer."""
    return "zh" if has_han(text) else "en"
