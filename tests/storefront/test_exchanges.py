"""Exchanges on the pages, without JavaScript: asked for, answered, sent, replaced, confirmed."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kernel import outbox
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.returns import deliver
from tests.factories.sandbox import make_account, serving
from tests.factories.storefront import Browser, Goods, hidden, make_goods, operator, owner_of
from tests.factories.world import connect
from tests.storefront.test_returns import bought, text

pytestmark = pytest.mark.usefixtures("platform")


def asked(
    browser: Browser, goods: Goods, *, wish: int = 1, quantity: str = "1"
) -> tuple[marketplace.OrderInfo, str, str, marketplace.ReturnInfo]:
    order, path, token = bought(browser, goods)
    deliver(order.id)
    assert f"{path}exchange/" in text(browser.see(path, t=token))
    where, line = f"{path}exchange/?t={token}", order.lines[0].id
    form = browser.see(f"{path}exchange/", t=token)
    fields = {
        "t": token, "key": hidden(form, "key"), "cause": "defective", "text": "seam open",
        f"v-{line}": str(goods.product.variants[wish].id),
    }  # fmt: skip
    refused = browser.send(f"{path}exchange/", page=where, **fields, **{f"q-{line}": "3"})
    assert refused.status_code == 422
    assert "seam open" in text(refused), "what was typed is kept"
    picture = SimpleUploadedFile("lid.png", b"\x89PNG\r\n\x1a\n lid", content_type="image/png")
    made = browser.send(
        f"{path}exchange/", page=where, pictures=picture, **fields, **{f"q-{line}": quantity}
    )
    [found] = marketplace.returns_page(kind="exchange").items
    assert found.number in text(made)
    return order, path, token, found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_from_page_to_page(language: str) -> None:
    goods, browser = make_goods(variants=3), Browser(language)
    with serving() as url:
        connect(url, make_account())
        order, path, token, found = asked(browser, goods)
        there = f"{path}returns/{found.public_id}/"
        desk = owner_of(goods.merchant, language)
        assert found.number in text(desk.see("/merchant/"))
        assert found.number in text(desk.see("/merchant/returns/", kind="exchange"))
        assert found.number not in text(desk.see("/merchant/returns/", kind="refund"))
        act = f"/merchant/returns/{found.public_id}/"
        line = found.lines[0].id
        choices = text(desk.see(act))
        assert choices.count("<option") == 3
        desk.send(
            f"{act}act/", page=act, do="approve", send_to="人民大街 1 号",
            **{f"v-{line}": str(goods.product.variants[2].id)},
        )  # fmt: skip
        seen = text(browser.see(there, t=token))
        assert (
            "Another one than was asked for" if language == "en" else "与申请的规格不同"
        ) in seen
        sent = {"t": token, "do": "sent", "carrier": "EMS", "waybill": "E1"}
        browser.send(f"{there}act/", page=f"{there}?t={token}", **sent)
        desk.send(f"{act}act/", page=act, do="receive", restock="1")
        assert found.number in text(desk.see("/merchant/")), "to be replaced"
        desk.send(f"{act}act/", page=act, do="send")
    resent = marketplace.order_return(return_id=found.id)
    assert resent.state == "resent"
    for page in (browser.see(there, t=token), desk.see(act)):
        assert resent.resent_waybill in text(page)
    browser.send(f"{there}act/", page=f"{there}?t={token}", t=token, do="confirm")
    assert marketplace.order_return(return_id=found.id).state == "exchanged"
    again = text(browser.see(f"{path}exchange/", t=token))
    assert f"q-{line}" in again, "the replacement can be exchanged again"
    assert f"q-{line}" in text(browser.see(f"{path}return/", t=token)), "or returned"
    outbox.drain()
    order_page = text(desk.see(f"/merchant/orders/{public_id('ord', order.id)}/"))
    assert ("Exchange completed" if language == "en" else "换货完成") in order_page
    boss = operator(language)
    assert found.number in text(boss.see("/operator/returns/", kind="exchange"))
    assert "seam open" in text(boss.see(f"/operator/returns/{found.public_id}/"))
    assert owner_of(make_goods().merchant).see(act).status_code == 404


def test_the_money_instead() -> None:
    goods, browser = make_goods(variants=2), Browser()
    _order, path, token, found = asked(browser, goods, wish=0)
    desk = owner_of(goods.merchant)
    act = f"/merchant/returns/{found.public_id}/"
    desk.send(f"{act}act/", page=act, do="approve", send_to="Main St 1", refund="1")
    turned = marketplace.order_return(return_id=found.id)
    assert (turned.kind, turned.state) == ("refund", "approved")
    there = f"{path}returns/{found.public_id}/"
    assert "the merchant gives the money instead" in text(browser.see(there, t=token))
    desk.send(f"{act}act/", page=act, do="receive")
    assert marketplace.order_return(return_id=found.id).state == "refunded"


def test_withdrawn() -> None:
    goods, browser = make_goods(variants=2), Browser()
    _order, path, token, found = asked(browser, goods)
    there = f"{path}returns/{found.public_id}/"
    assert "stay with the merchant" not in text(browser.see(there, t=token)), "no money moves"
    browser.send(f"{there}act/", page=f"{there}?t={token}", t=token, do="withdraw")
    assert marketplace.order_return(return_id=found.id).state == "withdrawn"


def test_nothing_there_to_exchange_for() -> None:
    goods, browser = make_goods(stock=2), Browser()
    order, path, token = bought(browser, goods)
    deliver(order.id)
    assert "Nothing to exchange it for is there" in text(browser.see(f"{path}exchange/", t=token))
