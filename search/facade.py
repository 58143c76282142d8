"""The door of this context: product search (商品搜索), suggestions and their merchandising.

Callers stand in the scope of a platform. Functions take keyword arguments, return contracts and
raise the errors re-exported here.
"""

from search.contracts import Filter, Terms
from search.contracts.found import SORTS, Found, FoundProduct, Offered
from search.contracts.indexing import IndexState, SetAside, Work
from search.contracts.panels import Chip, Choice, Panel
from search.contracts.saved import MatchInfo, Owner, SavedSearchInfo
from search.contracts.tuning import (
    DraftInfo,
    RedirectInfo,
    RuleInfo,
    SynonymInfo,
    VersionInfo,
)
from search.errors import (
    BadCursor,
    BadPage,
    CursorOutdated,
    NothingToPublish,
    QueryTooLong,
    TooDeep,
    TooManyFilters,
    TooManyRules,
    TooManySaved,
)
from search.selectors.queries import KINDS as REPORTS
from search.selectors.queries import Proposal, QueryRow, proposals, report
from search.selectors.saved import matches, saved_search, saved_searches, unseen
from search.selectors.tuning import (
    draft,
    redirect,
    redirects,
    rule,
    rules,
    synonym,
    synonyms,
    version,
    versions,
)
from search.services.asking import Result, ask, filters_of_page, params_of
from search.services.checks import plain_weights, weight_names
from search.services.merchandising import (
    create_redirect,
    create_rule,
    create_synonym,
    remove_redirect,
    remove_rule,
    remove_synonym,
    set_weights,
    update_redirect,
    update_rule,
    update_synonym,
)
from search.services.offering import offer
from search.services.panels import attribute_choices, chips
from search.services.preview import Preview, Standing, preview
from search.services.proposals import accept as accept_synonym
from search.services.proposals import decline as decline_synonym
from search.services.publishing import discard, publish, restore
from search.services.querylog import note_click, note_search
from search.services.related import related
from search.services.saved import change_saved, mark_seen, remove_saved, save_search
from search.services.warming import warm
from search.services.watching import index_state, retry, set_aside

__all__ = [
    "REPORTS",
    "SORTS",
    "BadCursor",
    "BadPage",
    "Chip",
    "Choice",
    "CursorOutdated",
    "DraftInfo",
    "Filter",
    "Found",
    "FoundProduct",
    "IndexState",
    "MatchInfo",
    "NothingToPublish",
    "Offered",
    "Owner",
    "Panel",
    "Preview",
    "Proposal",
    "QueryRow",
    "QueryTooLong",
    "RedirectInfo",
    "Result",
    "RuleInfo",
    "SavedSearchInfo",
    "SetAside",
    "Standing",
    "SynonymInfo",
    "Terms",
    "TooDeep",
    "TooManyFilters",
    "TooManyRules",
    "TooManySaved",
    "VersionInfo",
    "Work",
    "accept_synonym",
    "ask",
    "attribute_choices",
    "change_saved",
    "chips",
    "create_redirect",
    "create_rule",
    "create_synonym",
    "decline_synonym",
    "discard",
    "draft",
    "filters_of_page",
    "index_state",
    "mark_seen",
    "matches",
    "note_click",
    "note_search",
    "offer",
    "params_of",
    "plain_weights",
    "preview",
    "proposals",
    "publish",
    "redirect",
    "redirects",
    "related",
    "remove_redirect",
    "remove_rule",
    "remove_saved",
    "remove_synonym",
    "report",
    "restore",
    "retry",
    "rule",
    "rules",
    "save_search",
    "saved_search",
    "saved_searches",
    "set_aside",
    "set_weights",
    "synonym",
    "synonyms",
    "unseen",
    "update_redirect",
    "update_rule",
    "update_synonym",
    "version",
    "versions",
    "warm",
    "weight_names",
]
