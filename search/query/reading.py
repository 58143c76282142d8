"""How the words of a query are read: each unit with what scores and what counts as having it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from search.analysis.codes import code_parts, code_token
from search.analysis.normal import has_han, normalise
from search.analysis.pinyin import typed_pinyin
from search.analysis.tokens import Form, Piece, by_pairs, chinese, pieces, prepare, stem
from search.contracts import DocumentType, Query
from search.documents.physical import CODES, PARTS, PINYIN, bucket_field
from search.engines.base import Vocabulary
from search.query.spelling import candidates

# They bind words and name nothing: never needed for "all words".
_BINDING = (
    "a an and are as at be by for from in into is it of on or per that the this to w with without"
    " 的 了 和 与 及 或 在 是 吗 呢 吧 啊 有 什 么 怎"
)
STOP = frozenset(_BINDING.split())
OTHER_READING = 0.4
# Beyond so many words, each adds cost and little sense.
MAX_UNITS = 40


@dataclass
class Unit:
    """A word of the query. ``scored``: (token, weight). ``needs``: it is there if all tokens of one
    of these are. ``readings``: what else it may be, as (part, tokens that all must be there,
    weight). ``known``: some token of it is in the index."""

    piece: Piece
    scored: list[tuple[str, float]]
    needs: list[tuple[str, ...]]
    shown: str = ""
    stop: bool = False
    known: bool = True
    readings: list[tuple[str, tuple[str, ...], float]] = field(default_factory=list)
    pinyin: tuple[tuple[str, ...], ...] = ()

    @property
    def tokens(self) -> list[str]:
        """All its tokens."""
        return [token for token, _ in self.scored]


@dataclass
class Reading:
    """A query read. ``corrections``: (as written, as read)."""

    text: str
    units: list[Unit]
    corrections: list[tuple[str, str]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


def token_fields(doc_type: DocumentType, *, han: bool) -> list[tuple[str, float, str]]:
    """(physical field, weight, bucket) where a token is looked for: Chinese ones only where Chinese
    is, others everywhere."""
    out = []
    for bucket in doc_type.buckets:
        if not bucket.by_language:
            out.append((f"t_{bucket.name}", bucket.weight, bucket.name))
            continue
        for language in ("zh",) if han else ("en", "zh"):
            name = bucket_field(doc_type, bucket.name, language)
            out.append((name, bucket.weight, bucket.name))
    return out


def read(doc_type: DocumentType, query: Query, vocabulary: Vocabulary) -> Reading:
    """Read the text of a query with the words that the index knows."""
    text = prepare(query.text).strip()
    found = list(pieces(text))
    units = [_unit(piece) for piece in found]
    for index, token in by_pairs(text, found):
        units[index].scored.append((token, 0.8))
    reading = Reading(text, units)
    vocabulary.ahead(_probable(query, doc_type, units))
    _count(reading, doc_type, vocabulary)
    _without_units(reading)
    units = reading.units
    _joined(reading, doc_type, vocabulary)
    unknown = [unit for unit in units if not unit.known and unit.piece.form is Form.WORD]
    for unit in unknown:
        _pinyin(unit, vocabulary)
    if query.correct:
        for unit in unknown:
            if not unit.pinyin and not unit.stop:
                _correct(reading, unit, doc_type, vocabulary)
    if query.correct and units and not any(unit.known or unit.pinyin for unit in units):
        _last_resort(reading, doc_type, vocabulary)
    return reading


def _probable(query: Query, doc_type: DocumentType, units: Sequence[Unit]) -> list[tuple[str, str]]:
    """The tokens of the units, of neighbours joined and of words split, and codes."""
    tokens = {token for unit in units for token in unit.tokens}
    words = [unit.piece.text for unit in units if unit.piece.form is Form.WORD]
    tokens |= {stem(one + two) for one, two in pairwise(words)}
    tokens |= {stem(part) for word in words if len(word) >= 7 for half in _halves(word)
               for part in half}  # fmt: skip
    asked = {
        (name, token)
        for token in tokens
        for name, _, _ in token_fields(doc_type, han=has_han(token))
    }
    whole, typed = asked_codes(query.text)
    asked |= {(CODES, token) for token in typed}
    asked |= {(PARTS, part) for part in (code_parts(whole) if len(words) == 1 else ())}
    return sorted(asked)


def asked_codes(text: str) -> tuple[str, set[str]]:
    """The whole text as a code, and all codes in it that are long enough to be one."""
    whole = code_token(text)
    found = {token for word in normalise(text).lower().split()[:MAX_UNITS]
             if len(token := code_token(word)) >= 3}  # fmt: skip
    return whole, found | ({whole} if len(whole) >= 3 else set())


def _unit(piece: Piece) -> Unit:
    if piece.form is Form.CHINESE:
        characters = piece.tokens[: len(piece.text)]
        needed = tuple(c for c in characters if c not in STOP) or characters
        scored = [(token, 1.0) for token in piece.tokens]
        return Unit(piece, scored, [needed], piece.text, stop=not set(characters) - STOP)
    if piece.form is Form.QUANTITY:
        number, *unit, quantity = piece.tokens
        weights = [(number, 0.6), *((word, 0.4) for word in unit), (quantity, 1.0)]
        return Unit(piece, weights, [(quantity,), (number,)], piece.text)
    whole, *parts = piece.tokens
    needs = [(whole,), *((tuple(parts),) if parts else ())]
    scored = [(whole, 1.0), *((part, 0.5) for part in parts)]
    return Unit(piece, scored, needs, piece.text, stop=piece.text in STOP)


def _count(reading: Reading, doc_type: DocumentType, vocabulary: Vocabulary) -> None:
    """How many documents have each token; unknown tokens go, unless nothing would be left."""
    asked = {
        (name, token)
        for unit in reading.units
        for token in unit.tokens
        for name, _, _ in token_fields(doc_type, han=has_han(token))
    }
    counts = vocabulary.frequencies(sorted(asked))
    for (_, token), documents in counts.items():
        reading.counts[token] = max(reading.counts.get(token, 0), documents)
    for unit in reading.units:
        _keep_known(unit, reading.counts)


def _keep_known(unit: Unit, counts: Mapping[str, int]) -> None:
    known = [(token, weight) for token, weight in unit.scored if counts.get(token)]
    unit.known = bool(known)
    if known:
        unit.scored = known
        needs = [tuple(token for token in need if counts.get(token)) for need in unit.needs]
        unit.needs = [need for need in needs if need] or [tuple(token for token, _ in known)]
        if unit.piece.form is Form.QUANTITY:  # 1吨 isn't there where only a 1 is
            unit.needs = unit.needs[:1]


def _without_units(reading: Reading) -> None:
    """A Chinese unit is in its quantity already, if the index knows that: 公斤 of 1000公斤."""
    kept: list[Unit] = []
    for unit in reading.units:
        before = kept[-1] if kept else None
        length = len(before.piece.unit) if before is not None else 0
        if before is not None and length and reading.counts.get(before.piece.tokens[-1]):
            rest = unit.piece.text[length:]
            if rest:
                fresh = _unit(chinese(rest, unit.piece.start + length))
                _keep_known(fresh, reading.counts)
                kept.append(fresh)
            else:
                before.piece = replace(before.piece, unit="")
            continue
        kept.append(unit)
    reading.units = kept


def _joined(reading: Reading, doc_type: DocumentType, vocabulary: Vocabulary) -> None:
    """Neighbours that the index knows as one word, and a word that it knows as two."""
    words = [unit for unit in reading.units if unit.piece.form is Form.WORD]
    tried: dict[tuple[int, str], tuple[Unit, Unit | None, tuple[str, ...]]] = {}
    for one, two in pairwise(reading.units):
        if one in words and two in words and not one.stop and not two.stop:
            token = stem(one.piece.text + two.piece.text)
            tried[(id(one), token)] = (one, two, (token,))
    for unit in words:
        if len(unit.piece.text) >= 7 and unit.known:
            for a, b in _halves(unit.piece.text):
                tried[(id(unit), f"{a} {b}")] = (unit, None, (stem(a), stem(b)))
    names = [name for name, _, _ in token_fields(doc_type, han=False)]
    asked = {(name, token) for *_, tokens in tried.values() for token in tokens for name in names}
    counts = vocabulary.frequencies(sorted(asked))
    best: dict[int, tuple[int, Unit, tuple[str, ...]]] = {}
    for (key, _), (unit, other, tokens) in tried.items():
        seen = min(max(counts.get((name, token), 0) for name in names) for token in tokens)
        if not seen:
            continue
        if other is not None:
            for half in (unit, other):
                half.known = True
                half.readings.append(("joined", tokens, 1.0))
                half.needs.append(tokens)
        elif key not in best or seen > best[key][0]:
            best[key] = (seen, unit, tokens)
    for _, unit, tokens in best.values():
        unit.readings.append(("split", tokens, 0.6))
        unit.needs.append(tokens)


def _halves(word: str) -> list[tuple[str, str]]:
    return [(word[:i], word[i:]) for i in range(3, len(word) - 2)]


def _pinyin(unit: Unit, vocabulary: Vocabulary) -> None:
    """Keep the ways in which an unknown word is pinyin of something in the index."""
    ways = typed_pinyin(unit.piece.text)
    tokens = sorted({token for way in ways for token in way})
    counts = vocabulary.frequencies([(PINYIN, token) for token in tokens])
    unit.pinyin = tuple(way for way in ways if all(counts.get((PINYIN, t)) for t in way))[:1]


def _correct(reading: Reading, unit: Unit, doc_type: DocumentType, vocabulary: Vocabulary) -> None:
    names = [name for name, _, _ in token_fields(doc_type, han=False)]
    beside = [
        other.piece.tokens[0]
        for other in reading.units
        if other is not unit and other.known and not other.stop and other.piece.form is Form.WORD
    ]
    found = candidates(unit.piece.text, vocabulary=vocabulary, fields=names, context=beside)
    if not found:
        return
    _take(reading, unit, found[0].words)
    for other in found[1:3]:
        if other.score > found[0].score - 2.0:
            unit.readings.append(("word", tuple(map(stem, other.words)), OTHER_READING))


def _take(reading: Reading, unit: Unit, words: Sequence[str]) -> None:
    """Read a unit as these words."""
    unit.shown = " ".join(words)
    unit.scored = [(stem(word), 1.0) for word in words]
    unit.needs = [tuple(stem(word) for word in words)]
    unit.known = True
    reading.corrections.append((unit.piece.text, unit.shown))


def _last_resort(reading: Reading, doc_type: DocumentType, vocabulary: Vocabulary) -> None:
    """Nothing of the query is known: words that begin alike, or are two edits away."""
    names = [name for name, _, _ in token_fields(doc_type, han=False)]
    for unit in reading.units:
        word = unit.piece.text
        if unit.piece.form not in (Form.WORD, Form.MIXED) or len(word) < 3:
            continue
        edits = 2 if len(word) > 4 else 1
        found = candidates(word, vocabulary=vocabulary, fields=names, context=(), edits=edits)
        if found:
            _take(reading, unit, found[0].words)
            continue
        for length in range(len(word), max(2, len(word) - 4), -1):
            near = vocabulary.completions("t_surface", word[:length], 5)
            if near:
                unit.scored = [(stem(one), 0.5) for one, _ in near]
                unit.needs = [(stem(one),) for one, _ in near]
                unit.known = True
                break
