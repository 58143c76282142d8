"""Pages ask the database few questions, however much they show."""

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, make_goods, owner_of

pytestmark = pytest.mark.usefixtures("platform")


def asked(browser: Browser, path: str) -> int:
    """How many statements a page takes once it was seen; now and then a view looks after a cache,
    so of two views the one that takes fewer."""
    browser.see(path)
    return min(_counted(browser, path), _counted(browser, path))


def _counted(browser: Browser, path: str) -> int:
    with CaptureQueriesContext(connections["default"]) as captured:
        assert browser.see(path).status_code == 200
    return sum("set_config" not in query["sql"] for query in captured.captured_queries)


@pytest.mark.parametrize(("path", "most"), [("/", 10), ("/products/", 9)])
def test_lists_take_as_many_statements_for_many_as_for_few(path: str, most: int) -> None:
    merchant = make_merchant()
    make_goods(merchant)
    few = asked(Browser(), path)
    for _number in range(6):
        make_goods(merchant, variants=2)
    assert asked(Browser(), path) <= few
    assert few <= most


def test_product_and_desk_pages() -> None:
    goods = make_goods(variants=3)
    browser = Browser()
    assert asked(browser, f"/products/{goods.product.slug}/") <= 9
    desk = owner_of(goods.merchant)
    assert asked(desk, "/merchant/") <= 26
    assert asked(desk, "/merchant/stock/") <= 14
