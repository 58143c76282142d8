"""The pages of receipts, transfers, counts, limits and reservations, without JavaScript."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from inventory import facade as inventory
from inventory.facade import CountEntry, StockInfo, StockLine
from kernel import clock
from kernel.ids import public_id
from tests.factories.inventory import make_warehouse
from tests.factories.platforms import make_merchant
from tests.factories.stock_papers import make_count, make_receipt, make_transfer
from tests.factories.storefront import Goods, make_goods, owner_of

pytestmark = pytest.mark.usefixtures("platform")


def row_of(goods: Goods) -> StockInfo:
    return inventory.stock_page(merchant_id=goods.merchant.id, variant_id=goods.variant_id).items[0]


def page_of(answer: Any) -> str:
    """The page to which a form led."""
    path = str(answer.redirect_chain[-1][0])
    return path[path.index("/merchant/") :]


def sku_of(goods: Goods) -> str:
    return goods.product.variants[0].sku


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page(language: str) -> None:
    goods = make_goods()
    stock = row_of(goods)
    transfer = make_transfer(stock, 2)
    papers = {
        "receipts": public_id("rcp", make_receipt(stock).id),
        "transfers": public_id("trf", transfer.id),
        "counts": public_id("cnt", make_count(stock).id),
    }
    desk = owner_of(goods.merchant, language)
    for kind, paper in papers.items():
        for path in ("", "new/", f"{paper}/"):
            assert desk.see(f"/merchant/stock/{kind}/{path}").status_code == 200, (kind, path)
        assert desk.see(f"/merchant/stock/{kind}/?state=cancelled").status_code == 200
    inventory.send_transfer(transfer_id=transfer.id, merchant_id=transfer.merchant_id)
    assert desk.see(f"/merchant/stock/transfers/{papers['transfers']}/").status_code == 200
    stranger = owner_of(make_merchant())
    for kind, paper in papers.items():
        assert stranger.see(f"/merchant/stock/{kind}/{paper}/").status_code == 404


def test_a_receipt_by_pages() -> None:
    goods = make_goods(stock=5)
    desk = owner_of(goods.merchant)
    form = {
        "warehouse": str(row_of(goods).warehouse_id), "reference": "PO-7",
        "expected_on": "2026-12-24", "goods": f"{sku_of(goods)}\t40\n", "note": "",
    }  # fmt: skip
    new = "/merchant/stock/receipts/new/"
    wrong = desk.send(new, page=new, **{**form, "goods": "nonsense"})
    assert wrong.status_code == 422
    assert "Line 1" in wrong.content.decode()
    wrong = desk.send(new, page=new, **{**form, "goods": f"{sku_of(goods)} 1\nNO-SUCH 2"})
    assert "Line 2" in wrong.content.decode()
    path = page_of(desk.send(new, page=new, **form))
    text = desk.see(path).content.decode()
    assert "PO-7" in text
    later = {"do": "change", "expected_on": "2027-01-05", "note": "late"}
    assert "2027-01-05" in desk.send(f"{path}act/", page=path, **later).content.decode()
    later["expected_on"] = "soon"
    assert desk.send(f"{path}act/", page=path, **later).status_code in (200, 400)
    assert "2027-01-05" in desk.see(path).content.decode()
    key = re.findall(r'name="key" value="([\w-]+)"', text)[0]
    field = f"q-{goods.variant}"
    came = {"do": "receive", "key": key, "delivery": "", field: "15"}
    for _twice in range(2):
        desk.send(f"{path}act/", page=path, **came)
    assert row_of(goods).on_hand == 20
    assert row_of(goods).incoming == 25
    assert "What came" in desk.see(path).content.decode()
    over = {**came, "key": "other", field: "26"}
    assert "More came than was expected" in desk.send(
        f"{path}act/", page=path, **over
    ).content.decode()  # fmt: skip
    desk.send(f"{path}act/", page=path, **{**over, "accept_over": "1"})
    assert row_of(goods).on_hand == 46
    again = desk.send(new, page=new, **form)
    assert again.status_code == 422
    draft = page_of(desk.send(new, page=new, **{**form, "reference": "PO-8", "do": "draft"}))
    desk.send(f"{draft}act/", page=draft, do="confirm")
    desk.send(f"{draft}act/", page=draft, do="receive", key="k", **{field: "1"})
    assert row_of(goods).incoming == 39
    desk.send(f"{draft}act/", page=draft, do="close")
    assert row_of(goods).incoming == 0


def test_a_transfer_by_pages() -> None:
    goods = make_goods(stock=10)
    desk = owner_of(goods.merchant)
    new = "/merchant/stock/transfers/new/"
    assert "You have one warehouse" in desk.see(new).content.decode()
    target = make_warehouse(merchant_id=goods.merchant.id).id
    key = re.findall(r'name="key" value="([\w-]+)"', desk.see(new).content.decode())[0]
    form = {
        "source": str(row_of(goods).warehouse_id), "target": str(target), "key": key,
        "goods": f"{sku_of(goods)} 4", "note": "fair",
    }  # fmt: skip
    path = page_of(desk.send(new, page=new, **form))
    assert page_of(desk.send(new, page=new, **form)) == path
    same = desk.send(new, page=new, **{**form, "target": form["source"], "key": str(uuid4())})
    assert same.status_code == 422
    desk.send(f"{path}act/", page=path, do="send")
    less = {"do": "receive", f"q-{goods.variant}": "3", "loss_cause": ""}
    refused = desk.send(f"{path}act/", page=path, **less)
    assert "Less came than was sent" in refused.content.decode()
    desk.send(f"{path}act/", page=path, **{**less, "loss_cause": "damaged"})
    assert inventory.availability([goods.variant_id]) == {goods.variant_id: 9}


def test_a_count_by_pages() -> None:
    goods = make_goods(stock=10)
    desk = owner_of(goods.merchant)
    house = str(row_of(goods).warehouse_id)
    new = "/merchant/stock/counts/new/"
    path = page_of(desk.send(new, page=new, warehouse=house, goods="", note=""))
    assert desk.send(new, page=new, warehouse=house, goods="", note="").status_code == 422
    field = goods.variant
    desk.send(f"{path}act/", page=path, do="enter", **{f"q-{field}": "8", f"was-{field}": ""})
    inventory.adjust_stock(
        merchant_id=goods.merchant.id, variant_id=goods.variant_id,
        warehouse_id=row_of(goods).warehouse_id, delta=Decimal(-1), reason="damaged",
    )  # fmt: skip
    # The form again with its number as it was: nothing is counted anew.
    desk.send(f"{path}act/", page=path, do="enter", **{f"q-{field}": "8", f"was-{field}": "8"})
    assert "−2" in desk.see(path, show="different").content.decode().replace("-2", "−2")
    for _twice in range(2):
        desk.send(f"{path}act/", page=path, do="post", cause="lost")
    assert row_of(goods).on_hand == 7
    other = page_of(desk.send(new, page=new, warehouse=house, goods=sku_of(goods), note=""))
    desk.send(f"{other}act/", page=other, do="cancel")
    assert inventory.counts_page(merchant_id=goods.merchant.id).items[0].state == "cancelled"


def test_a_long_count_keeps_the_reader_on_the_page_of_the_list() -> None:
    goods = make_goods(variants=22)
    stock = row_of(goods)
    count = make_count(stock)
    desk = owner_of(goods.merchant)
    path = f"/merchant/stock/counts/{public_id('cnt', count.id)}/"
    field = goods.variant
    sent = {"do": "enter", f"q-{field}": "3", f"was-{field}": ""}
    answer = desk.send(f"{path}act/", page=f"{path}?show=open", **sent)
    assert answer.redirect_chain[-1][0].endswith("?show=open")
    inventory.enter_counts(
        count_id=count.id, merchant_id=count.merchant_id,
        entries=[CountEntry(Decimal(1), v.id) for v in goods.product.variants],
    )  # fmt: skip
    text = desk.see(path).content.decode()
    assert "22 / 22" in text


def test_limits_are_set_filtered_and_told_on_the_first_page() -> None:
    goods = make_goods(stock=5)
    make_goods(goods.merchant, stock=50, title="Plenty")
    desk = owner_of(goods.merchant)
    place = {"variant": goods.variant, "warehouse": str(row_of(goods).warehouse_id)}
    desk.send("/merchant/stock/limit/", page="/merchant/stock/", low_at="6", **place)
    text = desk.see("/merchant/stock/", low="1").content.decode()
    assert sku_of(goods) in text
    assert "Plenty" not in text
    assert "Low stock: 1 variant" in desk.see("/merchant/").content.decode()
    desk.send("/merchant/stock/limit/", page="/merchant/stock/", low_at="", **place)
    assert "Low stock" not in desk.see("/merchant/").content.decode()
    wrong = desk.send("/merchant/stock/limit/", page="/merchant/stock/", low_at="x", **place)
    assert "tone-bad" in wrong.content.decode()


def test_what_is_held_is_shown_until_when() -> None:
    goods = make_goods(stock=5)
    desk = owner_of(goods.merchant)
    assert "Nothing is held now" in desk.see("/merchant/stock/reservations/").content.decode()
    inventory.reserve(
        key=uuid4(), lines=[StockLine(goods.variant_id, Decimal(2))],
        expires_at=clock.business() + timedelta(minutes=30),
    )  # fmt: skip
    text = desk.see("/merchant/stock/reservations/").content.decode()
    assert sku_of(goods) in text
    other = owner_of(make_merchant())
    assert sku_of(goods) not in other.see("/merchant/stock/reservations/").content.decode()
