"""Documents say what the database says, in few statements, and nothing that isn't for everybody."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import facade as catalog
from catalog.facade import VariantInput
from kernel import tenancy
from kernel.ids import public_id, uuid7
from marketplace import facade as marketplace
from platforms import facade as platforms
from search.building import MERCHANTS, PRODUCTS, access
from search.contracts import PUBLIC, Attribute, CategoryPath, Document, Tombstone
from search.documents.physical import render
from tests.factories.catalog import SIZES, make_category, make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.marketplace import make_goods, set_price
from tests.factories.platforms import make_merchant, make_platform

pytestmark = pytest.mark.django_db
CORN = {
    "attributes": [
        {"code": "moisture", "kind": "number", "unit": "P1",
         "names": {"zh-Hans": "水分", "en": "moisture"}},
        {"code": "grade", "names": {"zh-Hans": "等级", "en": "grade"},
         "values": {"二等": {"en": "second class"}}},
        {"code": "non_gmo", "kind": "flag", "names": {"en": "not modified"}},
    ],
    "warehouses": True,
    "price_slots": {"wholesale": 2},
}  # fmt: skip


def built(*ids: UUID, builder: Any = PRODUCTS) -> list[Any]:
    found = builder.build(ids, platform=tenancy.current_id(), version=7)
    assert found.failures == {}
    return list(found.operations)


def document(one: UUID) -> Document:
    [found] = built(one)
    assert isinstance(found, Document)
    return found


@pytest.fixture
def market(platform: Any) -> Any:
    platforms.change_settings(settings={"search": CORN})
    return platform


@pytest.fixture
def providers() -> Iterator[access.Providers]:
    yield access.PROVIDERS
    access.PROVIDERS.prices = access.PROVIDERS.catalogues = access.PROVIDERS.membership = None


def test_everything_a_product_says(market: Any) -> None:
    shop = make_merchant(name="Granary")
    root = make_category("Grain", slug="grain")
    leaf = make_category("Corn", slug="corn", parent_id=root.id)
    made = make_product(
        merchant_id=shop.id, category_id=leaf.id, title="Corn",
        inputs=[
            VariantInput(sku="C-1", options={"size": {"zh-Hans": "大袋", "en": "Big bag"}},
                         barcode="6901234567892"),
            VariantInput(sku="C-2", options={"size": "small"}),
        ],
        options=(SIZES,),
        metadata={"moisture": "14.0 %", "grade": "二等", "brand": "Jilin", "origin": "公主岭",
                  "non_gmo": "是", "secret": "x"},
    )  # fmt: skip
    one, two = (variant.id for variant in made.variants)
    set_price(one, "25.5")
    set_price(two, "20")
    place = make_warehouse(
        merchant_id=shop.id, names={"zh-Hans": "长春仓", "en": "Changchun"}, region="22"
    )
    make_stock(3, variant_id=one, warehouse_id=place.id)
    found = document(made.id)
    assert (found.id, found.version) == (public_id("prd", made.id), 7)
    assert (found.platform, found.visible_to) == (str(market.id), (PUBLIC,))
    fields = found.fields
    assert fields["title"] == {"zh-Hans": "茶 Corn", "en": "Corn"}
    assert fields["sku"] == ["C-1", "C-2"]
    assert fields["barcode"] == ["6901234567892"]
    assert fields["merchant"] == shop.public_id
    assert fields["category"] == [CategoryPath(("grain", "corn"), (root.names, leaf.names))]
    assert fields["prices"] == [
        2000,
        None,
        2000,
    ]  # a group without prices of its own pays the public one
    assert (fields["stock"], fields["region"]) == ("in_stock", "22")
    assert (fields["brand"], fields["origin"]) == ("Jilin", "公主岭")
    assert fields["attributes"] == [
        Attribute("moisture", Decimal("14.0"), "P1",
                  {"zh-Hans": "水分 14%", "en": "moisture 14%"}),
        Attribute("grade", "二等", labels={"zh-Hans": "等级 二等", "en": "grade second class"}),
        Attribute("non_gmo", True, labels={"en": "not modified"}),
        Attribute("size", "大袋", labels={"zh-Hans": "大袋", "en": "Big bag"}),
        Attribute("size", "small", labels={"zh-Hans": "small"}),
        Attribute("warehouse", "长春仓", labels={"zh-Hans": "长春仓", "en": "Changchun"}),
    ]  # fmt: skip
    assert "secret" not in str(fields)
    assert not {"rating", "sales", "credit_grade"} & set(fields)
    render(PRODUCTS.doc_type, found)  # engines take it as it is


def test_what_buyers_dont_see_is_a_tombstone(platform: Any) -> None:
    draft, gone = make_product(published=False), make_product()
    catalog.withdraw_product(product_id=gone.id)
    shut = make_product()
    platforms.suspend_merchant(merchant_id=shut.merchant_id, reason="papers")
    unknown = uuid7()
    found = built(draft.id, gone.id, shut.id, unknown)
    assert {type(one) for one in found} == {Tombstone}
    assert {one.id for one in found} == {
        public_id("prd", one) for one in (draft.id, gone.id, shut.id, unknown)
    }


def test_what_sells_out_is_said(platform: Any) -> None:
    variant = make_goods(stock=None)
    product = catalog.variants([variant])[variant].product_id
    assert document(product).fields["stock"] == "out_of_stock"
    make_stock(1, variant_id=variant)
    assert document(product).fields["stock"] == "in_stock"
    merchant = catalog.variants([variant])[variant].merchant_id
    marketplace.withdraw_offer(merchant_id=merchant, variant_id=variant)
    assert "prices" not in document(product).fields


def test_ten_queries_whatever_the_number(market: Any) -> None:
    """With something from every source: attributes, a brand, a shelf, two warehouses."""
    shop, root = make_merchant(), make_category("Grain", slug="grain")
    category = make_category("Corn", slug="corn", parent_id=root.id)
    brand = catalog.create_brand(code="jilin", names={"zh-Hans": "吉林"})
    shelf = catalog.create_shop_category(merchant_id=shop.id, names={"zh-Hans": "新粮"})
    ids = []
    for number in range(12):
        variant = make_goods(
            merchant_id=shop.id,
            category_id=category.id,
            brand_id=brand.id,
            metadata={"moisture": str(number)},
        )
        make_stock(3, variant_id=variant)
        ids.append(catalog.variants([variant])[variant].product_id)
    catalog.put_shop_category_products(category_id=shelf.id, merchant_id=shop.id, product_ids=ids)
    counts = []
    for batch in (ids[:2], ids):
        with CaptureQueriesContext(connection) as queries:
            for one in built(*batch):
                assert {"brand", "category", "stock"} <= one.fields.keys()
                codes = {attribute.code for attribute in one.fields["attributes"]}
                assert {"moisture", "warehouse", "shop_category"} <= codes
        counts.append(len(queries))
    assert counts == [10, 10]


def test_a_product_that_cant_be_made_holds_up_no_other(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make_product(), make_product()
    from search.building import attributes

    real = attributes.of_product

    def broken(product: Any, *args: Any) -> Any:
        if product.id == bad.id:
            raise ValueError("a value that nobody thought of")
        return real(product, *args)

    monkeypatch.setattr(attributes, "of_product", broken)
    found = PRODUCTS.build([good.id, bad.id], platform=platform.id, version=1)
    assert [one.id for one in found.operations] == [public_id("prd", good.id)]
    assert found.failures == {bad.id: "ValueError: a value that nobody thought of"}


def test_private_catalogues_have_keys_and_no_prices(
    market: Any, providers: access.Providers
) -> None:
    variants = [make_goods("10"), make_goods("30")]
    private, public = (catalog.variants([v])[v].product_id for v in variants)
    access.register_access(
        catalogues=lambda ids: {private: ("catalogue:7",)},
        prices=lambda ids: {"wholesale": {variants[1]: 2500}},
    )
    hidden, shown = document(private), document(public)
    assert hidden.visible_to == ("catalogue:7",)
    assert "prices" not in hidden.fields
    assert shown.visible_to == (PUBLIC,)
    assert shown.fields["prices"] == [3000, None, 2500]


def test_merchants_by_declaration_and_builder_alone(platform: Any) -> None:
    shop, shut = make_merchant(name="Tea House"), make_merchant()
    applied = make_merchant(approved=False)
    make_product(merchant_id=shop.id)
    make_product(merchant_id=shop.id)
    platforms.suspend_merchant(merchant_id=shut.id, reason="papers")
    one, *others = sorted(
        built(shop.id, shut.id, applied.id, builder=MERCHANTS), key=lambda op: op.id
    )
    assert isinstance(one, Document)
    assert one.fields["title"] == {"zh-Hans": "商户 Tea House", "en": "Tea House"}
    assert one.fields["products"] == 2
    assert {type(other) for other in others} == {Tombstone}
    assert MERCHANTS.page(None, 10) == [shop.id]
    assert MERCHANTS.count() == 1


def test_another_platforms_goods_make_nothing_here(platform: Any) -> None:
    mine = make_product()
    with tenancy.scope(make_platform()):
        assert {type(one) for one in built(mine.id)} == {Tombstone}
        assert PRODUCTS.page(None, 10) == []
        assert {type(one) for one in built(mine.merchant_id, builder=MERCHANTS)} == {Tombstone}


def test_settings_are_checked(platform: Any) -> None:
    for wrong in (
        {"attributes": [{"code": "Bad Code"}]},
        {"attributes": [{"code": "a"}, {"code": "a"}]},
        {"price_slots": {"a": 16}},
        {"price_slots": {"a": 1, "b": 1}},
    ):
        with pytest.raises(platforms.InvalidBlueprint):
            platforms.change_settings(settings={"search": wrong})


def test_the_shops_own_categories_are_filters_and_words(platform: Any) -> None:
    product = make_product()
    top, below = (
        catalog.create_shop_category(merchant_id=product.merchant_id, names={"zh-Hans": name})
        for name in ("新茶", "绿茶")
    )
    catalog.change_shop_category(
        category_id=below.id, merchant_id=product.merchant_id, changes={"parent_id": top.id}
    )
    catalog.put_product_shop_categories(
        product_id=product.id, merchant_id=product.merchant_id, category_ids=[below.id]
    )
    found = {a.value: a.labels for a in document(product.id).fields["attributes"]}
    assert found[public_id("shc", below.id)] == {"zh-Hans": "绿茶"}
    assert found[public_id("shc", top.id)] == {"zh-Hans": "新茶"}
