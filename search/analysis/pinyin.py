"""Pinyin (拼音) of Chinese words, whole and by initials, and how typed pinyin is read.

Each pair of neighbours is one token, whole (``yumi``) and by initials (``ym``), so that any stretch
of a title is found by the tokens of its pairs.
"""

import itertools
import re
from functools import lru_cache

from search.analysis.normal import HAN, normalise
from search.analysis.readings import readings

_RUN = re.compile(f"[{HAN}]+")
_INITIALS = re.compile(r"[a-z]{2,8}")
MAX_TYPED = 40


@lru_cache(maxsize=1)
def _syllables() -> frozenset[str]:
    return frozenset(s for s in readings().sounds if s.isascii() and s.isalpha())


def pinyin_tokens(text: str) -> list[str]:
    """The tokens of a title: pairs whole and by initials; of a lone character its syllable."""
    if text.isascii():
        return []
    read = readings().of
    out: list[str] = []
    for run in _RUN.findall(normalise(text)):
        sounds = [read(c) for c in run]
        if len(sounds) == 1 and sounds[0]:
            out.append(sounds[0])
        for one, two in itertools.pairwise(sounds):
            if one and two:
                out.append(one + two)
                out.append(one[0] + two[0])
    return out


@lru_cache(maxsize=4096)
def typed_pinyin(word: str) -> tuple[tuple[str, ...], ...]:
    """The ways in which a typed Latin word can be pinyin: each a tuple of tokens that all must be
    there. Empty: it can't be. The whole reading comes first, then the initials."""
    word = word.lower()
    if not word.isascii() or not word.isalpha() or len(word) > MAX_TYPED:
        return ()
    out = []
    sounds = _split(word)
    if sounds is not None:
        pairs = tuple(a + b for a, b in itertools.pairwise(sounds))
        out.append(pairs or sounds)
    if _INITIALS.fullmatch(word):
        out.append(tuple(a + b for a, b in itertools.pairwise(word)))
    return tuple(dict.fromkeys(out))


@lru_cache(maxsize=8192)
def _split(word: str) -> tuple[str, ...] | None:
    """The syllables of a word, longest first, with a step back where that ends nowhere."""
    if not word:
        return ()
    for length in range(min(6, len(word)), 0, -1):
        if word[:length] in _syllables():
            rest = _split(word[length:])
            if rest is not None:
                return (word[:length], *rest)
    return None
