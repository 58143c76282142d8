"""The guarantee's pages: a buyer confirms or complains, the merchant answers, it is decided."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from journeys.services.delivered import on_delivered
from kernel import jobs
from kernel.ids import public_id
from marketplace import facade as marketplace
from payments import facade as payments
from tests.factories.storefront import Browser, buy, make_goods, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")


def bought(browser: Browser) -> tuple[marketplace.OrderInfo, str, str, Any]:
    """A paid and shipped order, its page, and the secret that opens it."""
    goods = make_goods()
    answer = buy(browser, goods)
    order = marketplace.orders(limit=1).items[0]
    marketplace.begin_ship(order_id=order.id)
    marketplace.mark_shipped(order_id=order.id)
    token = answer.request["QUERY_STRING"].partition("t=")[2]
    return order, f"/orders/{public_id('ord', order.id)}/", token, goods.merchant


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_buyer_confirms_receipt(language: str) -> None:
    browser = Browser(language)
    order, path, token, merchant = bought(browser)
    page = browser.see(path, t=token).content.decode()
    assert ("Confirm receipt" if language == "en" else "确认收货") in page
    browser.send(path + "accept/", page=path + f"?t={token}", t=token)
    found = marketplace.order(order_id=order.id)
    assert found is not None
    assert str(found.state) == "completed"
    held = payments.escrow_for(reference=public_id("ord", order.id))
    assert held is not None
    assert held.state == "released"
    desk = owner_of(merchant, language)
    assert desk.see("/merchant/money/").status_code == 200
    assert desk.see("/merchant/money/statement/").status_code == 200
    assert desk.see("/merchant/money/statement/", format="xlsx").status_code == 200


def test_a_complaint_from_page_to_page() -> None:
    browser = Browser()
    order, path, token, merchant = bought(browser)
    on_delivered(order_id=order.id)
    page = path + f"?t={token}"
    key = "6f0d2f2e-5d0b-4c8e-9a55-0b1f3c7f4a11"
    browser.send(
        path + "complain/", page=page, t=token, key=key, reason="damaged", text="broken", amount=""
    )
    [dispute] = payments.disputes_page().items
    assert "broken" in browser.see(path, t=token).content.decode()
    desk = owner_of(merchant)
    where = f"/merchant/disputes/{dispute.public_id}/"
    assert "broken" in desk.see(where).content.decode()
    file = SimpleUploadedFile("裂缝.pdf", b"%PDF-1.7 x", content_type="application/pdf")
    desk.send(where + "act/", page=where, do="answer", text="it was whole", file=file)
    told = payments.dispute(dispute_id=dispute.id)
    assert told.state == "under_review"
    piece = next(one for one in told.evidence if one.file_name)
    answer = desk.see(f"{where}files/{public_id('dev', piece.id)}/")
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''%E8%A3%82%E7%BC%9D.pdf"
    judge = operator()
    assert judge.see("/operator/guarantee/").status_code == 200
    there = f"/operator/guarantee/{dispute.public_id}/"
    judge.send(there + "act/", page=there, do="decide", refund="1", reason="a little")
    jobs.drain()
    done = payments.dispute(dispute_id=dispute.id)
    assert (done.state, done.refunded.amount) == ("lost", 100)
    stranger = owner_of(make_goods().merchant)
    assert stranger.see(where).status_code == 404
