"""What a merchant's lists let one do: find drafts by words, change several at once, warehouses."""

import pytest

from catalog import facade as catalog
from inventory import facade as inventory
from kernel.ids import public_id
from tests.factories.catalog import make_product
from tests.factories.inventory import make_stock, make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.storefront import make_goods, owner_of
from tests.storefront.test_returns import text

pytestmark = pytest.mark.usefixtures("platform")
LIST = "/merchant/products/"
MANY = "/merchant/products/many/"


def test_a_draft_is_found_by_its_words() -> None:
    merchant = make_merchant()
    root = make_product(merchant_id=merchant.id, titles={"zh-Hans": "人参", "en": "Ginseng root"})
    catalog.withdraw_product(product_id=root.id, reason="")
    catalog.redraft_product(product_id=root.id)
    make_product(merchant_id=merchant.id, titles={"zh-Hans": "大米", "en": "Wild rice"})
    desk = owner_of(merchant)
    found = text(desk.see(LIST, q="ginseng"))
    assert ("Ginseng root" in found, "Wild rice" in found) == (True, False)
    assert "Ginseng root" not in text(desk.see(LIST, q="ginseng", state="published"))
    assert "in any state" in text(desk.see(LIST, q="nothingatall"))


def test_several_at_once_and_what_cannot_be_is_said() -> None:
    goods = make_goods()
    other = make_goods()
    bare = make_product(merchant_id=goods.merchant.id, titles={"zh-Hans": "茶", "en": "Bare tea"})
    catalog.withdraw_product(product_id=bare.id, reason="")
    desk = owner_of(goods.merchant)
    mine = public_id("prd", goods.product.id)
    answer = desk.send(
        MANY, page=LIST, do="withdraw", back="?state=published",
        product=[mine, mine, public_id("prd", other.product.id), public_id("prd", bare.id)],
    )  # fmt: skip
    assert catalog.product(goods.product.id).state == "withdrawn"
    assert catalog.product(other.product.id).state == "published", "another merchant's"
    seen = text(answer)
    assert "1 product changed." in seen
    assert "Bare tea: " in seen
    assert answer.redirect_chain[0][0].endswith(f"{LIST}?state=published")
    desk.send(MANY, page=LIST, do="publish", product=[mine], back="https://elsewhere.example/")
    assert catalog.product(goods.product.id).state == "published"
    assert "Choose products first" in text(desk.send(MANY, page=LIST, do="publish"))
    desk.send(MANY, page=LIST, do="nonsense", product=[mine])
    assert catalog.product(goods.product.id).state == "published"


def test_a_warehouse_is_renamed_and_closed() -> None:
    merchant = make_merchant()
    made = make_warehouse(merchant_id=merchant.id)
    desk = owner_of(merchant)
    where = f"/merchant/warehouses/{public_id('whs', made.id)}/"
    assert where in text(desk.see("/merchant/warehouses/"))
    form = {"name_0": "东库", "name_1": "East", "region": "22", "address": "Dock 3",
            "priority": "7", "version": str(made.version)}  # fmt: skip
    assert desk.send(where, page=where, **{**form, "name_0": ""}).status_code == 422
    assert desk.send(where, page=where, **{**form, "priority": "-1"}).status_code == 422
    desk.send(where, page=where, **form)  # closed: the box isn't ticked
    info = inventory.warehouse(made.id)
    assert (info.names["en"], info.address, info.priority, info.active) == (
        "East", "Dock 3", 7, False,
    )  # fmt: skip
    late = desk.send(where, page=where, **{**form, "name_1": "West"})
    assert (late.status_code, inventory.warehouse(made.id).names["en"]) == (422, "East")
    assert "Closed" in text(desk.see("/merchant/warehouses/"))
    assert owner_of(make_merchant()).see(where).status_code == 404


def test_related_products_are_chosen_and_bad_ones_leave_all_as_it_was() -> None:
    goods = make_goods()
    merchant = goods.merchant
    beside = make_product(merchant_id=merchant.id, titles={"zh-Hans": "杯", "en": "Cup"})
    desk = owner_of(merchant)
    where = f"/merchant/products/{public_id('prd', goods.product.id)}/"
    form = {"title_0": "茶", "title_1": "Changed tea", "unit": "C62", "v-TOTAL_FORMS": "1",
            "v-INITIAL_FORMS": "0", "v-0-sku": goods.product.variants[0].sku,
            "v-0-active": "on"}  # fmt: skip
    assert 'data-kind="product"' in text(desk.see(where))
    assert "/merchant/pick/" in text(desk.see(where))
    for wrong in (public_id("prd", make_goods().product.id), public_id("prd", goods.product.id)):
        answer = desk.send(where, page=where, **form, related=wrong)
        assert (answer.status_code, "Changed tea" in goods_titles(goods)) == (422, False)
    desk.send(where, page=where, **form, related=f"{public_id('prd', beside.id)} Cup")
    assert catalog.related_ids(goods.product.id) == (beside.id,)
    assert "Cup" in text(desk.see(where))


def goods_titles(goods: object) -> list[str]:
    return list(catalog.product(goods.product.id).titles.values())  # type: ignore[attr-defined]


def test_a_new_warehouse_lies_nowhere_until_its_province_is_chosen() -> None:
    """The first province of the list was chosen for whoever didn't look."""
    desk = owner_of(make_merchant())
    assert '<option value="" selected>—</option>' in text(desk.see("/merchant/stock/"))
    desk.send("/merchant/warehouses/new/", page="/merchant/stock/", name="East", region="")
    assert inventory.warehouses_page().items == []
    desk.send("/merchant/warehouses/new/", page="/merchant/stock/", name="East", region="22")
    assert [one.region for one in inventory.warehouses_page().items] == ["22"]


def test_stock_is_found_by_words_and_by_number() -> None:
    """By the words of a title in any language, an article number or an id; never another's."""
    goods, other = make_goods(), make_goods()
    merchant_id = goods.merchant.id
    root = make_product(merchant_id=merchant_id, titles={"zh-Hans": "长白山人参", "en": "Ginseng"})
    elsewhere = make_product(
        merchant_id=other.merchant.id, titles={"zh-Hans": "人参蜜片", "en": "Ginseng honey"}
    )
    for info in (root, elsewhere):
        place = make_warehouse(merchant_id=info.merchant_id)
        make_stock(5, variant_id=info.variants[0].id, warehouse_id=place.id)
    desk = owner_of(goods.merchant)

    def found(query: str) -> set[str]:
        seen = text(desk.see("/merchant/stock/", q=query))
        skus = {one.sku for info in (root, goods.product, elsewhere) for one in info.variants}
        return {sku for sku in skus if f">{sku}<" in seen}

    own = root.variants[0]
    assert found("ginseng") == found("人参") == {own.sku}
    assert found(own.sku) == found(public_id("var", own.id)) == {own.sku}
    assert found("nothingatall") == found("!") == set()
    assert found(elsewhere.variants[0].sku) == set()
    assert "words of the product's title" in text(desk.see("/merchant/stock/", q="nothingatall"))
    sheet = desk.see("/merchant/stock/", q="ginseng", format="csv")
    rows = b"".join(sheet.streaming_content if sheet.streaming else [sheet.content]).decode()
    assert own.sku in rows
    assert goods.product.variants[0].sku not in rows


def test_a_search_that_finds_more_stock_than_it_looks_at_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goods = make_goods()
    monkeypatch.setattr("storefront.views.merchant.stock.FOUND", 1)
    word = goods.product.titles["en"]
    assert "Write more words" in text(owner_of(goods.merchant).see("/merchant/stock/", q=word))
