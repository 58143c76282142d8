"""The server's answer as facets and hits."""

from collections.abc import Mapping
from typing import Any

from search.contracts import (
    Bucket,
    FacetResult,
    HistogramFacet,
    RangeFacet,
    TermsFacet,
    TreeFacet,
)
from search.documents.physical import number_text
from search.engines.elastic.layout import SEPARATOR
from search.engines.elastic.request import CHOSEN, COUNTED, MOST_GROUPS
from search.query.plan import FacetPlan

Json = Mapping[str, Any]


def facet(plan: FacetPlan, found: Json) -> FacetResult:
    """The buckets of one facet."""
    match plan.facet:
        case TermsFacet(ref, size):
            return FacetResult(ref, "terms", _terms(plan, found, size))
        case TreeFacet(ref):
            return FacetResult(ref, "tree", _terms(plan, found, plan.facet.size))
        case RangeFacet(ref, ranges):
            counts = {str(one["key"]): _documents(one) for one in _numbers(found)}
            spans = [
                Bucket(_span(low, high), counts.get(str(number), 0), low=low, high=high)
                for number, (low, high) in enumerate(ranges)
            ]
            return FacetResult(ref, "range", tuple(spans))
        case HistogramFacet(ref, interval):
            steps = [(float(one["key"]), _documents(one)) for one in _numbers(found)]
            bars = [
                Bucket(number_text(low), count, low=low, high=low + interval)
                for low, count in sorted(steps)
                if count
            ]
            return FacetResult(ref, "histogram", tuple(bars))


def _terms(plan: FacetPlan, found: Json, size: int) -> tuple[Bucket, ...]:
    counts = {_key(plan, one): int(one["doc_count"]) for one in found[COUNTED]["buckets"]}
    if CHOSEN in found:
        chosen = found[CHOSEN]["buckets"]
        counts |= {_key(plan, one): int(one["doc_count"]) for one in chosen}
    ordered = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    top = ordered[:size]
    top += [pair for pair in ordered[size:] if pair[0] in plan.selected]
    return tuple(Bucket(value, count, value in plan.selected) for value, count in top)


def _key(plan: FacetPlan, bucket: Json) -> str:
    key = bucket["key"]
    if plan.column in {"long", "double"}:
        return number_text(float(key))
    if plan.column == "attribute_text":
        return str(key).partition(SEPARATOR)[2]
    return str(key)


def _numbers(found: Json) -> list[Json]:
    inside = found["inside"]["code"] if "inside" in found else found
    buckets: list[Json] = inside[COUNTED]["buckets"]
    return buckets


def _documents(bucket: Json) -> int:
    return int(bucket.get("documents", bucket)["doc_count"])


def _span(low: float | None, high: float | None) -> str:
    return f"{'' if low is None else number_text(low)}-{'' if high is None else number_text(high)}"


def groups(found: Json) -> tuple[dict[str, int], int | None]:
    """How many documents each group has, and how many groups there are (None: too many)."""
    buckets = found[COUNTED]["buckets"]
    counts = {str(one["key"]): int(one["doc_count"]) for one in buckets}
    return counts, (None if len(counts) > MOST_GROUPS else len(counts))
