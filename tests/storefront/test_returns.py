"""Returns on the pages, without JavaScript: asked for, answered, sent, received; refused."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from journeys.services.delivered import on_delivered
from kernel import outbox
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.storefront import (
    Browser,
    Goods,
    buy,
    hidden,
    make_goods,
    operator,
    owner_of,
)

pytestmark = pytest.mark.usefixtures("platform")


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def bought(browser: Browser, goods: Goods) -> tuple[marketplace.OrderInfo, str, str]:
    answer = buy(browser, goods, quantity=2)
    order = marketplace.orders(limit=1).items[0]
    token = answer.request["QUERY_STRING"].partition("t=")[2]
    return order, f"/orders/{public_id('ord', order.id)}/", token


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_has_arrived_while_the_rest_is_to_come(language: str) -> None:
    goods, browser = make_goods(), Browser(language)
    order, path, token = bought(browser, goods)
    key, shipment, line = uuid4(), uuid4(), order.lines[0].id
    marketplace.begin_ship(order_id=order.id, key=key, lines={line: Decimal(1)})
    marketplace.mark_shipped(order_id=order.id, key=key, shipment_id=shipment)
    assert f"{path}return/" not in text(browser.see(path, t=token)), "nothing has come"
    on_delivered(order_id=order.id, shipment_id=shipment)
    seen = text(browser.see(path, t=token))
    assert f"{path}return/" in seen
    hint = "days begin when the last parcel" if language == "en" else "自最后一个包裹签收后起算"
    assert hint in seen
    form = browser.see(f"{path}return/", t=token)
    fields = {"t": token, "key": hidden(form, "key"), "cause": "no_reason", "do": "ask"}
    where = f"{path}return/?t={token}"
    more = browser.send(f"{path}return/", page=where, **fields, **{f"q-{line}": "2"})
    assert more.status_code == 422
    browser.send(f"{path}return/", page=where, **fields, **{f"q-{line}": "1"})
    [found] = marketplace.returns_page().items
    assert found.number in text(browser.see(path, t=token))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_page_to_page(language: str) -> None:
    goods, browser = make_goods(), Browser(language)
    order, path, token = bought(browser, goods)
    assert f"{path}return/" not in text(browser.see(path, t=token)), "not delivered yet"
    marketplace.begin_ship(order_id=order.id)
    marketplace.mark_shipped(order_id=order.id)
    on_delivered(order_id=order.id)
    assert f"{path}return/" in text(browser.see(path, t=token))
    form = browser.see(f"{path}return/", t=token)
    line = f"q-{order.lines[0].id}"
    fields = {"t": token, "key": hidden(form, "key"), "cause": "damaged", "text": "lid broken"}
    where = f"{path}return/?t={token}"
    refused = browser.send(f"{path}return/", page=where, do="ask", **fields, **{line: "3"})
    assert refused.status_code == 422
    assert "lid broken" in text(refused), "what was typed is kept"
    nothing = browser.send(f"{path}return/", page=where, do="ask", **fields)
    assert nothing.status_code == 422
    seen = text(browser.send(f"{path}return/", page=where, do="preview", **fields, **{line: "1"}))
    back = order.lines[0].total.amount // 2 + order.shipping_total.amount  # the merchant's fault
    foreseen = f"{back / 100:.2f}"
    assert foreseen in seen
    picture = SimpleUploadedFile("lid.png", b"\x89PNG\r\n\x1a\n lid", content_type="image/png")
    made = browser.send(
        f"{path}return/", page=where, do="ask", pictures=picture, **fields, **{line: "1"}
    )
    [found] = marketplace.returns_page().items
    there = f"{path}returns/{found.public_id}/"
    shown = text(made)
    assert "lid broken" in shown
    piece = public_id("rtp", found.pictures[0].id)
    assert browser.see(f"{there}pictures/{piece}/", t=token)["Content-Type"] == "image/png"
    assert Browser().see(there).status_code == 404

    desk = owner_of(goods.merchant, language)
    assert found.number in text(desk.see("/merchant/"))
    assert found.number in text(desk.see("/merchant/returns/", q=order.number))
    act = f"/merchant/returns/{found.public_id}/"
    assert desk.see(f"{act}pictures/{piece}/").status_code == 200
    desk.send(f"{act}act/", page=act, do="approve", send_to="人民大街 1 号")
    assert "人民大街 1 号" in text(browser.see(there, t=token))
    sent = {"t": token, "do": "sent", "carrier": "EMS", "waybill": "E1"}
    browser.send(f"{there}act/", page=f"{there}?t={token}", **sent)
    assert "E1" in text(desk.see(act))
    desk.send(f"{act}act/", page=act, do="receive", restock="1")
    ended = marketplace.order_return(return_id=found.id)
    assert (ended.state, ended.restocked, ended.refund.amount) == ("refunded", True, back)
    assert foreseen in text(browser.see(there, t=token))
    outbox.drain()
    order_page = text(desk.see(f"/merchant{path}"))
    assert ("Return refunded" if language == "en" else "退货已退款") in order_page
    boss = operator(language)
    assert found.number in text(boss.see("/operator/returns/"))
    assert "lid broken" in text(boss.see(f"/operator/returns/{found.public_id}/"))
    stranger = owner_of(make_goods().merchant)
    assert stranger.see(act).status_code == 404


def test_withdrawn_and_refused() -> None:
    goods, browser = make_goods(), Browser()
    order, path, token = bought(browser, goods)
    marketplace.begin_ship(order_id=order.id)
    marketplace.mark_shipped(order_id=order.id)
    on_delivered(order_id=order.id)
    where, line = f"{path}return/?t={token}", f"q-{order.lines[0].id}"
    for _n in range(2):
        form = browser.see(f"{path}return/", t=token)
        key = hidden(form, "key")
        browser.send(
            f"{path}return/", page=where, do="ask", t=token, key=key, cause="no_reason",
            **{line: "1"},
        )  # fmt: skip
    second, first = marketplace.returns_page().items
    assert "disabled" in text(browser.see(path, t=token)).split('id="returns"')[1][:2000]
    there = f"{path}returns/{first.public_id}/"
    browser.send(f"{there}act/", page=f"{there}?t={token}", t=token, do="withdraw")
    assert marketplace.order_return(return_id=first.id).state == "withdrawn"
    desk = owner_of(goods.merchant)
    act = f"/merchant/returns/{second.public_id}/"
    desk.send(f"{act}act/", page=act, do="reject", answer="It was used.")
    there = f"{path}returns/{second.public_id}/"
    assert "It was used." in text(browser.see(there, t=token))
    told = text(browser.send(f"{there}act/", page=f"{there}?t={token}", t=token, do="dispute"))
    assert re.search(r"#guarantee", told)
    assert marketplace.order_return(return_id=second.id).dispute_id is not None
    assert desk.see(act).status_code == 200


def test_buyer_and_merchant_write() -> None:
    goods, browser = make_goods(), Browser()
    _order, path, token = bought(browser, goods)
    page = browser.see(path, t=token)
    said = {"t": token, "key": hidden(page, "key"), "do": "write", "text": "Is it fresh?"}
    for _twice in range(2):
        browser.send(f"{path}messages/", page=f"{path}?t={token}", **said)
    desk = owner_of(goods.merchant)
    assert "A buyer has written" in text(desk.see("/merchant/"))
    page = desk.see(f"/merchant{path}")
    assert text(page).count("Is it fresh?") == 1
    there = f"/merchant{path}"
    desk.send(f"{there}messages/", page=there, do="read")
    assert "A buyer has written" not in text(desk.see("/merchant/"))
    answer = {"key": hidden(page, "key"), "do": "write", "text": "Of this morning."}
    desk.send(f"{there}messages/", page=there, **answer)
    shown = text(browser.see(path, t=token))
    assert "Of this morning." in shown
    assert "Mark as read" in shown
    assert Browser().send(f"{path}messages/", page=path, t="no", do="read").status_code == 404
