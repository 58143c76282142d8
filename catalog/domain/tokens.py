"""Words by which a product is found: Latin words whole, Chinese as pairs of characters.

One character alone is found as the beginning of its pairs, so only the last of a run, with which
none begins, is stored by itself.
"""

import re
import unicodedata
from collections.abc import Iterable

TOKEN_LENGTH = 40
MOST_TOKENS = 200
QUERY_TOKENS = 8
_SIGNS = r"\u3400-\u9fff\U00020000-\U0003ffff"
_RUN = re.compile(rf"[{_SIGNS}]+|[^\W_{_SIGNS}]+")
_HAN = re.compile(f"[{_SIGNS}]")


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def index_tokens(texts: Iterable[str]) -> list[str]:
    """The tokens to store for a product, without repetition, in order of appearance."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _runs(text):
            if _HAN.match(run):
                found.update(dict.fromkeys(run[i : i + 2] for i in range(len(run))))
            else:
                found[run[:TOKEN_LENGTH]] = None
    return list(found)[:MOST_TOKENS]


def query_tokens(query: str) -> list[str]:
    """The tokens that a product must all have to be found by ``query``."""
    found: dict[str, None] = {}
    for run in _runs(query):
        if _HAN.match(run):
            pairs = [run[i : i + 2] for i in range(len(run) - 1)]
            found.update(dict.fromkeys(pairs or [run]))
        else:
            found[run[:TOKEN_LENGTH]] = None
    return list(found)[:QUERY_TOKENS]


def after_beginnings(token: str) -> str | None:
    """The first text behind all that begin with this token (as bytes sort), where it stands for
    them: a single Chinese character."""
    alone = len(token) == 1 and _HAN.match(token)
    return chr(ord(token) + 1) if alone else None
