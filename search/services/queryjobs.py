"""What a job makes of the counts each hour: what to offer while typing, and forgetting."""

from datetime import timedelta
from typing import Any

from kernel import clock, tenancy, transactions
from kernel.transactions import cursor
from platforms import facade as platforms
from search.analysis.readings import spelled
from search.models import PopularQuery, QueryCount, QueryPair
from search.selectors import queries

POPULAR_MOST = 500
POPULAR_DAYS = 30
RARE_DAYS = 30
PAIR_DAYS = 90
_RARE = """
DELETE FROM search_querycount q USING (
  SELECT language, mark FROM search_querycount WHERE platform_id = %(platform)s
  GROUP BY language, mark HAVING sum(searches) < %(threshold)s
) AS rare
WHERE q.platform_id = %(platform)s AND q.day < %(before)s
  AND q.language = rare.language AND q.mark = rare.mark
"""
_RARE_PAIRS = """
DELETE FROM search_querypair q USING (
  SELECT language, before_mark, after_mark FROM search_querypair
  WHERE platform_id = %(platform)s
  GROUP BY language, before_mark, after_mark HAVING sum(times) < %(threshold)s
) AS rare
WHERE q.platform_id = %(platform)s AND q.day < %(before)s AND q.language = rare.language
  AND q.before_mark = rare.before_mark AND q.after_mark = rare.after_mark
"""
_POPULAR = """
SELECT language, min(query), sum(searches)::int FROM search_querycount
WHERE platform_id = %(platform)s AND day >= %(since)s
GROUP BY language, mark
HAVING sum(searches) >= %(threshold)s AND sum(empty) * 2 < sum(searches)
ORDER BY 3 DESC, mark LIMIT %(most)s
"""


def refresh_popular() -> int:
    """Choose anew what is offered while typing; how many queries."""
    values: dict[str, Any] = {
        "platform": tenancy.current_id(),
        "since": queries.since(POPULAR_DAYS),
        "threshold": queries.threshold(),
        "most": POPULAR_MOST,
    }
    with transactions.atomic():
        with cursor() as sql:
            sql.execute("SELECT pg_advisory_xact_lock(hashtext('search.popular'))")
            sql.execute(_POPULAR, values)
            rows = sql.fetchall()
        PopularQuery.objects.all().delete()
        PopularQuery.objects.bulk_create(
            PopularQuery(language=language, query=query, searches=count, **_spelled(query))
            for language, query, count in queries.opened_rows(rows, 1)
        )
    return len(rows)


def forget_queries() -> dict[str, Any]:
    """Remove what is too old or was too rare; how many rows."""
    today = clock.day_of(clock.system())
    oldest = today - timedelta(days=int(platforms.setting("search", "query_days")))
    values: dict[str, Any] = {
        "platform": tenancy.current_id(),
        "threshold": queries.threshold(),
        "before": today - timedelta(days=RARE_DAYS),
    }
    with transactions.atomic(), cursor() as sql:
        sql.execute(_RARE, values)
        rare = sql.rowcount
        sql.execute(_RARE_PAIRS, values)
        rare += sql.rowcount
    old, _kinds = QueryCount.objects.filter(day__lt=oldest).delete()
    pairs, _kinds = QueryPair.objects.filter(day__lt=today - timedelta(days=PAIR_DAYS)).delete()
    return {"rare": rare, "old": old + pairs}


def _spelled(query: str) -> dict[str, str]:
    """How it is typed without Chinese characters: ``yumi``, ``ym``."""
    whole, initials = (one.replace(" ", "") for one in spelled(query))
    return {"pinyin": whole[:300], "initials": initials[:100]}
