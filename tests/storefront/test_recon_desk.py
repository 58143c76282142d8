"""The reconciliation desk: a day's three sides, an exception put right by two operators, files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from kernel import clock
from kernel.ids import public_id
from payments import facade as payments
from tests.factories.platforms import make_merchant
from tests.factories.reconciliation import make_reconciled
from tests.factories.storefront import hidden, operator, owner_of

pytestmark = pytest.mark.usefixtures("platform")
DESK = "/operator/reconciliation/"
DOCUMENT = "pay_01k0000000000000000000000"


def text(answer: Any) -> str:
    if getattr(answer, "streaming", False):
        return b"".join(answer.streaming_content).decode()
    return str(answer.content.decode())


def statement(side: str, rows: str, day: Any) -> SimpleUploadedFile:
    columns = {
        "gateway": "id,kind,source,document,amount,fee,net,currency,merchant,created,payout,"
        "arrival",
        "bank": "id,kind,amount,currency,balance_after,counterparty,reference,date",
    }[side]
    head = f"#quancheng-statement,1,{side},acct_1,{day},{day},Asia/Shanghai"
    return SimpleUploadedFile(f"{side}.csv", f"{head}\n{columns}\n{rows}".encode())


def test_an_exception_goes_from_the_day_to_an_entry_of_two_operators() -> None:
    make_reconciled(DOCUMENT)
    anna, bert = operator(), operator()
    [day] = payments.recon_days_page().items
    with clock.frozen(clock.system() + timedelta(days=6)):
        payments.reconcile_day(day=day.day, fetch=False)
    [one] = payments.recon_exceptions_page(state="open").items
    assert "Reconciliation exceptions" in text(anna.see("/operator/"))
    assert str(day.day) in text(anna.see(DESK))
    sheet = text(anna.see(f"{DESK}{day.day}/"))
    assert "A row is missing" in sheet
    assert "txn_1" in sheet
    assert "txn_1" not in text(anna.see(f"{DESK}{day.day}/", state="matched"))
    assert "txn_1" in text(anna.see(f"{DESK}{day.day}/", format="csv"))
    queue = f"{DESK}exceptions/"
    assert one.public_id in text(anna.see(queue, kind="missing", where="ledger", day=str(day.day)))
    for other in ({"kind": "fee"}, {"state": "resolved"}, {"document": "pay_2"}):
        assert one.public_id not in text(anna.see(queue, **other))
    assert one.public_id in text(anna.see(queue, format="csv"))
    page = f"{queue}{one.public_id}/"
    assert "Only an entry that a second person approves" in text(anna.see(page))
    assert anna.send(page, page, do="note", note="never mind").status_code == 422
    form = anna.see("/operator/ledger/entries/new/", exception=one.public_id)
    filled = {"key": hidden(form, "key")}
    assert f'value="{one.public_id}"' in text(form)
    filled |= {
        "name": "Payment of May", "reason": "On the statement.", "debit": "gateway",
        "credit": "suspense", "debit_owner": "", "credit_owner": "", "amount": "1.00",
        "currency": "CNY", "reference": one.public_id,
    }  # fmt: skip
    assert anna.send("/operator/ledger/entries/new/", **filled).status_code == 200
    [entry] = payments.correcting_entries(one.id)
    resolve = {"do": "entry", "note": "booked", "entry": entry.public_id}
    assert anna.send(page, page, **resolve).status_code == 422
    bert.send(f"/operator/ledger/entries/{entry.public_id}/act/", do="approve")
    assert one.public_id in text(bert.see(f"/operator/ledger/entries/{entry.public_id}/"))
    assert "Resolved by this entry" in text(bert.see(page))
    bert.send(page, page, **resolve)
    done = payments.recon_exception(exception_id=one.id)
    assert (done.state, done.entry) == ("resolved", entry.public_id)
    assert "booked" in text(bert.see(page))


def test_files_are_handed_in_and_refused_with_row_and_field() -> None:
    desk, day = operator("zh-hans"), (clock.system() - timedelta(days=3)).date()
    hand = f"{DESK}statements/"
    assert desk.send(hand, DESK, side="bank").status_code == 422
    broken = desk.send(
        hand, DESK, side="bank", file=statement("bank", f"b1,payout,1.5,CNY,,,,{day}\n", day)
    )
    assert broken.status_code == 422
    assert '<strong class="mono">amount</strong>' in text(broken)
    desk.send(hand, DESK, side="bank", file=statement("bank", "", day))
    desk.send(hand, DESK, side="gateway", file=statement("gateway", "", day))
    [gateway, bank] = payments.recon_statements_page().items
    assert (gateway.side, bank.side, bank.uploaded) == ("gateway", "bank", True)
    kept = desk.see(f"{hand}{public_id('rst', bank.id)}/")
    assert kept.content.startswith(b"#quancheng-statement")
    assert payments.recon_days_page().items == []
    ran = desk.send(f"{DESK}run/", DESK, day=str(day))
    assert "三方一致" in text(ran)
    assert payments.recon_day(day=day).state == "clean"
    assert desk.send(f"{DESK}run/", DESK, day="2999-01-01").status_code == 200
    assert desk.see(f"{DESK}nonsense/").status_code == 404


def test_the_desk_is_for_operators() -> None:
    shop = owner_of(make_merchant())
    for path in (DESK, f"{DESK}exceptions/"):
        assert shop.see(path).status_code == 403
