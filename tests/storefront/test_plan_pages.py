"""Payout plans, terms for paying in parts and inspections, on the pages."""

import re

import pytest

from kernel.ids import public_id
from payments import facade as payments
from tests.factories.platforms import make_person
from tests.factories.storefront import PASSWORD, buy, make_goods, operator, owner_of, sign_in

pytestmark = pytest.mark.usefixtures("platform")


def text(answer: object) -> str:
    return answer.content.decode()  # type: ignore[attr-defined,no-any-return]


def test_an_operator_changes_and_holds_a_merchants_payouts() -> None:
    merchant = make_goods().merchant
    desk = operator()
    where = f"/operator/terms/payouts/{merchant.public_id}/"
    assert where in text(desk.see(f"/operator/merchants/{merchant.public_id}/"))
    plan = {"interval": "weekly", "day": "3", "minimum": "50.00", "hold_days": "2"}
    bad = desk.send(where, page=where, **{**plan, "day": "8"})
    assert (bad.status_code, "From 1 to 7" in text(bad)) == (422, True)
    assert "Saved" in text(desk.send(where, page=where, **plan))
    found = payments.payout_plan(merchant_id=merchant.id)
    assert (found.interval, found.day, found.minimum.amount) == ("weekly", 3, 5_000)
    later = text(desk.send(where, page=where, **plan | {"valid_from": "2100-01-01T00:00"}))
    assert "within a year" in later
    held = text(desk.send(f"{where}hold/", page=where, do="hold", reason="investigation"))
    assert "The platform holds the payouts" in held
    assert "The platform holds the payouts" in text(owner_of(merchant).see("/merchant/money/"))
    assert "Payouts go on" in text(desk.send(f"{where}hold/", page=where, do="resume"))
    assert where in text(desk.see("/operator/terms/"))
    assert owner_of(merchant).see(where).status_code == 403


def test_terms_for_paying_in_parts_are_set_and_taken_back() -> None:
    desk = operator()
    where = "/operator/terms/instalments/"
    terms = {
        "first_percent": "20", "most_parts": "6", "longest_days": "90", "most_grace_days": "7",
    }  # fmt: skip
    bad = desk.send(where, page=where, **{**terms, "most_parts": "99"})
    assert (bad.status_code, "From 2 to 36" in text(bad)) == (422, True)
    assert "Holds now" in text(desk.send(where, page=where, **terms))
    desk.send(where, page=where, **terms, valid_from="2099-01-01T00:00")
    [later, _now] = payments.instalment_terms_page().items
    assert later.upcoming
    desk.send(f"{where}{later.public_id}/remove/", page=where)
    assert len(payments.instalment_terms_page().items) == 1
    assert "分期条件" in text(operator("zh-hans").see(where))


def test_both_sides_see_what_an_inspector_found() -> None:
    goods = make_goods()
    browser = sign_in(make_person(password=PASSWORD, language="en"))
    order = re.findall(r"/orders/(ord_\w{26})/", text(buy(browser, goods)))[0]
    escrow = payments.escrow_for(reference=order)
    assert escrow is not None
    payments.report_inspection(
        escrow_id=escrow.id, report="CCIC-7", result="failed", document_sha256="b" * 64,
        note="Moisture 17 %",
    )  # fmt: skip
    owner = owner_of(goods.merchant)
    for page in (browser.see(f"/orders/{order}/"), owner.see(f"/merchant/orders/{order}/")):
        for word in ("CCIC-7", "Moisture 17 %", "A dispute was opened", "b" * 12):
            assert word in text(page)
    assert public_id("dsp", payments.disputes_of(reference=order)[0].id)
