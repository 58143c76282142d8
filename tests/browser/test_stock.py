"""The merchant's stock on a phone and a desktop: there, coming, moving, counted, held."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from config.demo.stock import stock_papers
from inventory import facade as inventory
from kernel import clock, tenancy
from kernel.ids import public_id
from tests.browser.conftest import Visitor
from tests.browser.test_desks_look import enter
from tests.browser.test_guest_buys import DESKTOP, PHONE, base_of
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def papers(merchant_id: Any) -> dict[str, str]:
    """The demo's papers, and goods held; the pages by name."""
    stock_papers(merchant_id)
    stock_papers(merchant_id)  # safe to run again
    row = inventory.stock_page(merchant_id=merchant_id, limit=1).items[0]
    inventory.reserve(
        key=uuid4(),
        lines=[inventory.StockLine(row.variant_id, Decimal(2))],
        expires_at=clock.business() + timedelta(minutes=30),
    )
    receipts = inventory.receipts_page(merchant_id=merchant_id).items
    [transfer] = inventory.transfers_page(merchant_id=merchant_id).items
    [count] = inventory.counts_page(merchant_id=merchant_id).items
    return {
        "stock": "",
        "low": "?low=1",
        "receipts": "receipts/",
        "receipt-new": "receipts/new/",
        "receipt": f"receipts/{public_id('rcp', receipts[-1].id)}/",
        "transfers": "transfers/",
        "transfer-new": "transfers/new/",
        "transfer": f"transfers/{public_id('trf', transfer.id)}/",
        "counts": "counts/",
        "count-new": "counts/new/",
        "count": f"counts/{public_id('cnt', count.id)}/",
        "reservations": "reservations/",
        "movements": "movements/",
    }


@pytest.mark.parametrize(("name", "options"), [("phone", PHONE), ("desktop", DESKTOP)])
def test_stock(
    shop: Any, live_server: Any, chromium: Any, name: str, options: dict[str, Any]
) -> None:
    merchant = shop["merchants"]["grain"]
    with tenancy.scope(shop["tenant"]):
        pages = papers(merchant.id)
        owner = make_person(
            role="merchant_owner", merchant_id=merchant.id, password=PASSWORD,
            language="en" if name == "desktop" else "zh-hans",
        )  # fmt: skip
    visitor = Visitor(chromium, base_of(live_server, shop), f"{name}-stock", **options)
    enter(visitor, owner)
    for what, path in pages.items():
        visitor.goto(f"/merchant/stock/{path}")
        visitor.shot(what)
    visitor.goto("/merchant/stock/")
    visitor.page.locator("details.confirm summary").first.click()
    visitor.shot("change")
    visitor.close()
