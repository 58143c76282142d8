"""A query made ready for an engine: what matches, what it is worth, in which order.

An engine answers a plan so:

* **hits** = ``filters`` and all ``facet_filters`` and (``text`` or ``pinned``); ``text`` None: all.
* **score** = score of ``text`` + scores of those ``extras`` that match. Extras never add hits.
* **order**: without ``sort``: score descending, then id ascending. With ``sort``: first what
  matches ``full`` (if there is one), then by the sort field (missing last), then id.
* **total** = number of hits; **full** = those that also match ``full`` (``full`` None: total).
* **facet** on ref R: hits without the facet filters whose ref is R (if disjunctive).
"""

from dataclasses import dataclass, field
from typing import Any

from search.contracts import Correction, DocumentType, Facet, Query
from search.query.clauses import Clause


@dataclass(frozen=True)
class Scored:
    """A part of the score with the words that explain it (``Reason``)."""

    part: str
    what: str
    where: str
    clause: Clause


@dataclass(frozen=True)
class SortField:
    """A physical field to sort by. ``column`` is its physical kind (``long``, ``double``,
    ``keyword``)."""

    name: str
    column: str
    descending: bool


@dataclass(frozen=True)
class FacetPlan:
    """A facet with its physical field. ``code``: of the attribute. ``under``/``depth``: of trees.
    ``column``: ``keyword``, ``long``, ``double``, ``attribute_text``, ``attribute_number``."""

    facet: Facet
    field: str
    column: str
    code: str = ""
    selected: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """See the module."""

    platform: str
    doc_type: DocumentType
    query: Query
    text: Clause | None
    pinned: Clause | None
    extras: tuple[Clause, ...]
    full: Clause | None
    filters: tuple[Clause, ...]
    facet_filters: tuple[tuple[str, Clause], ...]
    facets: tuple[FacetPlan, ...]
    sort: SortField | None
    group: str  # physical keyword field, or ""
    offset: int
    size: int
    position: tuple[Any, ...] = ()  # from the cursor: the engine's own
    scored: tuple[Scored, ...] = ()
    corrected: Correction | None = None
    marks: frozenset[str] = field(default_factory=frozenset)  # tokens to highlight
    query_hash: str = ""
