"""What the planner says and every engine translates word for word.

Scores are Lucene's: ``Term`` is BM25 (k1 1.2, b 0.75, idf ln(1 + (N-n+.5)/(n+.5)), *without* the
factor k1 + 1, which tantivy still multiplies with), times ``weight``. Fields are physical names
(``search/documents/physical.py``). Clauses used as filters are never scored.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A token of a token field, scored by BM25."""

    field: str
    token: str
    weight: float = 1.0


@dataclass(frozen=True)
class Phrase:
    """Tokens that follow one another in a token field, scored by BM25."""

    field: str
    tokens: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class AnyOf:
    """At least one matches; scores add up."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True)
class AllOf:
    """Every one matches; scores add up."""

    clauses: tuple["Clause", ...]


@dataclass(frozen=True)
class Best:
    """At least one matches; the best score counts, and ``tie`` of the others'."""

    clauses: tuple["Clause", ...]
    tie: float = 0.1


@dataclass(frozen=True)
class Not:
    """What ``clause`` doesn't match."""

    clause: "Clause"


@dataclass(frozen=True)
class Constant:
    """``points`` for whatever ``clause`` matches."""

    clause: "Clause"
    points: float


@dataclass(frozen=True)
class Everything:
    """All documents."""


@dataclass(frozen=True)
class Nothing:
    """No document."""


@dataclass(frozen=True)
class Equals:
    """One of ``values`` in a keyword, long or double field. Not scored."""

    field: str
    values: tuple[str | int | float, ...]


@dataclass(frozen=True)
class Between:
    """A long or double field between the bounds; None: open. Not scored."""

    field: str
    low: int | float | None = None
    high: int | float | None = None
    include_high: bool = True


@dataclass(frozen=True)
class AttributeEquals:
    """An attribute with that code has one of these texts (``Rendered.attribute_texts``)."""

    field: str
    code: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class AttributeBetween:
    """An attribute with that code has a number between the bounds; None: open."""

    field: str
    code: str
    low: float | None = None
    high: float | None = None
    include_high: bool = True


Clause = (
    Term
    | Phrase
    | AnyOf
    | AllOf
    | Best
    | Not
    | Constant
    | Everything
    | Nothing
    | Equals
    | Between
    | AttributeEquals
    | AttributeBetween
)
