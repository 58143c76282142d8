"""The ledger's pages: two operators book an entry; statements, their CSV, and strangers."""

from typing import Any

import pytest

from certification import facade as certification
from journeys import facade as journeys
from kernel.ids import public_id
from payments import facade as payments
from payments.domain.chart import Code
from storefront import words
from tests.factories.payments import make_available, make_share
from tests.factories.platforms import make_merchant
from tests.factories.storefront import hidden, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
ENTRY = {
    "name": "Fee of April", "reason": "On the statement.", "debit": "suspense", "debit_owner": "",
    "credit": "bank", "credit_owner": "", "amount": "2.00", "currency": "CNY", "reference": "",
}  # fmt: skip


def text(answer: Any) -> str:
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content).decode()
    return str(answer.content.decode())


def test_two_operators_book_an_entry() -> None:
    anna, bert = operator(), operator()
    form = anna.see("/operator/ledger/entries/new/")
    filled = ENTRY | {"key": hidden(form, "key")}
    wrong = anna.send("/operator/ledger/entries/new/", **filled | {"credit": "wallet"})
    assert wrong.status_code == 422
    assert "credit_owner" in text(wrong)
    assert anna.send("/operator/ledger/entries/new/", **filled).status_code == 200
    [entry] = payments.entries_page().items
    page = f"/operator/ledger/entries/{entry.public_id}/"
    assert "somebody else must approve" in text(anna.see(page))
    anna.send(f"{page}act/", do="approve")
    assert payments.entry(entry.id).state == "proposed"
    assert "Entries to approve" in text(bert.see("/operator/"))
    bert.send(f"{page}act/", do="approve", note="Seen.")
    assert payments.entry(entry.id).state == "approved"
    assert "Seen." in text(bert.see(page))
    assert "Fee of April" in text(bert.see("/operator/ledger/entries/", state="approved"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_ledger_and_statements(language: str) -> None:
    merchant = make_merchant()
    make_available(make_share(1_000, 100, merchant_id=merchant.id))
    journeys.seal_chains()
    desk, shop = operator(language), owner_of(merchant, language)
    assert "merchant_available" in text(desk.see("/operator/ledger/"))
    day = journeys.seals()[0].day.isoformat()
    packed = desk.see(f"/operator/ledger/seals/{day}/").content
    report = certification.verify_document(packed)
    assert (report.kind, report.findings) == ("stamped", ())
    assert desk.send("/operator/ledger/check/").status_code == 200
    assert text(desk.see("/operator/ledger/", format="csv")).count("merchant_") == 2
    [own, *_] = payments.accounts_page(owner=merchant.id, code="merchant_available").items
    for path in (
        f"/operator/ledger/{own.public_id}/",
        f"/merchant/ledger/{own.public_id}/",
    ):
        here = desk if path.startswith("/operator") else shop
        assert "9.00" in text(here.see(path))
        assert "9.00" in text(here.see(path, format="csv"))
        assert "9.00" not in text(here.see(path, format="csv", to="2001-01-01"))
    assert own.public_id in text(shop.see("/merchant/ledger/"))
    other = owner_of(make_merchant())
    assert other.see(f"/merchant/ledger/{own.public_id}/").status_code == 404
    bank = public_id("acc", payments.accounts_page(code="offline").items[0].id)
    assert shop.see(f"/merchant/ledger/{bank}/").status_code == 404


def test_every_account_of_the_chart_has_a_name() -> None:
    assert set(words.ACCOUNTS) == set(Code)
