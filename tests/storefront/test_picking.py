"""Goods, shops and categories chosen in forms: found by words, shown by name, own ones only."""

import html

import pytest
from django.core.cache import cache

from catalog import facade as catalog
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.catalog import make_category
from tests.factories.platforms import make_merchant
from tests.factories.storefront import Browser, Goods, make_goods, operator, owner_of
from tests.storefront.test_promotions import FORM

pytestmark = pytest.mark.usefixtures("platform")


def sku(goods: Goods) -> str:
    return goods.product.variants[0].sku


def asked(desk: Browser, path: str, **query: str) -> str:
    cache.clear()
    return html.unescape(desk.see(path, **query).content.decode())


def test_a_merchant_finds_only_its_own_goods() -> None:
    mine, other = make_goods(make_merchant()), make_goods(make_merchant())
    desk = owner_of(mine.merchant)
    for kind, key in (("product", mine.product.id), ("variant", mine.variant_id)):
        found = asked(desk, "/merchant/pick/", kind=kind, q=sku(mine))
        assert public_id({"product": "prd"}.get(kind, "var"), key) in found
        assert "option" not in asked(desk, "/merchant/pick/", kind=kind, q=sku(other))
    assert desk.see("/merchant/pick/", kind="merchant", q="a").status_code == 400
    assert Browser().see("/merchant/pick/", kind="product", q="a").request["PATH_INFO"] != (
        "/merchant/pick/"
    )


def test_an_operator_finds_everybodys_goods_and_shops() -> None:
    mine = make_goods(make_merchant())
    desk = operator()
    assert public_id("prd", mine.product.id) in asked(desk, "/operator/pick/", q=sku(mine))
    shop = make_merchant(slug="tea-house")
    found = asked(desk, "/operator/pick/", kind="merchant", q="tea-h")
    assert public_id("mer", shop.id) in found
    assert "option" not in asked(desk, "/operator/pick/", kind="merchant", q="")


def test_a_promotion_names_its_goods_by_number_and_shows_them_by_name() -> None:
    mine, other = make_goods(make_merchant()), make_goods(make_merchant())
    desk = owner_of(mine.merchant)
    page = "/merchant/promotions/new/"
    given = {**FORM, "scope": "products"}
    refused = desk.send(page, page=page, **given | {"scope_ids": sku(other)})
    assert refused.status_code == 422
    assert f"There is no such product: {sku(other)}" in html.unescape(refused.content.decode())
    there = public_id("prd", other.product.id)
    assert desk.send(page, page=page, **given | {"scope_ids": there}).status_code == 422
    made = desk.send(page, page=page, **given | {"scope_ids": f"{sku(mine)}\n{sku(mine)}"})
    assert made.status_code == 200, made.content.decode()[-2000:]
    [info] = marketplace.promotions(merchant_id=mine.merchant.id).items
    assert info.scope_names == (str(mine.product.id),)
    title = next(iter(catalog.product(mine.product.id).titles.values()))
    assert title in html.unescape(made.content.decode())
    edit = asked(desk, f"/merchant/promotions/{info.public_id}/edit/")
    assert f"{public_id('prd', mine.product.id)} {title}" in edit


def test_a_promotion_for_categories_is_chosen_in_the_tree() -> None:
    food = make_category(slug="food")
    desk = operator()
    page = "/operator/promotions/new/"
    given = {**FORM, "scope": "categories", "scope_categories": str(food.id)}
    made = desk.send(page, page=page, **given)
    assert made.status_code == 200, made.content.decode()[-2000:]
    [info] = marketplace.promotions().items
    assert info.scope_names == (str(food.id),)
