"""Scoring only where the best hits lie, in indexes of many documents; in smaller ones scoring
everything costs less than asking first.

Two things are worth so much that the page is nearly always filled from what has them: all words of
the query, and every signal (in stock, much sold). So what has both is scored first. The page
is taken from there only if nothing outside can have as many points: signals are constants,
and no term gives more than its weight times its rarity. Else everything is scored as usual.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Occur
from tantivy import Query as Q

from search.documents.physical import ID
from search.engines.embedded.ranking import MANY, Parts, Ranked, Ranking
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


# So many of the best by words alone are looked at first, and so many of the lowest ids among those
# that may be equally good.
AHEAD, LOW_MOST = 256, 1_024


@dataclass(frozen=True)
class Narrowed:
    """All hits, those with all words, and what gives the best so many; None: it can't be told."""

    total: int
    whole: int
    pull: Callable[[int], Ranked] | None


def may_help(finding: "Finding") -> bool:
    """Whether it is worth trying."""
    plan = finding.plan
    if finding.searcher.num_docs < MANY or plan.text is None or plan.pinned is not None:
        return False
    return not plan.group and (plan.full is not None or bool(plan.extras))


def narrowed(finding: "Finding", ranking: Ranking, end: int) -> Narrowed:
    """The part of the hits that the best ``end`` surely are from."""
    return _Narrowing(finding, ranking, end).best()


class _Narrowing:
    def __init__(self, finding: "Finding", ranking: Ranking, end: int) -> None:
        self.finding, self.ranking, self.end = finding, ranking, end
        self.limit = ranking.ahead(end)
        self.translator, self.searcher = finding.translator, finding.searcher
        plan = finding.plan
        text, self.full = plan.text, plan.full
        assert text is not None
        self.words: tuple[Clause, ...]
        self.words = text.clauses if isinstance(text, AnyOf) else (text,)
        self.total = self.whole = 0
        if self.full is not None:
            self.total, self.whole = finding.counted(ranking.base)
            self.full = self.full if self.whole > end else None
        self.few = self.full is not None and (
            self.whole < MANY_WHOLE or self.whole * FEW < self.total
        )
        self.signals: list[Constant] = []
        self.others: list[Clause] = []
        self.all_words = 0.0
        self._sort_out(plan.extras)
        self.points = sum(one.points for one in self.signals)
        self.scored = self._scored(finding.own)

    def _sort_out(self, extras: Iterable[Clause]) -> None:
        for one in extras:
            if not self.finding.adds(one):
                continue
            if self.full is not None and isinstance(one, Constant) and one.clause is self.full:
                self.all_words = one.points
            elif isinstance(one, Constant) and _is_signal(one):
                self.signals.append(one)
            else:
                self.others.append(one)

    def best(self) -> Narrowed:
        """What is best by everything, else from what has every signal, else from what has all
        words."""
        pull = None
        if self.full is not None or self.finding.plan.full is None:
            found: Any = self.searcher.search(self.scored, max(AHEAD, 8 * self.end))
            if self.finding.plan.full is None:
                self.total = self.whole = found.count
            hits = found.hits
            if hits:
                pull = self._perfect(hits) or self._with_signals(hits[0][0]) or self._with_words()
        elif self.signals:
            hits = self.searcher.search(self.scored, 1, count=False).hits
            pull = self._with_signals(hits[0][0]) if hits else None
        return Narrowed(self.total, self.whole, pull)

    def _perfect(self, hits: Ranked) -> Callable[[int], Ranked] | None:
        """Where more than a page is best by words and some of these have every signal too: those of
        them with the lowest ids. ``hits``: the best by words."""
        best = hits[0][0]
        same = [hit for hit in hits if hit[0] == best]
        if len(same) < self.end or not self._beyond_partial(best + self.points):
            return None
        parts = [(Occur.Must, self.scored)]
        if len(same) == len(hits):
            low = self.ranking.below(same)
            if low is None:
                return None
            parts.append(low)
        parts += [
            (Occur.Must, Q.const_score_query(self.translator.filter(one.clause), 0.0))
            for one in _tightest(self.signals)
        ]
        found = self.searcher.search(Q.boolean_query(parts), LOW_MOST, count=False).hits
        equal = [hit for hit in found if hit[0] == best]
        near = [hit for hit in (*hits, *found) if best != hit[0] > best - CLOSE]
        if len(equal) < self.end or len(equal) == LOW_MOST or near:
            return None
        points = best + self.points
        return lambda end: [(points, at) for _, at in self.ranking.lowest(equal, end)]

    def _with_words(self) -> Callable[[int], Ranked] | None:
        if self.full is None:
            return None
        query = self.scored
        for one in self.signals:
            query = _and(query, (Occur.Should, self.translator.scored(one)))
        hits = self.searcher.search(query, self.limit, count=False).hits
        if not self._beyond_partial(hits[self.end - 1][0]):
            return None
        return lambda end: self.ranking.by_score(query, end, hits, self.whole)

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

    def _with_signals(self, best: float) -> Callable[[int], Ranked] | None:
        """``best``: the most points that words alone give."""
        if not self.signals or self.few:
            return None
        query = self.scored
        for place, one in enumerate(_tightest(self.signals)):
            clause = self.translator.filter(one.clause)
            points = self.points if place == 0 else 0.0
            query = _and(query, (Occur.Must, Q.const_score_query(clause, points)))
        found: Any = self.searcher.search(query, self.limit)
        hits, count = found.hits, int(found.count)
        every = self.whole if self.full is not None else self.total
        least = min(one.points for one in self.signals)
        if count != every and (
            count <= self.end or hits[self.end - 1][0] <= best + self.points - least + CLOSE
        ):
            return None
        if not hits or not self._beyond_partial(hits[min(self.end, len(hits)) - 1][0]):
            return None
        return lambda end: self.ranking.by_score(query, end, hits, count)

    def _beyond_partial(self, score: float) -> bool:
        """Whether no hit that lacks a word has so many points."""
        if self.full is None or self.whole == self.total:
            return True
        codes = self.full.clauses if isinstance(self.full, AnyOf) else ()
        parts = [*(one for one in self.words if one not in codes), *self.others]
        most = sum(_most(self.searcher, one) for one in parts) + self.points
        return score > most + CLOSE


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
