"""Hits in their order, equal ones by id.

tantivy breaks ties by where a document happens to lie. Where more are equal at the end of a page
than were asked for, the lowest ids of all hits are looked for without scoring, in indexes that
aren't large: mostly enough of these are among the equal ones. Else the lowest ids of as many equal
ones as were asked for are a bound for the lowest of all, and what lies below it is asked for. In
large indexes these may lie anywhere: segments stand in no order of ids. How rare the equal ones are
tells how many of the lowest ids should do, and a bound for these is found in one pass over what
matches, and remembered. Only if nothing helps, as many as ``TIES_MOST`` of the equal ones are put
in order.
"""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import tantivy
from tantivy import FieldType, Occur, Order
from tantivy import Query as Q

from search.documents.physical import ID
from search.engines.embedded.schema import RANK, TIES
from search.engines.embedded.store import Opened, matches
from search.query.clauses import Between, Clause, Equals, Not
from search.query.plan import SortField

# Beyond so many equal scores, if asking for the lowest ids fails, their order is that of arrival.
TIES_MOST = 4_096
NEAR = 128
# Looked at beyond twice as many as are needed.
FEW = 32
# An index of so many is large. In others so many are asked for where many are equal.
MANY = 50_000
SOME = 512
LOW_MOST = 3 * TIES_MOST
Address = tantivy.DocAddress
Ranked = list[tuple[Any, Address]]
Parts = list[tuple[Occur, Q]]


