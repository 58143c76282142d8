"""Lists of a price list's prices: in, twice the same, out again; refused row by row; resumed."""

from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook

from catalog import facade as catalog
from journeys import facade
from journeys.facade import ImportInfo, ImportKind
from journeys.imports import prices
from kernel import jobs
from kernel.errors import NotFound
from kernel.ids import parse_public_id, public_id
from kernel.records.audit import AuditRecord
from kernel.records.outbox import OutboxEvent
from kernel.tables import TableUnreadable, csv_lines, xlsx_file
from marketplace import facade as marketplace
from marketplace.services import price_lists as services
from tests.factories.catalog import make_category, make_product
from tests.factories.platforms import ApiClient, api_client, make_key, make_merchant
from tests.factories.price_lists import make_buyer_group, make_price_list
from tests.journeys.importing import work_until_killed

pytestmark = pytest.mark.usefixtures("platform")
HEADER = ["货号", "批发价", "起订量", "删除"]
PRICES = ImportKind.PRICES
Listed = marketplace.PriceListInfo


@pytest.fixture
def listed() -> Listed:
    """An empty list of a shop that sells A, B and C."""
    shop = make_merchant()
    inputs = [catalog.VariantInput(sku=sku, options={"size": sku}) for sku in "ABC"]
    make_product(merchant_id=shop.id, inputs=inputs)
    return make_price_list(make_buyer_group(shop.id))


def upload(listed: Listed, *rows: list[str], header: list[str] = HEADER) -> ImportInfo:
    data = "".join(csv_lines(header, rows)).encode()
    return take(listed, data)


def take(listed: Listed, data: bytes) -> ImportInfo:
    return facade.upload_import(merchant_id=listed.merchant_id, data=data, price_list_id=listed.id)


def carried(info: ImportInfo, *, check: bool = False) -> ImportInfo:
    start = facade.check_import if check else facade.run_import
    start(import_id=info.id, merchant_id=info.merchant_id, kind=PRICES)
    jobs.drain()
    return facade.product_import(import_id=info.id, kind=PRICES)


def counts(info: ImportInfo) -> tuple[int, int, int, int, int]:
    return info.made, info.changed, info.removed, info.unchanged, info.failed


def found_in(info: ImportInfo) -> list[tuple[int, str, str]]:
    page = facade.import_problems(import_id=info.id, limit=100)
    return [(one.row, one.field, one.code) for one in page.items]


def kept(listed: Listed) -> set[tuple[str, Decimal, str]]:
    """SKU or category, from how many, price or percentage."""
    found = facade.price_rows(list_id=listed.id, merchant_id=listed.merchant_id)
    return {(str(goods), Decimal(str(low or 0)), str(price)) for goods, price, low in found}


def test_prices_are_set_changed_and_taken_out_and_again_nothing_changes(listed: Listed) -> None:
    make_category(slug="tea")
    first = [["A", "15", "", ""], ["A", "12.50", "10", ""], ["/tea", "8%", "", ""]]
    tried = carried(upload(listed, *first), check=True)
    assert (tried.state, counts(tried)) == ("checked", (3, 0, 0, 0, 0))
    assert kept(listed) == set()
    done = carried(upload(listed, *first))
    assert (done.state, counts(done)) == ("done", (3, 0, 0, 0, 0))
    assert kept(listed) == {
        ("A", Decimal(0), "15.00"), ("A", Decimal(10), "12.50"), ("/tea", Decimal(0), "8%"),
    }  # fmt: skip
    again = carried(upload(listed, *first))
    assert counts(again) == (0, 0, 0, 3, 0)
    second = [["A", "14", "", "no"], ["A", "", "10", "是"], ["B", "", "", "delete"],
              ["C", "1", "", ""]]  # fmt: skip
    for check in (True, False):
        info = carried(upload(listed, *second), check=check)
        assert counts(info) == (1, 1, 1, 1, 0)
    assert kept(listed) == {
        ("A", Decimal(0), "14.00"), ("C", Decimal(0), "1.00"), ("/tea", Decimal(0), "8%"),
    }  # fmt: skip
    sets = AuditRecord.objects.filter(action="marketplace.price_list.entries_set")
    assert sets.count() == 2  # what a trial did, and a run that changed nothing, left none
    events = OutboxEvent.objects.filter(type="journeys.price_import.finished.v1")
    assert [one.payload["removed"] for one in events.order_by("id")] == [0, 0, 1]
    assert not OutboxEvent.objects.filter(type__startswith="journeys.product_import").exists()


