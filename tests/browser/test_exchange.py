"""Goods exchanged: a guest on a phone in Chinese, or at a desk in English; the merchant answers,
receives and sends another one. What axe says of each page."""

from typing import Any

import pytest

from catalog import facade as catalog
from config.demo.pictures import picture
from kernel import tenancy
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from tests.browser.conftest import Visitor
from tests.browser.test_coupon_and_return import look
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.returns import deliver
from tests.factories.sandbox import make_account, serving
from tests.factories.storefront import PASSWORD
from tests.factories.world import Shop, World, connect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def bought(shop: Any, language: str) -> tuple[Any, str, str]:
    """The owner; where the order is, two of a product delivered, of which two packs cost the same;
    and another variant's id."""
    products = (catalog.product(one.id) for one in catalog.products_page(limit=100).items)
    info = next(one for one in products if len(one.variants) > 1)
    merchant = platforms.merchant(info.merchant_id)
    owner = make_person(
        role="merchant_owner", merchant_id=merchant.id, password=PASSWORD, language=language
    )
    first, second = info.variants[:2]
    offer = marketplace.prices([first.id])[first.id]
    marketplace.set_price(
        merchant_id=merchant.id, variant_id=second.id, unit_price=offer.unit_price, currency="CNY"
    )
    done = World([Shop(merchant.id, first.id)]).buy(2)
    assert done.group_id is not None
    order = deliver(done.order_ids[0])
    token = marketplace.guest_token(done.group_id)
    return owner, f"/orders/{public_id('ord', order.id)}/?t={token}", str(second.id)


def asked_for(buyer: Visitor, where: str, other: str) -> None:
    page = buyer.page
    buyer.goto(where)
    look(buyer, "order")
    page.locator("#returns a[href*='/exchange/']").click()
    page.locator("fieldset input[type=number]").fill("1")
    page.locator("fieldset select").select_option(other)
    lid = {"name": "lid.jpg", "mimeType": "image/jpeg", "buffer": picture("jar", 1)}
    page.set_input_files("#r-pictures", [lid])
    look(buyer, "ask")
    page.locator("main form button.primary").click()
    page.wait_for_selector("main img[alt$='lid.jpg']")
    look(buyer, "asked")


@pytest.mark.parametrize(
    ("name", "options", "desk"),
    [("exchange-phone", PHONE, PHONE), ("exchange-desktop", DESKTOP, DESKTOP)],
)
def test_from_one_pack_to_another(
    shop: Any, live_server: Any, chromium: Any, name: str, options: Any, desk: Any
) -> None:
    with tenancy.scope(shop["tenant"]), serving() as url:
        connect(url, make_account())
        owner, where, other = bought(shop, "en" if desk is DESKTOP else "zh-hans")
        base = base_of(live_server, shop)
        buyer = Visitor(chromium, base, name, **options)
        asked_for(buyer, where, other)
        seller = Visitor(chromium, base, f"{name}-seller", **desk)
        enter(seller, owner)
        seller.goto("/merchant/returns/?kind=exchange")
        look(seller, "list")
        seller.page.locator("th a").first.click()
        look(seller, "requested")
        seller.page.fill("#r-to", "人民大街 1 号")
        seller.page.locator("form:has([value=approve]) button.primary").click()
        seller.page.wait_for_selector("form:has([value=receive])")

        buyer.page.reload()
        buyer.page.fill("#r-waybill", "EA000000004CN")
        look(buyer, "approved")
        buyer.page.locator("form:has([value=sent]) button").click()

        seller.page.reload()
        seller.page.locator("form:has([value=receive]) button").click()
        seller.page.wait_for_selector("form:has([value=send])")
        look(seller, "received")
        seller.page.locator("form:has([value=send]) button").click()
        seller.page.wait_for_selector("form:has([value=send])", state="detached")
        look(seller, "resent")

        buyer.page.reload()
        look(buyer, "resent")
        buyer.page.locator("form:has([value=confirm]) button").click()
        buyer.page.wait_for_selector("form:has([value=confirm])", state="detached")
        look(buyer, "exchanged")
        [found] = marketplace.returns_page().items
        assert (found.state, len(found.pictures)) == ("exchanged", 1)
        buyer.close()
        seller.close()