class Ranking:
    """For one plan; ``base``: what every hit matches."""

    def __init__(self, opened: Opened, searcher: tantivy.Searcher, base: Parts) -> None:
        self.opened, self.searcher = opened, searcher
        self.translator = opened.translator
        self.schema = opened.index.schema
        self.ranked = opened.ranked
        self.base = base

    def ahead(self, end: int) -> int:
        """How many hits to ask for at first: in a large index so many that equal ones are mostly
        all among them."""
        return max(end + 1, TIES_MOST) if self.searcher.num_docs >= MANY else end + 1

    def by_score(self, query: Q, end: int, first: Ranked, total: int) -> Ranked:
        """The best ``end`` of ``query``, equal scores by id. ``first``: the best ``ahead`` of it,
        ``total``: how many there are, or at least whether there are more."""
        hits = first
        if len(hits) < min(end + 1, total):
            hits = self.searcher.search(query, end + 1, count=False).hits
        if not (end <= len(hits) < total and hits[-1][0] == hits[end - 1][0]):
            return self.tied(hits, end)
        score = hits[-1][0]
        above = [hit for hit in hits if hit[0] != score]
        same = self._among_lowest(query, score, end - len(above))
        if same is None and len(hits) < min(SOME, total):
            hits = self.searcher.search(query, SOME, count=False).hits
            if len(hits) == total or hits[-1][0] != score:
                return self.tied(hits, end)
        if same is None:
            same = self._lowest_of(query, hits, end - len(above), total)
        if same is not None:
            return [*self.tied(above, len(above)), *same]
        limit = min(total, max(end + 1, TIES_MOST))
        if limit > len(hits):
            hits = self.searcher.search(query, limit, count=False).hits
        return self.tied(hits, end)

    def lows(self, same: Ranked, want: int, query: Q, total: int) -> Iterator[tuple[Occur, Q]]:
        """Bounds, up to each of which the ids of about ``want`` of those equally good should lie;
        none if ids are not ours. ``same``: the first of these by where they lie, which tells how
        rare they are; it doesn't tell how low ids are, since segments lie in no order. ``query``
        has ``total`` hits, all of these among them."""
        if not self.ranked:
            return
        ends: dict[int, int] = {}
        for _, at in same:
            ends[at.segment_ord] = max(ends.get(at.segment_ord, 0), at.doc + 1)
        size = 1 << (sum(ends.values()) * want // len(same)).bit_length()
        known, kept = self.opened.lowest.get(size), self.opened.lowest
        if known is not None:
            yield self._up_to(known)
        place = min(total, max(want, size * total // self.searcher.num_docs))
        hits = self.searcher.search(
            query, 1, count=False, offset=place - 1, order_by_field=RANK, order=Order.Asc
        ).hits
        if hits and hits[0][0] and hits[0][0] != known:
            kept[size] = hits[0][0]
            yield self._up_to(hits[0][0])

    def numbers(self, hits: Ranked) -> list[Any]:
        """The number of each that sorts like its id; 0 of an id that isn't ours."""
        found: list[Any] = self.searcher.fast_field_values(RANK, [at for _, at in hits])
        return found

    def _up_to(self, bound: int) -> tuple[Occur, Q]:
        low = Q.range_query(self.schema, RANK, FieldType.Unsigned, None, bound)
        return Occur.Must, Q.const_score_query(low, 0.0)

    def _among_lowest(self, query: Q, score: float, count: int) -> Ranked | None:
        """The ``count`` lowest ids with that score, if so many of them are among the lowest ids of
        all hits. None: they aren't, or ids are not ours."""
        if self.searcher.num_docs >= MANY:
            return None
        lowest = self._first(self.base, 2 * count + FEW)
        if not lowest or not lowest[0][0]:
            return None
        near = self._up_to(lowest[-1][0])  # first: the rest is asked about these alone
        found: Any = self.searcher.search(Q.boolean_query([near, (Occur.Must, query)]), LOW_MOST)
        same = [hit for hit in found.hits if hit[0] == score]
        return None if found.count > LOW_MOST or len(same) < count else self.lowest(same, count)

    def _lowest_of(self, query: Q, hits: Ranked, count: int, total: int) -> Ranked | None:
        """The ``count`` lowest ids with the score of the last of these hits, of ``total``: none of
        them is above the lowest here. None: too many are below that, or ids are not ours."""
        score = hits[-1][0]
        first = next(place for place, hit in enumerate(hits) if hit[0] == score)
        if self.searcher.num_docs < MANY:
            found = self._below_these(query, hits, count, total)
            if found is not None:
                return found
        for low in self.lows(hits[first:], 4 * count + FEW, query, total):
            both = Q.boolean_query([(Occur.Must, query), low])
            near: Ranked = self.searcher.search(both, LOW_MOST, count=False).hits
            same = [hit for hit in near if hit[0] == score]
            every = len(near) < LOW_MOST or near[-1][0] != score
            if len(same) >= count and every and all(self.numbers(same)):
                return self.lowest(same, count)
        return None

    def _below_these(self, query: Q, hits: Ranked, count: int, total: int) -> Ranked | None:
        """The same, with the lowest ids of these hits as a bound."""
        if not self.ranked:
            return None
        score, numbers = hits[-1][0], self.numbers(hits)
        if not all(numbers):
            return None
        first = next(place for place, hit in enumerate(hits) if hit[0] == score)
        bound = sorted(numbers[first:])[count - 1]
        near = [hit for hit, number in zip(hits, numbers, strict=True) if number <= bound]
        low = self._up_to(bound)
        # Of many more than these, hardly ever are all that are so low among these.
        if total > 2 * len(hits) or matches(
            self.searcher, Q.boolean_query([*self.base, low])
        ) > len(near):
            found: Any = self.searcher.search(Q.boolean_query([(Occur.Must, query), low]), LOW_MOST)
            if found.count > LOW_MOST:
                return None
            near = found.hits
        return self.lowest([hit for hit in near if hit[0] == score], count)

    def _first(self, parts: Parts, size: int) -> Ranked:
        """Hits with the lowest numbers; none in an index that was made without these."""
        if not self.ranked:
            return []
        query = Q.boolean_query(parts)
        found: Ranked = self.searcher.search(
            query, size, count=False, order_by_field=RANK, order=Order.Asc
        ).hits
        return found

    def tied(self, hits: Ranked, end: int) -> Ranked:
        """The first ``end``, those with equal keys by id."""
        out: Ranked = []
        for _, same in groupby(hits, key=itemgetter(0)):
            some = list(same)
            out += self.lowest(some, end - len(out)) if len(some) > 1 else some
            if len(out) >= end:
                break
        return out[:end]

    def lowest(self, hits: Ranked, count: int) -> Ranked:
        """The ``count`` hits with the lowest ids, in order: by the number that sorts like them, if
        all have one, and by parts of the ids. A further part is read only of those that the ones
        before don't tell apart from these."""
        near, keys = hits, list[tuple[Any, ...]]([()] * len(hits))
        for part in (RANK, *TIES) if self.ranked else TIES:
            if len(near) < 2:
                break
            values: list[Any] = self.searcher.fast_field_values(part, [at for _, at in near])
            if part == RANK and not all(values):
                continue
            if not keys[0] and count < len(near):  # most of them go before they have keys
                bound = sorted(values)[count - 1]
                places = [place for place, value in enumerate(values) if value <= bound]
                near = [near[place] for place in places]
                values = [values[place] for place in places]
                keys = [()] * len(near)
            keys = [(*key, value) for key, value in zip(keys, values, strict=True)]
            if count < len(near):
                bound = sorted(keys)[count - 1]
                places = [place for place, key in enumerate(keys) if key <= bound]
                near, keys = [near[place] for place in places], [keys[place] for place in places]
            if len(set(keys)) == len(keys):
                break
        order = sorted(range(len(near)), key=keys.__getitem__)
        return [near[place] for place in order[:count]]

    def by_field(self, sort: SortField, full: Clause | None, end: int) -> Ranked:
        """The first ``end`` by the sort field: those with all words before those with some."""
        if full is None:
            return self._layer(sort, self.base, end)
        whole = self.translator.kept(full)
        most = [*self.base, (Occur.Must, Q.const_score_query(whole, 0.0))]
        have = self._layer(sort, most, end)
        if len(have) < end:
            rest = [*self.base, (Occur.MustNot, whole)]
            have += self._layer(sort, rest, end - len(have))
        return have

    def _layer(self, sort: SortField, base: Parts, end: int) -> Ranked:
        if end <= 0:
            return []
        query = Q.boolean_query(base)
        order = Order.Desc if sort.descending else Order.Asc
        hits = self.searcher.search(
            query, end + 1, count=False, order_by_field=sort.name, order=order
        ).hits
        if len(hits) <= end or hits[end][0] != hits[end - 1][0]:
            return self.tied(hits, end)
        value = hits[end][0]
        before = [hit for hit in hits if hit[0] != value]
        equal: Clause = Not(Between(sort.name)) if value is None else Equals(sort.name, (value,))
        tied = [*base, (Occur.Must, self.translator.filter(equal))]
        rest = self._by_id(tied, end - len(before))
        return [*self.tied(before, len(before)), *((value, address) for _, address in rest)]

    def _by_id(self, parts: Parts, count: int) -> Ranked:
        """The first ``count`` by id, whatever shape ids have."""
        size = count + NEAR
        found = self._first(parts, size)
        ours = bool(found) and bool(found[0][0])
        if ours and (len(found) < size or found[count - 1][0] != found[-1][0]):
            return self.tied(found, count)
        query = Q.boolean_query(parts)
        hits: Ranked = self.searcher.search(
            query, count, count=False, order_by_field=ID, order=Order.Asc
        ).hits
        return hits
