"""Shops as buyers see them and as their merchants dress them, on a phone and on a desktop."""

from typing import Any

import pytest

from catalog import facade as catalog
from config.demo.shops import dress_shops
from kernel import tenancy
from kernel.ids import public_id
from tests.browser.conftest import Visitor
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


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
        "categories": "/merchant/shop/categories/",
        "category": f"/merchant/shop/categories/{shelf}/",
    }.items():
        visitor.goto(path)
        visitor.shot(what)
    visitor.close()
