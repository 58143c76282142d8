"""The hosted payment page, and the operator's pages of ways to pay; without scripts."""

import itertools
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import requests

from journeys import facade as journeys
from marketplace import facade as marketplace
from payments import facade as payments
from payments.services import bank_credits
from tests.factories.payments import make_bank_transfers, make_intent, rsa_keys
from tests.factories.sandbox import make_account, serving
from tests.factories.storefront import (
    SURE,
    Browser,
    ask_passwords_only,
    buy,
    make_goods,
    operator,
)
from tests.factories.world import connect

pytestmark = pytest.mark.django_db(transaction=True)
ALL = ("card", "alipay", "wechat", "bank_transfer", "offline_test")


@pytest.fixture
def sandbox(platform: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    turn = itertools.cycle(range(2, 5))
    monkeypatch.setattr("sandbox.scan.keys.new_pair", lambda: rsa_keys(next(turn)))
    with serving() as url:
        key = make_account()
        connect(url, key)
        make_bank_transfers(f"{url}/bank", key)
        yield url, key


def alipay_by_form(sandbox: tuple[str, str]) -> Any:
    """The operator sets Alipay up on the page."""
    url, key = sandbox
    app = requests.post(
        f"{url}/_sandbox/alipay",
        json={"public_key": rsa_keys()[1]},
        headers={"Authorization": f"Bearer {key}"},
        timeout=10,
    ).json()
    desk = operator()
    page = "/operator/ways-to-pay/alipay/"
    fields = {
        "app_id": app["app_id"],
        "gateway": app["gateway"],
        "notify_url": "http://127.0.0.1:9/x",
        "seller_id": app["seller_id"],
        "alipay_public_key": app["alipay_public_key"],
        "enabled": "on",
        **SURE,
    }
    ask_passwords_only()
    wrong = desk.send(page, page=page, **fields, private_key="nonsense")
    assert wrong.status_code == 422
    assert "2048" in wrong.content.decode()
    done = desk.send(page, page=page, **fields, private_key=rsa_keys()[0])
    text = done.content.decode()
    assert "Offered" in text
    assert "PRIVATE KEY" not in desk.see(page).content.decode()
    return desk


def path_of(info: payments.IntentInfo) -> str:
    return f"/pay/{payments.page_token(info.id)}/"


def test_a_merchants_own_payment_on_the_hosted_page(sandbox: tuple[str, str]) -> None:
    desk = alipay_by_form(sandbox)
    info = make_intent(
        payment_method_types=ALL, merchant_id=uuid4(), description="两罐蜂蜜",
        return_url="https://shop.example/back",
    )  # fmt: skip
    browser, where = Browser(), path_of(info)
    text = browser.see(where).content.decode()
    for word in ("两罐蜂蜜", "4242 4242 4242 4242", "Alipay", "Bank transfer"):
        assert word in text, word
    assert "WeChat" not in text, "it isn't set up here"
    declined = browser.send(where, page=where, do="pay", method="pm_card_visa_chargeDeclined")
    assert "declined" in declined.content.decode()
    text = browser.send(where, page=where, do="pay", method="alipay").content.decode()
    assert "<svg" in text
    assert "Scan this code with Alipay" in text
    assert 'http-equiv="refresh"' in text
    code = payments.intent(intent_id=info.id).qr
    requests.post(code, data={"pay": "1"}, timeout=10)
    payments.refresh_intent(intent_id=info.id)
    text = browser.see(where).content.decode()
    assert "Paid. Thank you." in text
    assert "https://shop.example/back" in text
    assert browser.see(where[:-3] + "aa/").status_code == 404
    assert "Alipay" in desk.see("/operator/ways-to-pay/").content.decode()


def test_a_declined_order_is_paid_on_the_page_or_given_up(sandbox: tuple[str, str]) -> None:
    goods = make_goods()
    browser = Browser()
    answer = buy(browser, goods, method="pm_card_visa_chargeDeclined")
    assert "declined" in answer.content.decode()
    where = answer.request["PATH_INFO"].removeprefix(browser.prefix)
    assert where.startswith("/pay/")
    paid = browser.send(where, page=where, do="pay", method="pm_card_visa").content.decode()
    assert "Paid. Thank you." in paid
    states = [str(one.state) for one in marketplace.orders(limit=10).items]
    assert states == ["paid"]
    second = buy(browser, goods, method="pm_card_visa_chargeDeclined")
    where = second.request["PATH_INFO"].removeprefix(browser.prefix)
    cart = browser.send(where, page=where, do="leave")
    assert goods.product.titles["en"] in cart.content.decode()
    assert journeys.journeys(state="undone").items


def test_a_transfer_on_the_page_and_at_the_operators_desk(sandbox: tuple[str, str]) -> None:
    url, key = sandbox
    info = make_intent(payment_method_types=ALL, merchant_id=uuid4())
    browser, where = Browser("zh-hans"), path_of(info)
    text = browser.send(where, page=where, do="pay", method="bank_transfer").content.decode()
    number = payments.intent(intent_id=info.id).gateway_id
    assert number is not None
    assert number in text
    for amount in (4_000, 7_000):
        requests.post(
            f"{url}/bank/v1/credits",
            json={"account": number, "amount": amount, "payer_account": "6222020000004321"},
            headers={"Authorization": f"Bearer {key}"},
            timeout=10,
        )
        bank_credits.poll()
        text = browser.see(where).content.decode()
        assert ("40.00" in text) is (amount == 4_000)
    desk = operator()
    page = "/operator/transfers/?open=1"
    text = desk.see(page).content.decode()
    assert "••••4321" in text
    [credit] = payments.credits_page(only_open=True).items
    act = f"/operator/transfers/{credit.public_id}/act/"
    desk.send(act, page=page, do="return")
    assert payments.credit(credit_id=credit.id).state == "returned"
    assert Browser().see("/operator/transfers/").status_code in (302, 200)


def test_a_card_is_kept_with_consent_and_removed(sandbox: tuple[str, str]) -> None:
    from tests.factories.platforms import PASSWORD, make_person
    from tests.factories.storefront import sign_in

    person = make_person(role="buyer", password=PASSWORD)
    info = make_intent(payment_method_types=ALL, payer_id=person.id)
    browser, where = sign_in(person), path_of(info)
    assert str(payments.CONSENT_TEXT) in browser.see(where).content.decode().replace("&#x27;", "'")
    browser.send(where, page=where, do="pay", method="pm_card_visa", save="on")
    [card] = payments.saved_cards(person_id=person.id)
    assert (card.brand, card.last4, card.consent_version) == ("visa", "4242", "2026-11")
    again = make_intent(payment_method_types=ALL, payer_id=person.id)
    page = path_of(again)
    assert card.public_id in browser.see(page).content.decode()
    assert card.public_id not in Browser().see(page).content.decode(), "nobody else may use it"
    browser.send(page, page=page, do="pay", method=card.public_id)
    assert payments.intent(intent_id=again.id).state == "succeeded"
    browser.send("/account/cards/remove/", page="/account/cards/", card=card.public_id)
    assert payments.saved_cards(person_id=person.id) == []
    assert "没有保存的银行卡" in browser.see("/account/cards/").content.decode(), "in her language"
