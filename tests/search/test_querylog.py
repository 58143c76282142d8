"""Counting queries without knowing who asked, and what is made of the counts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kernel import clock
from search.models import PopularQuery, QueryCount, QueryPair
from search.models.queries import mark_of
from search.selectors import queries
from search.services import queryjobs, querylog

pytestmark = pytest.mark.usefixtures("platform", "fresh")


@pytest.fixture
def fresh() -> None:
    querylog.forget()


def search(text: str, visit: str, total: int = 3, before: str = "") -> None:
    querylog.note_search(text=text, total=total, visit=visit, before=before)


def visits(text: str, count: int, *, total: int = 3, clicks: int = 0, then: str = "") -> None:
    """``count`` visits search for it, ``clicks`` of them open something, all go on to ``then``."""
    for number in range(count):
        visit = f"{text}-{then}-{number}"
        search(text, visit, total)
        if then:
            search(then, visit)
        if number < clicks:
            querylog.note_click(text=then or text, visit=visit)
    querylog.flush()


def test_nothing_is_written_while_searching_and_each_visit_counts_once() -> None:
    for _ in range(4):
        search("玉米", "one")
    search("ＹＵＭＩ 玉米 ", "two", 0)
    querylog.note_click(text="玉米", visit="one")
    querylog.note_click(text="玉米", visit="one")
    assert not QueryCount.objects.exists()
    assert querylog.flush() == 2
    found = {row.query: (row.searches, row.empty, row.clicks) for row in QueryCount.objects.all()}
    assert found == {"玉米": (1, 0, 1), "yumi 玉米": (1, 1, 0)}
    search("玉米", "three")
    querylog.flush()
    assert QueryCount.objects.get(mark=mark_of("玉米")).searches == 2
    assert querylog.flush() == 0


@pytest.mark.parametrize("text", ["wang@example.com", "13844445678", "220102 19900101 1234"])
def test_what_may_be_about_a_person_is_not_counted(text: str) -> None:
    search(text, "one", 0)
    search("玉米", "one", before=text)
    querylog.flush()
    assert [row.query for row in QueryCount.objects.all()] == ["玉米"]
    assert not QueryPair.objects.exists()


def test_a_barcode_that_finds_something_counts() -> None:
    search("6901234567892", "one", 1)
    assert querylog.flush() == 1


def test_one_platforms_counts_are_not_anothers() -> None:
    from kernel import tenancy
    from tests.factories.platforms import make_platform

    search("玉米", "one")
    with tenancy.scope(make_platform()):
        search("大米", "one")
        querylog.flush()
        assert [row.query for row in QueryCount.objects.all()] == ["大米"]
        assert not QueryPair.objects.exists()
    assert [row.query for row in QueryCount.objects.all()] == ["玉米"]


def test_report_shows_no_rare_query() -> None:
    visits("玉米", 9, clicks=4)
    visits("豆粕", 6, total=0)
    visits("高粱", 7, clicks=1)
    visits("隐私", 4, total=0)
    assert [row.query for row in queries.report().items] == ["玉米", "高粱", "豆粕"]
    assert [row.query for row in queries.report(kind="empty").items] == ["豆粕"]
    assert [row.query for row in queries.report(kind="unclicked").items] == ["高粱"]
    first = queries.report(limit=1)
    assert first.next_cursor
    rest = queries.report(limit=5, cursor=first.next_cursor)
    assert [row.query for row in rest.items] == ["高粱", "豆粕"]


def test_synonyms_are_proposed_from_what_people_typed_next() -> None:
    visits("苞米", 6, total=0, clicks=6, then="玉米")
    visits("黄豆", 6, total=3, clicks=1, then="大豆")  # they opened nothing
    visits("棒子", 4, total=0, clicks=4, then="玉米")  # too rare
    [found] = queries.proposals()
    assert (found.before, found.after, found.times, found.clicks) == ("苞米", "玉米", 6, 6)
    assert found.empty == 6


def test_popular_queries_are_chosen_and_rare_ones_forgotten() -> None:
    visits("玉米", 9)
    visits("豆粕", 9, total=0)
    visits("大米", 2)
    assert queryjobs.refresh_popular() == 1
    [found] = PopularQuery.objects.all()
    assert (found.query, found.pinyin, found.initials) == ("玉米", "yumi", "ym")
    assert queryjobs.forget_queries()["rare"] == 0
    long_ago = clock.day_of(clock.system()) - timedelta(days=40)
    QueryCount.objects.all().update(day=long_ago)
    assert queryjobs.forget_queries()["rare"] == 1
    assert not QueryCount.objects.filter(mark=mark_of("大米")).exists()
    QueryCount.objects.all().update(day=long_ago - timedelta(days=400))
    assert queryjobs.forget_queries()["old"] == 2


def test_days_are_the_deployments_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seven in the evening in London is the next morning in Changchun."""
    late = datetime(2026, 5, 1, 19, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "system", lambda: late)
    search("玉米", "one")
    querylog.flush()
    assert QueryCount.objects.get().day == date(2026, 5, 2)
    assert queries.since(1) == date(2026, 5, 2)
