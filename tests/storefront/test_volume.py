"""Sizes on the merchant's form, a divisor on the page of tariffs, and words for the buyer."""

from dataclasses import replace
from typing import Any

import pytest

from catalog import facade as catalog
from config.demo import seed
from config.demo.goods import PILLOW as PILLOW_OF_DEMO
from config.demo.volume import charge_volume
from kernel.ids import public_id
from logistics import facade as logistics
from marketplace import facade as marketplace
from tests.factories.catalog import make_category
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.storefront import ADDRESS, Browser, buy, make_goods, owner_of
from tests.storefront.test_returns import text
from tests.storefront.test_ways_of_delivery import FETCHED, PAGE, PARCEL, rules

pytestmark = pytest.mark.usefixtures("platform")
PILLOW = catalog.VariantInput(
    sku="P-1", options={"size": "M"}, weight_grams=900, length_mm=500, width_mm=350, height_mm=200
)


def form(size: str, **more: str) -> dict[str, str]:
    return {
        "title_0": "鹅绒枕", "title_1": "Pillow", "category": str(make_category().id),
        "unit": "C62", "axis": "", "external_id": "", "v-TOTAL_FORMS": "1", "v-INITIAL_FORMS": "0",
        "v-0-sku": "P-1", "v-0-weight_grams": "900", "v-0-price": "399", "v-0-size": size, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    "written", ["500×350×200", " 500 x 350 X 200 ", "500*350*200", "５００×350×200"]
)
def test_a_merchant_enters_a_size_and_takes_it_away(written: str) -> None:
    merchant = make_merchant()
    desk = owner_of(merchant)
    new = "/merchant/products/new/"
    desk.send(new, page=new, **form(written))
    [product] = catalog.products_page(merchant_id=merchant.id).items
    [variant] = catalog.product(product.id).variants
    assert (variant.length_mm, variant.width_mm, variant.height_mm) == (500, 350, 200)
    path = f"/merchant/products/{public_id('prd', product.id)}/"
    assert 'value="500×350×200"' in text(desk.see(path))
    again = {"v-INITIAL_FORMS": "1", "v-0-active": "on"}
    desk.send(path, page=path, **form("500×350×200", **again, **{"v-0-weight_grams": "950"}))
    [variant] = catalog.product(product.id).variants
    assert (variant.weight_grams, variant.height_mm) == (950, 200)
    desk.send(path, page=path, **form("", **again))
    [variant] = catalog.product(product.id).variants
    assert (variant.length_mm, variant.height_mm) == (None, None)


@pytest.mark.parametrize(
    "written", ["500", "500×350", "500×350×0", "40000×1×1", "1×2×3×4", "a×b×c"]
)
def test_half_a_size_is_refused(written: str) -> None:
    merchant = make_merchant()
    desk, new = owner_of(merchant), "/merchant/products/new/"
    answer = desk.send(new, page=new, **form(written))
    assert answer.status_code == 422
    assert "All three sides in whole millimetres" in text(answer)
    assert catalog.products_page(merchant_id=merchant.id).items == []


@pytest.mark.parametrize(
    ("language", "listed", "said", "page"),
    [
        ("en", "6,000 cm³ count as 1 kg", "by its volume; it weighs", "Size with packing"),
        ("zh-hans", "6,000 立方厘米折合 1 千克", "按体积重", "包装尺寸"),
    ],
)
def test_a_divisor_and_what_the_buyer_reads(
    language: str, listed: str, said: str, page: str
) -> None:
    goods = make_goods(inputs=[PILLOW])
    desk, guest = owner_of(goods.merchant, language), Browser(language)
    guest.send("/cart/add/", variant=goods.variant, quantity="2")
    assert said not in text(guest.send("/checkout/", do="update", **ADDRESS))
    desk.send(PAGE, page=PAGE, **PARCEL, divisor="6000", side="60.5")
    [rule] = rules(goods)
    assert (rule["volume_divisor"], rule["max_side_mm"]) == (6000, 605)
    assert listed in text(desk.see(PAGE))
    seen = text(guest.send("/checkout/", do="update", **ADDRESS))
    assert said in seen
    assert "11,667" in seen
    assert "500 × 350 × 200 mm" in text(guest.see(f"/products/{goods.product.slug}/"))
    assert page in text(guest.see(f"/products/{goods.product.slug}/"))
    buy(guest, goods)
    [order] = marketplace.orders(limit=1).items
    assert order.shipping_total.amount == 800 + 17 * 150, "of three pillows by now: 17.5 kg"
    # Changed and taken out again.
    [held] = logistics.rates(merchant_id=goods.merchant.id)
    where = f"{PAGE}{held.id}/"
    assert 'value="6000"' in text(desk.see(where))
    assert 'value="60.5"' in text(desk.see(where))
    desk.send(where, page=where, do="save", **PARCEL)
    [rule] = rules(goods)
    assert not {"volume_divisor", "max_side_mm"} & set(rule)
    guest.send("/cart/add/", variant=goods.variant, quantity="2")
    after = text(guest.send("/checkout/", do="update", **ADDRESS))
    assert said not in after
    assert '<input type="radio" name="rate-' in after


def test_what_is_free_says_nothing_of_volume() -> None:
    goods, guest = make_goods(inputs=[PILLOW]), Browser()
    desk = owner_of(goods.merchant)
    desk.send(PAGE, page=PAGE, **PARCEL, divisor="6000", free_from="0")
    guest.send("/cart/add/", variant=goods.variant, quantity="1")
    assert "by its volume" not in text(guest.send("/checkout/", do="update", **ADDRESS))


@pytest.mark.parametrize(
    ("change", "field"),
    [({"divisor": "6"}, "divisor"), ({"divisor": "x"}, "divisor"), ({"side": "0"}, "side")],
)
def test_what_is_wrong_is_said_at_its_field(change: dict[str, Any], field: str) -> None:
    goods = make_goods()
    answer = owner_of(goods.merchant).send(PAGE, page=PAGE, **{**PARCEL, **change})
    assert (answer.status_code, rules(goods)) == (422, [])
    assert f'href="#id_{field}"' in text(answer)


def test_the_demos_pillow_is_charged_by_its_volume() -> None:
    merchant = make_merchant().id
    house = make_warehouse(merchant_id=merchant).id
    item = replace(PILLOW_OF_DEMO, category="any")  # one without the demo's attributes
    made = seed.make_product(1, item, merchant, make_category().id, house)
    for _twice in range(2):
        charge_volume(merchant)
    [variant] = catalog.product(made).variants
    guest = Browser()
    guest.send("/cart/add/", variant=public_id("var", variant.id), quantity="1")
    seen = text(guest.send("/checkout/", do="update", **ADDRESS))
    assert "by its volume" in seen
    assert "5,834" in seen


def test_fetched_goods_have_no_divisor() -> None:
    goods = make_goods()
    owner_of(goods.merchant).send(PAGE, page=PAGE, **FETCHED, divisor="6000")
    assert "volume_divisor" not in rules(goods)[0]
