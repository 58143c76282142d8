"""Marks found words in a text: safe HTML on every engine, made from the tokens that were asked."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from html import escape

from search.analysis.normal import normalise
from search.analysis.tokens import Form, Piece, chinese, pieces

WINDOW = 180


def marked(text: str, tokens: frozenset[str], *, window: int = WINDOW) -> str:
    """``text`` as HTML with ``<mark>`` around what carries one of ``tokens``; of a long text, the
    stretch around the first mark. Nothing of ``text`` gets through unescaped."""
    return _render(text, lambda shown: _spans(shown, tokens), window)


@lru_cache(maxsize=4096)
def marked_whole(text: str, tokens: frozenset[str]) -> str:
    """``text`` as ``marked`` has it, but all of it and as it is written: without marks where what
    is searched has other places."""
    read = _places(text)
    out, at = [], 0
    for low, high in _found(read, tokens) if read else ():
        out += [escape(text[at:low]), "<mark>", escape(text[low:high]), "</mark>"]
        at = high
    return "".join([*out, escape(text[at:])])


def marked_prefixes(text: str, typed: Iterable[str]) -> str:
    """``text`` as HTML with the beginnings of words marked that were typed so far."""
    prefixes = [normalise(one).lower() for one in typed if one]

    def spans(shown: str) -> list[tuple[int, int]]:
        low, found = shown.lower(), []
        for prefix in prefixes:
            at = low.find(prefix)
            while at >= 0:
                begins = not prefix[0].isascii() or at == 0 or not low[at - 1].isalnum()
                if begins:
                    found.append((at, at + len(prefix)))
                    break
                at = low.find(prefix, at + 1)
        return _merged(found)

    return _render(text, spans, 200)


def _render(text: str, find: Callable[[str], list[tuple[int, int]]], window: int) -> str:
    plain = text.encode("utf-8", "replace").decode()
    shown = normalise(plain)
    if len(shown) == len(plain):
        spans, shown = find(shown), plain
    else:
        spans = find(shown)
    start, end = 0, len(shown)
    if len(shown) > window:
        first = spans[0][0] if spans else 0
        start = max(0, min(first - window // 3, len(shown) - window))
        end = start + window
    out, at = ["…" if start else ""], start
    for low, high in spans:
        if low < start or high > end:
            continue
        out += [escape(shown[at:low]), "<mark>", escape(shown[low:high]), "</mark>"]
        at = high
    out += [escape(shown[at:end]), "…" if end < len(shown) else ""]
    return "".join(out)


def _spans(text: str, tokens: frozenset[str]) -> list[tuple[int, int]]:
    return _found(_read(text), tokens)


def _found(read: Iterable[Piece], tokens: frozenset[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for piece in read:
        if piece.form is Form.CHINESE:
            found += _han(piece, tokens)
        elif not tokens.isdisjoint(piece.tokens):
            found.append((piece.start, piece.end))
    return _merged(found)


@lru_cache(maxsize=4096)
def _read(text: str) -> tuple[Piece, ...]:
    """The pieces of a text; titles come again and again."""
    return tuple(pieces(text))


@lru_cache(maxsize=4096)
def _places(text: str) -> tuple[Piece, ...] | None:
    """The pieces of a text that stand where they are read; None: they may stand elsewhere."""
    shown = normalise(text)
    return tuple(pieces(shown)) if len(shown) == len(text) else None


def _han(piece: Piece, tokens: frozenset[str]) -> list[tuple[int, int]]:
    """Marked bigrams, and characters that were asked for alone (``chinese_marks``)."""
    run, at, found = piece.text, piece.start, []
    for i in range(len(run)):
        if run[i : i + 2] in tokens and i + 1 < len(run):
            found.append((at + i, at + i + 2))
        elif run[i] in tokens:
            found.append((at + i, at + i + 1))
    return found


def chinese_marks(run: str) -> tuple[str, ...]:
    """Which tokens of a run to mark: its bigrams; of a lone character, that."""
    return (run,) if len(run) == 1 else chinese(run).tokens[len(run) :]


def _merged(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    out: list[tuple[int, int]] = []
    for low, high in sorted(spans):
        if out and low <= out[-1][1]:
            out[-1] = (out[-1][0], max(high, out[-1][1]))
        else:
            out.append((low, high))
    return out
