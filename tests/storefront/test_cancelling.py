"""Parts of an order cancelled on the pages, without JavaScript: at once, asked for, answered."""

import html

import pytest

from journeys.services.cancelling import accept_overdue
from kernel import mail, outbox
from kernel.ids import public_id
from marketplace import facade as marketplace
from tests.factories.cancelling import ask_to_cancel, order_of
from tests.factories.storefront import Browser, hidden, make_goods, owner_of
from tests.journeys.test_returns import later
from tests.storefront.test_returns import bought, text

pytestmark = pytest.mark.usefixtures("platform")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_buyer_cancels_one_of_two(language: str) -> None:
    goods, browser = make_goods(), Browser(language)
    order, path, token = bought(browser, goods)
    there = f"{path}cancel-part/"
    assert there in text(browser.see(path, t=token))
    form = browser.see(there, t=token)
    line = f"q-{order.lines[0].id}"
    fields = {"t": token, "key": hidden(form, "key"), "cause": "mistake", "text": "one is enough"}
    where = f"{there}?t={token}"
    refused = browser.send(there, page=where, do="ask", **fields, **{line: "3"})
    assert refused.status_code == 422
    assert "one is enough" in text(refused), "what was typed is kept"
    assert browser.send(there, page=where, do="ask", **fields).status_code == 422, "no line named"
    half = f"{order.lines[0].total.amount / 200:.2f}"
    seen = text(browser.send(there, page=where, do="preview", **fields, **{line: "1"}))
    assert half in seen
    assert marketplace.cancellations_of(order_id=order.id) == []
    for _twice in range(2):
        browser.send(there, page=where, do="ask", **fields, **{line: "1"})
    [found] = marketplace.cancellations_of(order_id=order.id)
    assert (found.state, found.side, found.cause) == ("refunded", "buyer", "mistake")
    shown = text(browser.see(path, t=token))
    assert found.number in shown
    assert half in shown.split('id="cancellations"')[1][:2500]
    desk = owner_of(goods.merchant, language)
    assert "one is enough" in text(desk.see(f"/merchant{path}"))
    outbox.drain()
    happened = text(browser.see(path, t=token))
    assert ("ordered by mistake" if language == "en" else "拍错了") in happened
    assert Browser().see(there).status_code == 404


def test_a_packed_order_is_asked_for_and_answered() -> None:
    goods, browser = make_goods(), Browser()
    order, path, token = bought(browser, goods)
    desk = owner_of(goods.merchant)
    desk_page = f"/merchant{path}"
    desk.send(f"{desk_page}act/", page=desk_page, do="pack")
    assert order_of(order.id).packing_at is not None
    assert "Being packed since" in text(desk.see(desk_page))
    assert "ask for its goods to be cancelled" in text(browser.see(path, t=token))
    there, line = f"{path}cancel-part/", f"q-{order.lines[0].id}"
    for _n in range(2):
        form = browser.see(there, t=token)
        key = hidden(form, "key")
        told = browser.send(
            there, page=f"{there}?t={token}", do="ask", t=token, key=key, cause="too_slow",
            **{line: "1"},
        )  # fmt: skip
        assert "Asked for" in text(told)
    second, first = marketplace.cancellations_of(order_id=order.id)
    assert first.number in text(desk.see("/merchant/"))
    answer = f"{desk_page}cancellations/{first.public_id}/act/"
    desk.send(answer, page=desk_page, do="nonsense")
    assert marketplace.cancellation(cancellation_id=first.id).state == "requested"
    desk.send(answer, page=desk_page, do="accept")
    assert marketplace.cancellation(cancellation_id=first.id).state == "refunded"
    desk.send(
        f"{desk_page}cancellations/{second.public_id}/act/", page=desk_page, do="reject",
        answer="It is in the box.",
    )  # fmt: skip
    assert "It is in the box." in text(browser.see(path, t=token))
    stranger = owner_of(make_goods().merchant)
    assert stranger.see(f"{desk_page}cancel-part/").status_code == 404
    stranger.send(answer, page="/merchant/", do="accept")
    assert marketplace.cancellation(cancellation_id=second.id).state == "rejected"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_accepted_by_itself(language: str) -> None:
    """Both sides see until when there is time, and afterwards that nobody answered; by letter
    too."""
    goods, browser = make_goods(), Browser(language)
    order, path, token = bought(browser, goods)
    desk = owner_of(goods.merchant, language)
    marketplace.start_packing(order_id=order.id)
    found = ask_to_cancel(order.id)
    seen = ("accepted by itself at", "it is accepted at", "are cancelled", "accepted by itself on")
    if language != "en":
        seen = ("自动同意，截止", "自动同意取消，截止", "自动取消", "已自动同意，时间")
    assert seen[0] in text(desk.see(f"/merchant{path}"))
    assert seen[1] in text(browser.see(path, t=token))
    assert seen[2] in text(desk.see("/merchant/"))
    outbox.drain()
    with later(days=2, minutes=1):
        assert accept_overdue() == 1
        outbox.drain()
        for page in (desk.see(f"/merchant{path}"), browser.see(path, t=token)):
            assert seen[3] in text(page).split('id="cancellations"')[1][:2500]
    told = [one.body for one in mail.letters(limit=50).items if found.number in one.subject]
    asked = ("Answer until: ", "You didn't answer in time.", "The merchant didn't answer in time")
    if language != "en":
        asked = ("答复截止：", "您逾期未答复", "商户逾期未答复")
    for words in asked:
        assert sum(words in html.unescape(body) for body in told) == 1, (words, told)


def test_withdrawn_and_rejected_by_the_merchant() -> None:
    goods, browser = make_goods(), Browser()
    order, path, token = bought(browser, goods)
    marketplace.start_packing(order_id=order.id)
    there, line = f"{path}cancel-part/", f"q-{order.lines[0].id}"
    key = hidden(browser.see(there, t=token), "key")
    asked = {"do": "ask", "t": token, "key": key, "cause": "other", line: "1"}
    browser.send(there, page=f"{there}?t={token}", **asked)
    [found] = marketplace.cancellations_of(order_id=order.id)
    act = f"{path}cancellations/{found.public_id}/act/"
    browser.send(act, page=f"{path}?t={token}", t=token)
    assert marketplace.cancellation(cancellation_id=found.id).state == "withdrawn"
    assert Browser().see(f"{path}cancel-part/").status_code == 404

    desk = owner_of(goods.merchant)
    there = f"/merchant{path}cancel-part/"
    key = hidden(desk.see(there), "key")
    wish = {"key": key, "cause": "out_of_stock", "text": "Sold out.", line: "2"}
    seen = text(desk.send(there, page=there, do="preview", **wish))
    assert "the order is cancelled with it" in seen
    assert f"{order.total.amount / 100:.2f}" in seen
    desk.send(there, page=there, do="ask", restock="as_cause", **wish)
    latest = marketplace.cancellations_of(order_id=order.id)[0]
    assert (latest.state, latest.whole, latest.restocked) == ("refunded", True, False)
    assert order_of(order.id).state == "cancelled"
    shown = text(browser.see(path, t=token))
    assert "Sold out." in shown
    assert there not in text(desk.see(f"/merchant{path}"))
    assert public_id("ord", order.id) in path
