"""What is asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from search.contracts.declare import PUBLIC


@dataclass(frozen=True)
class Terms:
    """Any of ``values`` at ``ref`` (keyword, code, flag, number, attribute; a category's path
    joined by ``/`` takes in what is below it). ``exclude``: none of them."""

    ref: str
    values: tuple[str | int | float | Decimal | bool, ...]
    exclude: bool = False


@dataclass(frozen=True)
class Range:
    """Between ``low`` and ``high``, both included; None: open. ``unit``: what the bounds are given
    in (money: minor units; dates: datetime), if not in the field's own."""

    ref: str
    low: int | float | Decimal | datetime | None = None
    high: int | float | Decimal | datetime | None = None
    unit: str = ""


Filter = Terms | Range


@dataclass(frozen=True)
class TermsFacet:
    """The commonest values at ``ref`` with their counts, most first, ties by value."""

    ref: str
    size: int = 20
    disjunctive: bool = True


@dataclass(frozen=True)
class RangeFacet:
    """Counts in given ranges: each from its low (included) to its high (not included)."""

    ref: str
    ranges: tuple[tuple[float | None, float | None], ...]
    disjunctive: bool = True


@dataclass(frozen=True)
class HistogramFacet:
    """Counts in steps of ``interval`` (in the field's own or the attribute's base unit), from
    multiples of it; empty steps are left out."""

    ref: str
    interval: float
    disjunctive: bool = True


@dataclass(frozen=True)
class TreeFacet:
    """Counts of the categories below ``under`` (``""``: of the roots), ``depth`` levels down."""

    ref: str
    under: str = ""
    depth: int = 1
    size: int = 100
    disjunctive: bool = True


Facet = TermsFacet | RangeFacet | HistogramFacet | TreeFacet


@dataclass(frozen=True)
class Sort:
    """By the value at ``ref``; ``relevance`` and ``""`` are by score. What has no value comes last,
    either way. Where words were given, what has all of them comes before what has some."""

    ref: str = "relevance"
    descending: bool = False


@dataclass(frozen=True)
class BoostRule:
    """Points added to whatever ``filters`` all hold for; below zero: taken off. ``reason`` is shown
    in explanations."""

    filters: tuple[Filter, ...]
    points: float
    reason: str = ""


@dataclass(frozen=True)
class Weights:
    """What the parts of the order are worth. ``buckets``: by name, instead of the declared
    weight. ``signals``: points by signal, instead of the declared ones."""

    buckets: Mapping[str, float] = field(default_factory=dict)
    signals: Mapping[str, float] = field(default_factory=dict)
    phrase: float = 0.1
    all_words: float = 100.0
    code: float = 1000.0
    code_part: float = 300.0
    pinyin: float = 0.3
    synonym: float = 0.8


@dataclass(frozen=True)
class Synonym:
    """``words`` mean the same (both ways); with ``to``, whoever says one of ``words`` also means
    those, and not the other way round."""

    words: tuple[str, ...]
    to: tuple[str, ...] = ()


@dataclass(frozen=True)
class Query:
    """What a viewer asks.

    ``language``: of the viewer (``zh-hans``, ``en``); the text may be in any. ``page`` counts from
    1 and gives way to ``cursor``. ``correct``: whether unknown words may be corrected. ``pins``:
    ids that come first, in this order, if the filters let them. ``buries``: ids that come last.
    ``excluded``: (ref, values) withdrawn right now, whatever the index says: products by ``id``,
    merchants by ``merchant``. ``group``: one hit for each value of that keyword field. ``bare``:
    hits by id alone, without fields and highlights, for who reads the rest elsewhere.
    ``highlight``: fields to mark. ``explain``: fill ``Hit.explanation``.
    """

    text: str = ""
    language: str = "en"
    visible_to: tuple[str, ...] = (PUBLIC,)
    filters: tuple[Filter, ...] = ()
    facets: tuple[Facet, ...] = ()
    sort: Sort = Sort()
    page: int = 1
    size: int = 20
    cursor: str = ""
    group: str = ""
    highlight: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    buries: tuple[str, ...] = ()
    boosts: tuple[BoostRule, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    weights: Weights = Weights()
    excluded: tuple[tuple[str, tuple[str, ...]], ...] = ()
    correct: bool = True
    explain: bool = False
    bare: bool = False
