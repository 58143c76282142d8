"""What is asked of the counts of queries: the operator's report, proposals, what to offer.

Queries of fewer visits than the platform's threshold in the days looked at are in none of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from kernel import clock, personal, tenancy
from kernel.errors import Invalid
from kernel.pagination import PageOf, decode_cursor, encode_cursor
from kernel.sealed_text import opened
from kernel.transactions import cursor as open_cursor
from platforms import facade as platforms
from search.models import DeclinedSynonym, PopularQuery, SynonymGroup
from search.models.queries import mark_of

KINDS = ("popular", "empty", "unclicked")
DAYS_MOST = 400
_ORDERS = {
    "popular": "sum(searches)",
    "empty": "sum(empty)",
    "unclicked": "sum(searches) - sum(clicks)",
}
_HAVING = {
    "popular": "",
    # At least every other visit found nothing; less than every fifth opened anything.
    "empty": "AND sum(empty) * 2 >= sum(searches)",
    "unclicked": "AND sum(empty) * 2 < sum(searches) AND sum(clicks) * 5 < sum(searches)",
}
_REPORT = """
SELECT language, query, searches, empty, clicks, worth, mark FROM (
  SELECT language, mark, min(query) AS query, sum(searches)::int AS searches,
    sum(empty)::int AS empty, least(sum(clicks), sum(searches))::int AS clicks,
    ({order})::int AS worth
  FROM search_querycount
  WHERE platform_id = %(platform)s AND day >= %(since)s
    AND (%(language)s::text IS NULL OR language = %(language)s)
  GROUP BY language, mark HAVING sum(searches) >= %(threshold)s {having}
) AS found
WHERE %(worth)s::int IS NULL OR (worth, mark) < (%(worth)s, %(mark)s)
ORDER BY worth DESC, mark DESC LIMIT %(limit)s
"""
# A proposal: whoever typed the one mostly typed the other next and then opened something.
_PROPOSALS = """
SELECT p.language, min(p.before), min(p.after), sum(p.times)::int, sum(p.clicks)::int
FROM search_querypair p
WHERE p.platform_id = %(platform)s AND p.day >= %(since)s
  AND NOT EXISTS (
    SELECT FROM unnest(%(languages)s::text[], %(befores)s::text[], %(afters)s::text[])
      AS d(language, before, after)
    WHERE d.language = p.language AND d.before = p.before_mark AND d.after = p.after_mark)
