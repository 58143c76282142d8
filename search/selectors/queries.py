"""What is asked of the counts of queries: the operator's report, proposals, what to offer.

Queries of fewer visits than the platform's threshold in the days looked at are in none of them.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kernel import clock, tenancy
from kernel.errors import Invalid
from kernel.pagination import PageOf, decode_cursor, encode_cursor
from kernel.transactions import cursor as open_cursor
from platforms import facade as platforms
from search.models import PopularQuery, SynonymGroup

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
SELECT language, query, searches, empty, clicks, worth FROM (
  SELECT language, query, sum(searches)::int AS searches, sum(empty)::int AS empty,
    least(sum(clicks), sum(searches))::int AS clicks, ({order})::int AS worth
  FROM search_querycount
  WHERE platform_id = %(platform)s AND day >= %(since)s
    AND (%(language)s::text IS NULL OR language = %(language)s)
  GROUP BY language, query HAVING sum(searches) >= %(threshold)s {having}
) AS found
WHERE %(worth)s::int IS NULL OR (worth, query) < (%(worth)s, %(query)s)
ORDER BY worth DESC, query DESC LIMIT %(limit)s
"""
# A proposal: whoever typed the one mostly typed the other next and then opened something.
_PROPOSALS = """
SELECT p.language, p.before, p.after, sum(p.times)::int, sum(p.clicks)::int
FROM search_querypair p
WHERE p.platform_id = %(platform)s AND p.day >= %(since)s
  AND NOT EXISTS (SELECT FROM search_declinedsynonym d WHERE d.platform_id = p.platform_id
    AND d.language = p.language AND d.before = p.before AND d.after = p.after)
GROUP BY p.language, p.before, p.after
HAVING sum(p.times) >= %(threshold)s AND sum(p.clicks) * 2 >= sum(p.times)
ORDER BY 5 DESC, 4 DESC, p.before, p.after LIMIT 200
"""
_COUNTS_OF = """
SELECT query, sum(searches)::int, sum(empty)::int, sum(clicks)::int FROM search_querycount
WHERE platform_id = %(platform)s AND day >= %(since)s AND query = ANY(%(queries)s)
GROUP BY query
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
        raise Invalid(f"From 1 to {DAYS_MOST} days.", field="days")
    return clock.system().date() - timedelta(days=days - 1)


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
        raise Invalid(f"A report is one of {', '.join(KINDS)}.", field="kind")
    order = (kind, "worth", "query")
    after: list[Any] = [None, None]
    if cursor:
        _kind, worth, query = decode_cursor(order, cursor)
        after = [int(worth) if worth.isascii() and worth.isdigit() else 0, query]
    values = {
        "platform": tenancy.current_id(),
        "since": since(days),
        "language": language,
        "threshold": threshold(),
        "worth": after[0],
        "query": after[1],
        "limit": limit + 1,
    }
    with open_cursor() as sql:
        sql.execute(_REPORT.format(order=_ORDERS[kind], having=_HAVING[kind]), values)
        rows = sql.fetchall()
    more = len(rows) > limit
    following = (
        encode_cursor(order, [kind, rows[limit - 1][5], rows[limit - 1][1]]) if more else None
    )
    return PageOf([QueryRow(*row[:5]) for row in rows[:limit]], more, following)


def proposals(*, days: int = 90) -> list[Proposal]:
    """Synonyms to think about, out of what people typed when the first word didn't do."""
    values: dict[str, Any] = {
        "platform": tenancy.current_id(), "since": since(days), "threshold": threshold(),
    }  # fmt: skip
    with open_cursor() as sql:
        sql.execute(_PROPOSALS, values)
        rows = sql.fetchall()
        sql.execute(_COUNTS_OF, values | {"queries": [row[1] for row in rows]})
        counts = {row[0]: row[1:] for row in sql.fetchall()}
    known = _known_pairs()
    found = []
    for language, before, after, times, clicks in rows:
        searches, empty, opened = counts.get(before, (0, 0, 0))
        # The first word did well by itself: whoever went on wanted something else.
        if searches and empty * 2 < searches and opened * 3 > searches:
            continue
        if frozenset((before, after)) in known or before in after or after in before:
            continue
        found.append(Proposal(language, before, after, times, clicks, empty))
    return found


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
SELECT after FROM search_querypair
WHERE platform_id = %(platform)s AND day >= %(since)s AND before = %(query)s
GROUP BY after HAVING sum(times) >= %(threshold)s
ORDER BY sum(clicks) DESC, sum(times) DESC, after LIMIT 6
"""


def followers(query: str) -> list[str]:
    """What people typed straight after this folded query, most fruitful first."""
    values: dict[str, Any] = {
        "platform": tenancy.current_id(), "since": since(90), "query": query,
        "threshold": threshold(),
    }  # fmt: skip
    with open_cursor() as sql:
        sql.execute(_FOLLOWERS, values)
        return [row[0] for row in sql.fetchall()]
