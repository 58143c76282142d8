"""Scoring only where the best hits lie, in indexes of many documents; in smaller ones scoring
everything costs less than asking first.

Two things are worth so much that the page is nearly always filled from what has them: all words of
the query, and every signal (in stock, much sold). So what has both is scored first. The page
is taken from there only if nothing outside can have as many points: signals are constants,
and no term gives more than its weight times its rarity. Else everything is scored as usual.
"""

import math
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Occur
from tantivy import Query as Q

from search.analysis.normal import has_han
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

# Where so few have all words, be it in number or as a share, they are scored whatever signals they
# have; where fewer still do, each is looked at by itself.
MANY_WHOLE, FEW = 30_000, 8
CLOSE = 1e-3  # scores nearer than that aren't told apart for certain


# So many of the best by words alone are looked at first, and so many of the lowest ids among those
# that may be equally good.
AHEAD, LOW_MOST = 256, 1_024
# Of those that are looked at one by one, so many first.
EACH_MOST, SOME = 4_096, 256


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
        text = finding.plan.text
        assert text is not None
        self.words: tuple[Clause, ...]
        self.words = text.clauses if isinstance(text, AnyOf) else (text,)
        self.total = self.whole = 0
        self._with(finding.plan.full)

    def _with(self, full: Clause | None) -> None:
        """Look at what has all words; at what has some, if None."""
        self.full = full
        self.signals: list[Constant] = []
        self.others: list[Clause] = []
        self.all_words = 0.0
        self._sort_out(self.finding.plan.extras)
        self.points = sum(one.points for one in self.signals)
        self.scored = self._scored(self.finding.own)

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
        """From what has all words, else from what has some."""
        if self.full is None:
            found: Any = self.searcher.search(self.scored, self._ahead())
            self.total = self.whole = int(found.count)
            return self._narrowed(self._part(found.hits))
        self.total = self.finding.all()
        if self._rare():
            pull = self._one_by_one()
            if pull is not None:
                return self._narrowed(pull)
        found = self.searcher.search(self.scored, self._ahead())
        self.whole = int(found.count)
        if self.whole > self.end:
            return self._narrowed(self._part(found.hits))
        self._with(None)
        if not self.signals:
            return self._narrowed(None)
        return self._narrowed(self._part(self._search(self.scored, self._ahead())))

    def _narrowed(self, pull: Callable[[int], Ranked] | None) -> Narrowed:
        return Narrowed(self.total, self.whole, pull)

    def _ahead(self) -> int:
        return max(AHEAD, 8 * self.end)

    def _search(self, query: Q, limit: int) -> Ranked:
        hits: Ranked = self.searcher.search(query, limit, count=False).hits
        return hits

    def _part(self, hits: Ranked) -> Callable[[int], Ranked] | None:
        """What is best by everything, else from what has every signal, else from what has all
        words. ``hits``: the best ``_ahead`` by words alone."""
        if not hits:
            return None
        return self._perfect(hits) or self._with_signals(hits[0][0]) or self._with_words()

    def _rare(self) -> bool:
        """Whether few documents have all words, if these stand independently of one another, as
        the characters of a Chinese word don't."""
        needs = self.full.clauses if isinstance(self.full, AllOf) else ()
        share = together = 1.0
        for need in needs:
            part = min(1.0, self._documents(need) / self.searcher.num_docs)
            if _is_han(need):
                together = min(together, part)
            else:
                share *= part
        return bool(needs) and share * together * self.searcher.num_docs < 2 * EACH_MOST

    def _documents(self, clause: Clause) -> float:
        """At most so many match, more or less: enough to choose a way by."""
        match clause:
            case Term(field, token):
                return float(self.searcher.doc_freq(field, token))
            case AnyOf(clauses):
                return sum(self._documents(one) for one in clauses)
            case AllOf(clauses):
                return min(self._documents(one) for one in clauses)
        return float(self.searcher.num_docs)

    def _one_by_one(self) -> Callable[[int], Ranked] | None:
        """All that have all words, with what their columns add. None: they are too many, or no
        page of them."""
        columns: dict[str, list[Constant]] = {}
        query = self.scored
        for one in self.signals:
            clause = one.clause
            if isinstance(clause, Between) and self._is_column(clause):
                columns.setdefault(clause.field, []).append(one)
            else:
                query = _and(query, (Occur.Should, self.translator.kept(one, scored=True)))
        found: Any = self.searcher.search(query, EACH_MOST)
        self.whole = int(found.count)
        if not self.end < self.whole <= EACH_MOST:
            return None
        best: Ranked = found.hits
        most = sum(one.points for some in columns.values() for one in some)
        some = max(SOME, 2 * self.end)
        keys = self._with_columns(best[:some], columns)
        far = nlargest(self.end, keys)[-1] - most - CLOSE  # whatever columns add, that's too few
        last = max(some, bisect_left(best, -far, key=lambda hit: -hit[0]))
        keys += self._with_columns(best[some:last], columns)
        least = nlargest(self.end, keys)[-1]
        if not self._beyond_partial(least):
            return None
        near = [(key, at) for key, (_, at) in zip(keys, best, strict=False) if key >= least]
        near.sort(key=itemgetter(0), reverse=True)
        return lambda end: self.ranking.tied(near, end)

    def _with_columns(self, hits: Ranked, columns: dict[str, list[Constant]]) -> list[float]:
        """Keys with the points that columns add."""
        keys = [key for key, _ in hits]
        for field, steps in columns.items():
            keys = self._added(keys, field, steps, hits)
        return list(array("f", keys))  # as precise as the engine's own

    def _added(
        self, keys: list[float], field: str, steps: list[Constant], hits: Ranked
    ) -> list[float]:
        """The keys with the points for the steps that a column reaches."""
        lows: list[tuple[Any, float]] = sorted(
            (one.clause.low, one.points)  # type: ignore[union-attr]
            for one in steps
        )
        bounds = [low for low, _ in lows]
        points = [0.0, *accumulate(share for _, share in lows)]
        values = self.searcher.fast_field_values(field, [at for _, at in hits])
        return [
            key if value is None else key + points[bisect_right(bounds, value)]
            for key, value in zip(keys, values, strict=True)
        ]

    def _is_column(self, clause: Between) -> bool:
        """Whether a lower bound can be told from a column that holds one value."""
        if clause.low is None or clause.high is not None:
            return False
        return clause.field in self.translator.singles

    def _perfect(self, hits: Ranked) -> Callable[[int], Ranked] | None:
        """Where more than a page is best by words and some of these have every signal too: those of
        them with the lowest ids. ``hits``: the best by words."""
        best = hits[0][0]
        same = [hit for hit in hits if hit[0] == best]
        points = best + self.points
        if len(same) < self.end or not self._beyond_partial(points):
            return None
        found = self._all_known(same) if len(same) < self._ahead() else self._lowest_of(same)
        equal = [(points, at) for _, at in found]
        if _near(hits, len(same)) or not self.end <= len(equal) < LOW_MOST:
            return None
        return lambda end: self.ranking.lowest(equal, end)

    def _every_signal(self) -> Parts:
        signals = (self.translator.kept(one.clause) for one in _tightest(self.signals))
        return [(Occur.Must, Q.const_score_query(one, 0.0)) for one in signals]

    def _all_known(self, same: Ranked) -> Ranked:
        """Those of these that have every signal."""
        ids = [self.searcher.doc(at).get_first(ID) for _, at in same]
        these = self.translator.filter(Equals(ID, tuple(map(str, ids))))
        return self._search(_and(these, *self._every_signal()), len(same))

    def _lowest_of(self, same: Ranked) -> Ranked:
        """Where more are the best than were asked for: those that have every signal and an id as
        low as half of these, as far as can be guessed; none if these aren't enough."""
        best = same[0][0]
        count = self.total if self.full is None else self.whole
        for low in self.ranking.lows(same, len(same) // 2, self._alike(), count):
            found = self._search(_and(self.scored, low, *self._every_signal()), LOW_MOST)
            equal = [hit for hit in found if hit[0] == best]
            if _near(found, len(equal)):
                return []
            if self.end <= len(equal) < LOW_MOST and all(self.ranking.numbers(equal)):
                return equal
        return []

    def _alike(self) -> Q:
        """What has all words, or some."""
        if self.full is None:
            return Q.boolean_query(self.finding.base())
        need = Q.const_score_query(self.translator.kept(self.full), 0.0)
        return Q.boolean_query([*self.finding.own, (Occur.Must, need)])

    def _with_words(self) -> Callable[[int], Ranked] | None:
        if self.full is None:
            return None
        query = self.scored
        for one in self.signals:
            query = _and(query, (Occur.Should, self.translator.kept(one, scored=True)))
        hits = self._search(query, self.limit)
        if not self._beyond_partial(hits[self.end - 1][0]):
            return None
        return lambda end: self.ranking.by_score(query, end, hits, self.whole)

    def _scored(self, own: Parts) -> Q:
        """The scored query without signals."""
        kept, text = self.translator.kept, self.finding.plan.text
        more = [kept(one, scored=True) for one in self.others]
        if self.full is None:
            assert text is not None
            parts = [*own, (Occur.Must, kept(text, scored=True))]
            return Q.boolean_query([*parts, *((Occur.Should, one) for one in more)])
        need = Q.const_score_query(kept(self.full), self.all_words)
        query = Q.boolean_query([*own, (Occur.Must, need)])
        for one in [*(kept(one, scored=True) for one in self.words), *more]:
            query = _and(query, (Occur.Should, one))
        return query

    def _with_signals(self, best: float) -> Callable[[int], Ranked] | None:
        """``best``: the most points that words alone give."""
        few = self.whole < MANY_WHOLE or self.whole * FEW < self.total
        if not self.signals or (self.full is not None and few):
            return None
        query = self.scored
        for place, one in enumerate(_tightest(self.signals)):
            clause = self.translator.kept(one.clause)
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


def _near(hits: Ranked, equal: int) -> bool:
    """Whether one is so near the best, with which so many are equal, that it may be as good."""
    return 0 < equal < len(hits) and hits[equal][0] > hits[0][0] - CLOSE


def _and(query: Q, *parts: tuple[Occur, Q]) -> Q:
    return Q.boolean_query([(Occur.Must, query), *parts])


def _is_han(clause: Clause) -> bool:
    match clause:
        case Term(_, token):
            return has_han(token)
        case AnyOf(clauses) | AllOf(clauses):
            return any(_is_han(one) for one in clauses)
    return False


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
