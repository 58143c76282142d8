"""Scoring only where the best hits lie, in indexes of many documents; in smaller ones scoring
everything costs less than asking first.

Two things are worth so much that the page is nearly always filled from what has them: all words of
the query, and every signal (in stock, much sold). So what has both is scored first. The page
is taken from there only if nothing outside can have as many points: signals are constants,
and no term gives more than its weight times its rarity. Else everything is scored as usual.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Occur
from tantivy import Query as Q

from search.documents.physical import ID
from search.engines.embedded.ranking import MANY, Parts, Ranked
from search.query.clauses import (
    AllOf,
    AnyOf,
    Best,
    Between,
    Clause,
    Constant,
    Equals,
    Phrase,
    Term,
)

if TYPE_CHECKING:
    from search.engines.embedded.finding import Finding

# Where so few have all words, be it in number or as a share, each further part of the score is
# looked up for them instead of read as a whole.
MANY_WHOLE, FEW = 30_000, 8
CLOSE = 1e-3  # scores nearer than that aren't told apart for certain


@dataclass(frozen=True)
class Narrowed:
    """Where the page comes from: a query to score, how many hits it has, the best of them."""

    query: Q
    total: int
    first: Ranked


def may_help(finding: "Finding") -> bool:
    """Whether it is worth trying."""
    plan = finding.plan
    if finding.searcher.num_docs < MANY or plan.text is None or plan.pinned is not None:
        return False
    return not plan.group and (plan.full is not None or bool(plan.extras))


def narrowed(finding: "Finding", limit: int, end: int, total: int, whole: int) -> Narrowed | None:
    """The part of the hits that the best ``end`` surely are from, with the best ``limit`` of it;
    None: it can't be told. ``total``: all hits, ``whole``: those with all words."""
    return _Narrowing(finding, limit, end, total, whole).best()


class _Narrowing:
    def __init__(self, finding: "Finding", limit: int, end: int, total: int, whole: int) -> None:
        plan = finding.plan
        self.finding, self.limit, self.end, self.total, self.whole = (
            finding,
            limit,
            end,
            total,
            whole,
        )
        self.translator, self.searcher = finding.translator, finding.searcher
        self.full = plan.full if whole > end else None
        self.count = total if self.full is None else whole
        self.signals: list[Constant] = []
        self.others: list[Clause] = []
        self.all_words = 0.0
        for one in plan.extras:
            if not finding.adds(one):
                continue
            if self.full is not None and isinstance(one, Constant) and one.clause is self.full:
                self.all_words = one.points
            elif isinstance(one, Constant) and _is_signal(one):
                self.signals.append(one)
            else:
                self.others.append(one)
        self.points = sum(one.points for one in self.signals)
        text = plan.text
        assert text is not None
        self.words: tuple[Clause, ...]
        self.words = text.clauses if isinstance(text, AnyOf) else (text,)
        self.few = self.full is not None and (whole < MANY_WHOLE or whole * FEW < total)
        self.scored = self._scored(finding.own)

    def best(self) -> Narrowed | None:
        """What has every signal, else what has all words, else None."""
        if self.full is None and not self.signals:
            return None
        every = None if self.few else self._with_signals()
        if every is not None or self.full is None:
            return every
        query = self.scored
        for one in self.signals:
            query = _and(query, (Occur.Should, self.translator.scored(one)))
        hits = self.searcher.search(query, self.limit, count=False).hits
        return Narrowed(query, self.whole, hits) if self._beyond_partial(hits) else None

    def _scored(self, own: Parts) -> Q:
        """The scored query without signals."""
        translator = self.translator
        more = [translator.scored(one) for one in self.others]
        if self.full is None:
            parts = [*own, (Occur.Must, translator.scored(AnyOf(self.words)))]
            return Q.boolean_query([*parts, *((Occur.Should, one) for one in more)])
        need = Q.const_score_query(translator.filter(self.full), self.all_words)
        query = Q.boolean_query([*own, (Occur.Must, need)])
        more = [*(translator.scored(one) for one in self.words), *more]
        if self.few:
            for one in more:
                query = _and(query, (Occur.Should, one))
            return query
        return _and(query, *((Occur.Should, one) for one in more))

    def _with_signals(self) -> Narrowed | None:
        query = self.scored
        for place, one in enumerate(_tightest(self.signals)):
            clause = self.translator.filter(one.clause)
            points = self.points if place == 0 else 0.0
            query = _and(query, (Occur.Must, Q.const_score_query(clause, points)))
        found: Any = self.searcher.search(query, self.limit)
        hits: Ranked = found.hits
        if found.count != self.count and (
            found.count <= self.end or not self._beyond_signals(hits)
        ):
            return None
        return Narrowed(query, int(found.count), hits) if self._beyond_partial(hits) else None

    def _beyond_signals(self, hits: Ranked) -> bool:
        """Whether no hit that lacks a signal has as many points as the last of these."""
        best = self.searcher.search(self.scored, 1, count=False).hits[0][0]
        least = min(one.points for one in self.signals)
        return bool(hits[self.end - 1][0] > best + self.points - least + CLOSE)

    def _beyond_partial(self, hits: Ranked) -> bool:
        """Whether no hit that lacks a word has as many points as the last of these."""
        if self.full is None or self.whole == self.total:
            return True
        codes = self.full.clauses if isinstance(self.full, AnyOf) else ()
        parts = [*(one for one in self.words if one not in codes), *self.others]
        most = sum(_most(self.searcher, one) for one in parts) + self.points
        return bool(hits[self.end - 1][0] > most + CLOSE)


def _and(query: Q, *parts: tuple[Occur, Q]) -> Q:
    return Q.boolean_query([(Occur.Must, query), *parts])


def _is_signal(one: Constant) -> bool:
    inner = one.clause
    return one.points > 0 and isinstance(inner, Equals | Between) and inner.field != ID


def _tightest(signals: Iterable[Constant]) -> list[Constant]:
    """Of several lower bounds of one field the highest: who meets it meets the others."""
    bounds: dict[str, Constant] = {}
    rest: list[Constant] = []
    for one in signals:
        clause = one.clause
        if not isinstance(clause, Between) or clause.low is None or clause.high is not None:
            rest.append(one)
            continue
        known = bounds.get(clause.field)
        if known is None or known.clause.low < clause.low:  # type: ignore[union-attr, operator]
            bounds[clause.field] = one
    return [*rest, *bounds.values()]


def _most(searcher: tantivy.Searcher, clause: Clause) -> float:
    """More points than this no document gets for a clause."""
    match clause:
        case Term(field, token, weight):
            return weight * _rarity(searcher, field, token)
        case Phrase(field, tokens, weight):
            return weight * sum(_rarity(searcher, field, token) for token in tokens)
        case AnyOf(clauses) | AllOf(clauses):
            return sum(_most(searcher, one) for one in clauses)
        case Best(clauses, tie):
            each = [_most(searcher, one) for one in clauses]
            return max(each) + tie * (sum(each) - max(each))
        case Constant(_, points):
            return points
    return 0.0


def _rarity(searcher: tantivy.Searcher, field: str, token: str) -> float:
    """At least BM25's idf, 0 of what isn't there. The engine counts documents that were deleted
    lately too; there aren't three times as many of them as of others."""
    found = searcher.doc_freq(field, token)
    return math.log(1 + (4 * searcher.num_docs + 10_000) / (found + 0.5)) if found else 0.0