def test_each_problem_names_row_column_and_remedy_and_the_others_are_written(
    listed: Listed,
) -> None:
    other = make_product()
    [a] = catalog.variant_ids_by_sku(listed.merchant_id, ["A"]).values()
    header = [*HEADER, "variant"]
    foreign = public_id("var", other.variants[0].id)
    rows = [
        ["A", "10", "", "", ""],
        ["A", "11", "0", "", ""],
        ["NOBODY", "1", "", "", ""],
        [other.variants[0].sku, "1", "", "", ""],
        ["", "1", "", "", foreign],
        ["", "1", "", "", "var_nothing"],
        ["", "9", "2", "", public_id("var", a)],
        ["B", "1", "", "", public_id("var", a)],
        ["", "1", "", "", ""],
        ["/nowhere", "8%", "", "", ""],
        ["B", "dear", "", "", ""],
        ["B", "", "", "", ""],
        ["B", "0", "", "", ""],
        ["B", "100%", "3", "", ""],
        ["B", "1", "-1", "", ""],
        ["B", "1", "", "perhaps", ""],
        ["A", "", "0", "yes", ""],
    ]
    for check in (True, False):
        info = carried(upload(listed, *rows, header=header), check=check)
        assert counts(info) == (2, 0, 0, 0, 15)
        assert found_in(info) == [
            (3, "sku", "price_twice"),
            (4, "sku", "sku_unknown"),
            (5, "sku", "sku_unknown"),  # another merchant's: as if there were none
            (6, "variant", "variant_unknown"),
            (7, "variant", "variant_unknown"),
            (9, "variant", "goods_differ"),
            (10, "sku", "goods_missing"),
            (11, "sku", "price_category"),
            (12, "price", "number"),
            (13, "price", "price_missing"),
            (14, "price", "marketplace.invalid_price_list"),
            (15, "price", "marketplace.invalid_price_list"),
            (16, "minimum", "marketplace.invalid_price_list"),
            (17, "delete", "yes_or_no"),
            (18, "sku", "price_twice"),
        ]
    assert kept(listed) == {("A", Decimal(0), "10.00"), ("A", Decimal(2), "9.00")}
    report = facade.import_problems(import_id=info.id, limit=100).items
    assert all(one.problem and one.remedy and one.column for one in report), report
    assert report[8].value == "dear"


def test_what_isnt_a_table_is_refused_and_a_formula_isnt_carried_out(listed: Listed) -> None:
    for wrong in (b"", b"a\xff\xff\n1\n", b"\xd0\xcf\x11\xe0"):
        with pytest.raises(TableUnreadable):
            take(listed, wrong)
    book = Workbook()
    sheet: Any = book.active
    for row in (["SKU", "Price"], ["A", "=1+1"], ["B", 0.08], ["C", 0.075]):
        sheet.append(row)
    sheet["B3"].number_format = "0%"  # as a spreadsheet keeps what is typed as 8%
    sheet["B4"].number_format = "0.00%_);(0.00%)"
    out = BytesIO()
    book.save(out)
    info = carried(take(listed, out.getvalue()))
    assert (counts(info), found_in(info)) == ((2, 0, 0, 0, 1), [(2, "price", "formula")])
    assert kept(listed) == {("B", Decimal(0), "8%"), ("C", Decimal(0), "7.5%")}


def test_what_goes_out_comes_in_unchanged(listed: Listed) -> None:
    tea = make_category(slug="tea")
    inputs = [
        catalog.VariantInput(sku=sku, options={"size": sku}) for sku in ("=X", "/tea", "-5", "A,1")
    ]
    product = make_product(merchant_id=listed.merchant_id, inputs=inputs)
    rows = [
        marketplace.PriceEntryInput(variant_id=one.id, unit_price=Decimal("1.234567"), minimum=low)
        for one in product.variants
        for low in (Decimal(0), Decimal("2.5"))
    ]
    rows.append(marketplace.PriceEntryInput(category_id=tea.id, percent=Decimal("7.25")))
    where: dict[str, Any] = {"list_id": listed.id, "merchant_id": listed.merchant_id}
    marketplace.put_price_entries(**where, rows=rows)
    out = list(facade.price_rows(**where))
    header = facade.price_header()
    for data in ("".join(csv_lines(header, out)).encode(), xlsx_file(header, out)):
        info = take(listed, data)
        assert set(info.mapping.values()) == {"sku", "price", "minimum"}
        info = carried(info)
        assert (counts(info), found_in(info)) == ((0, 0, 0, 9, 0), [])


def test_columns_are_remembered_apart_from_those_of_products(listed: Listed) -> None:
    shop = listed.merchant_id
    header = ["编码X", "Price", "Off?"]
    info = upload(listed, ["A", "1", ""], header=header)
    assert info.mapping == {"Price": "price"}
    where: dict[str, Any] = {"import_id": info.id, "merchant_id": shop, "kind": PRICES}
    with pytest.raises(facade.ImportUnmapped):
        facade.run_import(**where)
    facade.map_import(**where, mapping={"编码X": "sku"})
    with pytest.raises(facade.ImportUnpriced):
        facade.run_import(**where)
    with pytest.raises(facade.ImportMappingWrong):
        facade.map_import(**where, mapping={"编码X": "stock"})
    mapping = {"编码X": "variant", "Price": "price", "Off?": "delete"}
    facade.map_import(**where, mapping=mapping)
    assert upload(listed, ["A", "1", ""], header=header).mapping == mapping
    data = "".join(csv_lines(header, [["A", "1", ""]])).encode()
    assert facade.upload_import(merchant_id=shop, data=data).mapping == {"Price": "price"}


