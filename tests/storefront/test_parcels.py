"""An order sent in parcels, on pages without JavaScript: at the desk, and as the buyer sees it."""

import pytest

from journeys.services.delivered import on_delivered
from marketplace import facade as marketplace
from tests.factories.cancelling import order_of
from tests.factories.parcels import hand_over
from tests.factories.sandbox import make_account, serving
from tests.factories.storefront import Browser, hidden, make_goods, owner_of
from tests.factories.world import connect
from tests.storefront.test_returns import bought, text

pytestmark = pytest.mark.usefixtures("platform")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_sent_in_two_parcels(language: str) -> None:
    goods, browser = make_goods(), Browser(language)
    order, path, token = bought(browser, goods)
    desk, page = owner_of(goods.merchant, language), f"/merchant{path}"
    there, line = f"{page}parcel/", f"q-{order.lines[0].id}"
    assert there in text(desk.see(page))
    form = desk.see(there)
    assert 'value="2"' in text(form), "all that is left, to begin with"
    fields = {"key": hidden(form, "key")}
    too_many = desk.send(there, page=there, **fields, **{line: "3"})
    assert too_many.status_code == 422
    nothing = desk.send(there, page=there, **fields)
    assert nothing.status_code == 422
    with serving() as url:
        connect(url, make_account())
        desk.send(there, page=there, **fields, **{line: "1"})
        desk.send(there, page=there, **fields, **{line: "1"})  # sent twice: one parcel
    [first] = marketplace.parcels_of(order_id=order.id)
    assert order_of(order.id).state == "partly_shipped"
    assert page in text(desk.see("/merchant/orders/", waits="shipping")), "the rest is to be sent"
    assert page in text(desk.see("/merchant/"))
    seen = text(desk.see(page))
    assert first.waybill in seen
    assert first.number in seen
    assert there not in seen, "one piece is left: there is nothing to choose"
    shown = text(browser.see(path, t=token))
    assert first.number in shown
    assert "cancel-part/" in shown
    second = hand_over(order)
    assert first.shipment_id
    on_delivered(order_id=order.id, shipment_id=first.shipment_id)
    shown = text(browser.see(path, t=token))
    words = {"en": "2 sent, 1 of them delivered", "zh-hans": "已发 2，其中已送达 1"}
    assert words[language] in shown
    assert second.waybill in shown
    assert text(desk.see(there)).count("<input") < text(form).count("<input"), "nothing is left"
    stranger = owner_of(make_goods().merchant)
    assert stranger.see(there).status_code == 404
