"""The pages of search without JavaScript: results, suggestions, kept searches, tuning."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from kernel import clock
from kernel.ids import public_id, uuid7
from search.models import Change, QueryCount, SavedSearch, SearchRule
from search.selectors import tuning as selectors
from search.services import changes, engines, following, offering, querylog, saved
from tests.factories.catalog import make_category
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD, Browser, make_goods, operator, sign_in
from tests.search.fill import index_all
from tests.search.indexing.memory import MemoryEngine

pytestmark = pytest.mark.usefixtures("platform")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def memory() -> Iterator[MemoryEngine]:
    engine = MemoryEngine()
    engines.use(engine)
    querylog.forget()
    offering.forget()
    yield engine
    engines.use(None)


def test_results_carry_the_address_as_state(memory: MemoryEngine) -> None:
    goods = make_goods(title="Corn <i>one", price="12.50")
    index_all(memory)
    browser = Browser()
    answer = browser.see(
        "/search/", q="corn", **{"attributes.grade": "2", "prices.min": "10", "utm_source": "x"}
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Corn &lt;i&gt;one" in text
    assert "Corn <i>one" not in text
    assert "12.50" in text
    [grade, price] = memory.asked[-1].filters
    assert (grade.ref, grade.values) == ("attributes.grade", ("2",))
    assert (price.ref, price.low, price.high) == ("prices", 1000, None)
    # Each active filter can be taken away.
    assert 'href="?q=corn&amp;prices.min=10&amp;utm_source=x"' in text
    assert 'href="?q=corn&amp;attributes.grade=2&amp;utm_source=x"' in text
    assert goods.merchant.name("en") in text


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/search/", {"q": "x" * 3000}),
        ("/search/", {"q": "\x00\ud7ff<script>alert(1)</script>"}),
        ("/search/", {"q": "corn", "cursor": "garbage", "sort": "no", "limit": "-3", "page": "-1"}),
        ("/search/", {"prices.min": "abc", "prices.max": "NaN", "attributes..": "1"}),
        ("/search/suggest/", {"q": "x" * 3000}),
        ("/search/suggest/", {"q": '"><script>'}),
    ],
)  # fmt: skip
def test_pages_bear_anything(memory: MemoryEngine, path: str, query: dict[str, str]) -> None:
    index_all(memory)
    answer = Browser().see(path, **query)
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in answer.content.decode()


def test_category_and_shop_are_searches_with_a_filter(memory: MemoryEngine) -> None:
    category = make_category("Grain")
    goods = make_goods(title="Corn", category_id=category.id)
    index_all(memory)
    browser = Browser()
    assert "Corn" in browser.see(f"/categories/{category.path}/", category="other").content.decode()
    [one] = memory.asked[-1].filters
    assert (one.ref, one.values) == ("category", (category.path,))
    browser.see(f"/shops/{goods.merchant.slug}/")
    [one] = memory.asked[-1].filters
    assert (one.ref, one.values) == ("merchant", (goods.merchant.public_id,))


def test_without_an_engine_the_shop_still_sells(memory: MemoryEngine) -> None:
    make_goods(title="Dragon Well tea")
    memory.down = True
    text = Browser().see("/search/", q="dragon").content.decode()
    assert "Dragon Well tea" in text
    assert "Search is being looked after" in text


def test_nothing_found_helps_on(memory: MemoryEngine) -> None:
    make_category("Grain", names={"en": "Grain", "zh-Hans": "粮食"})
    index_all(memory)
    text = Browser().see("/search/", q="zzz", brand="A").content.decode()
    assert "Nothing found" in text
    assert "Take a filter away" in text
    assert "Grain" in text


def test_suggestions_are_options_of_a_list(memory: MemoryEngine) -> None:
    make_category("Corn", names={"en": "Corn", "zh-Hans": "玉米"})
    goods = make_goods(title="Corn flour")
    index_all(memory)
    text = Browser().see("/search/suggest/", q="cor").content.decode()
    assert text.count('role="option"') == 2
    assert "<mark>Cor</mark>n" in text
    assert goods.product.slug in text
    assert 'role="option"' in Browser("zh-CN").see("/search/suggest/", q="yum").content.decode()
    assert 'role="option"' in Browser("zh-CN").see("/search/suggest/", q="ymu").content.decode()


def test_searching_and_opening_is_counted(memory: MemoryEngine) -> None:
    goods = make_goods(title="Corn flour")
    index_all(memory)
    browser = Browser()
    browser.see("/search/", q="maize")
    here = f"http://testserver{browser.prefix}/search/?q=maize"
    browser.get(f"{browser.prefix}/search/?q=corn", headers={"Referer": here})
    here = f"http://testserver{browser.prefix}/search/?q=corn"
    browser.get(f"{browser.prefix}/products/{goods.product.slug}/", headers={"Referer": here})
    elsewhere = "https://other.example/search/?q=spam"
    browser.get(f"{browser.prefix}/products/{goods.product.slug}/", headers={"Referer": elsewhere})
    assert querylog.flush() == 3
    found = {row.query: (row.searches, row.empty, row.clicks) for row in QueryCount.objects.all()}
    assert found == {"maize": (1, 1, 0), "corn": (1, 0, 1)}


def test_a_search_is_kept_and_tells_of_what_is_new(memory: MemoryEngine) -> None:
    index_all(memory)
    person = make_person(password=PASSWORD, role="buyer", language="en")
    browser = sign_in(person)
    make_goods(title="Corn old")
    index_all(memory, version=2)
    text = browser.see("/search/", q="corn").content.decode()
    assert "Keep this search" in text
    answer = browser.send("/search/keep/", page="/search/?q=corn", query="q=corn&sort=price")
    assert "Kept" in answer.content.decode()
    make_goods(title="Corn new")
    index_all(memory, version=3)
    SavedSearch.objects.update(checked_at=clock.system() - timedelta(hours=1))
    saved.check_due()
    assert "<strong>1</strong> new" in browser.see("/account/searches/").content.decode()
    number = public_id("sav", SavedSearch.objects.get().id)
    text = browser.see(f"/account/searches/{number}/").content.decode()
    assert "Corn new" in text
    assert "Corn old" not in text
    assert "Nothing new" in browser.see("/account/searches/").content.decode()
    other = sign_in(make_person(password=PASSWORD, role="buyer", language="en"))
    assert other.see(f"/account/searches/{number}/").status_code == 404
    browser.send(f"/account/searches/{number}/act/", do="off")
    assert not SavedSearch.objects.get().alert
    browser.send(f"/account/searches/{number}/act/", do="remove")
    assert "No searches kept yet" in browser.see("/account/searches/").content.decode()
    assert Browser().see("/account/searches/").redirect_chain


class TestOperator:
    def test_pins_previews_publishes_and_undoes(self, memory: MemoryEngine) -> None:
        make_goods(title="Corn one")
        second = make_goods(title="Corn two")
        index_all(memory)
        browser = operator()
        form = {"name": "Season", "kind": "pin", "match": "exact", "queries": "corn\nmaize",
                "product_ids": f"https://shop.example/products/{second.product.slug}/"}  # fmt: skip
        text = browser.send("/operator/search/rules/new/", **form).content.decode()
        assert "In the draft now" in text
        rule = SearchRule.objects.get()
        assert rule.product_ids == [public_id("prd", second.product.id)]
        text = browser.see("/operator/search/weights/", q="corn").content.decode()
        assert "Published now" in text
        assert text.count("Why here?") == 4
        answer = browser.send("/operator/search/publish/", do="publish", note="Spring")
        assert "Version 1 is in use" in answer.content.decode()
        browser.send(f"/operator/search/act/rule/{public_id('srl', rule.id)}/", do="off")
        assert "1 change isn't published" in browser.see("/operator/search/").content.decode()
        browser.send("/operator/search/publish/", do="publish")
        answer = browser.send("/operator/search/publish/", do="1")
        assert "Version 1 is in use again, as version 3" in answer.content.decode()
        assert SearchRule.objects.get().enabled

    def test_is_told_what_is_wrong_with_a_form(self) -> None:
        browser = operator()
        form = {"name": "x", "kind": "boost", "match": "exact", "queries": "corn"}
        answer = browser.send("/operator/search/rules/new/", **form)
        assert answer.status_code == 422
        assert "Say which products are meant" in answer.content.decode()
        answer = browser.send("/operator/search/redirects/new/", match="exact", queries="x",
                              target="https://evil.example/")  # fmt: skip
        assert answer.status_code == 422
        answer = browser.send("/operator/search/weights/", **{"signals.in_stock": "a lot", "q": ""})
        assert "tone-bad" in answer.content.decode()
        field = answer.content.decode().partition('name="signals.in_stock"')[2][:300]
        assert 'value="a lot"' in field
        assert "From " in field, "the reason stands beside it"
        assert browser.send("/operator/search/act/nothing/x/", do="remove").status_code in (
            200,
            404,
        )

    def test_sees_reports_and_accepts_a_synonym(self, memory: MemoryEngine) -> None:
        index_all(memory)
        for number in range(6):
            querylog.note_search(text="苞米", total=0, visit=str(number))
            querylog.note_search(text="玉米", total=9, visit=str(number))
            querylog.note_click(text="玉米", visit=str(number))
        querylog.note_search(text="=SUM(A1)", total=0, visit="one")
        querylog.flush()
        browser = operator("zh-hans")
        text = browser.see("/operator/search/").content.decode()
        assert "玉米" in text
        assert "建议的同义词" in text
        answer = browser.send("/operator/search/propose/", do="accept", before="苞米", after="玉米")
        assert "立即生效" in answer.content.decode()
        assert selectors.synonyms().items[0].source == "苞米"
        sheet = browser.get(f"{browser.prefix}/operator/search/?csv=1")
        lines = b"".join(sheet.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert len(lines) == 3
        assert "SUM" not in "".join(lines)

    def test_sees_what_could_not_be_indexed_and_tries_it_again(self, memory: MemoryEngine) -> None:
        goods = make_goods(title="Corn one")
        index_all(memory)
        changes.note("product", [goods.product.id])
        Change.objects.update(
            state="set_aside", error="the value isn't finite", due_at=clock.system() + HOUR
        )
        following.follow("category", goods.product.category_id or uuid7())
        browser = operator()
        text = browser.see("/operator/search/index/").content.decode()
        assert "Corn one" in text
        assert "the value isn&#x27;t finite" in text
        assert "A category changed" in text
        number = public_id("sch", Change.objects.get().id)
        answer = browser.send("/operator/search/index/retry/", one=number)
        assert "1 document is tried again." in answer.content.decode()
        assert "Everything is indexed." in answer.content.decode()
        assert Change.objects.get().state == "pending"
        answer = browser.send("/operator/search/index/retry/", one=number)
        assert "tried again." not in answer.content.decode()
        memory.down = True
        assert "doesn't answer" in browser.see("/operator/search/index/").content.decode()

    def test_every_page_opens_and_only_for_operators(self, memory: MemoryEngine) -> None:
        index_all(memory)
        buyer = sign_in(make_person(password=PASSWORD, role="buyer", language="en"))
        browser = operator()
        for path in ("", "rules/", "rules/new/", "synonyms/new/", "redirects/new/", "weights/",
                     "versions/", "index/"):  # fmt: skip
            assert browser.see(f"/operator/search/{path}").status_code == 200, path
            assert buyer.see(f"/operator/search/{path}").status_code == 403, path
        browser.send("/operator/search/synonyms/new/", language="zh", source="", terms="玉米\n苞米")
        browser.send("/operator/search/redirects/new/", match="exact", queries="运费",
                     target="/products/")  # fmt: skip
        text = browser.see("/operator/search/rules/").content.decode()
        assert "玉米 = 苞米" in text
        browser.send("/operator/search/publish/", do="publish")
        answer = Browser().see("/search/", q="运费")
        assert answer.redirect_chain[-1][0].endswith("/products/")
