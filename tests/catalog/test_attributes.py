"""Attributes by category: typed, inherited, required; wrong values named; found and shown."""

from typing import Any

import pytest

from catalog import facade
from catalog.facade import AttributeInfo, AttributeKind
from kernel.errors import DomainError, Invalid
from kernel.tenancy import Tenant
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import api_client, make_key, make_merchant

pytestmark = pytest.mark.usefixtures("platform")
GREEN = {"code": "green", "names": {"zh-Hans": "绿茶", "en": "Green"}}
BLACK = {"code": "black", "names": {"zh-Hans": "红茶", "en": "Black"}}


def make(code: str, kind: str = "text", **fields: Any) -> AttributeInfo:
    names = {"zh-Hans": f"名{code}", "en": code}
    return facade.create_attribute(code=code, kind=kind, names=names, **fields)


def found(error: DomainError) -> dict[str, tuple[str, str]]:
    return {one.field: (one.problem, one.remedy) for one in error.problems}


def test_typed_inherited_required_and_every_mistake_named() -> None:
    top = make_category(names={"zh-Hans": "饮品", "en": "Drinks"})
    tea = make_category(names={"zh-Hans": "茶", "en": "Tea"}, parent_id=top.id)
    kind = make("kind", "choice", values=[GREEN, BLACK], facet=True)
    tags = make("tags", "choices", values=[GREEN, BLACK])
    rest = [make("moisture", "number", unit="P1"), make("organic", "boolean"), make("on", "date")]
    facade.put_category_attributes(
        category_id=top.id, entries=[(kind.id, False), *((one.id, False) for one in rest)]
    )
    mine = facade.put_category_attributes(
        category_id=tea.id, entries=[(kind.id, True), (tags.id, False)]
    )
    assert [(e.attribute.code, e.required, e.inherited) for e in mine] == [
        ("kind", True, False), ("moisture", False, True), ("organic", False, True),
        ("on", False, True), ("tags", False, False),
    ]  # fmt: skip
    draft = make_product(category_id=tea.id, published=False)
    wrong = {"kind": "blue", "tags": ["green", "x"], "moisture": "wet", "organic": "maybe",
             "on": "29.11.2026", "colour": "red"}  # fmt: skip
    with pytest.raises(Invalid) as raised:
        facade.update_product(product_id=draft.id, changes={"attributes": wrong})
    told = found(raised.value)
    assert set(told) == {f"attributes.{code}" for code in wrong}
    assert all(problem and remedy for problem, remedy in told.values())
    assert "green, black" in told["attributes.kind"][1]
    with pytest.raises(facade.NotPublishable) as refused:
        facade.publish_product(product_id=draft.id)
    assert set(found(refused.value)) == {"attributes.kind"}
    right = {"kind": "绿茶", "tags": ["black", "green"], "moisture": "14.50", "organic": True,
             "on": "2026-11-29"}  # fmt: skip
    facade.update_product(product_id=draft.id, changes={"attributes": right})
    info = facade.publish_product(product_id=draft.id)
    assert info.attributes == {**right, "kind": "green", "moisture": "14.5"}
    page = facade.product_page(slug_or_id=info.slug, language="en")
    assert [(one.name, one.value) for one in page.attributes] == [
        ("kind", "Green"), ("moisture", "14.5"), ("on", "2026-11-29"), ("organic", "yes"),
        ("tags", "Black, Green"),
    ]  # fmt: skip
    with pytest.raises(facade.AttributeInUse):
        facade.update_attribute(attribute_id=kind.id, changes={"values": [BLACK]})
    # In another category only what it has stays.
    moved = facade.update_product(product_id=info.id, changes={"category_id": top.id})
    assert "tags" not in moved.attributes
    assert moved.attributes["kind"] == "green"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"code": "Bad"}, "code"),
        ({"kind": "colour"}, "kind"),
        ({"kind": "choice"}, "values"),
        ({"values": [GREEN]}, "values"),
        ({"unit": "KGM"}, "unit"),
        ({"kind": "choice", "values": [GREEN, GREEN]}, "values"),
        ({"names": {"en": "only"}}, "names.zh-Hans"),
    ],
)
def test_what_is_no_attribute_is_refused(fields: dict[str, Any], field: str) -> None:
    right: dict[str, Any] = {"code": "x", "kind": "text", "names": {"zh-Hans": "名"}}
    with pytest.raises(Invalid) as raised:
        facade.create_attribute(**right | fields)
    assert raised.value.problems[0].field == field


def test_over_http_operators_write_merchants_fill_in_and_search_filters(platform: Tenant) -> None:
    from search.building.products import read
    from search.services.panels import product_facets

    operator, merchant = api_client(make_key(kind="operator")), make_merchant()
    shop = api_client(make_key(merchant_id=merchant.id))
    body = {"code": "kind", "kind": "choices", "names": {"zh-Hans": "茶类"}, "facet": True,
            "values": [GREEN, BLACK]}  # fmt: skip
    assert shop.post("/attributes", body).status_code == 403
    made = operator.post("/attributes", body)
    assert made.status_code == 201, made.content
    assert operator.post("/attributes", body).json()["code"] == "catalog.attribute_taken"
    category = make_category()
    from kernel.ids import public_id

    path = f"/categories/{public_id('cat', category.id)}/attributes"
    entry = {"attribute": made.json()["id"], "required": True}
    assert operator.put(path, {"attributes": [entry]}).status_code == 200
    assert shop.get(path).json()["data"][0]["required"] is True
    renamed = operator.patch(f"/attributes/{made.json()['id']}", {"facet": True})
    assert renamed.json()["values"] == [GREEN, BLACK]
    product = {"titles": {"zh-Hans": "茶"}, "category": public_id("cat", category.id),
               "variants": [{"sku": "A"}], "attributes": {"kind": ["Green", "black"]},
               "publish": True}  # fmt: skip
    sent = shop.post("/products", product)
    assert sent.status_code == 201, sent.content
    assert sent.json()["attributes"] == {"kind": ["green", "black"]}
    refused = shop.post("/products", {**product, "attributes": {"kind": "blue"}})
    assert refused.json()["errors"][0]["field"] == "attributes.kind"
    [build] = read([facade.products_page(merchant_id=merchant.id).items[0].id]).values()
    document = build()
    assert document is not None
    stored: Any = document.fields["attributes"]
    values = {a.value for a in stored if a.code == "kind"}
    assert values == {"green", "black"}
    assert "attributes.kind" in [facet.ref for facet in product_facets()]
    assert AttributeKind.CHOICES.label
