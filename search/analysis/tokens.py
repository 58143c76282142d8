"""Tokens of a text, for the index and for the query alike.

English words are stemmed (Porter 2). A number with its unit gives the number, the unit and the
quantity in one writing (``1/2 in.`` -> ``0.5 in 0.5in``); dimensions give their pairs (``2x4``);
letters with digits give the whole and its parts (``iphone6s`` -> ``iphone6s iphone``); words
joined by a hyphen or by case give themselves and the joined word. Chinese gives single characters
and bigrams.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from threading import local

import Stemmer

from search.analysis.normal import CJK, normalise
from search.analysis.units import NUMBER, UNIT, chinese_numerals, number_of, unit_of, written

MAX_TOKEN = 64


class Form(Enum):
    """What a piece of text is."""

    WORD = "word"
    NUMBER = "number"
    QUANTITY = "quantity"
    MIXED = "mixed"
    CHINESE = "chinese"


@dataclass(frozen=True)
class Piece:
    """A piece of text and its tokens. ``text``: as written, lower case. ``start`` and ``end``:
    where in the normalised text. ``tokens``: number, unit, quantity of a QUANTITY; the whole and
    then its parts of a MIXED one; characters, then bigrams of CHINESE."""

    form: Form
    text: str
    tokens: tuple[str, ...]
    start: int = 0
    end: int = 0
    glued: bool = False  # by a hyphen to the one before
    unit: str = ""  # the Chinese unit that the next piece begins with


_PIECES = re.compile(
    rf"(?P<han>[{CJK}]+)"
    rf"|(?<![a-z0-9])(?P<num>{NUMBER})(?:{UNIT}|(?![a-z0-9]))"
    r"|(?P<dim>(?<![a-z0-9])\d+(?:\.\d+)?(?:x\d+(?:\.\d+)?)+(?![a-z0-9]))"
    r"|(?P<mixed>(?=[a-z]*[0-9])[a-z0-9]+)"
    r"|(?P<by>(?<![a-z0-9])[x*](?=\s*\.?\d))"
    r"|(?P<word>[^\W\d_]+(?:'(?=[st]\b)[st])?)",
    re.IGNORECASE,
)
_BY = re.compile(r"(?:in\.?|ft\.?|mm|cm|m|\"|')?\s*[xX*]\s*", re.IGNORECASE)
_CASE = re.compile(r"(?<=[a-z]{3})(?=[A-Z][a-z]{2})")
_PARTS = re.compile(r"[a-z]+|\d+")
_LETTERS = re.compile(r"[^\W\d_]{3,40}")
_stemmers = local()


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The Porter 2 stem of an English word in lower case."""
    if len(word) < 3 or not word.isascii():
        return word
    found = getattr(_stemmers, "english", None)
    if found is None:
        found = _stemmers.english = Stemmer.Stemmer("english")
    return str(found.stemWord(word))


