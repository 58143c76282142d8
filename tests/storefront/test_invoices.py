"""Invoices on the pages, without JavaScript: asked for, issued, read, taken back, exported."""

import re

import pytest

from catalog import facade as catalog
from payments import facade as payments
from payments.models import Fapiao
from tests.factories.identity import credit_code
from tests.factories.invoices import CORN
from tests.factories.platforms import make_person
from tests.factories.storefront import (
    PASSWORD,
    SURE,
    Browser,
    ask_passwords_only,
    buy,
    hidden,
    make_goods,
    operator,
    owner_of,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")
TITLE = "长春市宏远饲料有限公司"
TAX = {
    "name": "吉林玉米有限公司", "tax_number": credit_code(5), "taxpayer": "general",
    "category": CORN.category, "category_name": "谷物", "rate": "9", "treatment": "taxed",
}  # fmt: skip


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_asked_for_issued_read_and_taken_back() -> None:
    goods = make_goods(price="30.00")
    person = make_person(password=PASSWORD, language="en")
    browser = sign_in(person)
    bought = text(buy(browser, goods, quantity=2))
    order = re.findall(r"/orders/(ord_\w{26})/", bought)[0]
    where = f"/orders/{order}/invoice/"
    assert where in text(browser.see(f"/orders/{order}/"))
    page = browser.see(where)
    form = {"key": hidden(page, "key"), "kind": "company", "title": TITLE, "type": "special",
            "keep": "on"}  # fmt: skip
    refused = browser.send(where, page=where, **form, tax_number=credit_code(7)[:-1] + "0")
    assert refused.status_code == 422
    assert "something is mistyped" in text(refused)
    asked = browser.send(where, page=where, **form, tax_number=credit_code(7))
    assert "Waits for the invoice" in text(asked)
    assert Browser().see(where).status_code == 404, "another visitor's order"

    owner = owner_of(goods.merchant)
    listed = text(owner.see("/merchant/invoices/"))
    assert "enter your tax data" in listed
    request = re.findall(r"irq_\w{26}", listed)[0]
    bad = owner.send("/merchant/invoices/tax/", page="/merchant/", **{**TAX, "rate": "17"})
    assert (bad.status_code, "13 %, 9 %, 6 %, 3 %, 0 %" in text(bad)) == (422, True)
    owner.send("/merchant/invoices/tax/", page="/merchant/invoices/tax/", **TAX)
    assert "Issue the ticked ones" in text(owner.see("/merchant/invoices/"))
    one = f"/merchant/invoices/{request}/"
    assert "Issue the invoice" in text(owner.see(one))
    rates = {"category-0": CORN.category, "short-0": "谷物", "rate-0": "13"}
    done = owner.send(f"{one}act/", page=one, do="issue", **rates)
    assert "Issued: invoice" in text(done)
    [made] = payments.sales_invoices_page(merchant_id=goods.merchant.id).items
    assert (str(made.lines[0].rate), made.type) == ("13", "special")
    assert owner.see(f"/merchant/sheets/{made.public_id}/").content[:5] == b"%PDF-"
    stranger = owner_of(make_goods().merchant)
    for path in (one, f"/merchant/sheets/{made.public_id}/"):
        assert stranger.see(path).status_code == 404
    assert made.number in text(operator().see("/operator/invoices/"))

    mine = text(browser.see("/account/invoices/"))
    sheet = re.findall(r"/invoices/\w{52}/", mine)[0]
    assert Browser().see(sheet).content[:5] == b"%PDF-", "whoever has the address"
    assert Browser().see(sheet[:-2] + "0/").status_code == 404

    taken = owner.send(f"{one}act/", page=one, do="reverse")
    assert "Taken back by the red-letter invoice" in text(taken)
    for kind in ("xlsx", "csv", "json"):
        assert owner.see("/merchant/invoices/file/", format=kind).status_code == 200
    assert owner.see("/merchant/invoices/file/", format="csv", month="x").status_code == 400
    again = browser.see(where)
    assert f'value="{TITLE}"' in text(again), "the saved title"
    browser.send(where, page=where, key=hidden(again, "key"), kind="person", title="李秀英",
                 type="ordinary")  # fmt: skip
    request = re.findall(r"irq_\w{26}", text(owner.see("/merchant/invoices/", state="requested")))[
        0
    ]
    issued = owner.send("/merchant/invoices/issue/", page="/merchant/invoices/", request=request)
    assert "1 invoice issued." in text(issued)


def test_pages_in_chinese() -> None:
    goods = make_goods()
    browser = Browser("zh-hans")
    bought = text(buy(browser, goods))
    order = re.findall(r"/orders/(ord_\w{26})/", bought)[0]
    page = text(browser.see(f"/orders/{order}/invoice/"))
    for word in ("申请开票", "发票种类", "不是法定电子发票"):
        assert word in page
    owner = owner_of(goods.merchant, "zh-hans")
    assert "首次开票前，请填写税务信息" in text(owner.see("/merchant/invoices/"))
    assert "常用税率" in text(owner.see("/merchant/invoices/tax/"))


def test_how_goods_are_taxed_is_set_on_pages() -> None:
    goods = make_goods()
    owner = owner_of(goods.merchant)
    listed, form = "/merchant/invoices/tax/goods/", "/merchant/invoices/tax/class/"
    assert "Tax data" in text(owner.see(listed)), "first the tax data"
    owner.send("/merchant/invoices/tax/", page="/merchant/invoices/tax/", **TAX)
    [variant] = catalog.product(goods.product.id, goods.merchant.id).variants
    page = text(owner.see(listed))
    assert variant.sku in page
    assert "Your usual one" in page
    where = f"{form}?sku={variant.sku}"
    tea = {"category": "1030307010000000000", "category_name": "茶", "rate": "13",
           "treatment": "taxed"}  # fmt: skip
    bad = owner.send(where, page=where, **{**tea, "rate": "17"})
    assert (bad.status_code, "13 %, 9 %, 6 %, 3 %, 0 %" in text(bad)) == (422, True)
    assert "own" in text(owner.send(where, page=where, **tea))
    assert "The article&#x27;s own" in text(owner.see(listed))
    other = text(owner_of(make_goods().merchant).see("/merchant/invoices/tax/"))
    assert "茶" not in other
    assert "as usual again" in text(owner.send(where, page=where, do="remove"))
    desk = operator()
    category = "/operator/invoices/tax/class/?category=grain"
    assert "Choose a category above" in text(desk.see("/operator/invoices/tax/"))
    desk.send(category, page=category, **tea)
    assert "1030307010000000000" in text(desk.see("/operator/invoices/tax/"))
    assert desk.see("/operator/invoices/tax/class/").status_code == 400
    chinese = owner_of(goods.merchant, "zh-hans")
    for word in ("商品税收分类", "您的常用分类", "平台的类目"):
        assert word in text(chinese.see(listed))


def test_the_e_fapiao_is_entered_by_hand_or_handed_in_again() -> None:
    goods = make_goods()
    browser = sign_in(make_person(password=PASSWORD, language="en"))
    order = re.findall(r"/orders/(ord_\w{26})/", text(buy(browser, goods)))[0]
    where = f"/orders/{order}/invoice/"
    browser.send(where, page=where, key=hidden(browser.see(where), "key"), kind="person",
                 title="李秀英", type="ordinary")  # fmt: skip
    owner = owner_of(goods.merchant)
    owner.send("/merchant/invoices/tax/", page="/merchant/invoices/tax/", **TAX)
    request = re.findall(r"irq_\w{26}", text(owner.see("/merchant/invoices/")))[0]
    one = f"/merchant/invoices/{request}/"
    page = text(owner.send(f"{one}act/", page=one, do="issue"))
    assert "then enter the number" in page
    [made] = payments.sales_invoices_page(merchant_id=goods.merchant.id).items
    act = f"{one}{made.public_id}/fapiao/"
    owner.send(act, page=one, do="enter", number="12")
    assert payments.fapiao(invoice_id=made.id) is None
    owner.send(act, page=one, do="what")
    assert payments.fapiao(invoice_id=made.id) is None
    other = owner_of(make_goods().merchant)
    other.send(act, page="/merchant/", do="enter", number="5" * 20)
    assert payments.fapiao(invoice_id=made.id) is None, "another merchant's"
    assert "5" * 20 in text(owner.send(act, page=one, do="enter", number="5" * 20))
    desk = operator()
    form = "/operator/ways-to-pay/fapiao/"
    assert "Hand invoices in" in text(desk.see(form))
    ask_passwords_only()
    told = {"base_url": "http://127.0.0.1:9/fapiao", "secret_key": "k", "enabled": "on"}
    desk.send(form, page=form, **told, **SURE)
    Fapiao.objects.update(state="refused", number="", code="quota_exceeded", issuer="fapiao")
    refused = text(owner.see(one))
    assert "credit limit of this month" in refused
    assert "Hand it in again" in refused
    again = text(owner.send(act, page=one, do="issue"))
    assert "ask the issuer until it answers" in again
    chinese = text(owner_of(goods.merchant, "zh-hans").see(one))
    assert "税务平台数电发票" in chinese
