"""One of three sent in a parcel from a desk, the rest cancelled on a phone. What axe says of each
page."""

from typing import Any

import pytest

from kernel import tenancy
from marketplace import facade as marketplace
from tests.browser.conftest import Visitor
from tests.browser.test_cancelling import buys
from tests.browser.test_coupon_and_return import look
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.parcels import hand_over
from tests.factories.platforms import make_person
from tests.factories.sandbox import make_account, serving
from tests.factories.storefront import PASSWORD
from tests.factories.world import connect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_sent_in_parts(shop: Any, live_server: Any, chromium: Any) -> None:
    merchant = next(iter(shop["merchants"].values()))
    with tenancy.scope(shop["tenant"]):
        owner = make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD)
    base = base_of(live_server, shop)
    buyer = Visitor(chromium, base, "parcels-phone", **PHONE)
    buys(buyer, merchant)
    seller = Visitor(chromium, base, "parcels-desk", **DESKTOP)
    enter(seller, owner)
    seller.page.goto(f"{base}/merchant/orders/")
    seller.page.locator("tbody a").first.click()
    look(seller, "to-send")
    seller.page.locator("a.button[href$='/parcel/']").click()
    seller.page.locator("fieldset input[type=number]").first.fill("1")
    look(seller, "form")
    with serving() as url:
        with tenancy.scope(shop["tenant"]):
            connect(url, make_account())
        seller.page.locator("form button.primary").click()
        seller.page.wait_for_selector("#parcels .card")
    look(seller, "one-sent")
    with tenancy.scope(shop["tenant"]):
        [order] = marketplace.orders(limit=2).items
        assert order.state == "partly_shipped"
        hand_over(order, 1)
    buyer.page.reload()
    buyer.page.wait_for_selector("#parcels .card:nth-of-type(2)")
    look(buyer, "two-parcels")
    seller.page.reload()
    look(seller, "two-parcels")
    buyer.close()
    seller.close()