def prepare(text: str) -> str:
    """Normalised text with Chinese numerals before units as digits."""
    text = normalise(text)
    return text if text.isascii() else chinese_numerals(text)


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a prepared text, in order."""
    last_end = -2
    for found in _PIECES.finditer(text):
        if found.lastgroup == "word":
            glued = found.start() == last_end + 1 and text[last_end] == "-"
            last_end = found.end()
            yield from _of(found, found.start(), glued=glued)
        else:
            yield from _of(found, found.start())


def _of(found: re.Match[str], at: int, *, glued: bool = False) -> Iterator[Piece]:
    """The pieces of one stretch."""
    if found["han"]:
        yield chinese(found["han"], at)
    elif found["num"]:
        yield _number(found, at)
    elif found.lastgroup == "dim":
        yield from _dimensions(found[0], at)
    elif found.lastgroup == "mixed":
        yield _mixed(found[0].lower(), at)
    elif found.lastgroup == "word":
        yield from _words(found[0], at, glued=glued)


def _words(word: str, start: int, *, glued: bool) -> Iterator[Piece]:
    if word[-2:] in ("'s", "'t", "'S", "'T"):
        word = word[:-2] if word[-1] in "sS" else word.replace("'", "")
    for part in _CASE.split(word):
        low = part.lower()[:MAX_TOKEN]
        yield Piece(Form.WORD, low, (stem(low),), start, start + len(part), glued)
        glued = True
        start += len(part)


@lru_cache(maxsize=100_000)
def _han_tokens(run: str) -> tuple[str, ...]:
    return (*run, *(run[i : i + 2] for i in range(len(run) - 1)))


def chinese(run: str, start: int = 0) -> Piece:
    """A run of Chinese characters: each of them, and each pair of neighbours."""
    return Piece(Form.CHINESE, run, _han_tokens(run), start, start + len(run))


def _number(found: re.Match[str], start: int) -> Piece:
    number = number_of(found["num"][:40])
    unit = found["latin"] or found["sign"] or found["chinese"]
    shown = written(number)
    length = found.end("num") - found.start()
    if unit is None:
        return Piece(Form.NUMBER, found["num"], (shown,), start, start + length)
    base, factor, word = unit_of(unit)
    quantity = written(number * factor) + base
    end = start + (length if found["chinese"] else len(found[0]))
    tokens = (shown, quantity) if found["chinese"] else (shown, word, quantity)
    text = found[0].strip().lower()
    return Piece(Form.QUANTITY, text, tokens, start, end, unit=found["chinese"] or "")


def _dimensions(text: str, start: int) -> Iterator[Piece]:
    for number in text.lower().split("x"):
        shown = written(number_of(number))
        yield Piece(Form.NUMBER, number, (shown,), start, start + len(number))
        start += len(number) + 1


def _mixed(text: str, start: int) -> Piece:
    text = text[:MAX_TOKEN]
    parts = [p for p in _PARTS.findall(text) if len(p) > 2]
    return Piece(
        Form.MIXED, text, (text, *(stem(p) for p in parts if p != text)), start, start + len(text)
    )


def by_pairs(text: str, found: list[Piece]) -> list[tuple[int, str]]:
    """(index of the second, token) of neighbouring numbers with an x between: ``2 in. x 4 in.``."""
    out = []
    for index in range(1, len(found)):
        one, two = found[index - 1], found[index]
        if {one.form, two.form} <= {Form.NUMBER, Form.QUANTITY}:
            between = text[one.end : two.start]
            if between and _BY.fullmatch(between):
                out.append((index, f"{one.tokens[0]}x{two.tokens[0]}"))
    return out


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a stretch of text gives, wherever it stands."""

    tokens: tuple[str, ...]
    surface: tuple[str, ...]
    words: tuple[str, ...] = ()
    number: str = ""


_KEPT = 200_000
_seen: dict[tuple[str, str | None, str | None], _Seen] = {}


def _see(found: re.Match[str]) -> _Seen:
    """The tokens of one stretch; most stretches have been seen before."""
    key = (found[0], found["chinese"], found.lastgroup)  # an x between numbers is no word
    known = _seen.get(key)
    if known is None:
        some = list(_of(found, 0))
        tokens: list[str] = []
        surface: list[str] = []
        for index, piece in enumerate(some):
            tokens += _interleaved(piece.text) if piece.form is Form.CHINESE else piece.tokens
            if piece.glued and index:
                tokens += _glue(some[index - 1].text, piece.text)
            if piece.form is Form.WORD and 3 <= len(piece.text) <= 40:
                surface.append(piece.text)
            elif piece.form is Form.MIXED:
                surface += _LETTERS.findall(piece.text)
        if found.lastgroup == "dim":
            tokens += [f"{a.tokens[0]}x{b.tokens[0]}" for a, b in pairwise(some)]
        words = tuple(piece.text for piece in some if piece.form is Form.WORD)
        number = some[0].tokens[0] if found["num"] else ""
        if len(_seen) >= _KEPT:
            _seen.clear()
        known = _seen[key] = _Seen(tuple(tokens), tuple(surface), words, number)
    return known


def _glue(one: str, two: str) -> list[str]:
    """Two words as one, if that isn't too long for a word."""
    return [stem(one + two)] if len(one) + len(two) <= 30 else []


def analysed(text: str) -> tuple[list[str], list[str]]:
    """(tokens that a text is indexed under, its unstemmed words for correction and completion)."""
    text = prepare(text)
    tokens: list[str] = []
    surface: list[str] = []
    word_end, word, number_end, number = -2, "", -2, ""
    for found in _PIECES.finditer(text):
        seen = _see(found)
        tokens += seen.tokens
        surface += seen.surface
        if seen.words:
            start = found.start()
            if start == word_end + 1 and text[word_end] == "-":
                tokens += _glue(word, seen.words[0])
            word_end, word = found.end(), seen.words[-1]
        elif seen.number:
            if number_end >= 0 and _BY.fullmatch(text, number_end, found.start()):
                tokens.append(f"{number}x{seen.number}")
            number_end, number = found.end(), seen.number
    return tokens, surface


def index_tokens(text: str) -> list[str]:
    """The tokens that a text is indexed under, in order."""
    return analysed(text)[0]


@lru_cache(maxsize=100_000)
def _interleaved(run: str) -> tuple[str, ...]:
    """Characters and bigrams as they follow one another: 玉 玉米 米."""
    out = []
    for i, c in enumerate(run):
        out.append(c)
        if i + 1 < len(run):
            out.append(run[i : i + 2])
    return tuple(out)
