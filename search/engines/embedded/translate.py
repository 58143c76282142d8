"""Clauses as tantivy's queries, word for word."""

from collections.abc import Sequence

import tantivy
from tantivy import FieldType, Occur
from tantivy import Query as Q

from search.documents.physical import Column, PhysicalField
from search.engines.embedded.schema import micro
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

# tantivy still multiplies BM25 with k1 + 1.
FACTOR = 2.2
MADE_MOST = 1_024
_LONGS = (-(2**63), 2**63 - 1)


class Translator:
    """For one index. ``fields`` are its physical fields by name."""

    def __init__(self, index: tantivy.Index, fields: Sequence[PhysicalField]) -> None:
        self.index = index
        self.schema = index.schema
        self.columns = {one.name: one.column for one in fields}
        # Columns of numbers that hold at most one value.
        numbers = (Column.LONG, Column.DOUBLE)
        self.singles = {one.name for one in fields if one.column in numbers and not one.many}
        self._made: dict[tuple[int, bool], tuple[Clause, Q]] = {}

    def kept(self, clause: Clause, *, scored: bool = False) -> Q:
        """The query of a clause that comes again as the same object, as a remembered reading's
        do: made once. It depends on the clause and the schema alone."""
        key = id(clause), scored
        found = self._made.get(key)
        if found is None or found[0] is not clause:
            if len(self._made) >= MADE_MOST:
                self._made.clear()
            made = self.scored(clause) if scored else self.filter(clause)
            found = self._made[key] = clause, made  # kept alive, so that its number is its own
        return found[1]

    def scored(self, clause: Clause) -> Q:
        """A query whose score is the clause's."""
        match clause:
            case Term(field, token, weight):
                return Q.boost_query(self._term(field, token), weight / FACTOR)
            case Phrase(field, tokens, weight):
                query = Q.phrase_query(self.schema, field, list(tokens))
                return Q.boost_query(query, weight / FACTOR)
            case AnyOf(clauses):
                return Q.boolean_query([(Occur.Should, self.scored(one)) for one in clauses])
            case AllOf(clauses):
                return Q.boolean_query([(Occur.Must, self.scored(one)) for one in clauses])
            case Best(clauses, tie):
                return Q.disjunction_max_query([self.scored(one) for one in clauses], tie)
            case Constant(inner, points):
                return Q.const_score_query(self.filter(inner), points)
            case _:
                return Q.const_score_query(self.filter(clause), 0.0)

    def filter(self, clause: Clause) -> Q:  # noqa: C901  one case a clause
        """A query that matches what the clause matches, whatever the score."""
        match clause:
            case Term(field, token):
                return self._term(field, token)
            case Phrase(field, tokens):
                return Q.phrase_query(self.schema, field, list(tokens))
            case AnyOf(clauses) | Best(clauses):
                return Q.boolean_query([(Occur.Should, self.filter(one)) for one in clauses])
            case AllOf(clauses):
                return Q.boolean_query([(Occur.Must, self.filter(one)) for one in clauses])
            case Constant(inner):
                return self.filter(inner)
            case Not(inner):
                return Q.boolean_query(
                    [(Occur.Must, Q.all_query()), (Occur.MustNot, self.filter(inner))]
                )
            case Everything():
                return Q.all_query()
            case Nothing():
                return Q.empty_query()
            case Equals(field, values):
                return self._equals(field, values)
            case Between(field, low, high, include_high):
                return self._between(field, low, high, include_high)
            case AttributeEquals(field, code, values):
                return self._any(
                    Q.term_query(self.schema, f"{field}.t.{code}", value, "basic")
                    for value in dict.fromkeys(values)
                )
            case AttributeBetween(field, code, low, high, include_high):
                return self._attribute(field, code, low, high, include_high)

    def every(self, clauses: Sequence[Clause]) -> list[tuple[Occur, Q]]:
        """Filters as parts of a boolean query that add nothing to its score."""
        return [(Occur.Must, Q.const_score_query(self.filter(one), 0.0)) for one in clauses]

    def _any(self, queries: object) -> Q:
        found = list(queries)  # type: ignore[call-overload]
        return found[0] if len(found) == 1 else Q.boolean_query([(Occur.Should, q) for q in found])

    def _term(self, field: str, token: str) -> Q:
        tokens = self.columns.get(field) is Column.TOKENS
        return Q.term_query(self.schema, field, token, "freq" if tokens else "basic")

    def _equals(self, field: str, values: Sequence[str | int | float]) -> Q:
        if not values:
            return Q.empty_query()
        if self.columns[field] is not Column.KEYWORD:
            return self._any(self._between(field, value, value, True) for value in values)  # type: ignore[arg-type]
        if len(values) == 1:
            return Q.term_query(self.schema, field, values[0], "basic")
        return Q.term_set_query(self.schema, field, list(values))

    def _between(
        self, field: str, low: int | float | None, high: int | float | None, include_high: bool
    ) -> Q:
        if low is None and high is None:
            return Q.exists_query(field)
        whole = self.columns[field] is Column.LONG
        if whole:
            low = None if low is None else _whole(low, up=True)
            high = None if high is None else _whole(high, up=not include_high)
        else:
            low, high = (None if one is None else float(one) for one in (low, high))
        return Q.range_query(
            self.schema,
            field,
            FieldType.Integer if whole else FieldType.Float,
            low,
            high,
            True,
            include_high or high is None,
        )

    def _attribute(
        self, field: str, code: str, low: float | None, high: float | None, include_high: bool
    ) -> Q:
        """Only the query language reaches a number inside JSON. The code is letters, digits, _ and
        -; the bounds are numbers: nothing of a viewer's text gets into it."""
        name = f"{field}.n.{code}".replace("-", "\\-")
        bounds = ["*" if one is None else str(micro(one)) for one in (low, high)]
        end = "]" if include_high or high is None else "}"
        return self.index.parse_query(f"{name}:[{bounds[0]} TO {bounds[1]}{end}", [field])


def _whole(value: int | float, *, up: bool) -> int:
    """A bound of whole numbers: up to the next one, or down."""
    number = int(value)
    if up and number < value:
        number += 1
    elif not up and number > value:
        number -= 1
    return max(_LONGS[0], min(_LONGS[1], number))
