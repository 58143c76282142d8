"""A plan carried out: a page of hits, counts, groups."""

from collections.abc import Callable
from typing import Any

import tantivy
from tantivy import Occur
from tantivy import Query as Q

from search.contracts import PUBLIC
from search.documents.physical import ID, PLATFORM, STORED, VISIBLE
from search.engines.embedded import narrowing
from search.engines.embedded.counting import facets, terms
from search.engines.embedded.ranking import Address, Ranked, Ranking
from search.engines.embedded.schema import MARK
from search.engines.embedded.store import Opened, matches
from search.engines.searching import GROUPS_MAX, Found, FoundHit
from search.errors import TooDeep
from search.query.clauses import AllOf, Between, Clause, Constant, Equals
from search.query.plan import Plan
from search.query.planner import MAX_DEPTH

COLLAPSE_MOST = 20_000


class Finding:
    """One plan on one generation."""

    def __init__(self, opened: Opened, searcher: tantivy.Searcher, plan: Plan) -> None:
        self.plan = plan
        self.opened = opened
        self.searcher = searcher
        self.translator = opened.translator
        self.filters = self.translator.every(self._telling())
        self.facet_filters = [
            (ref, self.translator.every([clause])[0]) for ref, clause in plan.facet_filters
        ]
        self.own = [*self.filters, *(part for _, part in self.facet_filters)]
        self.matching = self._matching()
        self.total: int | None = None  # once it is known
        self.everyones = 0.0  # points that all hits have, for which none is asked

    def found(self) -> Found:
        """The page."""
        plan = self.plan
        offset = int(plan.position[0]) if plan.position else plan.offset
        if offset < 0 or offset + plan.size > MAX_DEPTH:
            raise TooDeep(field="cursor", limit=MAX_DEPTH)
        base = self.base()
        counts = facets(self)  # first: one of their passes counts the hits too
        ranking = Ranking(self.opened, self.searcher, base)
        if plan.sort is not None:
            sort, full = plan.sort, plan.full
            total, whole = self.counted()
            pull: Callable[[int], Ranked] = lambda end: ranking.by_field(sort, full, end)  # noqa: E731
        else:
            total, whole, pull = self._by_score(ranking, offset + plan.size)
        groups: dict[str, int] = {}
        if plan.group:
            groups = terms(self.searcher, Q.boolean_query(base), plan.group, GROUPS_MAX + 1)
            ranked = self._collapsed(pull, offset + plan.size + 1, total)
        else:
            ranked = pull(offset + plan.size)
        more = len(ranked) > offset + plan.size or (not plan.group and total > offset + plan.size)
        hits = [self._hit(key, at, groups) for key, at in ranked[offset : offset + plan.size]]
        known = len(groups) if plan.group and len(groups) <= GROUPS_MAX else None
        return Found(
            total=total,
            full=whole,
            hits=hits,
            facets=counts,
            position=[offset + plan.size] if more else None,
            groups=known,
        )

    def _by_score(self, ranking: Ranking, end: int) -> tuple[int, int, Callable[[int], Ranked]]:
        """Total, those with all words, and the best so many hits."""
        if narrowing.may_help(self):
            part = narrowing.narrowed(self, ranking, end)
            total, whole = part.total, part.whole
            if part.pull is not None:
                return total, whole, part.pull
        elif self.plan.full is None and self.total is None:  # scored and counted in one pass
            scored = self.scored(alike=False)
            found: Any = self.searcher.search(scored, ranking.ahead(end))
            total, hits = int(found.count), found.hits
            return total, total, lambda end: ranking.by_score(scored, end, hits, total)
        else:
            total, whole = self.counted()
        scored = self.scored(alike=whole == total)
        first: Ranked = self.searcher.search(scored, ranking.ahead(end), count=False).hits
        return total, whole, lambda end: ranking.by_score(scored, end, first, total)

    def counted(self) -> tuple[int, int]:
        """How many hits there are, and how many of them have all words."""
        total = self.all()
        return total, self._whole(total)

    def all(self) -> int:
        """How many hits there are."""
        if self.total is None:
            self.total = self.count(self.base())
        return self.total

    def _whole(self, total: int) -> int:
        """How many hits have all words. What has all of them has some, so these aren't asked for;
        a pinned one has none."""
        if self.plan.full is None:
            return total
        own = self.base() if self.plan.pinned is not None else self.own
        return self.count([*own, (Occur.Must, self.translator.kept(self.plan.full))])

    def _telling(self) -> list[Clause]:
        """The plan's filters without those of the sight that tell nothing in this commit: all that
        is the platform's may be public, and all that has words may be the platform's."""
        plan = self.plan
        sight = [one for one in plan.filters if _is(one, PLATFORM) or _is(one, VISIBLE)]
        if len(sight) != 2 or plan.query.visible_to != (PUBLIC,):
            return list(plan.filters)  # a count for each buyer would cost more than it saves
        ours, seen = self._number(sight[0]), self._number(AllOf(tuple(sight)))
        kept = [one for one in plan.filters if one not in sight]
        if plan.text is None or plan.pinned is not None or seen != self._alive():
            kept = [*(sight if seen != ours else sight[:1]), *kept]
        return kept

    def _alive(self) -> int:
        """Documents that aren't marks of deletions, which no word finds."""
        return int(self.searcher.num_docs) - self._number(Between(MARK))

    def _number(self, clause: Clause) -> int:
        """How many documents of this commit match; asked once."""
        known = self.opened.counted_in(self.searcher)
        found: int | None = known.get(clause)
        if found is None:
            found = known[clause] = matches(self.searcher, self.translator.filter(clause))
        return found

    def _matching(self) -> list[tuple[Occur, Q]]:
        plan, translator = self.plan, self.translator
        if plan.text is None:
            return [] if self.filters else [(Occur.Must, Q.all_query())]
        text = translator.kept(plan.text)
        if plan.pinned is not None:
            text = Q.boolean_query(
                [(Occur.Should, text), (Occur.Should, translator.filter(plan.pinned))]
            )
        return [(Occur.Must, Q.const_score_query(text, 0.0))]

    def base(self, *, without: str = "") -> list[tuple[Occur, Q]]:
        """The parts that every hit matches; ``without`` the filters of one facet."""
        own = [part for ref, part in self.facet_filters if ref != without]
        return [*self.matching, *self.filters, *own]

    def scored(self, *, alike: bool) -> Q:
        """The query whose scores order the hits. ``alike``: all of them have all words, which then
        needn't be looked for."""
        plan, translator = self.plan, self.translator
        parts = list(self.own)
        if plan.text is not None:
            text = translator.kept(plan.text, scored=True)
            if plan.pinned is not None:
                pinned = Q.const_score_query(translator.filter(plan.pinned), 0.0)
                text = Q.boolean_query([(Occur.Should, text), (Occur.Should, pinned)])
            parts.append((Occur.Must, text))
        query = Q.boolean_query(parts or [(Occur.Must, Q.all_query())])
        self.everyones = 0.0
        for one in plan.extras:  # one within the other: each is asked only about what matches
            if isinstance(one, Constant) and (
                (alike and one.clause is plan.full) or self._is_everyones(one.clause)
            ):
                self.everyones += one.points
            elif self.adds(one):
                more = translator.kept(one, scored=True)
                query = Q.boolean_query([(Occur.Must, query), (Occur.Should, more)])
        return query

    def _is_everyones(self, clause: Clause) -> bool:
        """Whether all documents of this commit match, as where none is sold out."""
        if not isinstance(clause, Equals | Between):
            return False
        found = self._number(clause)
        return found > 0 and found == self._alive()

    def adds(self, extra: Clause) -> bool:
        """Whether points for a value go to any document of this commit; asking costs less once."""
        if not isinstance(extra, Constant) or not isinstance(extra.clause, Equals | Between):
            return True
        return self._number(extra.clause) > 0

    def count(self, parts: list[tuple[Occur, Q]]) -> int:
        """How many documents match all of it."""
        return matches(self.searcher, Q.boolean_query(parts))

    def _collapsed(self, pull: Callable[[int], Ranked], end: int, total: int) -> Ranked:
        """The best hit of each group, ``end`` of them if there are so many."""
        limit = max(4 * end, 100)
        while True:
            hits = pull(min(limit, total))
            keys = self.searcher.fast_field_values(
                f"h{self.plan.group}", [address for _, address in hits]
            )
            out, seen = [], set()
            for key, hit in zip(keys, hits, strict=True):
                if key is None or key not in seen:
                    seen.add(key)
                    out.append(hit)
            if len(out) >= end or limit >= total or limit >= COLLAPSE_MOST:
                return out
            limit *= 5

    def _hit(self, key: Any, address: Address, groups: dict[str, int]) -> FoundHit:
        found, plan = self.searcher.doc(address), self.plan
        group = str(found.get_first(plan.group) or "") if plan.group else ""
        return FoundHit(
            str(found.get_first(ID)),
            float(key) + self.everyones if plan.sort is None else 0.0,
            b"" if plan.query.bare else bytes(found.get_first(STORED) or b""),
            group,
            groups.get(group, 1),
        )


def _is(clause: Clause, field: str) -> bool:
    return isinstance(clause, Equals) and clause.field == field
