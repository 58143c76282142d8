"""A guest buys from two merchants: on a phone with a card that the bank confirms, on a desktop
with the offline payment; without a mouse too, and without JavaScript."""

from typing import Any

import pytest

from kernel import tenancy
from marketplace import facade as marketplace
from tests.browser.conftest import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True,
         "has_touch": True, "locale": "zh-CN"}  # fmt: skip
DESKTOP = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}


@pytest.fixture
def gateway(shop: Any, live_server: Any) -> Any:
    """The sandbox's gateway over real HTTP."""
    from payments import facade as payments
    from tests.factories.sandbox import make_account, serving

    with serving() as url:
        payments.configure_gateway(
            secret_key=make_account(), webhook_secret="whsec_" + "s" * 32, base_url=url
        )
        yield url


def base_of(live_server: Any, shop: Any) -> str:
    return f"{live_server.url}/p/{shop['tenant'].code}"


def fill_in(page: Any) -> None:
    page.fill("#id_name", "王芳")
    page.fill("#id_phone", "13844445678")
    page.fill("#id_email", "fang@buyers.example")
    page.fill("#id_city", "长春市")
    page.fill("#id_line1", "人民大街 1 号")


def put_in_cart(visitor: Visitor, merchant: Any, shot: str = "") -> None:
    visitor.goto(f"/shops/{merchant.slug}/")
    visitor.page.locator(".product h3 a").first.click()
    visitor.page.wait_for_selector("#buy")
    if shot:
        visitor.shot(shot)
    visitor.page.locator("#buy button.primary").click()
    visitor.page.wait_for_selector("#cart")


@pytest.mark.parametrize(
    ("name", "options", "method"),
    [
        ("phone", PHONE, "pm_card_authenticationRequired"),
        ("desktop", DESKTOP, "offline_test"),
        ("no-js", {**DESKTOP, "java_script_enabled": False}, "pm_card_visa"),
    ],
)
def test_guest_buys_from_two_merchants(
    shop: Any,
    gateway: str,
    live_server: Any,
    chromium: Any,
    name: str,
    options: dict[str, Any],
    method: str,
) -> None:
    first, second = list(shop["merchants"].values())[:2]
    visitor = Visitor(chromium, base_of(live_server, shop), name, **options)
    page = visitor.page
    scripted = options.get("java_script_enabled", True)
    visitor.goto("/")
    if scripted:
        visitor.shot("1-home")
        visitor.goto("/products/")
        visitor.shot("2-list")
    put_in_cart(visitor, first, "3-product" if scripted else "")
    put_in_cart(visitor, second)
    if scripted:
        visitor.shot("4-cart")
    page.locator(".aside a.primary").click()
    page.wait_for_selector("#checkout")
    fill_in(page)
    page.select_option("#id_region", "22")
    if scripted:
        page.wait_for_selector("#checkout button[value=pay]")
        assert page.input_value("#id_line1") == "人民大街 1 号"  # nothing typed is lost
    else:
        page.locator("aside button[value=update]").click()
        page.wait_for_selector("#checkout button[value=pay]")
    page.check(f"input[name=method][value={method}]")
    if scripted:
        visitor.shot("5-checkout")
    page.locator("#checkout button[value=pay]").click()
    if "authentication" in method:
        page.wait_for_url("**/_sandbox/3ds/**")
        page.locator("button").first.click()
    page.wait_for_url("**/purchases/**")
    if scripted:
        visitor.shot("6-bought")
    page.locator("section.card a.button").first.click()
    page.wait_for_selector(".steps")
    if scripted:
        visitor.shot("7-order")
    with tenancy.scope(shop["tenant"]):
        orders = marketplace.orders(limit=10).items
    assert sorted(str(one.state) for one in orders) == ["paid", "paid"]
    assert {one.merchant_id for one in orders} == {first.id, second.id}
    visitor.close()
