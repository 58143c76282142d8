"""Letters to who ordered without an account: in the language of the order."""

import html
from uuid import uuid4

import pytest
from django.utils import translation

from journeys import facade as journeys
from kernel import mail, outbox
from kernel.ids import parse_public_id, public_id
from marketplace import facade as marketplace
from marketplace.models import Order
from payments import facade as payments
from platforms import facade as platforms
from tests.factories.cancelling import cancel, order_of
from tests.factories.invoices import BUYER, make_tax_profile
from tests.factories.order_contract import buy_as, make_buyer
from tests.factories.platforms import api_client
from tests.factories.returns import ask, deliver
from tests.factories.storefront import ADDRESS, Browser, make_goods
from tests.factories.world import make_world
from tests.journeys.test_statements import GUEST
from tests.storefront.test_returns import bought

pytestmark = pytest.mark.usefixtures("platform")
PART = {"en": "Some goods of your order aren't sent", "zh-hans": "订单中的部分商品不再发货"}


def letters(address: str) -> list[mail.Letter]:
    outbox.drain()
    return [one for one in mail.letters(limit=100).items if one.to == address]


def chinese(letter: mail.Letter) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in letter.subject)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_all_letters_of_an_order_are_in_the_pages_language(language: str) -> None:
    goods = make_goods()
    order, _path, _token = bought(Browser(language), goods)
    other = "en" if language == "zh-hans" else "zh-hans"
    with translation.override(other):  # whoever works on it has a language, too
        cancel(order, 1, side="merchant")
        marketplace.write_message(
            key=uuid4(), order_id=order.id, side="merchant", text="It is raining."
        )
        make_tax_profile(goods.merchant.id)
        asked = journeys.ask_invoice(key=uuid4(), order=order_of(order.id), buyer=BUYER)
        payments.issue_invoice(request_id=asked.id)
        back = ask(deliver(order.id), 1)
        marketplace.approve_return(return_id=back.id)
        [invoice] = letters(BUYER.email)
        told = letters(ADDRESS["email"])
    kinds = {one.template for one in told}
    assert {"journeys/return", "journeys/parcel"} <= kinds
    assert len(told) >= 4
    for letter in (invoice, *told):
        assert chinese(letter) == (language == "zh-hans"), letter.subject
    assert any(PART[language] in html.unescape(one.subject + one.body) for one in told), told


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("en-GB,en;q=0.9", "en"), ("zh-CN", "zh-hans"), ("fr", "zh-hans"), ("", "zh-hans")],
)
def test_an_order_over_the_api_keeps_what_was_accepted(accepted: str, language: str) -> None:
    guest, headers = api_client(), {"Accept-Language": accepted}
    lines = [{"variant_id": public_id("var", make_goods().variant_id), "quantity": "2"}]
    cart = guest.post("/carts", {"lines": lines}, headers=headers).json()
    headers["Cart-Token"] = cart["token"]
    guest.put(f"/carts/{cart['id']}/address", GUEST, headers=headers)
    body = {"cart_id": cart["id"], "payment_method": "offline_test"}
    made = guest.post("/checkouts", body, headers=headers)
    order = order_of(parse_public_id("ord", made.json()["orders"][0]))
    assert order.language == language
    cancel(order, 1, side="merchant")
    [letter] = letters(GUEST["contact"]["email"])
    assert chinese(letter) == (language == "zh-hans")


def test_old_orders_are_written_about_in_the_platforms_language() -> None:
    order, _path, _token = bought(Browser("en"), make_goods())
    Order.objects.filter(id=order.id).update(language="")
    with translation.override("en"):
        cancel(order, 1, side="merchant")
        assert all(chinese(one) for one in letters(ADDRESS["email"]))
    assert platforms.letter_language() == "zh-hans"
    assert platforms.letter_language("en") == "en"
    assert platforms.letter_language("fr") == "zh-hans", "not offered (any more)"


def test_a_buyers_letters_are_in_the_accounts_language() -> None:
    with translation.override("en"):
        made = buy_as(make_world(1), make_buyer(), 2)
    order = order_of(made.order_ids[0])
    assert order.language == ""
    cancel(order, 1, side="merchant")
    outbox.drain()
    told = [one for one in mail.letters().items if order.number in one.subject]
    assert told
    assert all(chinese(one) for one in told)
