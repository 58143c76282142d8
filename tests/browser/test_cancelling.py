"""A part of an order cancelled on a phone, asked for once it is packed, answered at a desk. What
axe says of each page."""

from typing import Any

import pytest

from kernel import outbox, tenancy
from marketplace import facade as marketplace
from tests.browser.conftest import Visitor
from tests.browser.test_coupon_and_return import look
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of, fill_in, put_in_cart
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def buys(visitor: Visitor, merchant: Any) -> None:
    """Three of one thing, from the shelf to the order's page."""
    for _piece in range(3):
        put_in_cart(visitor, merchant)
    page = visitor.page
    page.locator(".aside a.primary").click()
    fill_in(page)
    page.select_option("#id_region", "22")
    page.wait_for_selector("#checkout button[value=pay]")
    page.check("input[name=method][value=offline_test]")
    page.locator("#checkout button[value=pay]").click()
    page.wait_for_url("**/purchases/**")
    page.locator("section.card a.button").first.click()
    page.wait_for_selector(".steps")


def wish(visitor: Visitor, cause: str, name: str) -> None:
    """One piece, looked at and cancelled."""
    page = visitor.page
    page.locator("#cancellations a.button").click()
    page.locator("fieldset input[type=number]").first.fill("1")
    page.select_option("#id_cause", cause)
    page.locator("button[value=preview]").click()
    page.wait_for_selector("[role=status] .facts")
    look(visitor, name)
    page.locator("button[value=ask]").click()
    page.wait_for_selector("#cancellations .divided")


def test_cancelled_in_parts(shop: Any, live_server: Any, chromium: Any) -> None:
    merchant = next(iter(shop["merchants"].values()))
    with tenancy.scope(shop["tenant"]):
        owner = make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD)
    base = base_of(live_server, shop)
    buyer = Visitor(chromium, base, "cancel-phone", **PHONE)
    buys(buyer, merchant)
    seller = Visitor(chromium, base, "cancel-desk", **DESKTOP)
    enter(seller, owner)
    with tenancy.scope(shop["tenant"]):
        [order] = marketplace.orders(limit=2).items
    wish(buyer, "mistake", "form")
    look(buyer, "cancelled")
    seller.page.goto(f"{base}/merchant/orders/")
    seller.page.locator("tbody a").first.click()
    seller.page.locator("button[value=pack]").click()
    seller.page.wait_for_selector("button[value=pack]", state="detached")
    look(seller, "packed")
    buyer.page.reload()
    wish(buyer, "too_slow", "form-asked")
    look(buyer, "asked")
    seller.page.reload()
    look(seller, "to-answer")
    seller.page.locator("#cancellations button[value=accept]").click()
    seller.page.wait_for_selector("#cancellations button[value=accept]", state="detached")
    with tenancy.scope(shop["tenant"]):
        outbox.drain()
        found = marketplace.cancellations_of(order_id=order.id)
        assert {one.state for one in found} == {"refunded"}
    buyer.page.reload()
    look(buyer, "order")
    seller.page.reload()
    look(seller, "order")
    seller.page.locator("#cancellations a.button").click()
    look(seller, "form")
    buyer.close()
    seller.close()
