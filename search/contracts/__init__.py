"""What crosses the borders of search: declarations, documents, queries and answers.

Owed by each side:

* A **DocumentType** declares typed fields once; the physical index, the planner, the filters, the
  facets and the sort options all follow from it (``search/documents/``).
* A **Document** is built by ``search`` alone. ``version`` is its external version: an engine
  keeps the highest it has seen of an id, deletes included, and ignores what is older or equal.
* A **Query** is what a viewer asks. The platform is *not* in it: it is a mandatory argument of
  every engine call. ``visible_to`` are the keys of the viewer; ``PUBLIC`` is everybody's.
* **Hits** is what every engine answers, in the same order, with the same counts.

References (``ref``) name a value in filters, facets and sorting: a field (``brand``), a money slot
(``prices.0``), an attribute (``attributes.moisture``). ``DocumentType.resolve`` reads them.
Nothing here knows Django or an engine.
"""

from search.contracts.answers import (
    Bucket,
    Correction,
    EngineStatus,
    Entry,
    FacetResult,
    Generation,
    Hit,
    Hits,
    Reason,
    Suggestion,
    Suggestions,
    SuggestQuery,
)
from search.contracts.declare import (
    PRICE_SLOTS,
    PUBLIC,
    DocumentType,
    FieldSpec,
    Kind,
    Ref,
    Scalar,
    Signal,
    TextBucket,
    Texts,
)
from search.contracts.documents import (
    Attribute,
    CategoryPath,
    Document,
    Failure,
    Operation,
    Tombstone,
    WriteReport,
)
from search.contracts.queries import (
    BoostRule,
    Facet,
    Filter,
    HistogramFacet,
    Query,
    Range,
    RangeFacet,
    Sort,
    Synonym,
    Terms,
    TermsFacet,
    TreeFacet,
    Weights,
)

__all__ = [
    "PRICE_SLOTS",
    "PUBLIC",
    "Attribute",
    "BoostRule",
    "Bucket",
    "CategoryPath",
    "Correction",
    "Document",
    "DocumentType",
    "EngineStatus",
    "Entry",
    "Facet",
    "FacetResult",
    "Failure",
    "FieldSpec",
    "Filter",
    "Generation",
    "HistogramFacet",
    "Hit",
    "Hits",
    "Kind",
    "Operation",
    "Query",
    "Range",
    "RangeFacet",
    "Reason",
    "Ref",
    "Scalar",
    "Signal",
    "Sort",
    "SuggestQuery",
    "Suggestion",
    "Suggestions",
    "Synonym",
    "Terms",
    "TermsFacet",
    "TextBucket",
    "Texts",
    "Tombstone",
    "TreeFacet",
    "Weights",
    "WriteReport",
]
