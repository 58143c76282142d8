"""A buyer's wallet, without JavaScript: topped up, paid from, withdrawn."""

from uuid import uuid4

import pytest

from kernel import jobs
from payments import facade as payments
from tests.factories.payments import cny
from tests.factories.platforms import make_person
from tests.factories.storefront import (
    ADDRESS,
    PASSWORD,
    Browser,
    hidden,
    make_goods,
    sign_in,
)

pytestmark = pytest.mark.usefixtures("platform")


def available(person: object) -> int:
    found = payments.wallet_balances(owner_id=person.id)  # type: ignore[attr-defined]
    return found[0].available.amount if found else 0


def test_topped_up_spent_and_withdrawn() -> None:
    person = make_person(password=PASSWORD, language="en")
    browser = sign_in(person)
    key = hidden(browser.see("/account/wallet/"), "key")
    for _ in range(2):  # a double click
        answer = browser.send(
            "/account/wallet/top-up/", key=key, amount="100.00", method="offline_test"
        )
    assert "topped up" in answer.content.decode()
    assert available(person) == 10_000

    goods = make_goods(price="30.00")
    browser.send("/cart/add/", variant=goods.variant, quantity="2")
    page = browser.send("/checkout/", do="update", region="22")
    paid = browser.send(
        "/checkout/", **ADDRESS, do="pay", method="wallet",
        key=hidden(page, "key"), total=hidden(page, "total"),
    )  # fmt: skip
    assert paid.status_code == 200
    total = int(hidden(page, "total"))
    assert available(person) == 10_000 - total

    answer = browser.send("/account/wallet/withdraw/", key=str(uuid4()), amount="10.00")
    assert "on its way back" in answer.content.decode()
    jobs.drain()
    text = browser.see("/account/wallet/").content.decode()
    for word in ("Top-up", "Purchase", "Withdrawal"):
        assert word in text
    assert available(person) == 10_000 - total - 1_000


def test_deposits_are_shown_in_chinese_with_what_they_are_for() -> None:
    person = make_person(password=PASSWORD, language="zh-hans")
    goods = make_goods()
    intent = payments.create_topup(
        key=uuid4(), owner_id=person.id, amount=cny(5_000), payment_method_types=("offline_test",)
    )
    payments.confirm_intent(intent_id=intent.id, payment_method="offline_test")
    payments.freeze_deposit(
        key=uuid4(), payer_id=person.id, merchant_id=goods.merchant.id,
        reference="<b>lot 7</b>", amount=cny(2_000),
    )  # fmt: skip
    text = sign_in(person, "zh-hans").see("/account/wallet/").content.decode()
    assert "冻结中的保证金" in text
    assert "&lt;b&gt;lot 7" in text


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("top-up", {"amount": "1.234", "method": "offline_test"}),
        ("top-up", {"amount": "-1", "method": "offline_test"}),
        ("top-up", {"amount": "5", "method": "wallet"}),
        ("withdraw", {"amount": "5"}),
    ],
)
def test_what_cannot_be_done_is_told_and_changes_nothing(path: str, fields: dict[str, str]) -> None:
    person = make_person(password=PASSWORD, language="en")
    browser = sign_in(person)
    answer = browser.send(
        f"/account/wallet/{path}/", "/account/wallet/", key=str(uuid4()), **fields
    )
    assert answer.status_code < 500
    assert "toast" in answer.content.decode()
    assert available(person) == 0


def test_strangers_sign_in_first_and_see_no_others_payment() -> None:
    goods_owner = make_person(password=PASSWORD, language="en")
    intent = payments.create_topup(
        key=uuid4(), owner_id=goods_owner.id, amount=cny(500), payment_method_types=("card",)
    )
    assert "/sign-in/" in Browser().see("/account/wallet/").redirect_chain[0][0]
    other = sign_in(make_person(password=PASSWORD, language="en"))
    assert other.see(f"/account/wallet/return/{intent.public_id}/").status_code == 404
