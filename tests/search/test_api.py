"""The API of search: what is asked wrongly, what belongs to whom, an operator's tuning."""

from datetime import timedelta
from typing import Any

import pytest

from kernel import clock, jobs, tenancy
from kernel.ids import public_id, uuid7
from kernel.outbox.feed import merchant_events
from search.models import Change, IndexTask, SavedSearch
from search.services import changes, querylog, rebuilding, saved
from tests.factories.platforms import ApiClient, make_key, make_merchant, make_person
from tests.factories.storefront import make_goods
from tests.search.fill import index_all
from tests.search.indexing.memory import MemoryEngine

pytestmark = pytest.mark.usefixtures("platform", "memory")


def client(kind: str = "guest", **who: Any) -> ApiClient:
    raw = None if kind == "guest" else make_key(kind=kind, **who).raw
    return ApiClient(code=tenancy.current().code, raw_key=raw)


def operator() -> ApiClient:
    return client("operator", person_id=make_person(role="operator").id)


LONG = "玉" * 3500
ODD: list[tuple[str, dict[str, Any], int, str]] = [
    ("10 kB query", {"q": LONG}, 422, "search.query_too_long"),
    ("just too long", {"q": "x" * 201}, 422, "search.query_too_long"),
    ("only punctuation", {"q": "!!! ??? ---"}, 200, ""),
    ("control characters", {"q": "a\x00\x01\x1b[31mb\r\n"}, 200, ""),
    ("emoji", {"q": "🌽🌽🌽"}, 200, ""),
    ("lone surrogates", {"q": b"\xed\xa0\x80corn\xff"}, 200, ""),
    ("query language", {"q": 'title:* OR (a AND "b") +c -d ~2 ^9 /.*/ {"match_all":{}}'}, 200, ""),
    ("SQL", {"q": "'; DROP TABLE catalog_product; --"}, 200, ""),
    ("markup", {"q": "<script>alert(1)</script>"}, 200, ""),
    ("10,000 filters", {"filter": [f"brand:{n}" for n in range(10_000)]}, 413, "too_large"),
    ("900 filters", {"filter": [f"brand:{n}" for n in range(900)]}, 422,
     "search.too_many_filters"),
    ("31 fields", {"filter": [f"attributes.a{n}:1" for n in range(31)]}, 422,
     "search.too_many_filters"),
    ("unknown filter", {"filter": "secret:1"}, 422, "search.unknown_field"),
    ("other buyers' prices", {"filter": "prices.3:1..2"}, 422, "search.unknown_field"),
    ("a searched text", {"filter": "title:x"}, 422, "search.unknown_field"),
    ("no colon", {"filter": "brand"}, 422, "search.wrong_value"),
    ("no value", {"filter": "brand:"}, 422, "search.wrong_value"),
    ("bad number", {"filter": "prices:abc"}, 422, "search.wrong_value"),
    ("endless number", {"filter": "prices:1e999999999..2"}, 422, "search.wrong_value"),
    ("huge number", {"filter": f"prices:{'9' * 40}..{'9' * 41}"}, 422, "search.wrong_value"),
    ("upside down", {"filter": "prices:9..1"}, 422, "search.wrong_value"),
    ("bad day", {"filter": "published_at:2026-99-99..2026-01-01"}, 422, "search.wrong_value"),
    ("surrogate in a filter", {"filter": "brand:\x07"}, 422, "search.wrong_value"),
    ("21 facets", {"facets": ",".join(f"attributes.f{n}" for n in range(21))}, 422,
     "search.too_many_filters"),
    ("negative page", {"page": -1}, 422, "search.bad_page"),
    ("the last day of all", {"filter": "published_at:..9999-12-31"}, 200, ""),
    ("the day after", {"filter": "published_at:..9999-12-31T12:00:00"}, 422, "search.wrong_value"),
    ("page zero", {"page": 0}, 422, "search.bad_page"),
    ("page of words", {"page": "two"}, 422, "invalid"),
    ("1,000 a page", {"limit": 1000}, 422, "search.bad_page"),
    ("unknown sort", {"sort": "secret"}, 422, "invalid"),
    ("unknown group", {"group": "price"}, 422, "invalid"),
    ("unknown type", {"type": "person"}, 422, "invalid"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "status", "code"), [one[1:] for one in ODD], ids=[one[0] for one in ODD]
)
def test_whatever_is_asked_is_answered(
    memory: MemoryEngine, query: dict[str, Any], status: int, code: str
) -> None:
    index_all(memory)
    answer = client().get("/search", query=query)
    body = answer.json()
    assert answer.status_code == status, body
    if code:
        assert body["code"] == code
        assert body["errors"], "no field is named"
        assert body["remedy"]


