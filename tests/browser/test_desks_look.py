"""The consoles on a phone and on a desktop, and the style guide in the dark."""

from typing import Any

import pytest

from catalog import facade as catalog
from kernel import outbox, tenancy
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.browser.conftest import Visitor
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import PASSWORD, Browser, Goods, buy

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def enter(visitor: Visitor, person: Any) -> None:
    visitor.goto("/sign-in/")
    visitor.page.fill("#id_email", person.email)
    visitor.page.fill("#id_password", PASSWORD)
    visitor.page.locator("main button[type=submit]").click()
    visitor.page.wait_for_selector(".desk")


def trade(shop: Any) -> tuple[Any, Any, str, str]:
    """Three orders and an application: the owner, an operator, an order's id, a product's id."""
    merchant = next(iter(shop["merchants"].values()))
    goods = [
        Goods(info, info.variants[0].id, merchant)
        for info in (
            catalog.product(one.id)
            for one in catalog.products_page(merchant_id=merchant.id, limit=3).items
        )
    ]
    for one in goods:
        buy(Browser(), one)
    outbox.drain()
    make_merchant(approved=False)
    return (
        make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD),
        make_person(role="operator", password=PASSWORD),
        public_id("ord", marketplace.orders(limit=1).items[0].id),
        public_id("prd", goods[0].product.id),
    )


@pytest.mark.parametrize(
    ("name", "options"),
    [("phone", {**PHONE, "color_scheme": "dark"}), ("desktop", DESKTOP)],
)
def test_consoles(
    shop: Any, live_server: Any, chromium: Any, name: str, options: dict[str, Any]
) -> None:
    with tenancy.scope(shop["tenant"]):
        owner, boss, order, product = trade(shop)
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-merchant", **options)
    enter(visitor, owner)
    for what, path in {
        "today": "/merchant/",
        "orders": "/merchant/orders/",
        "order": f"/merchant/orders/{order}/",
        "products": "/merchant/products/",
        "product": f"/merchant/products/{product}/",
        "lists": "/merchant/products/lists/",
        "stock": "/merchant/stock/",
        "returns": "/merchant/returns/",
        "promotions": "/merchant/promotions/",
        "promotion": "/merchant/promotions/new/",
        "sales": "/merchant/sales/",
        "money": "/merchant/money/",
        "keys": "/merchant/keys/",
        "ledger": "/merchant/ledger/",
    }.items():
        visitor.goto(path)
        visitor.shot(what)
    visitor.page.locator("main table a").first.click()
    visitor.page.wait_for_selector(".figure")
    # Amounts as long as a shop that sells well has.
    visitor.page.evaluate(
        "document.querySelectorAll('.figure .money').forEach(e => e.innerText = 'CN¥1,234,567.80')"
    )
    visitor.shot("statement")
    visitor.close()
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-operator", **options)
    enter(visitor, boss)
    for what in (
        "", "merchants/", "returns/", "promotions/", "attention/", "events/", "jobs/",
        "operations/", "audit/",
    ):  # fmt: skip
        visitor.goto(f"/operator/{what}")
        visitor.shot(what.strip("/") or "today")
    visitor.page.keyboard.press("/")
    assert visitor.page.locator("#palette[open]").count() == 1
    visitor.page.keyboard.type(" ")
    visitor.close()
    visitor = Visitor(chromium, live_server.url, f"{name}-guide", **options)
    visitor.goto("/")
    visitor.goto("/styleguide/")
    visitor.shot("all")
    visitor.close()
