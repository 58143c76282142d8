"""A merchant's shop on its page and at the merchant's desk, without JavaScript."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import facade as catalog
from config.demo.home import compose_home
from config.demo.shops import LOOKS, dress_shops
from kernel.ids import public_id
from tests.factories.catalog import make_product, picture_bytes
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, make_goods, owner_of

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def picture(seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile("p.jpg", picture_bytes(1600, 400, seed=seed), "image/jpeg")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_merchant_dresses_its_shop(language: str) -> None:
    merchant = make_merchant()
    desk = owner_of(merchant, language)
    assert desk.see("/merchant/shop/").status_code == 200
    answer = desk.send(
        "/merchant/shop/", about_0="江边茶铺", about_1="Tea by the river <b>", notice_0="九点开门",
        notice_1="Open from nine", alt_0="茶园", alt_1="A garden", banner=picture(),
        logo=picture(1),
    )  # fmt: skip
    assert answer.status_code == 200, answer.content.decode()[:3000]
    text = Browser(language).see(f"/shops/{merchant.slug}/").content.decode()
    words = ("Open from nine", "A garden") if language == "en" else ("九点开门", "茶园")
    assert all(word in text for word in words)
    assert "<b>" not in text
    assert "shop-logo" in text
    refused = desk.send(
        "/merchant/shop/", about_0="江边", banner=SimpleUploadedFile("p.jpg", b"no picture")
    )
    assert refused.status_code == 422
    assert "江边" in refused.content.decode()
    desk.send("/merchant/shop/", no_logo="on", no_banner="on")
    info = catalog.shop(merchant.id)
    assert (info.logo, info.banner) == (None, None)


def test_own_categories_in_order_with_their_products() -> None:
    goods = make_goods(title="Tea from Anxi")
    other = make_goods(goods.merchant, title="Rice of Wuchang")
    merchant = goods.merchant
    desk = owner_of(merchant)
    for name in ("茶", "粮"):
        desk.send("/merchant/shop/categories/", name_0=name, name_1=f"{name}-en")
    tea, grain = catalog.shop_categories(merchant.id)
    key = public_id("shc", tea.id)
    desk.send("/merchant/shop/categories/", name_0="绿茶", name_1="Green", parent=key)
    page = desk.see(f"/merchant/shop/categories/{key}/").content.decode()
    assert "Rice of Wuchang" in page
    shown = [public_id("prd", one.product.id) for one in (goods, other)]
    fill: dict[str, Any] = {"do": "fill", "shown": shown, "in": shown[:1]}
    desk.send(f"/merchant/shop/categories/{key}/act/", **fill)
    browser = Browser()
    text = browser.see(f"/shops/{merchant.slug}/").content.decode()
    assert text.index("茶-en") < text.index("粮-en")
    assert "Rice of Wuchang" in text
    text = browser.see(f"/shops/{merchant.slug}/{key}/?sort=title").content.decode()
    assert "Tea from Anxi" in text
    assert "Rice of Wuchang" not in text
    assert "Green" in text
    desk.send(f"/merchant/shop/categories/{public_id('shc', grain.id)}/act/", do="up")
    assert [one.id for one in catalog.shop_categories(merchant.id)] == [grain.id, tea.id]
    desk.send(f"/merchant/products/{shown[1]}/shelves/", shelf=[public_id("shc", grain.id), key])
    assert len(catalog.shop_category_products(tea.id)) == 2
    assert (
        "In your shop it stands under"
        in desk.see(f"/merchant/products/{shown[1]}/").content.decode()
    )
    desk.send(f"/merchant/shop/categories/{public_id('shc', grain.id)}/act/", do="remove")
    assert len(catalog.shop_categories(merchant.id)) == 1
    refused = desk.send(f"/merchant/shop/categories/{key}/act/", do="remove")
    assert "others below it" in refused.content.decode()


def test_the_demo_dresses_its_shops_and_the_first_page_once() -> None:
    shops = {code: make_goods(title=code).merchant for code in LOOKS}
    for _ in range(2):
        dress_shops({code: merchant.id for code, merchant in shops.items()})
        compose_home()
    assert len(catalog.blocks()) == 6
    for language in ("en", "zh-hans"):
        browser = Browser(language)
        assert browser.see("/").status_code == 200
        for merchant in shops.values():
            info = catalog.shop(merchant.id)
            assert info.version == 1
            assert info.logo is not None
            assert len(catalog.shop_categories(merchant.id)) == 1
            text = browser.see(f"/shops/{merchant.slug}/").content.decode()
            assert "shop-banner" in text


def test_strangers_categories_are_not_there() -> None:
    merchant, other = make_merchant(), make_merchant()
    theirs = catalog.create_shop_category(merchant_id=other.id, names={"zh-Hans": "茶"})
    key = public_id("shc", theirs.id)
    assert Browser().see(f"/shops/{merchant.slug}/{key}/").status_code == 404
    assert Browser().see(f"/shops/{merchant.slug}/nonsense/").status_code == 404
    desk = owner_of(merchant)
    assert desk.see(f"/merchant/shop/categories/{key}/").status_code == 404
    product = make_product(merchant_id=merchant.id)
    desk.send(f"/merchant/products/{public_id('prd', product.id)}/shelves/", shelf=key)
    assert catalog.shop_categories_of([product.id]) == {}
    assert Browser().see("/merchant/shop/").status_code == 200  # the sign-in