@pytest.mark.parametrize("cursor", ["x", "e30", "bm90IGEgY3Vyc29y", "9" * 900, "\x00"])
def test_a_cursor_from_elsewhere_does_no_harm_while_browsing(cursor: str) -> None:
    make_goods()
    answer = client().get("/search", query={"cursor": cursor})
    assert answer.status_code == 200, answer.content
    assert len(answer.json()["data"]) == 1


@pytest.mark.parametrize("text", [LONG, "!!!", "🌽", "a\x00b", b"\xed\xa0\x80", "<b>", "x" * 199])
def test_suggestions_bear_anything(text: Any) -> None:
    answer = client().get("/suggest", query={"q": text})
    assert answer.status_code == (422 if text is LONG else 200)


def test_hits_carry_the_prices_of_the_marketplace(memory: MemoryEngine) -> None:
    goods = make_goods(title="Dragon <b>Well", price="12.50", picture=True)
    index_all(memory)
    body = client().get("/search", query={"q": "dragon"}).json()
    [found] = body["data"]
    assert (found["lowest_price"], found["currency"]) == ("12.50", "CNY")
    assert found["id"] == public_id("prd", goods.product.id)
    assert "<b>" not in found["title_html"]
    assert (body["total"], body["degraded"]) == (1, False)
    assert client().get("/search", query={"type": "merchant"}).json()["data"]


def test_without_an_engine_products_are_browsed(memory: MemoryEngine) -> None:
    make_goods(title="Dragon Well")
    memory.down = True
    body = client().get("/search", query={"q": "dragon"}).json()
    assert body["degraded"] is True
    assert len(body["data"]) == 1
    assert client().get("/suggest", query={"q": "dragon"}).status_code == 200
    assert client().get("/search", query={"type": "merchant"}).status_code == 503


def test_searches_are_counted_and_clicks_too(memory: MemoryEngine) -> None:
    goods = make_goods(title="Dragon Well")
    index_all(memory)
    guest = client()
    for query in ({"q": "dragon"}, {"q": "dragon"}, {"q": "dragon", "filter": "brand:A"}):
        guest.get("/search", query=query)
    body = {"q": "dragon", "product_id": public_id("prd", goods.product.id)}
    assert guest.post("/search/clicks", body).status_code == 204
    querylog.flush()
    [row] = operator_report(operator())
    assert row == {"query": "dragon", "language": "en", "searches": 1, "empty": 0, "clicks": 1}


def operator_report(who: ApiClient) -> list[dict[str, Any]]:
    from search.models import QueryCount
    from search.models.queries import mark_of

    QueryCount.objects.create(
        day=clock.day_of(clock.system()), language="zh", query="罕见", searches=1
    )
    from platforms import facade as platforms

    platforms.change_settings(settings={"search": {"query_threshold": 3}})
    assert who.get("/search/reports/queries").json()["data"] == []
    QueryCount.objects.filter(mark=mark_of("dragon")).update(searches=3)
    [row] = who.get("/search/reports/queries").json()["data"]
    return [row | {"searches": row["searches"] - 2}]


def test_only_operators_tune() -> None:
    for who in (client(), client("merchant"), client("buyer")):
        for path in (
            "/search/rules",
            "/search/tuning",
            "/search/preview",
            "/search/reports/queries",
        ):
            assert who.get(path).status_code in (401, 403), path
    reader = client("operator", person_id=make_person(role="operator").id, scopes=("search:read",))
    assert reader.get("/search/rules").status_code == 200
    answer = reader.post("/search/synonyms", {"language": "zh", "terms": ["玉米", "苞米"]})
    assert answer.status_code == 403


def test_what_could_not_be_indexed_is_told_and_tried_again(memory: MemoryEngine) -> None:
    goods, other = make_goods(title="Corn one"), make_goods(title="Corn two")
    index_all(memory)
    changes.note("product", [goods.product.id, other.product.id])
    later = clock.system() + timedelta(hours=1)
    Change.objects.update(state="set_aside", error="it doesn't fit", due_at=later, lane=1)
    who = operator()
    state = who.get("/search/index").json()
    assert (state["set_aside"], state["single"], state["up"]) == (2, 0, True)
    [one, _two] = who.get("/search/index/set-aside").json()["data"]
    assert one["reason"] == "it doesn't fit"
    assert one["name"].endswith("Corn one")
    assert one["document_id"] == public_id("prd", goods.product.id)
    path = f"/search/index/set-aside/{one['id']}/retry"
    assert who.post(path).json() == {"retried": 1}
    assert who.post(path).status_code == 404
    assert who.post("/search/index/set-aside/retry").json() == {"retried": 1}
    rows = Change.objects.values_list("state", "lane", "error")
    assert set(rows) == {("pending", 0, "")}
    assert all(row.due_at <= clock.system() for row in Change.objects.all())
    for stranger in (client(), client("merchant"), client("buyer")):
        assert stranger.get("/search/index").status_code in (401, 403)
        assert stranger.post("/search/index/set-aside/retry").status_code in (401, 403)


