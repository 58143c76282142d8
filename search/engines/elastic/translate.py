"""Clauses in the server's query language, word for word. No scripts."""

from typing import Any

from search.engines.elastic.layout import NUMBERS, SEPARATOR
from search.query.clauses import (
    AllOf,
    AnyOf,
    AttributeBetween,
    AttributeEquals,
    Best,
    Between,
    Clause,
    Constant,
    Equals,
    Everything,
    Not,
    Nothing,
    Phrase,
    Term,
)

Json = dict[str, Any]
# Elasticsearch (and OpenSearch before 3) multiplies BM25 with k1 + 1, as Lucene did before 8.
LEGACY_FACTOR = 2.2


class Translator:
    """``factor``: what this server multiplies BM25 with."""

    def __init__(self, factor: float) -> None:
        self.factor = factor

    def scored(self, clause: Clause) -> Json:
        """A query whose score is the clause's."""
        match clause:
            case Term(field, token, weight):
                return {"term": {field: {"value": token, "boost": weight / self.factor}}}
            case Phrase(field, tokens, weight):
                words = {"query": " ".join(tokens), "boost": weight / self.factor}
                return {"match_phrase": {field: words}}
            case AnyOf(clauses):
                return _bool(should=[self.scored(one) for one in clauses], minimum=1)
            case AllOf(clauses):
                return _bool(must=[self.scored(one) for one in clauses])
            case Best(clauses, tie):
                queries = [self.scored(one) for one in clauses]
                return {"dis_max": {"queries": queries, "tie_breaker": tie}}
            case Constant(inner, points):
                return {"constant_score": {"filter": self.filter(inner), "boost": points}}
            case _:
                return _bool(filter=[self.filter(clause)])

    def filter(self, clause: Clause) -> Json:
        """A query that matches what the clause matches, whatever the score."""
        match clause:
            case Term(field, token):
                return {"term": {field: token}}
            case Phrase(field, tokens):
                return {"match_phrase": {field: " ".join(tokens)}}
            case AnyOf(clauses) | Best(clauses):
                return _bool(should=[self.filter(one) for one in clauses], minimum=1)
            case AllOf(clauses):
                return _bool(filter=[self.filter(one) for one in clauses])
            case Not(inner):
                return _bool(must_not=[self.filter(inner)])
            case Constant(inner):
                return self.filter(inner)
            case Everything():
                return {"match_all": {}}
            case Nothing():
                return {"match_none": {}}
            case _:
                return _value(clause)


def _value(clause: Clause) -> Json:
    match clause:
        case Equals(field, values):
            return {"terms": {field: list(values)}}
        case Between(field, low, high, include_high):
            return _range(field, low, high, include_high)
        case AttributeEquals(field, code, values):
            return {"terms": {field: [code + SEPARATOR + value for value in values]}}
        case AttributeBetween(field, code, low, high, include_high):
            path = field + NUMBERS
            parts = [{"term": {f"{path}.c": code}}, _range(f"{path}.n", low, high, include_high)]
            return {"nested": {"path": path, "query": _bool(filter=parts)}}
    raise TypeError(f"no such clause: {type(clause).__name__}")


def _range(field: str, low: float | None, high: float | None, include_high: bool) -> Json:
    bounds: Json = {}
    if low is not None:
        bounds["gte"] = low
    if high is not None:
        bounds["lte" if include_high else "lt"] = high
    return {"range": {field: bounds}} if bounds else {"exists": {"field": field}}


def _bool(*, minimum: int = 0, **parts: list[Json]) -> Json:
    inner: Json = {name: part for name, part in parts.items() if part}
    if not inner:
        # Any of nothing matches nothing; all of nothing matches everything.
        return {"match_none": {}} if minimum else {"match_all": {}}
    if minimum:
        inner["minimum_should_match"] = minimum
    return {"bool": inner}
