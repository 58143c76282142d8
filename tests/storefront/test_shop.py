"""What a visitor sees and does, without JavaScript."""

from contextvars import Context

import pytest

from kernel import outbox
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import (
    ADDRESS,
    PASSWORD,
    Browser,
    buy,
    hidden,
    make_goods,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_pages_for_looking_around(language: str) -> None:
    goods = make_goods(picture=True, variants=2)
    slug = goods.product.slug
    browser = Browser(language)
    for path in (
        "/", "/products/", f"/products/{slug}/", f"/shops/{goods.merchant.slug}/", "/cart/",
        "/sign-in/", "/sign-up/", "/reset/", "/mail/", "/offline/", "/manifest.webmanifest",
        "/sw.js",
    ):  # fmt: skip
        answer = browser.see(path)
        assert answer.status_code == 200, path
    text = browser.see(f"/products/{slug}/").content.decode()
    assert 'width="' in text
    assert "12.50" in text


def test_root_lists_open_platforms() -> None:
    browser = Browser()
    # Outside of the test's own platform, as every request arrives.
    answer = Context().run(browser.get, "/")
    assert answer.status_code == 200
    assert f'href="{browser.prefix}/"' in answer.content.decode()
    assert Context().run(browser.get, "/styleguide/").status_code == 200


def test_search_category_and_unknown_pages() -> None:
    goods = make_goods(title="Dragon Well tea")
    browser = Browser()
    assert "Dragon Well tea" in browser.see("/products/", q="dragon").content.decode()
    assert "Nothing found" in browser.see("/products/", q="zzzzz").content.decode()
    for path in ("/products/no-such/", "/categories/no/such/", "/shops/nobody/", "/nowhere/"):
        answer = browser.see(path)
        assert answer.status_code == 404, path
        assert "req_" in answer.content.decode(), path
    assert goods.product.slug


def test_guest_buys_from_two_merchants() -> None:
    first, second = make_goods(price="12.50"), make_goods(price="80", title="Corn wine")
    browser = Browser()
    answer = buy(browser, first, second, quantity=2)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Thank you" in text
    assert first.merchant.name("en") in text
    assert second.merchant.name("en") in text
    orders = marketplace.orders(limit=10).items
    assert sorted(str(order.state) for order in orders) == ["paid", "paid"]
    # The cart is empty, and the address of the purchase is the guest's only way back.
    assert "Your cart is empty" in browser.see("/cart/").content.decode()
    path, query = answer.request["PATH_INFO"], answer.request["QUERY_STRING"]
    assert query.startswith("t=")
    stranger = Browser()
    assert stranger.see(path).status_code == 404
    assert stranger.see(f"{path}?{query}").status_code == 200


def test_double_click_buys_once() -> None:
    goods = make_goods()
    browser = Browser()
    browser.send("/cart/add/", variant=goods.variant, quantity="1")
    page = browser.send("/checkout/", do="update", **ADDRESS)
    form = {"do": "pay", "key": hidden(page, "key"), "total": hidden(page, "total"),
            "method": "offline_test", **ADDRESS}  # fmt: skip
    answers = [browser.send("/checkout/", **form) for _ in range(2)]
    assert all("Thank you" in answer.content.decode() for answer in answers)
    assert len(marketplace.orders(limit=10).items) == 1


def test_another_total_is_shown_before_buying() -> None:
    goods = make_goods()
    browser = Browser()
    browser.send("/cart/add/", variant=goods.variant, quantity="1")
    page = browser.send("/checkout/", do="update", **ADDRESS)
    from decimal import Decimal

    marketplace.set_price(
        merchant_id=goods.merchant.id, variant_id=goods.variant_id,
        unit_price=Decimal("13"), currency="CNY",
    )  # fmt: skip
    answer = browser.send(
        "/checkout/", do="pay", key=hidden(page, "key"), total=hidden(page, "total"),
        method="offline_test", **ADDRESS,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "The total has changed" in answer.content.decode()
    assert marketplace.orders(limit=10).items == []


def test_checkout_names_what_is_missing() -> None:
    goods = make_goods()
    browser = Browser()
    browser.send("/cart/add/", variant=goods.variant, quantity="1")
    page = browser.send("/checkout/", do="update", **ADDRESS)
    answer = browser.send(
        "/checkout/", do="pay", key=hidden(page, "key"), total=hidden(page, "total"),
        method="offline_test", **{**ADDRESS, "name": "", "phone": "x"},
    )  # fmt: skip
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "2 things need your attention" in text
    assert 'aria-invalid="true"' in text
    assert marketplace.orders(limit=10).items == []


def test_more_than_there_is_is_marked_in_the_cart() -> None:
    goods = make_goods(stock=3)
    browser = Browser()
    answer = browser.send("/cart/add/", variant=goods.variant, quantity="5")
    text = answer.content.decode()
    assert "Not so many are left" in text
    assert "disabled" in text
    answer = browser.send("/cart/change/", variant=goods.variant, quantity="2")
    assert "Not so many are left" not in answer.content.decode()
    answer = browser.send("/cart/change/", variant=goods.variant, do="remove", quantity="2")
    assert "Your cart is empty" in answer.content.decode()


def test_goods_that_go_meanwhile_are_marked_in_the_cart() -> None:
    goods = make_goods(stock=1)
    slow = Browser()
    slow.send("/cart/add/", variant=goods.variant, quantity="1")
    page = slow.send("/checkout/", do="update", **ADDRESS)
    buy(Browser(), goods)
    answer = slow.send(
        "/checkout/", do="pay", key=hidden(page, "key"), total=hidden(page, "total"),
        method="offline_test", **ADDRESS,
    )  # fmt: skip
    assert answer.request["PATH_INFO"].endswith("/cart/")
    assert "Not so many are left" in answer.content.decode()
    assert len(marketplace.orders(limit=10).items) == 1


def test_bad_quantity_is_a_toast_and_changes_nothing() -> None:
    goods = make_goods()
    browser = Browser()
    for wrong in ("0", "-1", "abc", "1e9", "0.5"):
        answer = browser.send("/cart/add/", variant=goods.variant, quantity=wrong)
        assert "tone-bad" in answer.content.decode(), wrong
    assert "Your cart is empty" in browser.see("/cart/").content.decode()


def test_buyer_signs_up_keeps_the_cart_and_cancels() -> None:
    goods = make_goods()
    browser = Browser()
    browser.send("/cart/add/", variant=goods.variant, quantity="1")
    answer = browser.send(
        "/sign-up/", name="Wang Fang", email="fang@buyers.example", password=PASSWORD
    )
    assert answer.status_code == 200
    assert goods.product.titles["en"] in browser.see("/cart/").content.decode()
    answer = buy(browser)
    assert "Thank you" in answer.content.decode()
    order = marketplace.orders(limit=1).items[0]
    assert order.buyer_id is not None
    number = public_id("ord", order.id)
    assert order.number in browser.see("/account/").content.decode()
    outbox.drain()
    page = browser.see(f"/orders/{number}/").content.decode()
    assert "Cancel and refund" in page
    assert "Order placed" in page
    answer = browser.send(f"/orders/{number}/cancel/", reason="changed my mind")
    assert answer.status_code == 200
    found = marketplace.order(order_id=order.id)
    assert found is not None
    assert str(found.state) == "cancelled"
    # Another buyer sees nothing of it.
    other = sign_in(make_person(password=PASSWORD, language="en"))
    assert other.see(f"/orders/{number}/").status_code == 404
    assert "There is no such order" in other.send(f"/orders/{number}/cancel/").content.decode()


def test_sign_in_errors_say_nothing_about_who_exists() -> None:
    person = make_person(password=PASSWORD)
    texts = set()
    for email in (person.email, "nobody@buyers.example"):
        answer = Browser().send("/sign-in/", email=email, password="wrong word here")
        assert answer.status_code == 422
        text = answer.content.decode()
        start = text.index("summary-of-errors")
        texts.add(text[start : text.index("</ul>", start)])
    assert len(texts) == 1


def test_next_leads_nowhere_else() -> None:
    person = make_person(password=PASSWORD)
    browser = Browser()
    answer = browser.send(
        "/sign-in/", email=person.email, password=PASSWORD, next="https://evil.example/"
    )
    assert answer.redirect_chain[-1][0] == browser.prefix + "/"


def test_language_is_the_visitors() -> None:
    make_merchant()
    assert "Search products" in Browser("en").see("/").content.decode()
    assert "搜索商品" in Browser("zh-CN").see("/").content.decode()


def test_pages_carry_a_policy_and_a_request_id() -> None:
    answer = Browser().see("/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["Request-Id"].startswith("req_")
    assert len(answer.content) < 60_000


def test_goods_by_weight_are_sold_in_decimals() -> None:
    goods = make_goods(price="2386.5", stock=40, unit="TNE")
    browser = Browser()
    page = browser.see(f"/products/{goods.product.slug}/").content.decode()
    assert 'min="0.001" step="any"' in page
    assert "/t" in page
    text = browser.send("/cart/add/", variant=goods.variant, quantity="1.25").content.decode()
    assert 'value="1.25"' in text
    assert "2,983.13" in text  # 1.25 × 2,386.50, rounded once