def test_of_a_rebuild_no_platform_learns_how_much_the_others_have(memory: MemoryEngine) -> None:
    index_all(memory)
    task = rebuilding.ask(IndexTask.Kind.REBUILD, "product")
    IndexTask.objects.filter(id=task.id).update(done=4321, total=9876)
    [work] = operator().get("/search/index").json()["work"]
    assert (work["kind"], work["done"], work["total"]) == ("rebuild", 43, 100)
    IndexTask.objects.filter(id=task.id).update(done=0, total=0)
    [work] = operator().get("/search/index").json()["work"]
    assert (work["done"], work["total"]) == (0, 0)
    since = "/search/index/set-aside?updated_since=2026-01-01T00:00:00Z"
    assert operator().get(since).status_code == 422, "not left out silently"


def test_a_rule_from_draft_to_search_and_back(memory: MemoryEngine) -> None:
    first, second = make_goods(title="Corn one"), make_goods(title="Corn two")
    index_all(memory)
    who, wanted = operator(), public_id("prd", second.product.id)
    body = {"name": "Season", "kind": "pin", "queries": ["corn"], "product_ids": [wanted]}
    made = who.post("/search/rules", body)
    assert made.status_code == 201, made.content
    client().get("/search", query={"q": "corn"})
    assert memory.asked[-1].pins == ()
    shown = who.get("/search/preview", query={"q": "corn"}).json()
    assert len(shown["current"]) == len(shown["draft"]) == 2
    assert memory.asked[-1].pins == (wanted,)
    version = who.post("/search/tuning/publish", {"note": "spring"}).json()
    assert (version["number"], version["current"]) == (1, True)
    client().get("/search", query={"q": " CORN "})
    assert memory.asked[-1].pins == (wanted,)

    rule = made.json()["id"]
    stale = who.patch(f"/search/rules/{rule}", {"enabled": False}, headers={"If-Match": '"v9"'})
    assert stale.status_code == 412
    assert who.patch(f"/search/rules/{rule}", {"enabled": False}).json()["enabled"] is False
    assert who.get("/search/tuning").json()["differences"][0]["change"] == "changed"
    who.post("/search/tuning/publish", {})
    again = who.post("/search/tuning/publish", {})
    assert (again.status_code, again.json()["code"]) == (409, "search.nothing_to_publish")
    restored = who.post(f"/search/tuning/versions/{version['id']}/restore").json()
    assert (restored["number"], restored["restored_from"]) == (3, 1)
    assert [one["number"] for one in who.get("/search/tuning/versions").json()["data"]] == [3, 2, 1]
    assert who.delete(f"/search/rules/{rule}").status_code == 204
    assert who.post("/search/tuning/discard").json()["differences"] == []
    assert who.get(f"/search/rules/{rule}").status_code == 200
    assert first


def test_synonyms_redirects_and_weights_over_the_api(memory: MemoryEngine) -> None:
    index_all(memory)
    who = operator()
    made = who.post("/search/synonyms", {"language": "zh", "terms": ["玉米", "苞米"]}).json()
    path = f"/search/synonyms/{made['id']}"
    assert who.patch(path, {"source": "棒子"}).json()["source"] == "棒子"
    sent = who.post("/search/redirects", {"queries": ["运费"], "target": "/products/"}).json()
    changed = who.patch(f"/search/redirects/{sent['id']}", {"match": "contains"}).json()
    assert changed["match"] == "contains"
    answer = who.put("/search/tuning/weights", {"signals": {"in_stock": "2.50"}})
    assert answer.json()["weights"]["signals"] == {"in_stock": "2.5"}
    assert who.put("/search/tuning/weights", {"pinyin": "99"}).status_code == 422
    who.post("/search/tuning/publish", {})
    assert client().get("/search", query={"q": "运费多少"}).json()["redirect"] == "/products/"
    client().get("/search", query={"q": "棒子"})
    asked = memory.asked[-1]
    assert (asked.synonyms[0].words, asked.weights.signals) == (("棒子",), {"in_stock": 2.5})
    for gone in (path, f"/search/redirects/{sent['id']}"):
        assert who.delete(gone).status_code == 204


