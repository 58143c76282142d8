"""What is answered, and how an index is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from search.contracts.declare import PUBLIC


@dataclass(frozen=True)
class Bucket:
    """One value of a facet. Ranges and histograms have ``low`` and ``high`` (not included)."""

    value: str
    count: int
    selected: bool = False
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class FacetResult:
    """The counts of one facet, under every filter but its own (``disjunctive``)."""

    ref: str
    kind: Literal["terms", "range", "histogram", "tree"]
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True)
class Reason:
    """One part of why a hit stands where it does: ``part`` (``word``, ``phrase``, ``all_words``,
    ``code``, ``pinyin``, ``synonym``, ``signal``, ``boost``, ``pin``, ``bury``), what it concerns,
    where it was found, and its points."""

    part: str
    what: str
    where: str
    points: float


@dataclass(frozen=True)
class Hit:
    """One found document. ``highlights``: field -> safe HTML with ``<mark>``."""

    id: str
    score: float
    fields: Mapping[str, Any] = field(default_factory=dict)
    highlights: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    group_count: int = 1
    explanation: tuple[Reason, ...] = ()


@dataclass(frozen=True)
class Correction:
    """Which words were read as others, and the whole text as it was searched."""

    text: str
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Hits:
    """A page. ``total``: exact number of matching documents. ``full``: how many of them have all
    words. ``groups``: how many groups, None above 10,000. ``cursor``: of the next page, or "".
    ``marks``: the tokens to mark in what is shown (``search.query.highlight``)."""

    total: int
    hits: tuple[Hit, ...]
    facets: tuple[FacetResult, ...] = ()
    cursor: str = ""
    full: int = 0
    groups: int | None = None
    corrected: Correction | None = None
    marks: frozenset[str] = frozenset()
    generation: str = ""
    engine: str = ""
    took_ms: float = 0.0


@dataclass(frozen=True)
class SuggestQuery:
    """What stands in the box so far; ``size`` of each kind."""

    text: str
    language: str = "en"
    visible_to: tuple[str, ...] = (PUBLIC,)
    excluded: tuple[tuple[str, tuple[str, ...]], ...] = ()
    size: int = 8


@dataclass(frozen=True)
class Suggestion:
    """A document to offer: its id, its text in the viewer's language, marked as safe HTML."""

    id: str
    text: str
    marked: str


@dataclass(frozen=True)
class Suggestions:
    """What could be meant: documents, and whole words that complete the last one."""

    documents: tuple[Suggestion, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Generation:
    """A physical index: ``name`` (``product-<time>-<fingerprint>``), how many documents live."""

    name: str
    doc_type: str
    fingerprint: str
    current: bool
    documents: int
    size_bytes: int = 0


@dataclass(frozen=True)
class Entry:
    """A live document as ``scroll`` lists it: enough to compare with the database."""

    id: str
    platform: str
    version: int
    checksum: str


@dataclass(frozen=True)
class EngineStatus:
    """How an engine is; ``detail`` says why when it isn't ``up``."""

    engine: str
    up: bool
    detail: str = ""
    generations: Sequence[Generation] = ()
