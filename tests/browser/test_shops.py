"""Shops as buyers see them and as their merchants dress them, on a phone and on a desktop."""

from datetime import timedelta
from typing import Any

import pytest

from catalog import facade as catalog
from config.demo.home import compose_home
from config.demo.shops import dress_shops
from kernel import clock, tenancy
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.browser.conftest import Visitor
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(("name", "options"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_first_page(
    shop: Any, live_server: Any, chromium: Any, name: str, options: dict[str, Any]
) -> None:
    with tenancy.scope(shop["tenant"]):
        compose_home()
        first = public_id("hbl", catalog.blocks()[0].id)
        boss = make_person(role="operator", password=PASSWORD)
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-home", **options)
    visitor.goto("/")
    visitor.shot("page")
    enter(visitor, boss)
    for what, path in {
        "blocks": "/operator/home/",
        "banner": f"/operator/home/{first}/",
        "products": "/operator/home/new/products/",
        "preview": "/operator/home/preview/",
    }.items():
        visitor.goto(path)
        visitor.shot(what)
    picks(visitor)
    visitor.close()


def picks(visitor: Visitor) -> None:
    """Two products are found by a word, put in order, and one is taken out again."""
    visitor.goto("/operator/home/new/products/")
    page, box = visitor.page, visitor.page.locator("#id_products_search")
    for _ in range(2):
        box.press_sequentially("rice")
        page.locator("#id_products_found [role=option]").nth(1).wait_for()
        box.press("ArrowDown")
        if page.locator(".picked li").count():
            box.press("ArrowDown")  # another than the first
        box.press("Enter")
    lines = page.locator("#id_products").input_value().split("\n")
    assert [line[:4] for line in lines] == ["prd_", "prd_"]
    visitor.shot("picked")
    page.locator(".picked li").nth(1).locator("button").first.click()
    assert page.locator("#id_products").input_value().split("\n") == lines[::-1]
    page.locator(".picked li").first.locator("button").first.click()
    assert page.locator("#id_products").input_value() == lines[0]
    assert page.locator("#id_products_search").evaluate("el => el === document.activeElement")


@pytest.mark.parametrize(("name", "options"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_shops(
    shop: Any, live_server: Any, chromium: Any, name: str, options: dict[str, Any]
) -> None:
    merchant = shop["merchants"]["grain"]
    with tenancy.scope(shop["tenant"]):
        dress_shops({"grain": merchant.id})
        first = catalog.shop_categories(merchant.id)[0]
        owner = make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD)
    shelf = public_id("shc", first.id)
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-shops", **options)
    visitor.goto(f"/shops/{merchant.slug}/")
    visitor.shot("shop")
    visitor.goto(f"/shops/{merchant.slug}/{shelf}/")
    visitor.shot("shelf")
    enter(visitor, owner)
    for what, path in {
        "profile": "/merchant/shop/",
        "holiday": "/merchant/shop/vacation/",
        "categories": "/merchant/shop/categories/",
        "category": f"/merchant/shop/categories/{shelf}/",
    }.items():
        visitor.goto(path)
        visitor.shot(what)
    with tenancy.scope(shop["tenant"]):
        marketplace.set_vacation(
            merchant_id=merchant.id,
            ends_at=clock.business() + timedelta(days=3),
            messages={"zh-Hans": "春节放假，初七恢复发货。", "en": "Back after the festival."},
        )
        goods = catalog.products_page(merchant_id=merchant.id, visible=True, limit=1).items[0]
    for what, path in {
        "away": f"/shops/{merchant.slug}/",
        "away-product": f"/products/{goods.slug}/",
        "away-desk": "/merchant/shop/vacation/",
    }.items():
        visitor.goto(path)
        visitor.shot(what)
    visitor.close()
