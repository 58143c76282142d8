"""Error catalogue of search."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.errors import Conflict, Invalid, NotFound, Unavailable

said = gettext  # for the rules, which know no framework


class QueryTooLong(Invalid):
    code = "search.query_too_long"
    title = _("The search text is too long")
    remedy = _("Search with at most the number of characters in limit.")


class UnknownRef(Invalid):
    code = "search.unknown_field"
    title = _("There is no such field to filter, count or sort by")
    remedy = _("Use a field of this kind of document, or attributes. followed by a code.")


class WrongValue(Invalid):
    code = "search.wrong_value"
    title = _("This value doesn't fit the field")
    remedy = _("Send a value of the field's kind, and ranges with low not above high.")


class TooManyFilters(Invalid):
    code = "search.too_many_filters"
    title = _("There are too many filters, values or facets")
    remedy = _("Send at most the number in limit.")


class BadPage(Invalid):
    code = "search.bad_page"
    title = _("The page or its size isn't possible")
    remedy = _("Pages count from 1; a page has 1 to 100 hits.")


class TooDeep(Invalid):
    code = "search.too_deep"
    title = _("Results this far down can't be shown")
    remedy = _("Narrow the search with filters; the limit is in limit.")


class BadCursor(Invalid):
    code = "search.bad_cursor"
    title = _("This cursor can't be read")
    remedy = _("Take cursor from the last page of the same search, or leave it out.")


class CursorOfAnotherQuery(BadCursor):
    code = "search.cursor_of_another_query"
    title = _("This cursor belongs to another search")


class CursorOutdated(Conflict):
    code = "search.cursor_outdated"
    title = _("The index has been rebuilt since this cursor was made")
    remedy = _("Begin again with the first page.")


class NoIndex(Unavailable):
    code = "search.no_index"
    title = _("There is no search index yet")
    remedy = _("Wait until it has been built, or run manage.py search rebuild.")


class EngineDown(Unavailable):
    code = "search.engine_down"
    title = _("Search doesn't answer at the moment")
    remedy = _("Try again in a moment; browsing by category still works.")


class GenerationUnknown(NotFound):
    code = "search.generation_unknown"
    title = _("There is no index of that name")
    remedy = _("manage.py search status lists them.")


class NothingToPublish(Conflict):
    code = "search.nothing_to_publish"
    title = _("The draft is the same as what is published")
    remedy = _("Change a rule, a synonym, a redirect or a weight first.")


class TooManyRules(Conflict):
    code = "search.too_many_rules"
    title = _("There are as many of these as a platform can have")
    remedy = _("Remove what is no longer needed; the limit is in limit.")


class TooManySaved(Conflict):
    code = "search.too_many_saved"
    title = _("You keep as many searches as you can")
    remedy = _("Remove one that you no longer need; the limit is in limit.")
