"""Product lists and pages for buyers: order, pages, filters, and how few statements they take."""

from typing import Any

import pytest

from catalog import facade
from catalog.domain.sort_key import sort_key
from catalog.domain.tokens import index_tokens, query_tokens
from kernel import transactions
from kernel.errors import Invalid, NotFound
from kernel.pagination import InvalidCursor
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.platforms import make_merchant

pytestmark = pytest.mark.django_db


def every_page(**filters: Any) -> list[str]:
    """All slugs, page after page of two."""
    found: list[str] = []
    cursor = None
    for _ in range(20):
        page = facade.product_cards(cursor=cursor, limit=2, **filters)
        found += [card.slug for card in page.items]
        assert page.has_more == (page.next_cursor is not None)
        if not page.has_more:
            return found
        cursor = page.next_cursor
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("sort", ["newest", "title"])
def test_pages_hold_everything_once_in_order(platform: Any, sort: str) -> None:
    merchant = make_merchant().id
    titles = ["乌龙茶", "安吉白茶", "Black tea", "龙井", "black tea"]
    made = [
        make_product(merchant_id=merchant, titles={"zh-Hans": t}, slug=f"s{n}")
        for n, t in enumerate(titles)
    ]
    make_product(merchant_id=merchant, published=False)
    found = every_page(sort=sort)
    if sort == "newest":
        assert found == [product.slug for product in reversed(made)]
    else:
        # Latin first, equal titles by id, then Pinyin: an, long, wu.
        assert found == ["s2", "s4", "s1", "s3", "s0"]


def test_a_category_shows_its_branch_only(platform: Any) -> None:
    merchant = make_merchant().id
    food = make_category(slug="food")
    tea = make_category(slug="tea", parent_id=food.id)
    beside = make_category(slug="food0")
    slugs = []
    for n, category in enumerate([food, tea, beside, food, tea, None]):
        made = make_product(
            merchant_id=merchant, category_id=category.id if category else None, slug=f"s{n}"
        )
        slugs.append(made.slug)
    assert every_page(category=food.id) == ["s4", "s3", "s1", "s0"]
    assert every_page(category=food.id, sort="title", merchant=merchant)
    assert every_page(category=tea.id) == ["s4", "s1"]
    assert every_page(category=merchant) == []
    assert len(every_page(merchant=merchant)) == 6
    assert every_page(merchant=make_merchant().id) == []


def test_words(platform: Any) -> None:
    merchant = make_merchant().id
    first = make_product(
        merchant_id=merchant, titles={"zh-Hans": "西湖龙井茶", "en": "West Lake Longjing"}
    )
    second = make_product(merchant_id=merchant, titles={"zh-Hans": "井冈翠绿", "en": "Lake tea"})
    assert set(every_page(query="lake")) == {first.slug, second.slug}
    assert every_page(query="龙井") == [first.slug]
    assert set(every_page(query="井")) == {first.slug, second.slug}
    assert every_page(query="茶") == [first.slug], "the last of a title, with which no pair begins"
    assert every_page(query="翠") == every_page(query="翠 井冈") == [second.slug]
    found = facade.products_page(query="茶", merchant_id=merchant)
    assert [one.id for one in found.items] == [first.id]
    assert every_page(query="LAKE longjing") == [first.slug]
    assert every_page(query=first.variants[0].sku.split("-")[1])
    assert every_page(query="coffee") == []
    assert every_page(query="!!!") == []
    facade.update_product(product_id=first.id, changes={"titles": {"zh-Hans": "碧螺春"}})
    assert every_page(query="龙井") == []
    assert every_page(query="螺春") == [first.slug]


def test_bad_sorts_and_cursors(platform: Any) -> None:
    for _ in range(2):
        make_product()
    page = facade.product_cards(limit=1)
    with pytest.raises(Invalid):
        facade.product_cards(sort="price")
    for cursor, sort in ((page.next_cursor, "title"), ("x", "newest"), ("e30", "newest")):
        with pytest.raises(InvalidCursor):
            facade.product_cards(cursor=cursor, sort=sort)


def test_cards_and_pages_in_the_readers_language(platform: Any) -> None:
    category = make_category(names={"zh-Hans": "茶", "en": "Tea"})
    below = make_category(names={"zh-Hans": "绿茶"}, parent_id=category.id)
    product = make_product(
        titles={"zh-Hans": "龙井", "en": "Longjing"},
        descriptions={"zh-Hans": "明前"},
        category_id=below.id,
        variants=2,
    )
    facade.add_picture(product_id=product.id, data=picture_bytes(), alts={"en": "A leaf"})
    card = facade.product_cards(language="en").items[0]
    assert (card.title, card.variant_ids) == ("Longjing", tuple(v.id for v in product.variants))
    assert card.image is not None
    assert card.image.alt("en") == "A leaf"
    assert facade.product_cards(language="de").items[0].title == "龙井"
    page = facade.product_page(slug_or_id=product.slug, language="en")
    assert (page.title, page.description) == ("Longjing", "明前")
    assert [node.name for node in page.trail] == ["Tea", "绿茶"]
    assert page.axes == (("size", "Size"),)
    assert [variant.options for variant in page.variants] == [{"size": "1 kg"}, {"size": "2 kg"}]
    with pytest.raises(NotFound):
        facade.product_page(slug_or_id="nothing-here")


def test_few_statements(platform: Any, django_assert_num_queries: Any) -> None:
    category = make_category()
    for _ in range(5):
        product = make_product(category_id=category.id, variants=2)
        facade.add_picture(product_id=product.id, data=picture_bytes())
    facade.product_cards()
    with django_assert_num_queries(1):
        assert len(facade.product_cards().items) == 5
    with django_assert_num_queries(1):
        facade.product_cards(category=category.id, query="tea", sort="title")
    with django_assert_num_queries(1):
        facade.product_page(slug_or_id=product.slug)
    with django_assert_num_queries(1):
        facade.variants([variant.id for variant in product.variants])
    with django_assert_num_queries(1):
        facade.category_tree()


def test_hot_lists_use_their_indexes(platform: Any) -> None:
    """As the app role, below row-level security, with enough rows to make it matter."""
    merchant = make_merchant().id
    category = make_category()
    for _ in range(3):
        make_product(merchant_id=merchant, category_id=category.id)
    plans = []
    with transactions.cursor() as sql:
        sql.execute("SET LOCAL enable_seqscan = off")
        sql.execute("SET LOCAL enable_sort = off")
        for order in ("published_at DESC, id DESC", "title_key, id"):
            sql.execute(
                "EXPLAIN SELECT id FROM catalog_product WHERE platform_id = %s "
                f"AND state = 'published' AND merchant_open ORDER BY {order} LIMIT 20",
                [platform.id],
            )
            plans.append("\n".join(row[0] for row in sql.fetchall()))
    assert "catalog_product_newest" in plans[0]
    assert "catalog_product_title" in plans[1]
    assert not any("Sort" in plan for plan in plans)


def test_tokens_and_keys() -> None:
    assert index_tokens(["Longjing 龙井茶"]) == ["longjing", "龙井", "井茶", "茶"]
    assert index_tokens(["iPhone手机"]) == ["iphone", "手机", "机"]
    assert query_tokens("龙井茶 A") == ["龙井", "井茶", "a"]
    assert sort_key("Zebra") < sort_key("安") < sort_key("中")
