"""What pages and the API ask of ``search.services.search``, and what they get.

``Asked`` is a request as typed; the service adds who the viewer is (``visible_to``, price slot),
what is withdrawn right now (``excluded``) and what the operator has tuned (``tuning.applied``),
asks the engine, and fills in names, pictures and today's prices from the facades below.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from search.contracts.answers import Correction, FacetResult, Hit
from search.contracts.queries import BoostRule, Facet, Filter, Synonym, Weights

SORTS = ("relevance", "price", "-price", "-sales", "-rating", "-published_at")


@dataclass(frozen=True)
class Asked:
    """A search as asked. ``facets`` None: those that fit the type and what was found.

    ``sort``: one of ``SORTS``. ``draft``: with the unpublished tuning, for its preview.
    ``reasons``: fill ``Hit.explanation``. Bounds of prices are in minor units already.
    """

    text: str = ""
    language: str = ""
    doc_type: str = "product"
    filters: tuple[Filter, ...] = ()
    facets: tuple[Facet, ...] | None = None
    sort: str = "relevance"
    page: int = 1
    size: int = 20
    cursor: str = ""
    group: str = ""
    correct: bool = True
    draft: bool = False
    reasons: bool = False


@dataclass(frozen=True)
class FoundProduct:
    """A hit with what its tile shows. ``listing`` is ``marketplace.facade.Listing``: today's
    prices and stock; ``title_html`` the title with ``<mark>`` around what was found, safe."""

    id: UUID
    hit: Hit
    listing: Any
    title_html: str = ""


@dataclass(frozen=True)
class Found:
    """A page of results. ``items``: ``FoundProduct`` of products; of other types their hits.

    ``degraded``: the engine didn't answer, so this is plain browsing from the database without
    facets. ``notices``: codes of what the viewer should know (``default_prices``: prices sort by
    the public slot; ``grouped``). ``text``: what was searched, after corrections.
    """

    total: int
    items: tuple[FoundProduct | Hit, ...]
    facets: tuple[FacetResult, ...] = ()
    cursor: str = ""
    full: int = 0
    groups: int | None = None
    corrected: Correction | None = None
    text: str = ""
    currency: str = ""
    degraded: bool = False
    notices: tuple[str, ...] = ()
    engine: str = ""
    generation: str = ""
    took_ms: float = 0.0

    @property
    def has_more(self) -> bool:
        return bool(self.cursor)


@dataclass(frozen=True)
class Offered:
    """One line below the search box. ``kind``: ``product``, ``category``, ``query``."""

    kind: str
    text: str
    marked: str
    id: str = ""
    path: str = ""


@dataclass(frozen=True)
class Applied:
    """What the operator's tuning adds to one query. ``redirect``: a path of the platform to go to
    instead. ``rules``: names of the rules that took part, by public product id or ``""``."""

    pins: tuple[str, ...] = ()
    buries: tuple[str, ...] = ()
    boosts: tuple[BoostRule, ...] = ()
    synonyms: tuple[Synonym, ...] = ()
    weights: Weights = field(default_factory=Weights)
    redirect: str = ""
    number: int = 0
    rules: Mapping[str, str] = field(default_factory=dict)
