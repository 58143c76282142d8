"""A plan carried out: a page of hits, counts, groups."""

from collections.abc import Callable
from typing import Any

import tantivy
from tantivy import Occur
from tantivy import Query as Q

from search.documents.physical import ID, STORED
from search.engines.embedded.counting import facets, terms
from search.engines.embedded.ranking import Address, Ranked, Ranking
from search.engines.embedded.store import Opened, matches
from search.engines.searching import GROUPS_MAX, Found, FoundHit
from search.errors import TooDeep
from search.query.clauses import Between, Clause, Constant, Equals
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
        self.filters = self.translator.every(plan.filters)
        self.facet_filters = [
            (ref, self.translator.every([clause])[0]) for ref, clause in plan.facet_filters
        ]
        self.matching = self._matching()

    def found(self) -> Found:
        """The page."""
        plan = self.plan
        offset = int(plan.position[0]) if plan.position else plan.offset
        if offset < 0 or offset + plan.size > MAX_DEPTH:
            raise TooDeep(field="cursor", limit=MAX_DEPTH)
        base = self.base()
        ranking = Ranking(self.opened, self.searcher, base)
        if plan.sort is not None:
            sort, full = plan.sort, plan.full
            total = self.count(base)
            pull: Callable[[int], Ranked] = lambda end: ranking.by_field(sort, full, end)  # noqa: E731
        else:
            scored = self.scored()
            first: Any = self.searcher.search(scored, offset + plan.size + 1)
            total = int(first.count)
            pull = lambda end: ranking.by_score(scored, end, first.hits, total)  # noqa: E731
        whole = total
        if plan.full is not None:
            whole = self.count([*base, (Occur.Must, self.translator.filter(plan.full))])
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
            facets=facets(self),
            position=[offset + plan.size] if more else None,
            groups=known,
        )

    def _matching(self) -> list[tuple[Occur, Q]]:
        plan, translator = self.plan, self.translator
        if plan.text is None:
            return [] if self.filters else [(Occur.Must, Q.all_query())]
        text = translator.filter(plan.text)
        if plan.pinned is not None:
            text = Q.boolean_query(
                [(Occur.Should, text), (Occur.Should, translator.filter(plan.pinned))]
            )
        return [(Occur.Must, Q.const_score_query(text, 0.0))]

    def base(self, *, without: str = "") -> list[tuple[Occur, Q]]:
        """The parts that every hit matches; ``without`` the filters of one facet."""
        own = [part for ref, part in self.facet_filters if ref != without]
        return [*self.matching, *self.filters, *own]

    def scored(self) -> Q:
        """The query whose scores order the hits."""
        plan, translator = self.plan, self.translator
        parts = [*self.filters, *(part for _, part in self.facet_filters)]
        if plan.text is not None:
            text = translator.scored(plan.text)
            if plan.pinned is not None:
                pinned = Q.const_score_query(translator.filter(plan.pinned), 0.0)
                text = Q.boolean_query([(Occur.Should, text), (Occur.Should, pinned)])
            parts.append((Occur.Must, text))
        parts += [(Occur.Should, translator.scored(one)) for one in plan.extras if self._adds(one)]
        return Q.boolean_query(parts)

    def _adds(self, extra: Clause) -> bool:
        """Whether points for a value go to any document of this commit; asking costs less once."""
        if not isinstance(extra, Constant) or not isinstance(extra.clause, Equals | Between):
            return True
        kept = self.opened.points_of(self.searcher)
        found = kept.get(extra.clause)
        if found is None:
            query = self.translator.filter(extra.clause)
            found = kept[extra.clause] = matches(self.searcher, query) > 0
        return found

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
        found = self.searcher.doc(address)
        group = str(found.get_first(self.plan.group) or "") if self.plan.group else ""
        return FoundHit(
            id=str(found.get_first(ID)),
            score=float(key) if self.plan.sort is None else 0.0,
            stored=bytes(found.get_first(STORED) or b""),
            group=group,
            group_count=groups.get(group, 1),
        )
