"""A plan as one search request.

Facets that keep their siblings need counts without their own filter: filters on such facets go into
``post_filter``, which hits and total obey, and each facet counts under a filter of its own that
leaves its own out. All other filters are in the query. A full count, the groups and the facets come
back in the same answer, so they agree with each other.
"""

import re
from typing import Any

from search.contracts import HistogramFacet, RangeFacet, TermsFacet, TreeFacet
from search.documents.physical import ID
from search.engines.elastic.layout import GROUP, NUMBERS, SEPARATOR
from search.engines.elastic.translate import Json, Translator
from search.query.clauses import Clause, Constant, Not
from search.query.plan import FacetPlan, Plan

FULL, GROUPS, COUNTED, CHOSEN = "full", "groups", "counted", "chosen"
MOST_GROUPS = 10_000
_SPECIAL = re.compile(r'([.?+*|{}\[\]()"\\#@&<>~^$/-])')


def body(plan: Plan, translator: Translator) -> Json:
    """The request for a page of hits with facets."""
    always, after = _facet_filters(plan)
    filters = [translator.filter(one) for one in (*plan.filters, *always)]
    found: Json = {
        "query": _sorted_query(plan, translator, filters)
        if plan.sort
        else _scored_query(plan, translator, filters),
        "sort": _order(plan),
        "size": plan.size,
        "track_total_hits": True,
        "_source": not plan.query.bare,
        "aggs": _aggregations(plan, translator, after),
    }
    if after:
        parts = [translator.filter(clause) for _, clause in after]
        found["post_filter"] = {"bool": {"filter": parts}}
    if plan.group:
        found["collapse"] = {"field": group_field(plan)}
        found["from"] = int(plan.position[0]) if plan.position else plan.offset
    elif plan.position:
        found["search_after"] = list(plan.position)
    else:
        found["from"] = plan.offset
    return found


def group_field(plan: Plan) -> str:
    """What hits are collapsed on."""
    return GROUP + plan.group.removeprefix("f_")


def shift(plan: Plan) -> float:
    """Points to take off each score: ``_positive`` gave them to whoever escaped a penalty."""
    if plan.sort:
        return 0.0
    return sum(-one.points for one in plan.extras if isinstance(one, Constant) and one.points < 0)


def _facet_filters(plan: Plan) -> tuple[list[Clause], list[tuple[str, Clause]]]:
    """Filters for all, and those that the facet of the same reference doesn't obey."""
    free = {one.facet.ref for one in plan.facets if one.facet.disjunctive}
    always = [clause for ref, clause in plan.facet_filters if ref not in free]
    return always, [(ref, clause) for ref, clause in plan.facet_filters if ref in free]


def _matching(plan: Plan, translator: Translator) -> list[Json]:
    """What a hit matches beside the filters, unscored."""
    if plan.text is None:
        return []
    parts = [translator.filter(plan.text)]
    if plan.pinned is not None:
        parts.append(translator.filter(plan.pinned))
    return [{"bool": {"should": parts, "minimum_should_match": 1}}]


def _scored_query(plan: Plan, translator: Translator, filters: list[Json]) -> Json:
    inner: Json = {"filter": filters}
    if plan.text is not None:
        text = translator.scored(plan.text)
        if plan.pinned is not None:
            pinned = {"bool": {"filter": [translator.filter(plan.pinned)]}}
            text = {"bool": {"should": [text, pinned], "minimum_should_match": 1}}
        inner["must"] = [text]
    extras = [translator.scored(_positive(one)) for one in plan.extras]
    if extras:
        inner["should"] = extras
    return {"bool": inner}


def _positive(clause: Clause) -> Clause:
    """The server knows no negative scores: instead of taking points off some, give them to all
    others; ``shift`` takes them off everybody."""
    if isinstance(clause, Constant) and clause.points < 0:
        return Constant(Not(clause.clause), -clause.points)
    return clause


def _sorted_query(plan: Plan, translator: Translator, filters: list[Json]) -> Json:
    """Nothing is scored but whether all words are there, which comes before the sort field."""
    inner: Json = {"filter": filters + _matching(plan, translator)}
    if plan.full is not None:
        whole = {"constant_score": {"filter": translator.filter(plan.full), "boost": 1.0}}
        inner["should"] = [whole]
    return {"bool": inner}


