"""How large a packed piece is: all three sides, or none."""

from typing import Any

import pytest

from catalog import facade
from catalog.facade import ProductDraft, VariantDraft
from tests.catalog.test_api import BODY, names
from tests.factories.catalog import make_product
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = pytest.mark.django_db
SIDES: dict[str, Any] = {"length_mm": 500, "width_mm": 350, "height_mm": 200}
VARIANT = {"sku": "P-1", "options": {"size": "M"}, "weight_grams": 900}


@pytest.fixture
def seller(platform: Any) -> Any:
    return api_client(make_key(merchant_id=make_merchant().id))


def sides(variant: Any) -> tuple[Any, ...]:
    return tuple(variant[name] for name in SIDES)


def test_by_api(seller: Any) -> None:
    body = {**BODY, "variants": [{**VARIANT, **SIDES}], "publish": True}
    product = seller.post("/products", body).json()
    [variant] = product["variants"]
    assert sides(variant) == (500, 350, 200)
    path = f"/products/{product['id']}"
    assert sides(seller.get(path).json()["variants"][0]) == (500, 350, 200)
    [listed] = seller.get("/products", query={"expand": "variants"}).json()["data"]
    assert sides(listed["variants"][0]) == (500, 350, 200)
    one = f"{path}/variants/{variant['id']}"
    assert sides(seller.patch(one, {"height_mm": 210}).json()) == (500, 350, 210)
    assert sides(seller.patch(one, {"weight_grams": 950}).json()) == (500, 350, 210)
    half = seller.patch(one, {"width_mm": None})
    assert (half.status_code, names(half)) == (422, ["width_mm"])
    gone = seller.patch(one, dict.fromkeys(SIDES))
    assert (gone.status_code, sides(gone.json())) == (200, (None, None, None))
    made = seller.post(f"{path}/variants", {**VARIANT, "sku": "P-2", "options": {"size": "L"},
                                            **SIDES})  # fmt: skip
    assert sides(made.json()) == (500, 350, 200)
    known = facade.variants(facade.variant_ids_by_sku(
        facade.products_page(limit=1).items[0].merchant_id, ["P-1", "P-2"]
    ).values())  # fmt: skip
    assert {one.sku: one.size_mm for one in known.values()} == {
        "P-1": None, "P-2": (500, 350, 200),
    }  # fmt: skip
    page = facade.product_page(slug_or_id=product["slug"])
    assert [one.size_mm for one in page.variants] == [None, (500, 350, 200)]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"height_mm": None}, "variants.0.height_mm"),
        ({"length_mm": None, "width_mm": None}, "variants.0.length_mm"),
        ({"length_mm": 0}, "variants.0.length_mm"),
        ({"length_mm": 30_001}, "variants.0.length_mm"),
        ({"width_mm": 1.5}, "variants.0.width_mm"),
        ({"width_mm": "12"}, "variants.0.width_mm"),
    ],
)
def test_what_is_wrong_names_its_side(seller: Any, change: dict[str, Any], field: str) -> None:
    row = {**VARIANT, **SIDES, **change}
    refused = seller.post("/products", {**BODY, "variants": [row]})
    assert (refused.status_code, names(refused)) == (422, [field])
    rows = [{**BODY, "external_id": "A", "variants": [row]},
            {**BODY, "external_id": "B", "variants": [{**VARIANT, **SIDES}]}]  # fmt: skip
    done = seller.post("/products/batch", {"products": rows}).json()
    assert (done["succeeded"], done["failed"]) == (1, 1)
    kept = seller.get("/products/by-external-id/B").json()
    assert sides(kept["variants"][0]) == (500, 350, 200)


def test_a_draft_of_a_list_keeps_what_it_does_not_say(platform: Any) -> None:
    made = make_product(inputs=[facade.VariantInput(sku="P-1", options={"size": "M"}, **SIDES)])

    def put(**said: Any) -> Any:
        draft = ProductDraft((VariantDraft("P-1", **said),))
        [done] = facade.put_products(merchant_id=made.merchant_id, drafts=[draft])
        return done

    put(weight_grams=7)
    [variant] = facade.product(made.id).variants
    assert (variant.weight_grams, variant.height_mm) == (7, 200)
    put(height_mm=210)
    [variant] = facade.product(made.id).variants
    assert (variant.length_mm, variant.width_mm, variant.height_mm) == (500, 350, 210)
