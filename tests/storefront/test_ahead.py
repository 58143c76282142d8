"""Back-orders and pre-orders on pages: plainly said to buyers, set and followed by merchants."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from config.demo.stock import sell_ahead
from inventory import facade as inventory
from kernel import clock
from kernel.ids import public_id
from marketplace import facade as marketplace
from search.building.products import read
from tests.factories.storefront import Browser, Goods, buy, make_goods, owner_of
from tests.storefront.test_found import blocks
from tests.storefront.test_stock_papers import row_of, sku_of

pytestmark = pytest.mark.usefixtures("platform")
DAY = timedelta(days=1)


def ahead(goods: Goods, mode: str = "backorder", **more: Any) -> None:
    values: dict[str, Any] = {"lead_days": 7, "limit": Decimal(5)} | more
    inventory.set_ahead(
        merchant_id=goods.merchant.id, variant_id=goods.variant_id, mode=mode, **values
    )


def shown(browser: Browser, path: str, **query: str) -> str:
    answer = browser.see(path, **query)
    assert answer.status_code == 200, path
    return str(answer.content.decode())


def availability(text: str) -> Any:
    [product] = [one for one in blocks(text) if one["@type"] == "Product"]
    offers: Any = product["offers"]
    return offers[0]["availability"].rpartition("/")[2]


def test_a_backorder_is_said_and_can_be_ordered() -> None:
    goods = make_goods(stock=0)
    browser = Browser()
    path = f"/products/{goods.product.slug}/"
    text = shown(browser, path)
    assert "Sold out" in text
    assert availability(text) == "OutOfStock"
    ahead(goods)
    text = shown(browser, path)
    assert "Back-order: ships within 7 days" in text
    assert "Sold out" not in text
    assert availability(text) == "BackOrder"
    assert "7 天内发货" in shown(Browser("zh-hans"), path)
    tile = shown(browser, f"/shops/{goods.merchant.slug}/")
    assert "Back-order: ships within 7 days" in tile
    browser.send("/cart/add/", variant=goods.variant, quantity="2")
    assert "Back-order: ships within 7 days" in shown(browser, "/cart/")
    done = buy(browser, goods)
    assert done.status_code == 200
    [order] = marketplace.orders(merchant_id=goods.merchant.id).items
    assert order.state == "paid"
    desk = owner_of(goods.merchant)
    order_path = f"/merchant/orders/{public_id('ord', order.id)}/"
    text = shown(desk, order_path)
    assert "not there yet, promised by" in text
    assert "the lines say when" in text
    waits = shown(desk, "/merchant/stock/ahead/waiting/")
    assert order.number in waits
    assert "Promised goods" not in shown(desk, "/merchant/")
    with clock.offset(9 * DAY):
        assert inventory.late_count(goods.merchant.id) == 1


def test_a_preorder_is_said_with_its_day() -> None:
    goods = make_goods(stock=3)
    ahead(goods, "preorder", release_on=clock.today() + 30 * DAY)
    text = shown(Browser(), f"/products/{goods.product.slug}/")
    assert "Pre-order: ships from" in text
    assert availability(text) == "PreOrder"
    made = read([goods.product.id])[goods.product.id]()
    assert made is not None
    assert made.fields["stock"] == "preorder"


def test_more_than_is_there_is_sold_as_a_backorder() -> None:
    goods = make_goods(stock=2)
    ahead(goods)
    browser = Browser()
    text = shown(browser, f"/products/{goods.product.slug}/")
    assert "Only" in text
    assert "More than that:" in text
    assert availability(text) == "InStock"
    browser.send("/cart/add/", variant=goods.variant, quantity="3")
    assert "1 of them:" in shown(browser, "/cart/")
    browser.send("/cart/add/", variant=goods.variant, quantity="9")
    assert "7 left" in shown(browser, "/cart/")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_merchants_pages(language: str) -> None:
    goods = make_goods(stock=0)
    desk = owner_of(goods.merchant, language)
    where = "/merchant/stock/ahead/"
    assert "table" not in shown(desk, where).split("<main")[1].split("<form")[0]
    form = {
        "skus": sku_of(goods),
        "mode": "backorder",
        "limit": "",
        "lead_days": "",
        "release_on": "",
    }
    wrong = desk.send(where, page=where, **form)
    assert wrong.status_code == 422
    unknown = desk.send(where, page=where, **form | {"skus": "NO-SUCH", "lead_days": "3"})
    assert unknown.status_code == 422
    assert "NO-SUCH" in unknown.content.decode()
    done = desk.send(where, page=where, **form | {"lead_days": "3"})
    assert done.status_code == 200
    assert sku_of(goods) in done.content.decode()
    ahead(goods, lead_days=3, limit=Decimal(500))
    known = shown(desk, where, sku=sku_of(goods))
    assert 'value="3"' in known
    assert 'value="500"' in known
    ahead(goods, lead_days=3, limit=None)
    buy(Browser(), goods, quantity=2)
    assert row_of(goods).promised == 2
    assert shown(desk, "/merchant/stock/")
    day = clock.today() + 20 * DAY
    moved = desk.send(f"{where}move/", page=where, variant=goods.variant, due_on=str(day))
    assert moved.status_code == 200
    [one] = inventory.promises_page(merchant_id=goods.merchant.id).items
    assert one.due_on == day
    bad = desk.send(f"{where}move/", page=where, variant=goods.variant, due_on="soon")
    assert ("Give tomorrow or a later day" in bad.content.decode()) == (language == "en")


def test_the_demo_has_both() -> None:
    first = make_goods(title="Scarf")
    merchant = first.merchant
    later, latest = make_goods(merchant, title="Hat"), make_goods(merchant, title="New")
    for _again in range(2):
        sell_ahead(merchant.id)
    modes = {
        key: str(one.mode)
        for key, one in inventory.aheads([later.variant_id, first.variant_id]).items()
    }
    assert modes == {first.variant_id: "backorder", later.variant_id: "preorder"}
    assert len(inventory.aheads_page(merchant_id=merchant.id).items) == 2
    # The city's story buys each shop's latest and sends it at once.
    assert not inventory.aheads([latest.variant_id])
    assert "ships within 10 days" in shown(Browser(), f"/products/{first.product.slug}/")
