"""An order's contract on pages: said before paying, then a card for buyer, merchant, operator."""

import html
import re
from typing import Any

import pytest

from journeys import facade as journeys
from kernel.ids import parse_public_id
from tests.factories.order_contract import ask_for_contracts, make_party, settle
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import (
    ADDRESS,
    PASSWORD,
    Browser,
    hidden,
    make_goods,
    operator,
    owner_of,
    sign_in,
)

pytestmark = pytest.mark.django_db(transaction=True)


def text(browser: Browser, path: str) -> str:
    answer = browser.see(path)
    assert answer.status_code == 200, answer.content.decode()[:1500]
    return html.unescape(answer.content.decode())


def test_from_checkout_to_the_card_of_each(platform: Any) -> None:
    ask_for_contracts(over=5000)
    goods, mill = make_goods(price="10"), make_merchant(name="金牧饲料")
    guest = Browser()
    for quantity, said in ((1, False), (9, True)):
        guest.send("/cart/add/", variant=goods.variant, quantity=str(quantity))
        assert ("To sign it you need an account" in text(guest, "/checkout/")) is said
        assert ('href="#h-contract"' in text(guest, "/checkout/")) is said  # beside the price
    person = make_person(
        role="merchant_owner", merchant_id=mill.id, password=PASSWORD, language="en"
    )
    buyer = sign_in(person)
    buyer.send("/cart/add/", variant=goods.variant, quantity="10")
    page = buyer.send("/checkout/", do="update", **ADDRESS)
    assert "Who buys and signs?" in page.content.decode()
    paid = buyer.send(
        "/checkout/", do="pay", key=hidden(page, "key"), total=hidden(page, "total"),
        method="offline_test", company=mill.public_id, **ADDRESS,
    )  # fmt: skip
    found = re.search(r"/orders/(ord_\w+)/", paid.content.decode())
    assert found, html.unescape(paid.content.decode())[-3000:]
    shop, desk, office = (f"{who}/orders/{found[1]}/" for who in ("", "/merchant", "/operator"))
    assert "The contract is being drawn up" in text(buyer, shop)
    settle()
    contract = journeys.order_contract(order_id=parse_public_id("ord", found[1]))
    assert contract is not None
    assert contract.contract is not None
    sign = f'href="/p/{platform.code}/contracts/{contract.contract.public_id}/"'
    seen = text(buyer, shop)
    assert "金牧饲料" in seen
    assert "Read it and sign it until" in seen
    assert "The identity isn't proven yet." in seen
    assert sign in seen
    owner, staff = owner_of(goods.merchant), operator()
    seen = text(owner, desk)
    assert "The contract isn't signed by both yet." in seen
    assert sign in seen
    seen = text(staff, office)
    assert "It waits for" in seen
    assert sign not in seen
    make_party(merchant_id=mill.id)
    seen = text(buyer, shop)
    assert "isn't proven" not in seen
    assert "Signing needs a passkey or an authenticator app." in seen
    owner.send(f"{desk}act/", page=desk, do="cancel", reason="sold out")
    settle()
    for browser, where in ((buyer, shop), (owner, desk), (staff, office)):
        seen = text(browser, where)
        assert "It was called off. The order is cancelled; the money goes back." in seen
        assert "Contract ended: called off" in seen
    assert "合同已撤回，订单取消，款项原路退回。" in text(operator("zh-hans"), office)
    assert "Contract" in text(staff, "/operator/attention/?state=undone")
    assert "Checkout" in text(staff, "/operator/attention/?state=done")


def bought(quantity: str = "10") -> tuple[Any, Browser, str]:
    """Goods that a signed-in person bought and paid: the goods, the merchant's desk, the order."""
    goods = make_goods(price="10")
    person = make_person(password=PASSWORD, language="en")
    buyer = sign_in(person)
    buyer.send("/cart/add/", variant=goods.variant, quantity=quantity)
    page = buyer.send("/checkout/", do="update", **ADDRESS)
    paid = buyer.send(
        "/checkout/", do="pay", key=hidden(page, "key"), total=hidden(page, "total"),
        method="offline_test", **ADDRESS,
    )  # fmt: skip
    found = re.search(r"/orders/(ord_\w+)/", paid.content.decode())
    assert found, html.unescape(paid.content.decode())[-3000:]
    return goods, owner_of(goods.merchant), found[1]


def figure(page: str, name: str) -> str | None:
    """The number of a figure of the desk's first page; None where the figure isn't shown."""
    found = re.search(rf'<span class="name">{name}</span><span class="value">([\d+]+)</span>', page)
    return found[1] if found else None


def test_what_waits_for_signatures_is_not_counted_as_to_be_shipped(platform: Any) -> None:
    ask_for_contracts(over=5000)
    _goods, desk, order = bought()
    plain = text(desk, "/merchant/")
    assert (figure(plain, "To be shipped"), figure(plain, "Awaiting signature")) == ("0", "1")
    settle()  # drafted now, and still not signed
    signing = text(desk, "/merchant/")
    assert (figure(signing, "To be shipped"), figure(signing, "Awaiting signature")) == ("0", "1")
    assert order in text(desk, "/merchant/orders/?waits=signature")
    assert order not in text(desk, "/merchant/orders/?waits=shipping")
    desk.send(f"/merchant/orders/{order}/act/", page="/merchant/", do="cancel", reason="sold out")
    settle()
    assert figure(text(desk, "/merchant/"), "Awaiting signature") is None


def test_orders_without_contract_are_to_be_shipped(platform: Any) -> None:
    _goods, desk, order = bought("1")
    page = text(desk, "/merchant/")
    assert (figure(page, "To be shipped"), figure(page, "Awaiting signature")) == ("1", None)
    assert order in text(desk, "/merchant/orders/?waits=shipping")
    assert order not in text(desk, "/merchant/orders/?waits=signature")
