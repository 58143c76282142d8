"""Tables of this context, one subject a file."""

from search.models.indexing import Change, IndexProgress, IndexTask
from search.models.meaning import DocumentVector
from search.models.merchandising import (
    Match,
    SearchRedirect,
    SearchRule,
    SearchTuning,
    SynonymGroup,
    TuningVersion,
)
from search.models.queries import DeclinedSynonym, PopularQuery, QueryCount, QueryPair
from search.models.saved import SavedMatch, SavedSearch

__all__ = [
    "Change",
    "DeclinedSynonym",
    "DocumentVector",
    "IndexProgress",
    "IndexTask",
    "Match",
    "PopularQuery",
    "QueryCount",
    "QueryPair",
    "SavedMatch",
    "SavedSearch",
    "SearchRedirect",
    "SearchRule",
    "SearchTuning",
    "SynonymGroup",
    "TuningVersion",
]
