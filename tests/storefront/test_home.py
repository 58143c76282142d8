"""The first page as its operators compose it, without JavaScript."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import facade as catalog
from kernel import clock
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.catalog import make_category, picture_bytes
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, make_goods, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
Kind = catalog.BlockKind


@pytest.fixture(autouse=True)
def media_root(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def home(language: str = "en") -> str:
    text: str = Browser(language).see("/").content.decode()
    return text


def show(kind: catalog.BlockKind, **content: Any) -> catalog.BlockInfo:
    made = catalog.create_block(kind=kind, content=catalog.BlockContent(**content))
    return catalog.publish_block(block_id=made.id)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_operator_composes_the_page(language: str) -> None:
    make_goods(title="Tea from Anxi")
    category = make_category(slug="tea", names={"zh-Hans": "茶叶", "en": "Teas"})
    boss = operator(language)
    assert boss.see("/operator/home/").status_code == 200
    picture = SimpleUploadedFile("p.jpg", picture_bytes(1600, 500), "image/jpeg")
    answer = boss.send(
        "/operator/home/new/banner/", title_0="新茶", title_1="New tea", alt_0="茶园",
        alt_1="A garden", link="/categories/tea/", picture=picture,
    )  # fmt: skip
    assert answer.status_code == 200, answer.content.decode()[:3000]
    boss.send("/operator/home/new/text/", text_0="欢迎 <b>", text_1="Welcome <b>")
    boss.send(
        "/operator/home/new/products/", title_0="精选", title_1="Picked", source="newest", count="4"
    )
    boss.send("/operator/home/new/categories/", categories=str(category.id))
    blocks = catalog.blocks()
    assert [str(one.kind) for one in blocks] == ["banner", "text", "products", "categories"]
    assert "New on sale" in home()
    preview = boss.see("/operator/home/preview/").content.decode()
    for one in blocks:
        path = f"/operator/home/{public_id('hbl', one.id)}/"
        assert boss.see(path).status_code == 200
        assert boss.send(path + "act/", do="publish").status_code == 200
    text = home(language)
    words = ("A garden", "Picked") if language == "en" else ("茶园", "精选")
    for page in (preview, text):
        assert all(word in page for word in words)
        assert "&lt;b&gt;" in page
        assert 'href="' + boss.prefix + '/categories/tea/"' in page
        assert page.count("<h1") == 1
    assert "New on sale" not in text
    boss.send(f"/operator/home/{public_id('hbl', blocks[3].id)}/act/", do="up")
    assert [one.id for one in catalog.blocks()][2] == blocks[3].id
    boss.send(f"/operator/home/{public_id('hbl', blocks[1].id)}/act/", do="unpublish")
    assert "&lt;b&gt;" not in home()
    boss.send(f"/operator/home/{public_id('hbl', blocks[0].id)}/act/", do="remove")
    assert len(catalog.blocks()) == 3


def test_products_by_hand_by_category_and_on_sale() -> None:
    tea = make_goods(title="Tea from Anxi")
    rice = make_goods(title="Rice of Wuchang", category_id=make_category(slug="rice").id)
    hidden = make_goods(title="Withdrawn oil")
    catalog.withdraw_product(product_id=hidden.product.id)
    title = {"zh-Hans": "精选", "en": "Picked"}
    by_hand = show(
        Kind.PRODUCTS, titles=title, source=catalog.ProductSource.HAND,
        product_ids=(rice.product.id, hidden.product.id, tea.product.id),
    )  # fmt: skip
    text = home()
    assert text.index("Rice of Wuchang") < text.index("Tea from Anxi")
    assert "Withdrawn oil" not in text
    catalog.remove_block(block_id=by_hand.id)
    of_rice = show(
        Kind.PRODUCTS, titles=title, source=catalog.ProductSource.CATEGORY,
        category_id=rice.product.category_id,
    )  # fmt: skip
    assert "Tea from Anxi" not in home()
    catalog.remove_block(block_id=of_rice.id)
    show(Kind.PRODUCTS, titles=title, source=catalog.ProductSource.ON_SALE)
    assert "New on sale" in home(), "nothing is reduced: the page falls back"
    marketplace.plan_sale(
        merchant_id=tea.merchant.id, variant_id=tea.variant_id, unit_price=Decimal(9),
        ends_at=clock.business() + timedelta(days=1),
    )  # fmt: skip
    text = home()
    assert "Picked" in text
    assert "Tea from Anxi" in text
    assert "Rice of Wuchang" not in text


def test_refused_forms_keep_what_was_typed() -> None:
    boss = operator()
    answer = boss.send("/operator/home/new/text/", text_0="欢迎", link="https://evil.example/")
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "欢迎" in text
    assert "There is no such page here" in text
    assert catalog.blocks() == ()
    lost = boss.send(
        "/operator/home/new/products/", title_0="精选", source="hand", count="4", products="no-such"
    )
    assert "There is no such product" in lost.content.decode()
    made = catalog.create_block(kind=Kind.TEXT, content=catalog.BlockContent())
    refused = boss.send(f"/operator/home/{public_id('hbl', made.id)}/act/", do="publish")
    assert "can&#x27;t be published yet" in refused.content.decode()
    assert boss.see("/operator/home/new/video/").status_code == 404


def test_only_operators_come_in() -> None:
    made = catalog.create_block(kind=Kind.TEXT, content=catalog.BlockContent())
    desk = owner_of(make_merchant())
    for path in ("", "preview/", "new/text/", f"{public_id('hbl', made.id)}/"):
        assert desk.see(f"/operator/home/{path}").status_code == 403
    desk.send(f"/operator/home/{public_id('hbl', made.id)}/act/", do="remove")
    assert len(catalog.blocks()) == 1


def test_shops_chosen_or_the_newest_with_who_is_on_holiday() -> None:
    first, second = make_merchant(), make_merchant()
    boss = operator("en")
    path = f"/shops/{first.slug}/"
    boss.send("/operator/home/new/shops/", title_1="Our shops", merchants=path, count="8")
    boss.send("/operator/home/new/shops/", merchants="", count="1")
    chosen, newest = catalog.blocks()
    assert chosen.draft.merchant_ids == (first.id,)
    for one in (chosen, newest):
        catalog.publish_block(block_id=one.id)
    text = home()
    assert text.count(first.name("en")) == text.count(second.name("en")) == 1
    assert "On holiday" not in text
    marketplace.set_vacation(
        merchant_id=first.id, starts_at=None, ends_at=clock.business() + timedelta(days=3)
    )
    assert home().count("On holiday") == 1
    make_goods(first)
    assert "On holiday" in Browser("en").see("/products/").content.decode()
    refused = boss.send("/operator/home/new/shops/", merchants="nowhere", count="8")
    assert "There is no such shop: nowhere" in refused.content.decode()