def test_a_proposed_synonym_is_accepted_with_one_click(memory: MemoryEngine) -> None:
    index_all(memory)
    for number in range(6):
        querylog.note_search(text="苞米", total=0, visit=str(number))
        querylog.note_search(text="玉米", total=9, visit=str(number))
        querylog.note_click(text="玉米", visit=str(number))
    querylog.flush()
    who = operator()
    [row] = who.get("/search/reports/synonyms").json()["data"]
    pair = {"before": row["before"], "after": row["after"]}
    made = who.post("/search/reports/synonyms/accept", pair).json()
    assert made["published"] == 1
    assert who.get("/search/reports/synonyms").json()["data"] == []
    client().get("/search", query={"q": "苞米"})
    assert memory.asked[-1].synonyms[0].to == ("玉米",)
    other = {"before": "黄豆", "after": "大豆"}
    assert who.post("/search/reports/synonyms/decline", other).status_code == 204


class TestSaved:
    def test_a_merchant_is_told_of_new_matches_once(self, memory: MemoryEngine) -> None:
        merchant = make_merchant()
        make_goods(title="Corn old")
        index_all(memory)
        who = client("merchant", merchant_id=merchant.id)
        made = who.post("/saved-searches", {"q": "corn", "name": "Corn"})
        assert made.status_code == 201, made.content
        same = who.post("/saved-searches", {"q": "corn", "name": "Corn"})
        assert same.json()["id"] == made.json()["id"]
        new = make_goods(title="Corn new")
        index_all(memory, version=2)
        assert saved.check_due() == {"checked": 0, "new": 0}
        earlier = clock.system() - timedelta(hours=1)
        for _ in range(2):
            SavedSearch.objects.update(checked_at=earlier)
            saved.check_due()
        path = f"/saved-searches/{made.json()['id']}"
        assert who.get(path).json()["unseen"] == 1
        [match] = who.get(f"{path}/matches").json()["data"]
        assert match["product_id"] == public_id("prd", new.product.id)
        events = [one for one in merchant_events(merchant.id).items if "saved_search" in one.type]
        assert [one.data["count"] for one in events] in ([1], [])  # behind running transactions
        assert who.post(f"{path}/seen").json() == {"seen": 1}
        assert who.patch(path, {"alert": False, "name": "Mine"}).json()["name"] == "Mine"
        SavedSearch.objects.update(checked_at=earlier)
        assert saved.check_due()["checked"] == 0
        assert who.delete(path).status_code == 204
        assert who.get(path).status_code == 404

    def test_one_that_cannot_be_asked_holds_up_no_other(
        self, memory: MemoryEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        index_all(memory)
        who = client("merchant", merchant_id=make_merchant().id)
        for word in ("broken", "corn"):
            assert who.post("/saved-searches", {"q": word}).status_code == 201
        make_goods(title="Corn new")
        index_all(memory, version=2)
        earlier = clock.system() - timedelta(hours=1)
        SavedSearch.objects.update(checked_at=earlier)
        real = memory.search

        def search(*, query: Any, **asked: Any) -> Any:
            if query.text == "broken":
                raise ValueError("the engine stumbled")
            return real(query=query, **asked)

        monkeypatch.setattr(memory, "search", search)
        assert saved.check_due() == {"checked": 2, "new": 1}
        assert not SavedSearch.objects.filter(checked_at=earlier).exists()

    def test_belongs_to_its_owner(self, memory: MemoryEngine) -> None:
        index_all(memory)
        made = client("buyer").post("/saved-searches", {"q": "corn"}).json()
        for who in (client("buyer"), client("merchant")):
            assert who.get(f"/saved-searches/{made['id']}").status_code == 404
            assert who.get("/saved-searches").json()["data"] == []
        assert client().get("/saved-searches").status_code == 401

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"q": "  "},
            {"q": "x", "sort": "no"},
            {"filter": ["no:1"]},
            {"q": "x" * 201},
            {"filter": ["rating:1..3", "rating:2..5"]},
            {"filter": ["rating:1", "rating:2..5"]},
        ],
    )
    def test_refuses_what_is_no_search(self, body: dict[str, Any]) -> None:
        assert client("buyer").post("/saved-searches", body).status_code == 422

    def test_filters_come_back_as_they_were_sent(self, memory: MemoryEngine) -> None:
        index_all(memory)
        sent = ["attributes.grade:2", "prices:10.50..20.00", "published_at:2026-01-01..2026-02-01"]
        made = client("buyer").post("/saved-searches", {"q": "corn", "filter": sent}).json()
        assert sorted(made["filter"]) == sorted(sent)


def test_recurring_jobs_run() -> None:
    from kernel.jobs.registry import KINDS, JobContext

    for name in ("search.queries", "search.saved_searches"):
        context = JobContext(uuid7(), name, 1)
        assert isinstance(KINDS[name].call(context), dict)
    assert jobs
