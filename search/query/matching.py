"""The words of a query as clauses: what matches, what is worth how much, what has all words."""

import math
from dataclasses import dataclass, field
from itertools import pairwise

from search.analysis.codes import code_parts
from search.analysis.normal import has_han, normalise
from search.analysis.tokens import Form, index_tokens
from search.contracts import DocumentType, Query
from search.documents.physical import CODES, PARTS, PINYIN
from search.engines.base import Vocabulary
from search.query.clauses import (
    AnyOf,
    Best,
    Clause,
    Constant,
    Nothing,
    Phrase,
    Term,
)
from search.query.highlight import chinese_marks
from search.query.plan import Scored
from search.query.reading import MAX_UNITS, Reading, Unit, asked_codes, token_fields
from search.query.synonyms import Span, spans
from search.query.validate import all_of

PINYIN_POINTS = 10.0


@dataclass
class Matched:
    """The outcome: ``text`` decides what matches, ``extras`` add to the score."""

    text: Clause
    full: Clause | None
    extras: list[Scored] = field(default_factory=list)
    scored: list[Scored] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)


class Matching:
    """Builds the clauses of one reading."""

    def __init__(
        self, doc_type: DocumentType, query: Query, reading: Reading, vocabulary: Vocabulary
    ) -> None:
        self.doc_type = doc_type
        self.query = query
        self.reading = reading
        self.vocabulary = vocabulary
        self.units = reading.units[:MAX_UNITS]
        given = query.weights.buckets
        self.fields = {
            han: [
                (name, weight, bucket)
                for name, declared, bucket in token_fields(doc_type, han=han)
                if (weight := given.get(bucket, declared)) > 0
            ]
            for han in (False, True)
        }

    def build(self) -> Matched:
        """Everything that the words say."""
        parts: list[Scored] = []
        needs: list[Clause] = []
        marks: set[str] = set()
        manifold = any(self._manifold(unit) for unit in self.units)
        for span in spans(self.units, self.query.synonyms):
            manifold = manifold or bool(span.synonyms)
            clause, need = self._span(span)
            parts.append(Scored("word", span.shown, "", clause))
            if need is not None:
                needs.append(need)
            marks |= self._marks(span)
        codes = self._codes()
        parts += codes
        if not parts:
            return Matched(Nothing(), None)
        text: Clause = AnyOf(tuple(part.clause for part in parts))
        extras = self._phrases()
        full = all_of(needs) if needs else None
        if full is not None and codes:
            full = AnyOf((full, *(part.clause for part in codes)))
        several = len(needs) > 1 or manifold
        if full is not None and several:
            points = self.query.weights.all_words
            extras.append(Scored("all_words", "", "", Constant(full, points)))
        return Matched(text, full if several else None, extras, parts, marks)

    def _manifold(self, unit: Unit) -> bool:
        return len(unit.tokens) > 1 or bool(unit.readings)

    def _span(self, span: Span) -> tuple[Clause, Clause | None]:
        """What a stretch of the query scores by, and what counts as having it."""
        own = [clause for unit, tokens in span.parts for clause in self._unit(unit, tokens)]
        scored: Clause = own[0] if len(own) == 1 else AnyOf(tuple(own))
        needs = [need for unit, tokens in span.parts for need in self._needs(unit, tokens)]
        need = all_of(needs) if needs else None
        others = [self._all(tuple(index_tokens(other))) for other in span.synonyms]
        others = [other for other in others if not isinstance(other, Nothing)]
        if others:
            weight = self.query.weights.synonym
            also = [self._weighted(tuple(index_tokens(o)), weight) for o in span.synonyms]
            scored = Best((scored, *also), tie=0.0)
            missing = any(
                len(token) == 1 and token not in unit.tokens
                for unit, tokens in span.parts
                if unit.piece.form is Form.CHINESE
                for token in tokens
            )
            need = AnyOf((*((need,) if need is not None and not missing else ()), *others))
        return scored, need

    def _unit(self, unit: Unit, tokens: tuple[str, ...]) -> list[Clause]:
        own: list[Clause] = [
            self.term(token, weight) for token, weight in unit.scored if token in tokens
        ]
        out: list[Clause] = own
        if unit.readings:
            base: Clause = own[0] if len(own) == 1 else AnyOf(tuple(own))
            other = [self._weighted(found, weight) for _, found, weight in unit.readings]
            out = [Best((base, *other), tie=0.1)]
        if unit.pinyin:
            points = PINYIN_POINTS * self.query.weights.pinyin
            out.append(Constant(self._pinyin(unit), points))
        return out

    def _needs(self, unit: Unit, tokens: tuple[str, ...]) -> list[Clause]:
        if unit.stop and not all(one.stop for one in self.units):
            return []
        if not unit.known and not unit.pinyin:
            return []
        ways = [self._all(kept) for need in unit.needs if (kept := _kept(need, tokens, unit))]
        if unit.pinyin:
            ways = [*(ways if unit.known else []), self._pinyin(unit)]
        return [ways[0] if len(ways) == 1 else AnyOf(tuple(ways))] if ways else []

    def _pinyin(self, unit: Unit) -> Clause:
        ways = [all_of(Term(PINYIN, token) for token in way) for way in unit.pinyin]
        return ways[0] if len(ways) == 1 else AnyOf(tuple(ways))

    def term(self, token: str, weight: float = 1.0) -> Clause:
        """A token in the best of the fields where it may stand."""
        found = [
            Term(name, token, round(weight * share, 6))
            for name, share, _ in self.fields[has_han(token)]
        ]
        return found[0] if len(found) == 1 else Best(tuple(found))

    def _anywhere(self, token: str) -> Clause:
        found = tuple(Term(name, token) for name, _, _ in self.fields[has_han(token)])
        return found[0] if len(found) == 1 else AnyOf(found)

    def _all(self, tokens: tuple[str, ...]) -> Clause:
        return all_of(self._anywhere(token) for token in tokens) if tokens else Nothing()

    def _weighted(self, tokens: tuple[str, ...], weight: float) -> Clause:
        """All of some tokens, scored as one word: not more for having more of them."""
        share = weight / math.sqrt(len(tokens) or 1)
        return all_of(self.term(token, share) for token in tokens) if tokens else Nothing()

    def _phrases(self) -> list[Scored]:
        weight = self.query.weights.phrase
        out = []
        for one, two in pairwise(self.units):
            if {one.piece.form, two.piece.form} != {Form.WORD} or weight <= 0:
                continue
            if len(one.scored) != 1 or len(two.scored) != 1 or not (one.known and two.known):
                continue
            pair = (one.scored[0][0], two.scored[0][0])
            names = [f for f in self.fields[False] if f[2] == self.doc_type.buckets[0].name]
            found: tuple[Clause, ...] = tuple(
                Phrase(name, pair, round(weight * share, 6)) for name, share, _ in names
            )
            if found:
                clause = found[0] if len(found) == 1 else Best(found)
                shown = f"{one.shown or one.piece.text} {two.shown or two.piece.text}"
                out.append(Scored("phrase", shown, "", clause))
        return out

    def _codes(self) -> list[Scored]:
        """Codes: the whole text or a blank-separated part of it; a part of a code only where the
        text is one word that isn't simply a word of the index."""
        words = normalise(self.query.text).lower().split()[:MAX_UNITS]
        whole, asked = asked_codes(self.query.text)
        parts = code_parts(whole) if len(words) == 1 else []
        counts = self.vocabulary.frequencies(
            [*((CODES, t) for t in sorted(asked)), *((PARTS, t) for t in parts)]
        )
        weights, out = self.query.weights, []
        for token in sorted(asked):
            if counts.get((CODES, token)):
                points = weights.code if token == whole else weights.code / 2
                out.append(Scored("code", token, "", Constant(Term(CODES, token), points)))
        if parts and all(counts.get((PARTS, part)) for part in parts):
            plain = len(self.units) == 1 and self.units[0].piece.form is Form.WORD
            known = any(unit.known for unit in self.units) and not self._corrected()
            number = whole.isdigit() and len(whole) < 5
            if not (known and (number or plain)):
                clause = all_of(Term(PARTS, part) for part in parts)
                out.append(Scored("code", whole, "", Constant(clause, weights.code_part)))
        return out

    def _corrected(self) -> bool:
        return bool(self.reading.corrections)

    def _marks(self, span: Span) -> set[str]:
        out: set[str] = set()
        for unit, tokens in span.parts:
            if unit.piece.form is Form.CHINESE:
                out.update(chinese_marks(unit.piece.text))
            else:
                out.update(token for token in tokens if token in unit.tokens)
                out.update(token for _, found, _ in unit.readings for token in found)
        for other in span.synonyms:
            out.update(t for t in index_tokens(other) if len(t) > 1 or not has_han(t))
        return out


def _kept(need: tuple[str, ...], tokens: tuple[str, ...], unit: Unit) -> tuple[str, ...]:
    """The part of a need that this stretch has to do with; a reading's needs are all its own."""
    if unit.piece.form is not Form.CHINESE:
        return need
    return tuple(token for token in need if token in tokens)
