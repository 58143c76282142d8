"""A merchant hands in a list of products on the console, and takes the same list away."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile

from kernel import jobs
from kernel.tables import read_table
from kernel.tenancy import Tenant
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.storefront import owner_of

LIST = "货号,名称,Our price,库存\nA-1,五味子茶,48.00,3\nA-2,桔梗干,dear,3\n"


def test_a_list_is_uploaded_mapped_tried_run_and_exported(platform: Tenant) -> None:
    merchant = make_merchant()
    make_warehouse(merchant_id=merchant.id)
    desk = owner_of(merchant)
    assert "Hand in a list" in desk.see("/merchant/products/").content.decode()
    lists = "/merchant/products/lists/"
    refused = desk.send(lists, file=SimpleUploadedFile("a.csv", b"\xd0\xcf\x11\xe0"), page=lists)
    assert refused.status_code == 422
    assert "save it as XLSX or CSV" in refused.content.decode()
    sent = desk.send(lists, file=SimpleUploadedFile("茶.csv", LIST.encode("gb18030")), page=lists)
    text = sent.content.decode()
    assert "茶.csv" in text
    assert "五味子茶" in text
    [path] = set(re.findall(rf"{lists}pim_[0-9a-z]+/", text))
    columns = {"column-0": "sku", "column-1": "title.zh-Hans", "column-2": "price"}
    sent = desk.send(f"{path}act/", page=path, do="check", columns="1", **columns)
    assert "Being tried" in sent.content.decode()
    jobs.drain()
    tried = desk.see(path).content.decode()
    assert "1 would be created" in tried
    assert "This isn&#x27;t a number." in tried
    report = b"".join(desk.see(f"{path}report/").streaming_content).decode()
    assert "3,Our price,dear" in report
    desk.send(f"{path}act/", page=path, do="run", columns="1", **columns)
    jobs.drain()
    done = desk.see(path).content.decode()
    assert "1 created" in done
    assert "Stop" not in desk.see(path).content.decode().split("<main")[1].split("<footer")[0]
    out = desk.see("/merchant/products/export/", format="xlsx").content
    assert [cells[4] for _row, cells in read_table(out, most_rows=9).rows] != []
    assert owner_of(make_merchant()).see(path).status_code == 404
    chinese = owner_of(merchant, "zh-hans").see(path).content.decode()
    assert "这不是数字。" in chinese