def _order(plan: Plan) -> list[Json]:
    by_id: Json = {ID: {"order": "asc"}}
    if plan.sort is None:
        return [{"_score": {"order": "desc"}}, by_id]
    direction = "desc" if plan.sort.descending else "asc"
    by_field: Json = {plan.sort.name: {"order": direction, "missing": "_last"}}
    first: list[Json] = [] if plan.full is None else [{"_score": {"order": "desc"}}]
    return [*first, by_field, by_id]


def _aggregations(plan: Plan, translator: Translator, after: list[tuple[str, Clause]]) -> Json:
    everything = [translator.filter(clause) for _, clause in after]
    found: Json = {}
    if plan.full is not None:
        found[FULL] = {"filter": {"bool": {"filter": [*everything, translator.filter(plan.full)]}}}
    if plan.group:
        groups = {"terms": {"field": plan.group, "size": MOST_GROUPS + 1}}
        found[GROUPS] = {"filter": {"bool": {"filter": everything}}, "aggs": {COUNTED: groups}}
    for number, facet in enumerate(plan.facets):
        own = facet.facet.ref if facet.facet.disjunctive else None
        parts = [translator.filter(clause) for ref, clause in after if ref != own]
        found[f"facet{number}"] = {
            "filter": {"bool": {"filter": parts}},
            "aggs": counting(facet),
        }
    return found


def counting(plan: FacetPlan) -> Json:
    """The aggregation of one facet; ``chosen`` counts chosen values that the size may cut off."""
    facet = plan.facet
    match facet:
        case TermsFacet():
            return _terms(plan, facet.size)
        case TreeFacet():
            return {COUNTED: _by_count(plan.field, facet.size, _below(facet.under, facet.depth))}
        case RangeFacet():
            spans = [_span(str(number), *pair) for number, pair in enumerate(facet.ranges)]
            return _numbers(plan, lambda field: {"range": {"field": field, "ranges": spans}})
        case HistogramFacet():
            options = {"interval": facet.interval, "min_doc_count": 1}
            return _numbers(plan, lambda field: {"histogram": {"field": field, **options}})


def _terms(plan: FacetPlan, size: int) -> Json:
    if plan.column == "attribute_text":
        prefix = plan.code + SEPARATOR
        found: Json = {COUNTED: _by_count(plan.field, size, escaped(prefix) + ".*")}
        chosen: list[Any] = [prefix + value for value in plan.selected]
    else:
        found = {COUNTED: _by_count(plan.field, size)}
        numeric = plan.column in {"long", "double"}
        chosen = [float(v) if numeric else v for v in plan.selected]
    if chosen:
        options = {"field": plan.field, "include": chosen, "size": len(chosen)}
        found[CHOSEN] = {"terms": options}
    return found


def _by_count(field: str, size: int, include: str | None = None) -> Json:
    order = [{"_count": "desc"}, {"_key": "asc"}]
    options: Json = {"field": field, "size": size, "order": order, "shard_size": size + 1000}
    if include is not None:
        options["include"] = include
    return {"terms": options}


def _numbers(plan: FacetPlan, make: Any) -> Json:
    """Counts of documents: an attribute's numbers are documents of their own inside."""
    if plan.column != "attribute_number":
        return {COUNTED: make(plan.field)}
    path = plan.field + NUMBERS
    counted = make(f"{path}.n") | {"aggs": {"documents": {"reverse_nested": {}}}}
    of_code = {"filter": {"term": {f"{path}.c": plan.code}}, "aggs": {COUNTED: counted}}
    return {"inside": {"nested": {"path": path}, "aggs": {"code": of_code}}}


def _span(key: str, low: float | None, high: float | None) -> Json:
    found: Json = {"key": key}
    if low is not None:
        found["from"] = low
    if high is not None:
        found["to"] = high
    return found


def _below(under: str, depth: int) -> str:
    """The paths up to ``depth`` levels below ``under``, as a regular expression."""
    if not under:
        return "[^/]+" + f"(/[^/]+){{0,{depth - 1}}}" if depth > 1 else "[^/]+"
    return f"{escaped(under)}(/[^/]+){{1,{depth}}}"


def escaped(text: str) -> str:
    """``text`` as a regular expression of the server that matches just it."""
    return _SPECIAL.sub(r"\\\1", text)
