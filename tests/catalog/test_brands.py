"""Brands from the operator's list, related products, barcodes with their check digit."""

import pytest

from catalog import facade
from catalog.facade import VariantInput
from kernel.check_digits import gtin_problem
from kernel.errors import Invalid, NotFound
from kernel.ids import public_id, uuid7
from kernel.tenancy import Tenant
from tests.factories.catalog import make_product
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.storefront import Browser, operator, owner_of


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("6901234567892", ""),  # EAN-13
        ("6901234567893", "check"),
        ("036000291452", ""),  # UPC-A
        ("96385074", ""),  # EAN-8
        ("16901234567899", ""),  # a carton's GTIN-14
        ("16901234567892", "check"),
        ("69", ""),  # a shop's own
        ("SHOP-00000012", ""),
    ],
)
def test_check_digit(code: str, problem: str) -> None:
    assert gtin_problem(code) == problem


def test_brand_related_and_barcode_over_http_and_on_pages(platform: Tenant) -> None:
    merchant = make_merchant()
    operators, own = (
        api_client(make_key(kind="operator")),
        api_client(make_key(merchant_id=merchant.id)),
    )
    names = {"zh-Hans": "松花江", "en": "Songhua"}
    assert own.post("/brands", {"code": "x", "names": names}).status_code == 403
    made = operators.post("/brands", {"code": "songhua", "names": names})
    assert made.status_code == 201, made.content
    taken = operators.post("/brands", {"code": "songhua", "names": names})
    assert (taken.status_code, taken.json()["code"]) == (409, "catalog.brand_taken")
    body = {"titles": {"zh-Hans": "米"}, "brand": made.json()["id"], "publish": True,
            "variants": [{"sku": "R", "barcode": "6901234567893"}]}  # fmt: skip
    refused = own.post("/products", body)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "variants.0.barcode"
    body["variants"] = [{"sku": "R", "barcode": "6901234567892"}]
    rice = own.post("/products", body).json()
    assert rice["brand"] == made.json()["id"]
    absent = own.patch(f"/products/{rice['id']}", {"brand": public_id("brd", uuid7())})
    assert absent.json()["code"] == "catalog.brand_unknown"

    oil, other = make_product(merchant_id=merchant.id, title="oil"), make_product()
    path = f"/products/{rice['id']}/related"
    assert own.put(path, {"related": [public_id("prd", other.id)]}).status_code == 422
    related = {"related": [public_id("prd", oil.id)]}
    assert own.put(path, related).json() == own.get(path).json() == related
    page = facade.product_page(slug_or_id=rice["slug"], language="en")
    assert (page.brand, page.related) == ("Songhua", (oil.id,))
    shown = Browser().see(f"/products/{rice['slug']}/").content.decode()
    assert "<dt>Brand</dt><dd>Songhua</dd>" in shown
    assert "Goes with it" in shown
    assert oil.titles["en"] in shown

    desk = operator()
    page_of = f"/operator/brands/{made.json()['id']}/"
    assert "Songhua" in desk.see("/operator/brands/").content.decode()
    desk.send(page_of, page=page_of, name_0="松花江", name_1="Songhua River")
    assert "Songhua River" in desk.see("/operator/brands/").content.decode()
    edit = owner_of(merchant).see(f"/merchant/products/{rice['id']}/").content.decode()
    assert "6901234567892" in edit
    assert "Songhua River" in edit


def test_an_old_wrong_barcode_stays_until_it_is_changed(platform: Tenant) -> None:
    from catalog.models import Variant

    made = make_product(inputs=[VariantInput(sku="A")], options=())
    Variant.objects.filter(product_id=made.id).update(barcode="6901234567893")
    keep = VariantInput(sku="A", barcode="6901234567893", weight_grams=5)
    facade.update_product(product_id=made.id, changes={"variants": [keep]})
    with pytest.raises(facade.BarcodeWrong):
        facade.update_product(
            product_id=made.id, changes={"variants": [VariantInput(sku="A", barcode="96385075")]}
        )
    with pytest.raises(Invalid):
        facade.put_related(product_id=made.id, others=[made.id])
    with pytest.raises(NotFound):
        facade.brand(uuid7())
