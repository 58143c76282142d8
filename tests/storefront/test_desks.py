"""The consoles of merchants and operators."""

import html
import re
from decimal import Decimal

import pytest

from catalog import facade as catalog
from inventory import facade as inventory
from kernel import outbox
from kernel.ids import public_id
from marketplace import facade as marketplace
from platforms import facade as platforms
from tests.factories.catalog import make_category, make_product, picture_bytes
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import make_merchant, make_person
from tests.factories.storefront import (
    PASSWORD,
    SURE,
    Browser,
    ask_passwords_only,
    buy,
    make_goods,
    operator,
    owner_of,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")
MERCHANT = ("/", "/orders/", "/products/", "/products/new/", "/products/lists/", "/stock/",
            "/stock/movements/", "/money/", "/keys/")  # fmt: skip
OPERATOR = ("/", "/merchants/", "/products/", "/attributes/", "/attributes/new/", "/brands/",
            "/attention/", "/events/", "/jobs/", "/audit/")  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_merchant_console(language: str) -> None:
    goods = make_goods(picture=True)
    buy(Browser(), goods)
    outbox.drain()
    desk = owner_of(goods.merchant, language)
    for path in MERCHANT:
        assert desk.see(f"/merchant{path}").status_code == 200, path
    for path in ("/orders/", "/products/export/", "/stock/", "/money/"):
        answer = desk.see(f"/merchant{path}", format="csv")
        assert b"".join(answer.streaming_content).startswith("\ufeff".encode()), path
    product = public_id("prd", goods.product.id)
    assert desk.see(f"/merchant/products/{product}/").status_code == 200
    order = marketplace.orders(limit=1).items[0]
    text = desk.see(f"/merchant/orders/{public_id('ord', order.id)}/").content.decode()
    assert "王芳" in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_of_the_operator_console(language: str) -> None:
    merchant = make_merchant(approved=False)
    desk = operator(language)
    for path in OPERATOR:
        assert desk.see(f"/operator{path}").status_code == 200, path
    assert desk.see(f"/operator/merchants/{merchant.public_id}/").status_code == 200
    assert desk.see("/operator/audit/", about=merchant.public_id).status_code == 200


def test_consoles_are_closed_to_others() -> None:
    goods = make_goods()
    buyer = sign_in(make_person(password=PASSWORD))
    for path in [f"/merchant{p}" for p in MERCHANT] + [f"/operator{p}" for p in OPERATOR]:
        assert "sign-in" in Browser().see(path).request["PATH_INFO"]
        assert buyer.see(path).status_code == 403, path
    merchant = owner_of(goods.merchant)
    assert merchant.see("/operator/").status_code == 403
    # Another merchant's things answer as if they weren't there.
    product = public_id("prd", goods.product.id)
    other = owner_of(make_merchant())
    assert other.see(f"/merchant/products/{product}/").status_code == 404
    other.send(f"/merchant/products/{product}/act/", do="withdraw")
    assert catalog.product(goods.product.id).state == "published"


def test_merchant_creates_publishes_and_withdraws_a_product() -> None:
    merchant = make_merchant()
    category = make_category()
    desk = owner_of(merchant)
    form = {
        "title_0": "安溪铁观音", "title_1": "Tieguanyin tea", "category": str(category.id),
        "unit": "C62", "description_0": "香", "description_1": "Fragrant", "axis": "Size",
        "external_id": "T-1", "v-TOTAL_FORMS": "2", "v-INITIAL_FORMS": "0",
        "v-0-sku": "TEA-S", "v-0-option": "Small", "v-0-weight_grams": "300", "v-0-price": "12.50",
        "v-1-sku": "TEA-L", "v-1-option": "Large", "v-1-weight_grams": "900", "v-1-price": "30",
    }  # fmt: skip
    answer = desk.send("/merchant/products/new/", page="/merchant/products/new/", **form)
    assert "Saved" in answer.content.decode()
    found = catalog.products_page(merchant_id=merchant.id).items[0]
    info = catalog.product(found.id)
    assert {v.sku: v.weight_grams for v in info.variants} == {"TEA-S": 300, "TEA-L": 900}
    prices = marketplace.prices([v.id for v in info.variants])
    assert sorted(p.unit_price for p in prices.values()) == [Decimal("12.5"), Decimal(30)]
    path = f"/merchant/products/{public_id('prd', info.id)}/"
    from django.core.files.uploadedfile import SimpleUploadedFile

    file = SimpleUploadedFile("tea.jpg", picture_bytes(), content_type="image/jpeg")
    assert "The pictures are there" in desk.send(path + "pictures/", pictures=file).content.decode()
    assert "On sale now" in desk.send(path + "act/", page=path, do="publish").content.decode()
    assert Browser().see(f"/products/{info.slug}/").status_code == 200
    # Change a price and the title; the other price and the options stay.
    changed = {**form, "title_1": "Iron Goddess tea", "v-0-price": "13", "v-INITIAL_FORMS": "2",
               "v-0-active": "on", "v-1-active": "on"}  # fmt: skip
    desk.send(path, page=path, **changed)
    after = catalog.product(info.id)
    assert after.titles["en"] == "Iron Goddess tea"
    prices = marketplace.prices([v.id for v in after.variants])
    assert sorted(p.unit_price for p in prices.values()) == [Decimal(13), Decimal(30)]
    assert 'name="v-1-price" value="30"' in desk.see(path).content.decode()
    desk.send(path + "act/", page=path, do="withdraw")
    assert Browser().see(f"/products/{info.slug}/").status_code == 404


def test_long_lists_have_pages_sizes_and_an_order() -> None:
    merchant = make_merchant()
    for number in range(22):
        make_product(merchant_id=merchant.id, published=False, title=f"Draft {number:02}")
    desk = owner_of(merchant)
    text = desk.see("/merchant/products/").content.decode()
    assert text.count("/merchant/products/prd_") == 20
    following = re.search(r'rel="next" href="([^"]+)"', text)
    assert following
    rest = desk.see("/merchant/products/" + html.unescape(following[1])).content.decode()
    assert rest.count("/merchant/products/prd_") == 2
    every = desk.see("/merchant/products/", limit="50", sort="updated_at").content.decode()
    assert every.count("/merchant/products/prd_") == 22
    assert every.index("Draft 00") < every.index("Draft 21")
    assert 'aria-sort="ascending"' in every


def test_form_errors_keep_what_was_typed() -> None:
    desk = owner_of(make_merchant())
    answer = desk.send(
        "/merchant/products/new/", page="/merchant/products/new/",
        **{"title_0": "", "title_1": "Typed text", "unit": "C62", "v-TOTAL_FORMS": "1",
           "v-INITIAL_FORMS": "0", "v-0-sku": "A", "v-0-price": "-3"},
    )  # fmt: skip
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "Typed text" in text
    assert 'value="-3"' in text


def test_stock_is_set_with_the_expected_value_and_adjusted_with_a_reason() -> None:
    goods = make_goods(stock=20)
    desk = owner_of(goods.merchant)
    row = inventory.stock_page(merchant_id=goods.merchant.id).items[0]
    place = {
        "variant": goods.variant,
        "warehouse": str(row.warehouse_id),
        "page": "/merchant/stock/",
    }
    desk.send("/merchant/stock/write/", how="set", value="25", expected="20", **place)
    assert inventory.availability([goods.variant_id])[goods.variant_id] == 25
    answer = desk.send("/merchant/stock/write/", how="set", value="5", expected="20", **place)
    assert "tone-bad" in answer.content.decode()
    desk.send("/merchant/stock/write/", how="adjust", value="-2", reason="damaged", **place)
    assert inventory.availability([goods.variant_id])[goods.variant_id] == 23
    warehouse = make_warehouse(merchant_id=goods.merchant.id)
    sku = goods.product.variants[0].sku
    desk.send("/merchant/stock/new/", page="/merchant/stock/", sku=sku,
              warehouse=str(warehouse.id), on_hand="4")  # fmt: skip
    assert inventory.availability([goods.variant_id])[goods.variant_id] == 27


def test_keys_are_shown_once_rotated_and_revoked() -> None:
    merchant = make_merchant()
    ask_passwords_only()
    desk = owner_of(merchant)
    answer = desk.send("/merchant/keys/", name="ERP", scopes=["catalog:read"], **SURE)
    text = answer.content.decode()
    assert "qk_test_" in text
    assert "no-store" in answer["Cache-Control"]
    assert "new-key" not in desk.see("/merchant/keys/").content.decode()
    key = platforms.keys_page(merchant_id=merchant.id).items[0]
    assert "new-key" in desk.send("/merchant/keys/", key=str(key.id), **SURE).content.decode()
    newest = platforms.keys_page(merchant_id=merchant.id).items[0]
    other = owner_of(make_merchant())
    other.send("/merchant/keys/revoke/", key=str(newest.id), **SURE)
    assert platforms.key(newest.id).state == "active"
    desk.send("/merchant/keys/revoke/", key=str(newest.id), **SURE)
    assert platforms.key(newest.id).state == "revoked"
    staff = sign_in(make_person(role="merchant_staff", merchant_id=merchant.id, password=PASSWORD))
    refused = staff.send("/merchant/keys/", name="X", scopes=["*"], **SURE)
    assert "qk_test_" not in refused.content.decode()


def test_merchant_cancels_an_order_with_a_reason() -> None:
    goods = make_goods()
    buy(Browser(), goods)
    order = marketplace.orders(limit=1).items[0]
    desk = owner_of(goods.merchant)
    path = f"/merchant/orders/{public_id('ord', order.id)}/"
    for nameless in ({}, {"do": ""}, {"do": "cancell"}):
        desk.send(path + "act/", page=path, reason="which button was it?", **nameless)
        seen = marketplace.order(order_id=order.id)
        assert seen is not None
        assert str(seen.state) != "cancelled"
    desk.send(path + "act/", page=path, do="cancel", reason="broken in the warehouse")
    found = marketplace.order(order_id=order.id)
    assert found is not None
    assert str(found.state) == "cancelled"
    assert inventory.availability([goods.variant_id])[goods.variant_id] == 20


def test_operator_reviews_a_merchant() -> None:
    ask_passwords_only()
    merchant = make_merchant(approved=False)
    desk = operator()
    path = f"/operator/merchants/{merchant.public_id}/"
    desk.send(path + "act/", page=path, do="review")
    desk.send(path + "act/", page=path, do="approve")
    assert platforms.merchant(merchant.id).approved
    desk.send(path + "act/", page=path, do="suspend", reason="")
    assert platforms.merchant(merchant.id).approved
    desk.send(path + "act/", page=path, do="suspend", reason="counterfeits")
    assert platforms.merchant(merchant.id).state == "suspended"
    answer = desk.send(path + "invite/", page=path, email="boss@merchants.example", **SURE)
    assert "on its way" in answer.content.decode()


def test_person_with_two_roles_switches_without_signing_out() -> None:
    merchant = make_merchant()
    person = make_person(role="merchant_owner", merchant_id=merchant.id, password=PASSWORD)
    platforms.grant_role(person_id=person.id, role=platforms.Role.OPERATOR)
    browser = sign_in(person)
    by_role = {str(m.role): m for m in platforms.person(person.id).memberships}
    browser.send("/role/", membership=str(by_role["merchant_owner"].id))
    assert browser.see("/merchant/").status_code == 200
    assert browser.see("/operator/").status_code == 403
    answer = browser.send("/role/", membership=str(by_role["operator"].id))
    assert answer.request["PATH_INFO"].endswith("/operator/")