def test_killed_it_goes_on_where_it_stopped(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "ROWS", 2)
    info = upload(listed, *[["A", str(n), str(n), ""] for n in range(1, 8)])
    facade.run_import(import_id=info.id, merchant_id=info.merchant_id, kind=PRICES)
    work_until_killed(info.id, monkeypatch)
    half = facade.product_import(import_id=info.id, kind=PRICES)
    assert (half.state, half.position, len(kept(listed))) == ("running", 4, 4)
    jobs.drain()
    done = facade.product_import(import_id=info.id, kind=PRICES)
    assert (done.state, counts(done), len(kept(listed))) == ("done", (7, 0, 0, 0, 0), 7)


def test_a_trial_knows_when_the_list_will_be_full(
    listed: Listed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prices, "ROWS", 1)
    monkeypatch.setattr(services, "ENTRIES_MAX", 2)
    carried(upload(listed, ["A", "1", "", ""]))
    rows = [["B", "1", "", ""], ["C", "1", "", ""], ["A", "", "", "yes"], ["C", "1", "2", ""]]
    for check in (True, False):
        info = carried(upload(listed, *rows), check=check)
        assert counts(info) == (2, 0, 1, 0, 1)
        assert found_in(info) == [(3, "sku", "list_full")]
    assert {goods for goods, _low, _price in kept(listed)} == {"B", "C"}


def test_a_list_that_is_deleted_meanwhile_fails_row_by_row(listed: Listed) -> None:
    info = upload(listed, ["A", "1", "", ""], ["", "1", "", ""])
    marketplace.delete_price_list(list_id=listed.id, merchant_id=listed.merchant_id)
    info = carried(info)
    assert (info.state, counts(info)) == ("done", (0, 0, 0, 0, 2))
    assert found_in(info)[0] == (2, "sku", "marketplace.price_list_not_found")


def send(own: ApiClient, listed: Listed, data: bytes) -> Any:
    path, key = f"/p/{own.code}/api/v1/price-lists/{listed.public_id}/imports", own.raw_key
    return own.client.post(
        path, data, content_type="text/csv", headers={"Authorization": f"Bearer {key}"}
    )


def test_over_http_and_for_nobody_else(listed: Listed) -> None:
    own = api_client(make_key(merchant_id=listed.merchant_id))
    other = api_client(make_key(merchant_id=make_merchant().id))
    data = "".join(csv_lines(["SKU", "Price"], [["A", "2"], ["A", "3"]])).encode()
    assert send(other, listed, data).status_code == 404
    sent = send(own, listed, data)
    assert sent.status_code == 201, sent.content
    assert sent.json()["price_list"] == listed.public_id
    path = f"/price-imports/{sent.json()['id']}"
    mapping = {"SKU": "sku", "Price": "price"}
    assert own.patch(path, {"mapping": mapping}).status_code == 200
    assert own.post(f"{path}/check", {}).status_code == 202
    jobs.drain()
    assert own.get(path).json()["made"] == 1
    assert own.post(f"{path}/run", {}).json()["state"] == "running"
    jobs.drain()
    lists = f"/price-lists/{listed.public_id}"
    assert own.get(f"{lists}/imports").json()["data"][0]["failed"] == 1
    assert own.get(f"{path}/problems").json()["data"][0]["code"] == "price_twice"
    chinese = own.get(f"{path}/report", headers={"Accept-Language": "zh-hans"}).content.decode()
    assert "前面已有一行" in chinese
    assert own.post(f"{path}/cancel", {}).status_code == 409
    assert "delete" in {one["key"] for one in own.get("/price-import-columns").json()["data"]}
    assert b"A,2.00," in own.get(f"{lists}/export").content
    assert own.get(f"{lists}/export?format=xlsx").content[:2] == b"PK"
    for foreign in (path, f"{path}/problems", f"{path}/report", f"{lists}/imports"):
        assert other.get(foreign).status_code == 404, foreign
    assert other.get(f"{lists}/export").status_code == 404
    # Neither kind is found, or carried out, at the other's address: they need other permissions.
    alike = public_id("pim", parse_public_id("pli", sent.json()["id"]))
    wrong = f"/product-imports/{alike}"
    assert own.get(wrong).status_code == own.post(f"{wrong}/run", {}).status_code == 404
    assert own.get("/product-imports").json()["data"] == []
    goods = facade.upload_import(merchant_id=listed.merchant_id, data=data)
    with pytest.raises(NotFound):
        facade.run_import(import_id=goods.id, merchant_id=listed.merchant_id, kind=PRICES)