GROUP BY p.language, p.before_mark, p.after_mark
HAVING sum(p.times) >= %(threshold)s AND sum(p.clicks) * 2 >= sum(p.times)
ORDER BY 5 DESC, 4 DESC, p.before_mark, p.after_mark LIMIT 200
"""
_COUNTS_OF = """
SELECT mark, sum(searches)::int, sum(empty)::int, sum(clicks)::int FROM search_querycount
WHERE platform_id = %(platform)s AND day >= %(since)s AND mark = ANY(%(marks)s)
GROUP BY mark
"""


@dataclass(frozen=True)
class QueryRow:
    """A query in the report: visits that searched, found nothing, opened something."""

    language: str
    query: str
    searches: int
    empty: int
    clicks: int


@dataclass(frozen=True)
class Proposal:
    """Two queries that may mean the same: in ``times`` visits ``after`` followed ``before``, in
    ``clicks`` of them something was then opened. ``empty``: visits in which ``before`` found
    nothing."""

    language: str
    before: str
    after: str
    times: int
    clicks: int
    empty: int


def threshold() -> int:
    """How many visits a query must have had to be shown."""
    return int(platforms.setting("search", "query_threshold"))


def since(days: int) -> date:
    """The first day of the last ``days``. Raises Invalid."""
    if not 1 <= days <= DAYS_MOST:
        raise Invalid(_("From 1 to %(most)s days.") % {"most": DAYS_MOST}, field="days")
    return clock.day_of(clock.system()) - timedelta(days=days - 1)


def report(
    *,
    kind: str = "popular",
    days: int = 30,
    language: str | None = None,
    cursor: str | None = None,
    limit: int = 20,
) -> PageOf[QueryRow]:
    """Queries of the last ``days``: ``popular``, ``empty`` (found nothing), ``unclicked``."""
    if kind not in KINDS:
        told = _("A report is one of %(values)s.") % {"values": ", ".join(KINDS)}
        raise Invalid(told, field="kind")
    order = (kind, "worth", "mark")
    after: list[Any] = [None, None]
    if cursor:
        _kind, worth, mark = decode_cursor(order, cursor)
        after = [int(worth) if worth.isascii() and worth.isdigit() else 0, mark]
    values = {
        "platform": tenancy.current_id(),
        "since": since(days),
        "language": language,
        "threshold": threshold(),
        "worth": after[0],
        "mark": after[1],
        "limit": limit + 1,
    }
    with open_cursor() as sql:
        sql.execute(_REPORT.format(order=_ORDERS[kind], having=_HAVING[kind]), values)
        rows = sql.fetchall()
    more = len(rows) > limit
    following = (
        encode_cursor(order, [kind, rows[limit - 1][5], rows[limit - 1][6]]) if more else None
    )
    shown = opened_rows([row[:5] for row in rows[:limit]], 1)
    return PageOf([QueryRow(*row) for row in shown], more, following)


def proposals(*, days: int = 90) -> list[Proposal]:
    """Synonyms to think about, out of what people typed when the first word didn't do."""
    values: dict[str, Any] = {
        "platform": tenancy.current_id(), "since": since(days), "threshold": threshold(),
        **_declined(),
    }  # fmt: skip
    with open_cursor() as sql:
        sql.execute(_PROPOSALS, values)
        rows = opened_rows(sql.fetchall(), 1, 2)
        sql.execute(_COUNTS_OF, values | {"marks": [mark_of(row[1]) for row in rows]})
        counts = {row[0]: row[1:] for row in sql.fetchall()}
    known = _known_pairs()
    found = []
    for language, before, after, times, clicks in rows:
        searches, empty, opened = counts.get(mark_of(before), (0, 0, 0))
        # The first word did well by itself: whoever went on wanted something else.
        if searches and empty * 2 < searches and opened * 3 > searches:
            continue
        if frozenset((before, after)) in known or before in after or after in before:
            continue
        found.append(Proposal(language, before, after, times, clicks, empty))
    return found


def opened_rows(rows: Iterable[Sequence[Any]], *places: int) -> list[tuple[Any, ...]]:
    """Rows with the words at ``places`` opened; one key opens them all."""
    found = []
    with personal.keyring():
        for row in rows:
            found.append(tuple(opened(v) if n in places else v for n, v in enumerate(row)))
    return found


def _declined() -> dict[str, list[str]]:
    rows = list(DeclinedSynonym.objects.values_list("language", "before", "after"))
    return {
        "languages": [row[0] for row in rows],
        "befores": [mark_of(row[1]) for row in rows],
        "afters": [mark_of(row[2]) for row in rows],
    }


def popular(*, limit: int = 500) -> list[PopularQuery]:
    """What is offered while typing, most searched first."""
    return list(PopularQuery.objects.order_by("-searches", "query")[:limit])


def _known_pairs() -> set[frozenset[str]]:
    rows = SynonymGroup.objects.values_list("source", "terms")
    return {
        frozenset((one, other))
        for source, terms in rows
        for one in ([source] if source else terms)
        for other in terms
        if one != other
    }


_FOLLOWERS = """
SELECT min(after) FROM search_querypair
WHERE platform_id = %(platform)s AND day >= %(since)s AND before_mark = %(mark)s
GROUP BY after_mark HAVING sum(times) >= %(threshold)s
ORDER BY sum(clicks) DESC, sum(times) DESC, after_mark LIMIT 6
"""


def followers(query: str) -> list[str]:
    """What people typed straight after this folded query, most fruitful first."""
    values: dict[str, Any] = {
        "platform": tenancy.current_id(), "since": since(90), "mark": mark_of(query),
        "threshold": threshold(),
    }  # fmt: skip
    with open_cursor() as sql:
        sql.execute(_FOLLOWERS, values)
        return [row[0] for row in opened_rows(sql.fetchall(), 0)]
