"""Address book, things kept for later, and buying again, without JavaScript."""

import re

import pytest

from tests.factories.platforms import make_person
from tests.factories.storefront import (
    ADDRESS,
    PASSWORD,
    Browser,
    buy,
    make_goods,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_an_address_is_kept_and_filled_in() -> None:
    browser = sign_in(make_person(password=PASSWORD, language="en"))
    assert "No address is kept" in text(browser.see("/account/addresses/"))
    new = "/account/addresses/new/"
    wrong = browser.send(new, page=new, **{**ADDRESS, "phone": "x"})
    assert (wrong.status_code, "5 to 15 digits" in text(wrong)) == (422, True)
    browser.send(new, page=new, **ADDRESS)
    listed = text(browser.send(new, page=new, **{**ADDRESS, "city": "Jilin City"}))
    first, second = sorted(set(re.findall(r"/addresses/(adr_\w{26})/", listed)))
    act = "/account/addresses/act/"
    assert "filled in from now on" in text(
        browser.send(act, page="/account/addresses/", address=second, do="prefer")
    )
    goods = make_goods()
    browser.send("/cart/add/", variant=goods.variant, quantity="1")
    page = text(browser.see("/checkout/"))
    assert 'value="Jilin City"' in page, "the preferred one"
    assert "Update the total" in page, "and its ways of delivery"
    other = text(browser.send("/checkout/", page="/checkout/", do="address", book=first))
    assert 'value="Jilin City"' not in other
    assert f'value="{ADDRESS["city"]}"' in other
    gone = browser.send(act, page="/account/addresses/", address=first, do="remove")
    assert first not in text(gone)
    assert Browser().see("/account/addresses/").redirect_chain, "for people who are signed in"


def test_kept_for_later_and_bought_again() -> None:
    browser = sign_in(make_person(password=PASSWORD, language="en"))
    goods = make_goods()
    assert "Nothing is kept" in text(browser.see("/account/saved/"))
    browser.send("/cart/add/", variant=goods.variant, quantity="2")
    aside = browser.send("/account/saved/keep/", page="/cart/", variant=goods.variant, do="aside")
    assert "It is kept for later" in text(aside)
    listed = text(browser.see("/account/saved/"))
    assert goods.variant in listed
    assert "× 2" in listed
    act = "/account/saved/act/"
    browser.send(act, page="/account/saved/", variant=goods.variant, do="cart")
    assert goods.variant in text(browser.see("/cart/"))
    bought = text(buy(browser, make_goods()))
    order = re.findall(r"/orders/(ord_\w{26})/", bought)[0]
    again = browser.send(f"/orders/{order}/again/", page=f"/orders/{order}/")
    assert "1 line is in your cart" in text(again)
