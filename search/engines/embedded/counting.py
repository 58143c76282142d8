"""Facet counts from tantivy's aggregations: exact, in the order that the port promises."""

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import tantivy
from tantivy import Query as Q

from search.contracts import (
    Bucket,
    FacetResult,
    HistogramFacet,
    RangeFacet,
    TermsFacet,
    TreeFacet,
)
from search.documents.physical import number_text
from search.engines.embedded.schema import MICRO
from search.engines.embedded.store import ALL, counted
from search.query.plan import FacetPlan

if TYPE_CHECKING:
    from search.engines.embedded.finding import Finding

# Each segment hands on all it has, so that the sum over segments is exact.
EVERY = 1_000_000
PATHS_MOST = 10_000
VALUES_MOST = 20_000
Ranges = tuple[tuple[float | None, float | None], ...]
Bounds = tuple[float | None, float | None]


def facets(finding: "Finding") -> tuple[FacetResult, ...]:
    """All facets of the plan: those under the same filters in one pass."""
    passes: dict[str, list[int]] = {}
    refs = {ref for ref, _ in finding.facet_filters}
    for number, one in enumerate(finding.plan.facets):
        free = one.facet.ref if one.facet.disjunctive and one.facet.ref in refs else ""
        passes.setdefault(free, []).append(number)
    out: dict[int, FacetResult] = {}
    for free, numbers in passes.items():
        query = Q.boolean_query(finding.base(without=free))
        asked = {str(n): _aggregation(finding, finding.plan.facets[n]) for n in numbers}
        found = finding.searcher.aggregate(query, asked if free else asked | ALL)
        if not free:
            finding.total = counted(found)
        for n in numbers:
            out[n] = _result(finding.searcher, query, finding.plan.facets[n], found[str(n)])
    return tuple(out[n] for n in range(len(finding.plan.facets)))


def terms(searcher: tantivy.Searcher, query: Q, field: str, size: int) -> dict[str, int]:
    """Value -> documents, the commonest ``size``."""
    asked = {"t": _terms(field, size)}
    buckets = searcher.aggregate(query, asked)["t"]["buckets"]
    return {_key(one["key"]): int(one["doc_count"]) for one in buckets}


def _terms(field: str, size: int) -> dict[str, Any]:
    return {"terms": {"field": field, "size": size, "segment_size": EVERY}}


def _field(plan: FacetPlan) -> str:
    part = {"attribute_text": "t", "attribute_number": "n"}.get(plan.column)
    return f"{plan.field}.{part}.{plan.code}" if part else plan.field


def _aggregation(finding: "Finding", plan: FacetPlan) -> dict[str, Any]:
    scale = MICRO if plan.column == "attribute_number" else 1
    match plan.facet:
        case TermsFacet(_, size):
            return _terms(_field(plan), size + 1)
        case TreeFacet():  # a regular expression would cost more than all paths do
            return _terms(_field(plan), PATHS_MOST)
        case RangeFacet(_, ranges):
            name = _field(plan)
            stretches = _stretches(ranges, scale, finding.opened.bounds(finding.searcher, name))
            return {"range": {"field": name, "ranges": stretches}}
        case HistogramFacet(_, interval):
            options = {"field": _field(plan), "interval": interval * scale, "min_doc_count": 1}
            return {"histogram": options}


@lru_cache(maxsize=256)
def _stretches(ranges: Ranges, scale: int, bounds: Bounds) -> list[dict[str, float]]:
    """From each cut to the next, from which ranges that overlap are added up. Of the cuts that lie
    outside all numbers one is enough, since each stretch costs time for each document."""
    cuts = sorted({cut * scale for pair in ranges for cut in pair if cut is not None})
    low, high = bounds
    if low is not None and high is not None:
        first = max(0, bisect_right(cuts, low) - 1)
        cuts = cuts[first : max(first + 1, bisect_right(cuts, high))]
    return [
        {**({} if low is None else {"from": low}), **({} if high is None else {"to": high})}
        for low, high in itertools.pairwise([None, *cuts, None])
    ]


def _below(path: str, facet: TreeFacet) -> bool:
    """Whether a path is up to ``depth`` levels below ``under``."""
    if facet.under:
        if not path.startswith(f"{facet.under}/"):
            return False
        path = path[len(facet.under) + 1 :]
    return path.count("/") < facet.depth


def _result(
    searcher: tantivy.Searcher, query: Q, plan: FacetPlan, found: dict[str, Any]
) -> FacetResult:
    buckets: Sequence[dict[str, Any]] = found["buckets"]
    scale = MICRO if plan.column == "attribute_number" else 1
    facet = plan.facet
    match facet:
        case RangeFacet(ref, ranges):
            within = _Stretches(buckets)
            spans = [
                Bucket(
                    _span(low, high),
                    within.count(
                        None if low is None else low * scale, None if high is None else high * scale
                    ),
                    False,
                    low,
                    high,
                )
                for low, high in ranges
            ]
            return FacetResult(ref, "range", tuple(spans))
        case HistogramFacet(ref, interval):
            bars = sorted((float(one["key"]) / scale, int(one["doc_count"])) for one in buckets)
            return FacetResult(
                ref,
                "histogram",
                tuple(
                    Bucket(number_text(low), count, low=low, high=low + interval)
                    for low, count in bars
                    if count
                ),
            )
        case TermsFacet(ref, size):
            counts = {_key(one["key"]): int(one["doc_count"]) for one in buckets}
            missed = any(value not in counts for value in plan.selected)
            if len(counts) > size and (missed or _torn(counts, size)):
                counts = terms(searcher, query, _field(plan), VALUES_MOST)
            return FacetResult(ref, "terms", _ordered(counts, size, plan.selected))
        case TreeFacet(ref, _, _, size):
            below = {one["key"]: int(one["doc_count"]) for one in buckets
                     if _below(one["key"], facet)}  # fmt: skip
            return FacetResult(ref, "tree", _ordered(below, size, plan.selected))


def _torn(counts: dict[str, int], size: int) -> bool:
    """Whether the last value shown has as many documents as one that was cut off, so that their
    names decide."""
    ordered = sorted(counts.values(), reverse=True)
    return ordered[size - 1] == ordered[-1]


def _ordered(counts: dict[str, int], size: int, selected: tuple[str, ...]) -> tuple[Bucket, ...]:
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    top = ordered[:size] + [pair for pair in ordered[size:] if pair[0] in selected]
    return tuple(Bucket(value, count, value in selected) for value, count in top)


class _Stretches:
    """Counts between neighbouring cuts, from which ranges are added up."""

    def __init__(self, buckets: Sequence[dict[str, Any]]) -> None:
        pairs = [(float(one.get("from", float("-inf"))), int(one["doc_count"])) for one in buckets]
        self.starts = sorted(start for start, _ in pairs)
        counts = dict(pairs)
        self.before = [0, *itertools.accumulate(counts[start] for start in self.starts)]

    def count(self, low: float | None, high: float | None) -> int:
        """The documents from ``low`` to below ``high``, both of them cuts."""
        first = 0 if low is None else bisect_left(self.starts, low)
        last = len(self.starts) if high is None else bisect_left(self.starts, high)
        return self.before[last] - self.before[first]


@lru_cache(maxsize=1024)
def _span(low: float | None, high: float | None) -> str:
    return f"{'' if low is None else number_text(low)}-{'' if high is None else number_text(high)}"


def _key(key: Any) -> str:
    return key if isinstance(key, str) else number_text(float(key))
