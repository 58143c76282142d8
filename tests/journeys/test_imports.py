"""Lists of products with prices and stock: in, twice the same, out again; killed and resumed."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from catalog import facade as catalog
from inventory import facade as inventory
from journeys import facade
from journeys.facade import ImportInfo
from journeys.imports import writing
from kernel import jobs
from kernel.actors import Actor, acting
from kernel.errors import InvalidTransition, NotFound
from kernel.ids import uuid7
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tables import TableUnreadable, csv_lines, xlsx_file
from kernel.tenancy import Tenant
from marketplace import facade as marketplace
from platforms.facade import MerchantNotApproved
from tests.factories.catalog import make_category
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import ApiClient, api_client, make_key, make_merchant
from tests.journeys.importing import work_until_killed

HEADER = ["商品编号", "标题", "title (en)", "分类", "单位", "状态", "货号", "规格名", "规格",
          "重量(克)", "售价", "库存"]  # fmt: skip
TEA = [
    "T-1",
    "龙井",
    "Longjing",
    "tea",
    "件",
    "上架",
    "T-1-S",
    "净含量",
    "250克",
    "260",
    "¥48.00",
    "10",
]
TEA_TOO = ["T-1", "", "", "", "", "", "T-1-L", "净含量", "500克", "520", "88", "5"]
SALT = ["", "盐", "", "", "KGM", "", "SALT", "", "", "", "3.5", "2.250"]


@pytest.fixture
def shop(platform: Tenant) -> UUID:
    merchant = make_merchant()
    make_warehouse(merchant_id=merchant.id, names={"en": "Main", "zh-Hans": "主仓"})
    return merchant.id


def upload(shop: UUID, *rows: list[str], header: list[str] = HEADER) -> ImportInfo:
    data = "".join(csv_lines(header, rows)).encode()
    return facade.upload_import(merchant_id=shop, data=data, filename="list.csv")


def through(shop: UUID, *rows: list[str], check: bool = False, **more: Any) -> ImportInfo:
    """Upload, then run (or check) to the end."""
    info = upload(shop, *rows, **more)
    start = facade.check_import if check else facade.run_import
    start(import_id=info.id, merchant_id=shop)
    jobs.drain()
    return facade.product_import(import_id=info.id, merchant_id=shop)


def counts(info: ImportInfo) -> tuple[int, int, int, int]:
    return info.made, info.changed, info.unchanged, info.failed


def found_in(info: ImportInfo) -> list[tuple[int, str, str]]:
    page = facade.import_problems(import_id=info.id, limit=100)
    return [(one.row, one.field, one.code) for one in page.items]


def test_a_list_makes_products_with_prices_and_stock_and_again_changes_nothing(
    shop: UUID,
) -> None:
    category = make_category(slug="tea")
    with acting(Actor(kind="merchant", id=uuid7(), merchant_id=shop)):
        checked = through(shop, TEA, TEA_TOO, SALT, check=True)
        assert (checked.state, counts(checked)) == ("checked", (2, 0, 0, 0))
        assert catalog.products_page(merchant_id=shop).items == []  # only tried

        first = through(shop, TEA, TEA_TOO, SALT)
        again = through(shop, TEA, TEA_TOO, SALT)
    assert (first.state, counts(first)) == ("done", (2, 0, 0, 0))
    assert counts(again) == (0, 0, 2, 0)
    tea = catalog.product(catalog.product_id_by_external(shop, "T-1") or uuid7())
    assert (str(tea.state), tea.category_id) == ("published", category.id)
    assert tea.titles == {"zh-Hans": "龙井", "en": "Longjing"}
    assert [axis.code for axis in tea.options] == ["weight"]
    assert [one.options for one in tea.variants] == [{"weight": "250克"}, {"weight": "500克"}]
    ids = [one.id for one in tea.variants]
    prices = marketplace.prices(ids)
    assert [prices[key].unit_price for key in ids] == [Decimal("48.00"), Decimal("88.00")]
    assert inventory.availability(ids) == dict(zip(ids, [10, 5], strict=True))
    salt = catalog.variants(catalog.variant_ids_by_sku(shop, ["SALT"]).values())
    [grain] = salt.values()
    assert (grain.unit, grain.published) == ("KGM", False)
    audits = AuditRecord.objects.filter(merchant_id=shop).values_list("action", flat=True)
    assert sorted(one for one in audits if one.startswith("catalog")) == [
        "catalog.product.created", "catalog.product.created", "catalog.product.published",
    ]  # fmt: skip
    events = OutboxEvent.objects.filter(type__startswith="catalog.product.").count()
    assert events == 3
    assert catalog.product_cards(query="龙井", merchant=shop).items[0].id == tea.id

    changed = through(shop, ["T-1", "西湖龙井", "", "", "", "", "T-1-S", "", "", "", "50", ""])
    assert counts(changed) == (0, 1, 0, 0)
    tea = catalog.product(tea.id)
    assert tea.titles == {"zh-Hans": "西湖龙井", "en": "Longjing"}
    assert len([one for one in tea.variants if one.active]) == 2  # what isn't named stays
    assert marketplace.prices(ids)[ids[0]].unit_price == Decimal(50)
    assert catalog.product_cards(query="西湖", merchant=shop).items[0].id == tea.id


def test_each_problem_names_row_field_and_remedy_and_its_product_is_left(shop: UUID) -> None:
    make_category(names={"zh-Hans": "茶", "en": "Tea"})
    make_category(names={"zh-Hans": "茶", "en": "Tisane"})
    good = ["OK", "好", "", "", "", "", "OK", "", "", "", "1", "1"]
    rows = [
        ["N", "甲", "", "", "", "", "N", "", "", "x", "twelve", "1"],
        ["D", "乙", "", "", "", "", "OK", "", "", "", "", ""],
        ["S", "丙", "", "", "", "", "", "", "", "", "", ""],
        ["P", "丁", "", "", "", "", "P", "", "", "", "0", "1"],
        ["Q", "戊", "", "", "", "", "Q", "", "", "", "1", "1.5"],
        ["C", "己", "", "茶", "", "", "C", "", "", "", "", ""],
        ["W", "庚", "", "nowhere", "parsec", "maybe", "W", "", "", "", "", ""],
        ["T", "", "", "", "", "", "T", "", "", "", "", ""],
        ["V", "辛", "", "", "", "", "V1", "色", "红", "", "", ""],
        ["V", "壬", "", "", "", "", "V2", "色", "红", "", "", ""],
        ["E", "癸", "", "", "", "", "E1", "色", "红", "", "", ""],
        ["E", "", "", "", "", "", "E2", "色", "红", "", "", ""],
    ]
    for check in (True, False):
        info = through(shop, good, *rows, check=check)
        assert counts(info) == (1, 0, 0, 10)
        assert found_in(info) == [
            (3, "weight_grams", "number"),
            (3, "price", "number"),
            (4, "sku", "sku_twice"),
            (5, "sku", "sku_missing"),
            (6, "price", "marketplace.invalid_price"),
            (7, "stock", "inventory.invalid_quantity"),
            (8, "category", "category_ambiguous"),
            (9, "category", "category"),
            (9, "unit", "unit"),
            (9, "state", "state"),
            (10, "title.zh-Hans", "invalid"),
            (12, "title.zh-Hans", "differs"),
            (13, "sku", "catalog.same_options"),
        ]
    assert [one.external_id for one in catalog.products_page(merchant_id=shop).items] == ["OK"]
    report = facade.import_problems(import_id=info.id, limit=100).items
    assert all(one.problem and one.remedy and one.column for one in report), report
    assert report[1].value == "twelve"
    own, other = api_client(make_key(merchant_id=shop)), api_client(make_key())
    path = f"/product-imports/pim_{_tail(info.id)}"
    chinese = own.get(f"{path}/report", headers={"Accept-Language": "zh-hans"})
    assert "这不是数字" in chinese.content.decode()
    assert own.get(f"{path}/problems").json()["data"][0]["row"] == 3
    assert other.get(path).status_code == 404


def _tail(value: UUID) -> str:
    from kernel.ids import public_id

    return public_id("pim", value)[4:]


def test_the_columns_are_guessed_changed_and_remembered(shop: UUID) -> None:
    header = ["编码X", "Product name", "English title", "Our price"]
    row = ["A", "茶", "Tea", "1"]
    info = upload(shop, row, header=header)
    assert info.mapping == {"Product name": "title.zh-Hans", "English title": "title.en"}
    with pytest.raises(facade.ImportUnmapped):
        facade.run_import(import_id=info.id, merchant_id=shop)
    with pytest.raises(facade.ImportMappingWrong) as wrong:
        facade.map_import(
            import_id=info.id, merchant_id=shop, mapping={"编码X": "nothing", "Absent": "sku"}
        )
    assert [one.field for one in wrong.value.problems] == ["mapping.编码X", "mapping.Absent"]
    mapping = {"编码X": "sku", "Product name": "title.zh-Hans", "Our price": "price"}
    facade.map_import(import_id=info.id, merchant_id=shop, mapping=mapping)
    assert upload(shop, row, header=header).mapping == mapping


def test_packed_sizes_in_and_out_again(shop: UUID) -> None:
    header = ["货号", "标题", "长(毫米)", "宽（毫米）", "包装高"]
    row = ["P-1", "鹅绒枕", "500", "350", "200"]
    info = through(shop, row, ["P-2", "半", "500", "350", ""], ["P-3", "错", "1.5", "1", "1"],
                   ["P-4", "长", "40000", "1", "1"], header=header)  # fmt: skip
    assert info.mapping == {
        "货号": "sku", "标题": "title.zh-Hans", "长(毫米)": "length_mm", "宽（毫米）": "width_mm",
        "包装高": "height_mm",
    }  # fmt: skip
    assert found_in(info) == [
        (3, "height_mm", "invalid"), (4, "length_mm", "whole_number"), (5, "length_mm", "invalid"),
    ]  # fmt: skip
    [product] = catalog.products_page(merchant_id=shop).items
    for _round in range(2):
        [variant] = catalog.product(product.id).variants
        assert (variant.length_mm, variant.width_mm, variant.height_mm) == (500, 350, 200)
        names, [cells] = facade.export_header(), list(facade.export_rows(merchant_id=shop))
        sizes = [cell for name, cell in zip(names, cells, strict=True)
                 if name.startswith(("包装", "Packed"))]  # fmt: skip
        assert sizes == [500, 350, 200]
        again = through(shop, ["" if cell is None else str(cell) for cell in cells], header=names)
        assert counts(again) == (0, 0, 1, 0)
    # What a merchant calls its column is remembered.
    odd = ["货号", "L"]
    info = upload(shop, ["P-1", "510"], header=odd)
    assert info.mapping == {"货号": "sku"}
    facade.map_import(
        import_id=info.id, merchant_id=shop, mapping={"货号": "sku", "L": "length_mm"}
    )
    assert through(shop, ["P-1", "510"], header=odd).mapping["L"] == "length_mm"
    [variant] = catalog.product(product.id).variants
    assert (variant.length_mm, variant.height_mm) == (510, 200)


def test_an_attribute_called_length_is_not_the_boxs(shop: UUID) -> None:
    category = make_category()
    attribute = catalog.create_attribute(
        code="length", kind=catalog.AttributeKind.NUMBER, names={"en": "Length", "zh-Hans": "长度"},
        unit="MMT",
    )  # fmt: skip
    catalog.put_category_attributes(category_id=category.id, entries=[(attribute.id, False)])
    for name in ("length", "Length (mm)", "长度 (mm)", "长度"):
        info = upload(shop, ["A", "1"], header=["货号", name])
        assert info.mapping.get(name, "attribute.length") == "attribute.length", name


def test_what_goes_out_comes_in_unchanged(shop: UUID) -> None:
    make_category(slug="tea")
    done = through(shop, TEA, TEA_TOO, ["=X", "=cmd", *SALT[2:]])
    assert counts(done) == (2, 0, 0, 0)
    rows = list(facade.export_rows(merchant_id=shop))
    assert len(rows) == 3
    assert list(facade.export_rows(merchant_id=shop, state="published")) == rows[:2]
    for data in (
        "".join(csv_lines(facade.export_header(), rows)).encode(),
        xlsx_file(facade.export_header(), rows),
    ):
        info = facade.upload_import(merchant_id=shop, data=data)
        assert len(info.mapping) == len(info.columns), set(info.columns) - set(info.mapping)
        facade.run_import(import_id=info.id, merchant_id=shop)
        jobs.drain()
        info = facade.product_import(import_id=info.id)
        assert (counts(info), found_in(info)) == ((0, 0, 2, 0), [])


COLOURS = (
    {"code": "red", "names": {"zh-Hans": "红", "en": "Red"}},
    {"code": "both", "names": {"zh-Hans": "红、绿", "en": "Red, green"}},
    {"code": "green", "names": {"zh-Hans": "绿", "en": "Green"}},
)


@pytest.fixture
def clothes() -> UUID:
    """A category whose goods have a required colour, a length and a mark."""
    for code, kind, names, more in (
        ("colour", "choices", {"zh-Hans": "颜色", "en": "Colour"}, {"values": COLOURS}),
        ("long", "number", {"zh-Hans": "长度", "en": "Length"}, {"unit": "CMT"}),
        ("eco", "boolean", {"zh-Hans": "环保", "en": "Organic"}, {}),
    ):
        catalog.create_attribute(code=code, kind=kind, names=names, **more)
    made = make_category(slug="clothes")
    entries = [(one.id, one.code == "colour") for one in catalog.attributes()]
    catalog.put_category_attributes(category_id=made.id, entries=entries)
    return made.id


def test_brands_and_attributes_come_in_and_go_out(shop: UUID, clothes: UUID) -> None:
    brand = catalog.create_brand(code="bear", names={"zh-Hans": "大熊", "en": "Bear"})
    header = ["货号", "标题", "类目", "品牌", "颜色", "Length (cm)", "eco", "状态"]
    scarf = ["S", "围巾", "clothes", "大熊", "both，Green", "180.50", "是", "上架"]
    both = ["B", "帽子", "clothes", "BEAR", "红、绿", "", "", "上架"]
    info = through(shop, scarf, both, header=header)
    assert (counts(info), found_in(info)) == ((2, 0, 0, 0), [])
    stored = {
        one.variants[0].sku: (one.brand_id, one.attributes)
        for one in catalog.products(
            row.id for row in catalog.products_page(merchant_id=shop).items
        ).values()
    }
    assert stored == {
        "S": (brand.id, {"colour": ["both", "green"], "long": "180.5", "eco": True}),
        "B": (brand.id, {"colour": ["both"]}),
    }
    rows = list(facade.export_rows(merchant_id=shop))
    again = through(
        shop, *[[str(c or "") for c in row] for row in rows], header=facade.export_header()
    )
    assert (counts(again), found_in(again)) == ((0, 0, 2, 0), [])
    longer = through(shop, ["S", "", "", "", "", "200", "", ""], header=header)
    assert counts(longer) == (0, 1, 0, 0)


def test_a_set_that_lost_an_attribute_holds_nothing_up(shop: UUID, clothes: UUID) -> None:
    """What a product has of it is neither asked of who changes another value, nor goes out."""
    header = ["货号", "标题", "类目", "颜色", "长度"]
    through(shop, ["S", "围巾", "clothes", "红", "12"], header=header)
    colour = next(one.id for one in catalog.attributes() if one.code == "colour")
    catalog.put_category_attributes(category_id=clothes, entries=[(colour, True)])
    rows = [[str(c or "") for c in row] for row in facade.export_rows(merchant_id=shop)]
    info = through(shop, *rows, header=facade.export_header())
    assert (info.failed, found_in(info)) == (0, [])
    [product] = catalog.products_page(merchant_id=shop).items
    assert catalog.products([product.id])[product.id].attributes == {"colour": ["red"]}


def test_other_values_are_left_as_they_are(shop: UUID, clothes: UUID) -> None:
    """Also those of an attribute that the category has no more, where no category is named."""
    header = ["货号", "标题", "类目", "颜色", "长度"]
    through(shop, ["S", "围巾", "clothes", "红", "12"], header=header)
    colour = next(one.id for one in catalog.attributes() if one.code == "colour")
    catalog.put_category_attributes(category_id=clothes, entries=[(colour, True)])
    info = through(shop, ["S", "绿"], header=["货号", "颜色"])
    assert (counts(info), found_in(info)) == ((0, 1, 0, 0), [])


def test_a_brand_that_shares_its_name_goes_out_by_its_code(shop: UUID) -> None:
    for code in ("bear", "bear-two"):
        catalog.create_brand(code=code, names={"zh-Hans": "大熊", "en": "Bear"})
    through(shop, ["S", "围巾", "bear-two"], header=["货号", "标题", "品牌"])
    rows = [[str(c or "") for c in row] for row in facade.export_rows(merchant_id=shop)]
    again = through(shop, *rows, header=facade.export_header())
    assert (counts(again), found_in(again)) == ((0, 0, 1, 0), [])


def test_a_value_that_the_category_doesnt_know_names_its_column(shop: UUID, clothes: UUID) -> None:
    make_category(slug="tea")
    header = ["货号", "标题", "类目", "品牌", "颜色", "长度", "状态"]
    rows = [
        ["A", "甲", "clothes", "", "蓝", "", ""],
        ["B", "乙", "clothes", "", "", "long", ""],
        ["C", "丙", "clothes", "nobody", "", "", ""],
        ["D", "丁", "clothes", "", "", "", "上架"],
        ["E", "戊", "tea", "", "红", "", ""],
        ["F", "己", "", "", "红", "12", ""],
    ]
    info = through(shop, *rows, header=header)
    assert counts(info) == (0, 0, 0, 6)
    assert found_in(info) == [
        (2, "attribute.colour", "invalid"),
        (3, "attribute.long", "invalid"),
        (4, "brand", "brand"),
        (5, "attribute.colour", "catalog.not_publishable"),
        (6, "attribute.colour", "invalid"),
        (7, "attribute.colour", "invalid"),
        (7, "attribute.long", "invalid"),
    ]
    page = facade.import_problems(import_id=info.id, limit=100)
    assert page.items[0].problem == "其中有不允许使用的值。"
    assert "红, both, 绿" in page.items[0].remedy  # a name with a comma can't be told apart
    assert "12.50" in page.items[1].remedy


def test_killed_it_goes_on_where_it_stopped_and_cancelled_it_stops(
    shop: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PRODUCTS", 2)
    rows = [[f"P{n}", f"茶{n}", *[""] * 4, f"S{n}", "", "", "", "1", "1"] for n in range(7)]
    info = upload(shop, *rows)
    facade.run_import(import_id=info.id, merchant_id=shop)
    work_until_killed(info.id, monkeypatch)
    half = facade.product_import(import_id=info.id)
    assert (half.state, half.position, half.made) == ("running", 4, 4)
    with pytest.raises(facade.ImportBusy):
        facade.run_import(import_id=info.id, merchant_id=shop)
    jobs.drain()
    done = facade.product_import(import_id=info.id)
    assert (done.state, counts(done)) == ("done", (7, 0, 0, 0))

    other = upload(shop, *rows)
    facade.run_import(import_id=other.id, merchant_id=shop)
    facade.cancel_import(import_id=other.id, merchant_id=shop)
    jobs.drain()
    stopped = facade.product_import(import_id=other.id)
    assert (stopped.state, stopped.position) == ("cancelled", 0)
    with pytest.raises(InvalidTransition):
        facade.run_import(import_id=other.id, merchant_id=shop)


def send(own: ApiClient, data: bytes) -> Any:
    path, key = f"/p/{own.code}/api/v1/product-imports", f"Bearer {own.raw_key}"
    return own.client.post(path, data, content_type="text/csv", headers={"Authorization": key})


def test_over_http_and_only_for_an_approved_merchant(shop: UUID) -> None:
    own = api_client(make_key(merchant_id=shop))
    data = "".join(csv_lines(["SKU", "Title"], [["A", "茶"]])).encode()
    sent = send(own, data)
    assert sent.status_code == 201, sent.content
    path = f"/product-imports/{sent.json()['id']}"
    mapping = {"SKU": "sku", "Title": "title.zh-Hans"}
    assert sent.json()["mapping"] == mapping
    assert own.patch(path, {"mapping": mapping}).status_code == 200
    assert own.post(f"{path}/check", {}).status_code == 202
    jobs.drain()
    assert own.post(f"{path}/run", {}).json()["state"] == "running"
    jobs.drain()
    assert own.get("/product-imports").json()["data"][0]["made"] == 1
    assert own.post(f"{path}/cancel", {}).status_code == 409
    assert "sku" in {one["key"] for one in own.get("/product-import-columns").json()["data"]}
    assert own.get("/product-export?format=xlsx").content[:2] == b"PK"
    assert b"A," in own.get("/product-export").content
    refused = send(own, b"a\xff\xff\n1\n")
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "file")
    with pytest.raises(MerchantNotApproved):
        upload(make_merchant(approved=False).id, SALT)
    with pytest.raises(TableUnreadable):
        facade.upload_import(merchant_id=shop, data=b"")
    with pytest.raises(NotFound):
        facade.run_import(import_id=uuid7(), merchant_id=shop)
