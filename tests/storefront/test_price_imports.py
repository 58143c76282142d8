"""A merchant hands in a table of a price list's prices on the console, and takes it away again."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import facade as catalog
from kernel import jobs
from kernel.tables import read_table
from kernel.tenancy import Tenant
from tests.factories.catalog import make_product
from tests.factories.platforms import make_merchant
from tests.factories.price_lists import make_buyer_group, make_price_list
from tests.factories.storefront import owner_of

TABLE = "货号,Our price,起订量,删除\nA,48.00,,\nA,40,10,\nB,dear,,\nB,,,是\n"


def test_a_table_is_uploaded_mapped_tried_run_and_exported(platform: Tenant) -> None:
    merchant = make_merchant()
    inputs = [catalog.VariantInput(sku=sku, options={"size": sku}) for sku in "AB"]
    product = make_product(merchant_id=merchant.id, inputs=inputs)
    ids = {one.sku: one.id for one in product.variants}
    group = make_buyer_group(merchant.id)
    listed = make_price_list(group, prices={ids["B"]: "9"})
    other = make_price_list(group)
    desk = owner_of(merchant)
    home = f"/merchant/price-lists/{listed.public_id}/"
    lists = f"{home}tables/"
    assert f'{lists}"' in desk.see(home).content.decode()
    assert "No lists yet" in desk.see(lists).content.decode()
    refused = desk.send(lists, file=SimpleUploadedFile("a.csv", b"a\xff\xff\n1\n"), page=lists)
    assert refused.status_code == 422
    assert "UTF-8" in refused.content.decode()
    sent = desk.send(lists, file=SimpleUploadedFile("价.csv", TABLE.encode("gb18030")), page=lists)
    text = sent.content.decode()
    assert "价.csv" in text
    [path] = set(re.findall(rf"{lists}pli_[0-9a-z]+/", text))
    columns = {f"column-{n}": key for n, key in enumerate(("sku", "price", "minimum", "delete"))}
    sent = desk.send(f"{path}act/", page=path, do="check", columns="1", **columns)
    assert "Being tried" in sent.content.decode()
    jobs.drain()
    tried = desk.see(path).content.decode()
    assert "2 would be added, 0 changed, 1 taken out, 0 stay as they are, 1 would fail." in tried
    assert "This isn&#x27;t a number." in tried
    report = b"".join(desk.see(f"{path}report/").streaming_content).decode()
    assert "4,Our price,dear" in report
    desk.send(f"{path}act/", page=path, do="run", columns="1", **columns)
    jobs.drain()
    assert "2 added, 0 changed, 1 taken out" in desk.see(path).content.decode()
    assert path in desk.see(lists).content.decode()
    out = read_table(desk.see(home, format="xlsx").content, most_rows=9)
    assert sorted(cells for _row, cells in out.rows) == [["A", "40", "10"], ["A", "48", ""]]
    empty = b"".join(desk.see(f"{lists}empty/").streaming_content).decode()
    assert "Delete" in empty
    made = path.rstrip("/").rsplit("/", 1)[1]
    for wrong in (
        f"/merchant/products/lists/{made}/",
        path.replace(listed.public_id, other.public_id),
    ):
        assert desk.see(wrong).status_code == 404, wrong
    assert made not in desk.see("/merchant/products/lists/").content.decode()
    for page in (path, lists, f"{lists}empty/"):
        assert owner_of(make_merchant()).see(page).status_code == 404, page
    chinese = owner_of(merchant, "zh-hans").see(path).content.decode()
    assert "新增 2" in chinese
    assert "这不是数字。" in chinese
