"""Pages whose buttons reach the outside world: cards, the carrier; and what to do when it fails."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders

from journeys import facade as journeys
from kernel import outbox
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.sandbox import make_account, serving
from tests.factories.storefront import Browser, buy, make_goods, operator, owner_of
from tests.factories.world import connect

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sandbox(platform: Any) -> Iterator[str]:
    with serving() as url:
        connect(url, make_account())
        yield url


def test_bank_confirmation_leads_out_and_back(sandbox: str) -> None:
    import requests

    goods = make_goods()
    browser = Browser()
    browser.send("/cart/add/", variant=goods.variant, quantity="1")
    from tests.factories.storefront import ADDRESS, hidden

    page = browser.send("/checkout/", do="update", **ADDRESS)
    answer = browser.post(
        browser.prefix + "/checkout/",
        {"do": "pay", "key": hidden(page, "key"), "total": hidden(page, "total"),
         "method": "pm_card_authenticationRequired", **ADDRESS},
    )  # fmt: skip
    assert answer.status_code == 302
    assert answer["Location"].startswith(sandbox)
    back = requests.post(
        answer["Location"], data={"approve": "1"}, allow_redirects=False, timeout=10
    ).headers["Location"]
    path = back.split("testserver", 1)[1].split("?")[0]
    assert "Thank you" in browser.see(path).content.decode()
    # The second return, by the back button, shows the same purchase.
    assert "Thank you" in browser.see(path).content.decode()
    assert len(marketplace.orders(limit=10).items) == 1


def test_merchant_ships_and_the_buyer_sees_it(sandbox: str) -> None:
    goods = make_goods()
    buyer = Browser()
    answer = buy(buyer, goods)
    order = marketplace.orders(limit=1).items[0]
    desk = owner_of(goods.merchant)
    path = f"/merchant/orders/{public_id('ord', order.id)}/"
    for _click in range(2):
        text = desk.send(path + "act/", page=path, do="ship").content.decode()
    outbox.drain()
    found = marketplace.order(order_id=order.id)
    assert found is not None
    assert str(found.state) == "shipped"
    assert found.waybill
    assert found.waybill in desk.see(path).content.decode()
    token = answer.request["QUERY_STRING"]
    seen = buyer.see(f"/orders/{public_id('ord', order.id)}/?{token}").content.decode()
    assert found.waybill in seen
    assert "It has left the merchant" in seen
    assert text


def test_operator_retries_and_closes_a_stuck_journey(sandbox: str) -> None:
    goods = make_goods()
    buy(Browser(), goods, method="pm_card_visa")
    order = marketplace.orders(limit=1).items[0]
    from payments import facade as payments

    # Nobody answers there: the refund can't be made.
    payments.configure_gateway(
        secret_key=make_account(), webhook_secret="whsec_" + "x" * 30, base_url=sandbox
    )
    desk = operator()
    journey = journeys.cancel_order(order_id=order.id, reason="test")
    if journey.state != "needs_attention":
        pytest.skip("the engine still tries by itself")
    number = public_id("jny", journey.id)
    assert number in desk.see("/operator/attention/").content.decode()
    path = f"/operator/attention/{number}/"
    assert desk.see(path).status_code == 200
    desk.send(path + "act/", page=path, do="retry")
    desk.send(path + "act/", page=path, do="close", reason="refunded by bank transfer")
    assert journeys.journey(journey_id=journey.id).state == "undone"


def test_first_page_is_light(platform: Any) -> None:
    """Under 100 kB over the wire without pictures: static files travel compressed."""
    make_goods()
    page = len(Browser().see("/").content)
    files = ["storefront/app.css", "storefront/app.js", "storefront/icons.svg",
             "storefront/icon.svg", "django_htmx/htmx-2.min.js"]  # fmt: skip
    sent = sum(len(gzip.compress(Path(str(finders.find(name))).read_bytes())) for name in files)
    assert page + sent < 60_000
