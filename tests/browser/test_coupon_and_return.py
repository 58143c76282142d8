"""A coupon in the cart and a return with a picture, on a phone; the merchant receives at a desk.
What axe says of each page."""

from typing import Any

import pytest

from config.demo.pictures import picture
from kernel import tenancy
from marketplace import facade as marketplace
from tests.browser.conftest import Visitor
from tests.browser.test_contracts import judged
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of, fill_in, put_in_cart
from tests.factories.platforms import make_person
from tests.factories.promotions import make_promotion
from tests.factories.returns import deliver
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def look(visitor: Visitor, what: str) -> None:
    visitor.shot(what)
    judged(visitor)


def bought_with_coupon(buyer: Visitor, merchant: Any) -> None:
    """From the shelf to the order's page."""
    page = buyer.page
    put_in_cart(buyer, merchant)
    page.fill("#code", "NOTHING-LIKE-IT")
    page.locator("button[value=apply]").click()
    page.wait_for_selector("#code-problem")
    page.fill("#code", "autumn-5")
    page.locator("button[value=apply]").click()
    page.wait_for_selector(".discounts")
    look(buyer, "cart")
    page.locator(".aside a.primary").click()
    fill_in(page)
    page.select_option("#id_region", "22")
    page.wait_for_selector("#checkout button[value=pay]")
    page.check("input[name=method][value=offline_test]")
    look(buyer, "checkout")
    page.locator("#checkout button[value=pay]").click()
    page.wait_for_url("**/purchases/**")
    page.locator("section.card a.button").first.click()
    page.wait_for_selector(".steps")


def asked_for(buyer: Visitor) -> None:
    """A return of one, with a picture and a word to the merchant."""
    page = buyer.page
    page.reload()
    page.fill("#m-text", "盖子裂了，我要退货。")
    page.locator("button[value=write]").click()
    page.wait_for_selector("#messages .divided")
    look(buyer, "order")
    page.locator("#returns a.button[href*='/return/']").click()
    page.locator("fieldset input[type=number]").fill("1")
    page.select_option("#id_cause", "damaged")
    lid = {"name": "lid.jpg", "mimeType": "image/jpeg", "buffer": picture("jar", 1)}
    page.set_input_files("#r-pictures", [lid])
    look(buyer, "ask")
    page.locator("button[value=ask]").click()
    page.wait_for_selector("main img[alt$='lid.jpg']")
    look(buyer, "asked")


def test_bought_with_a_coupon_and_sent_back(shop: Any, live_server: Any, chromium: Any) -> None:
    merchant = next(iter(shop["merchants"].values()))
    with tenancy.scope(shop["tenant"]):
        make_promotion(merchant_id=merchant.id, code="AUTUMN-5")
        owner = make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD)
    base = base_of(live_server, shop)
    buyer = Visitor(chromium, base, "return-phone", **PHONE)
    bought_with_coupon(buyer, merchant)
    with tenancy.scope(shop["tenant"]):
        [order] = marketplace.orders(limit=2).items
        assert order.discount_total.amount > 0
        deliver(order.id)
    asked_for(buyer)

    seller = Visitor(chromium, base, "return-desk", **DESKTOP)
    enter(seller, owner)
    seller.page.locator("a[href$='/merchant/returns/']").first.click()
    seller.page.locator("th a").first.click()
    look(seller, "requested")
    seller.page.fill("#r-to", "人民大街 1 号")
    seller.page.locator("form:has([value=approve]) button").click()

    buyer.page.reload()
    buyer.page.fill("#r-waybill", "EA000000004CN")
    buyer.page.locator("form:has([value=sent]) button").click()
    look(buyer, "sent")

    seller.page.reload()
    seller.page.check("[name=restock]")
    seller.page.locator("form:has([value=receive]) button").click()
    look(seller, "received")
    with tenancy.scope(shop["tenant"]):
        [back] = marketplace.returns_page().items
        assert (back.state, back.restocked) == ("refunded", True)
        assert len(back.pictures) == 1
    # The browser itself tells of the code that was refused on purpose.
    buyer.complaints = [one for one in buyer.complaints if "status of 422" not in one]
    buyer.close()
    seller.close()
