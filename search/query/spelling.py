"""Correction of words that the index doesn't know: split, or the likeliest word nearby.

One edit from four letters, two from eight (a transposition is one edit). Among the words nearby the
likeliest wins: common ones, ones whose difference is a usual slip (a neighbouring key, a vowel, a
doubled letter), and ones that stand together with the other words of the query somewhere.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from search.analysis.tokens import stem
from search.engines.base import Vocabulary

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACE = {c: (y, x + y * 0.5) for y, row in enumerate(_ROWS) for x, c in enumerate(row)}
_VOWELS = frozenset("aeiouy")
_ALIKE = {frozenset(pair) for pair in ("cs", "ck", "sz", "fv", "gj", "mn", "td", "bp", "kq", "lr")}
TOGETHER = 2.5
CANDIDATES = 12


@dataclass(frozen=True)
class Candidate:
    """A word to read instead; ``score``: higher is likelier."""

    words: tuple[str, ...]
    score: float


def edits_allowed(word: str) -> int:
    """How many edits a word may be away, by its length."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def candidates(
    word: str,
    *,
    vocabulary: Vocabulary,
    fields: Sequence[str],
    context: Sequence[str],
    edits: int | None = None,
) -> list[Candidate]:
    """What may be meant by an unknown word, likeliest first. ``context``: tokens of the known
    words beside it; ``fields``: where words are searched."""
    allowed = edits_allowed(word) if edits is None else edits
    found: dict[tuple[str, ...], float] = {}
    near = vocabulary.similar(word, allowed) if allowed else ()
    for other, _away, documents in near:
        if other != word:
            cost = distance(word, other) + (0.7 if other[0] != word[0] else 0.0)
            found[(other,)] = 0.35 * math.log2(1 + documents) - 3.0 * cost
    for one, two in splits(word):
        found[(one, two)] = -3.0
    best = sorted(found, key=lambda words: (-found[words], words))
    whole = [words for words in best if len(words) == 1][:CANDIDATES]
    parts = [words for words in best if len(words) == 2]
    known = _known([*whole, *parts], vocabulary, fields)
    chosen = [Candidate(words, found[words]) for words in whole if known[words]]
    chosen += [
        Candidate(words, found[words] + 0.35 * math.log2(1 + known[words]))
        for words in parts
        if known[words]
    ]
    return _in_context(chosen, vocabulary, context)


def _known(
    found: Sequence[tuple[str, ...]], vocabulary: Vocabulary, fields: Sequence[str]
) -> dict[tuple[str, ...], int]:
    """In how many documents that the viewer sees each candidate's rarest word stands."""
    tokens = {stem(word) for words in found for word in words}
    counts = vocabulary.frequencies([(field, token) for token in tokens for field in fields])
    by_token = {token: max(counts.get((f, token), 0) for f in fields) for token in tokens}
    return {words: min(by_token[stem(word)] for word in words) for words in found}


def _in_context(
    chosen: list[Candidate], vocabulary: Vocabulary, context: Sequence[str]
) -> list[Candidate]:
    """The best few again, by whether they stand together with the words beside them. The halves of
    a split word must stand together."""
    chosen = sorted(chosen, key=lambda one: (-one.score, one.words))[:8]
    if not chosen:
        return []
    halves = vocabulary.together([[stem(word) for word in one.words] for one in chosen])
    chosen = [one for one, seen in zip(chosen, halves, strict=True) if seen]
    if context and chosen:
        beside = [[*(stem(word) for word in one.words), *context] for one in chosen]
        chosen = [
            Candidate(one.words, one.score + (TOGETHER if seen else 0.0))
            for one, seen in zip(chosen, vocabulary.together(beside), strict=True)
        ]
    return sorted(chosen, key=lambda one: (-one.score, one.words))


def splits(word: str) -> list[tuple[str, str]]:
    """The ways to cut a word in two of three letters or more."""
    return [(word[:i], word[i:]) for i in range(3, len(word) - 2)]


def distance(one: str, two: str) -> float:
    """Edits with what they cost: a usual slip less than one."""
    rows, columns = len(one), len(two)
    before = [float(j) for j in range(columns + 1)]
    older: list[float] = []
    for i in range(1, rows + 1):
        now = [float(i)]
        for j in range(1, columns + 1):
            a, b = one[i - 1], two[j - 1]
            drop = before[j] + (0.5 if i > 1 and one[i - 2] == a else 0.9)
            add = now[j - 1] + (0.5 if j > 1 and two[j - 2] == b else 0.9)
            best = min(drop, add, before[j - 1] + _swap(a, b))
            if i > 1 and j > 1 and a == two[j - 2] and one[i - 2] == b:
                best = min(best, older[j - 2] + 0.6)
            now.append(best)
        older, before = before, now
    return before[columns]


def _swap(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if (a in _VOWELS and b in _VOWELS) or frozenset((a, b)) in _ALIKE:
        return 0.7
    if a in _PLACE and b in _PLACE:
        (y1, x1), (y2, x2) = _PLACE[a], _PLACE[b]
        if abs(y1 - y2) <= 1 and abs(x1 - x2) <= 1.0:
            return 0.75
    return 1.0
