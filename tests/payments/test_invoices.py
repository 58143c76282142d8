"""Invoices of sales: asked for, issued, taken back with refunds, printed, exported."""

import io
import json
import subprocess
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import ProgrammingError
from django.utils import timezone
from openpyxl import load_workbook

from kernel import clock, mail, outbox
from kernel.errors import InvalidTransition
from kernel.transactions import atomic
from payments import facade
from payments.facade import InvoiceBuyer, LineChange
from payments.models import SalesInvoice
from tests.factories.identity import credit_code
from tests.factories.invoices import (
    BUYER,
    CORN,
    make_invoice,
    make_line,
    make_request,
    make_tax_profile,
)
from tests.factories.payments import cny, make_intent, make_paid, make_refund, make_share
from tests.factories.platforms import api_client, make_key, make_merchant, make_person

pytestmark = pytest.mark.usefixtures("books")


def refund(intent_id: Any, *amounts: int) -> facade.RefundInfo:
    made = make_refund(facade.intent(intent_id=intent_id), *amounts)
    facade.record_refund(refund_id=made.id, result=facade.perform_refund(refund_id=made.id))
    outbox.drain()
    return made


def issued(merchant_id: Any) -> list[facade.SalesInvoiceInfo]:
    return facade.sales_invoices_page(merchant_id=merchant_id, order=("id",)).items


def test_the_year_of_a_number_is_the_houses_wherever_the_merchant_is() -> None:
    for viewer in ("America/Los_Angeles", "UTC"):
        request = make_request()
        at = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)
        with clock.frozen(at), timezone.override(viewer):
            assert facade.issue_invoice(request_id=request.id).number == "2027-000001"


def test_an_invoice_is_exact_numbered_and_keeps_what_it_said() -> None:
    merchant = uuid4()
    goods = {"TEA": facade.TaxClass("1030201010000000000", "茶叶", Decimal(13))}
    make_tax_profile(merchant, goods=goods)
    share = make_share(20_001, 0, merchant_id=merchant)
    request = facade.request_invoice(
        key=(key := uuid4()),
        intent_id=make_paid(share).id,
        merchant_id=merchant,
        buyer=BUYER,
        note="合同 C-1",
        lines=[
            make_line(10_000, quantity=Decimal("31.240"), unit="TNE"),
            make_line(5_001, "江茶", sku="TEA", quantity=Decimal(3)),
            make_line(5_000, "配送", category="3010000000000000000", category_name="运输服务"),
        ],
    )
    changes = [LineChange(2, rate=Decimal(6))]
    made = facade.issue_invoice(request_id=request.id, changes=changes)
    assert made.number == f"{clock.day_of(made.issued_at).year}-000001"
    assert [(line.net.amount, line.tax.amount) for line in made.lines] == [
        (9_174, 826), (4_426, 575), (4_717, 283),
    ]  # fmt: skip
    assert [line.rate for line in made.lines] == [9, 13, 6]
    assert made.lines[0].unit_price == Decimal("2.93661972")
    assert (made.net + made.tax, made.gross) == (cny(20_001), cny(20_001))
    assert made.buyer == BUYER
    make_tax_profile(merchant, name="另一个名字", default=CORN)
    assert facade.issue_invoice(request_id=request.id) == made, "issued once"
    assert made.seller["name"] == "吉林玉米有限公司"
    again = facade.request_invoice(
        key=key, intent_id=request.intent_id, merchant_id=merchant, buyer=BUYER,
        lines=[make_line(20_001)],
    )  # fmt: skip
    assert again.id == request.id
    [letter] = mail.letters().items
    assert letter.to == BUYER.email
    token = letter.body.split("/invoices/")[1].split("/")[0]
    assert facade.invoice_of_token(token) == made.id
    with pytest.raises(ProgrammingError), atomic():
        SalesInvoice.objects.filter(id=made.id).update(gross=1, net=1, tax=0)


def test_refunds_are_followed_and_never_by_more_than_the_invoice() -> None:
    merchant = uuid4()
    made = make_invoice(3_333, 3_334, 3_334, merchant_id=merchant)
    first = refund(made.intent_id, 5_000)
    for _ in range(2):
        from payments.services.invoices import red

        red.follow_refund(refund_id=first.id)
    _blue, partly = issued(merchant)
    assert (partly.kind, partly.gross, partly.reason) == ("red", cny(-5_000), "allowance")
    assert (partly.original_id, partly.refund_id) == (made.id, first.id)
    assert partly.net + partly.tax == partly.gross
    assert {line.quantity for line in partly.lines} == {None}
    refund(made.intent_id, 5_001)
    rows = issued(merchant)
    assert [row.number[-6:] for row in rows] == ["000001", "000002", "000003"]
    for name in ("net", "tax", "gross"):
        assert sum(getattr(row, name).amount for row in rows) == 0
    assert facade.invoice_request(request_id=made.request_id).state == "reversed"
    with pytest.raises(facade.NothingToInvoice):
        facade.reverse_invoice(invoice_id=made.id)


def test_what_was_refunded_before_is_left_out_and_nothing_is_invoiced_of_nothing() -> None:
    merchant = uuid4()
    request = make_request(6_000, 4_000, merchant_id=merchant)
    refund(request.intent_id, 2_500)
    made = facade.issue_invoice(request_id=request.id)
    outbox.drain()
    assert [line.gross for line in made.lines] == [cny(4_500), cny(3_000)]
    assert len(issued(merchant)) == 1
    waiting = make_request(merchant_id=uuid4())
    pending = make_refund(facade.intent(intent_id=waiting.intent_id), 100)
    with pytest.raises(facade.RefundInProgress):
        facade.issue_invoice(request_id=waiting.id)
    facade.record_refund(refund_id=pending.id, result=facade.perform_refund(refund_id=pending.id))
    refund(waiting.intent_id, 9_900)
    assert facade.invoice_request(request_id=waiting.id).state == "canceled"
    with pytest.raises(InvalidTransition):
        facade.issue_invoice(request_id=waiting.id)


def test_a_refund_that_came_to_nothing_leaves_the_invoice_as_it_was() -> None:
    merchant = uuid4()
    made = make_invoice(10_000, merchant_id=merchant)
    back = refund(made.intent_id, 4_000)
    facade.record_refund(
        refund_id=back.id,
        result={**facade.perform_refund(refund_id=back.id), "status": "failed", "code": "x"},
    )
    outbox.drain()
    kinds = [(row.kind, row.gross.amount) for row in issued(merchant)]
    assert kinds == [("blue", 10_000), ("red", -4_000), ("blue", 4_000)]
    red = facade.reverse_invoice(invoice_id=made.id)
    assert (red.gross, red.reason) == (cny(-10_000), "mistake")
    assert make_request(intent_id=made.intent_id, merchant_id=merchant).state == "requested"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"buyer": InvoiceBuyer("company", "某公司", credit_code(7)[:-1] + "0")},
         facade.InvalidTaxNumber),
        ({"buyer": InvoiceBuyer("company", "某公司")}, facade.InvalidTaxNumber),
        ({"buyer": InvoiceBuyer("person", " ")}, facade.InvalidInvoice),
        ({"buyer": InvoiceBuyer("person", "李秀英"), "type": "special"}, facade.InvalidInvoice),
        ({"buyer": InvoiceBuyer("person", "李秀英", email="nobody")}, facade.InvalidInvoice),
        ({"lines": [make_line(9_999)]}, facade.InvoiceLinesDiffer),
        ({"lines": [make_line(10_000, quantity=Decimal(0))]}, facade.InvalidInvoice),
        ({"lines": [make_line(10_000, "a\x00b")]}, facade.InvalidInvoice),
        ({"lines": [make_line(10_000, category="123")]}, facade.InvalidInvoice),
        ({"lines": [make_line(10_001), make_line(-1)]}, facade.InvalidInvoice),
        ({"lines": []}, facade.InvalidInvoice),
    ],
)  # fmt: skip
def test_bad_wishes_are_told_why(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        make_request(profile=False, **changes)
    assert caught.value.problems[0].field  # type: ignore[attr-defined]


def test_what_an_invoice_waits_for() -> None:
    merchant = uuid4()
    unpaid = make_request(
        merchant_id=merchant, intent_id=make_intent(make_share(merchant_id=merchant)).id,
        profile=False,
    )  # fmt: skip
    with pytest.raises(facade.TaxProfileMissing):
        facade.issue_invoice(request_id=unpaid.id)
    make_tax_profile(merchant, taxpayer="small", default=facade.TaxClass(
        CORN.category, CORN.category_name, Decimal(1)))  # fmt: skip
    with pytest.raises(facade.NotPaidYet):
        facade.issue_invoice(request_id=unpaid.id)
    facade.confirm_intent(intent_id=unpaid.intent_id, payment_method="offline_test")
    with pytest.raises(facade.RateNotAllowed) as caught:
        facade.issue_invoice(request_id=unpaid.id, changes=[LineChange(0, rate=Decimal(13))])
    assert caught.value.params["allowed"] == ["3", "1", "0"]
    exempt = [LineChange(0, treatment="exempt")]
    made = facade.issue_invoice(request_id=unpaid.id, changes=exempt)
    assert (made.tax.amount, made.lines[0].treatment) == (0, "exempt")
    with pytest.raises(facade.InvoiceAsked):
        make_request(merchant_id=merchant, intent_id=unpaid.intent_id)
    topup = facade.create_topup(key=uuid4(), owner_id=merchant, amount=cny(10_000),
                                payment_method_types=("offline_test",))  # fmt: skip
    with pytest.raises(facade.NothingToInvoice):
        make_request(merchant_id=topup.shares[0].merchant_id, intent_id=topup.id, profile=False)
    left = make_request(
        merchant_id=merchant, intent_id=make_intent(make_share(merchant_id=merchant)).id
    )
    facade.cancel_intent(intent_id=left.intent_id)
    outbox.drain()
    assert facade.invoice_request(request_id=left.id).state == "canceled"


def test_titles_are_kept_once_and_only_for_their_person() -> None:
    person, other = make_person(), make_person()
    first = facade.save_title(person_id=person.id, buyer=BUYER)
    second = facade.save_title(person_id=person.id, buyer=InvoiceBuyer("person", "李秀英"))
    assert facade.save_title(person_id=person.id, buyer=BUYER).id == first.id
    assert [one.id for one in facade.buyer_titles(person_id=person.id)] == [first.id, second.id]
    assert facade.buyer_titles(person_id=other.id) == []
    buyer = api_client(make_key(kind="buyer", person_id=other.id))
    assert buyer.delete(f"/invoice-titles/{first.public_id}").status_code == 404
    facade.remove_title(person_id=person.id, title_id=first.id)
    assert [one.id for one in facade.buyer_titles(person_id=person.id)] == [second.id]


def test_a_merchant_whose_orders_live_elsewhere_does_it_all_by_the_api() -> None:
    merchant = make_merchant()
    shop = api_client(make_key(merchant_id=merchant.id))
    stranger, operator = api_client(make_key()), api_client(make_key(kind="operator"))
    assert shop.get("/tax-profile").json()["code"] == "payments.tax_profile_missing"
    profile = {
        "name": "吉林玉米有限公司", "tax_number": credit_code(5).lower(), "taxpayer": "general",
        "default": {"category": CORN.category, "category_name": "谷物", "rate": "9"},
    }  # fmt: skip
    assert shop.put("/tax-profile", {**profile, "tax_number": "1"}).status_code == 422
    answer = shop.put("/tax-profile", profile)
    assert answer.json()["tax_number"] == credit_code(5)
    payments = [make_paid(make_share(5_000, 0, merchant_id=merchant.id)) for _ in range(3)]
    body = {
        "buyer": {"kind": "company", "title": "某公司", "tax_number": credit_code(9)},
        "lines": [{"name": "玉米", "gross": {"amount": 5_000, "currency": "CNY"}}],
    }
    asked = [
        shop.post("/invoice-requests", {**body, "payment": one.public_id}).json()
        for one in payments
    ]
    queue = shop.get("/invoice-requests", query={"state": "requested", "limit": "2"}).json()
    assert (len(queue["data"]), queue["has_more"]) == (2, True)
    rest = shop.get("/invoice-requests", query={"limit": "2", "cursor": queue["next_cursor"]})
    assert [one["id"] for one in rest.json()["data"]] == [asked[0]["id"]]
    assert stranger.get(f"/invoice-requests/{asked[0]['id']}").status_code == 404
    declined = shop.post(f"/invoice-requests/{asked[2]['id']}/decline", {"reason": "not ours"})
    assert declined.json()["state"] == "declined"
    many = {"requests": [one["id"] for one in asked]}
    assert stranger.post("/invoice-requests/issue", many).status_code == 404
    done = shop.post("/invoice-requests/issue", many).json()
    assert (done["issued"], done["results"][2]["error"]) == (2, "invalid_transition")
    first = done["results"][0]["invoice"]
    assert stranger.get(f"/sales-invoices/{first}").status_code == 404
    assert operator.get(f"/sales-invoices/{first}").json()["tax"]["amount"] == 413
    assert operator.post(f"/sales-invoices/{first}/reverse", {}).status_code == 403
    red = shop.post(f"/sales-invoices/{first}/reverse", {"reason": "mistake"}).json()
    assert (red["gross"]["amount"], red["original"]) == (-5_000, first)
    number = done["results"][1]["number"]
    found = shop.get("/sales-invoices", query={"number": number, "kind": "blue"}).json()["data"]
    assert [one["id"] for one in found] == [done["results"][1]["invoice"]]
    answer = shop.get(f"/sales-invoices/{first}/pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")
    assert stranger.get(f"/sales-invoices/{first}/pdf").status_code == 404
    files = {
        kind: b64decode(shop.get("/sales-invoices-file", query={"format": kind}).json()["content"])
        for kind in ("csv", "xlsx", "json")
    }
    assert len(files["csv"].decode("utf-8-sig").splitlines()) == 4
    assert len(json.loads(files["json"])["invoices"]) == 3
    book = load_workbook(io.BytesIO(files["xlsx"]))
    assert [sheet.max_row for sheet in book] == [3, 3, 2]
    assert [cell.value for cell in book.worksheets[1][2]][:3] == [
        done["results"][0]["number"], "玉米", CORN.category,
    ]  # fmt: skip


NASTY = "#panic() $x$ *a* _b_ <c> @d \\#f [g] //h"


def test_the_sheet_says_what_the_invoice_says_and_what_it_is_not(tmp_path: Path) -> None:
    made = make_invoice(10_000, buyer=InvoiceBuyer("company", NASTY, credit_code(7)))
    red = facade.reverse_invoice(invoice_id=made.id)
    texts = {}
    for info in (made, red):
        for language in ("zh-hans", "en"):
            path = tmp_path / "a.pdf"
            path.write_bytes(facade.invoice_pdf(info, language=language))
            text = _told("pdftotext", "-raw", str(path), "-")
            texts[info.kind, language] = "".join(text.split())
            fonts = _told("pdffonts", str(path)).splitlines()[2:]
            assert fonts
            assert all(line.split()[-5:-2] == ["yes", "yes", "yes"] for line in fonts)
            assert b"pdfaid" in path.read_bytes()
    blue = texts["blue", "zh-hans"]
    for said in (NASTY, made.number, credit_code(5), credit_code(7), "*谷物*玉米", "9%", "91.74",
                 "8.26", "100.00", "壹佰元整", "不是法定电子发票", made.sha256):  # fmt: skip
        assert "".join(said.split()) in blue, said
    assert "nostatutorye-invoice" in texts["blue", "en"]
    assert "负壹佰元整" in texts["red", "zh-hans"]
    assert "-¥100.00" in texts["red", "en"]
    assert f"Referstoinvoice{made.number}" in texts["red", "en"]
    assert facade.invoice_pdf(made) == facade.invoice_pdf(made)


def test_the_year_is_the_platforms() -> None:
    """New Year's Eve in UTC is New Year in Shanghai."""
    merchant = uuid4()
    requests = [make_request(merchant_id=merchant) for _ in range(2)]
    numbers = []
    midnight = datetime(2027, 12, 31, 16, tzinfo=UTC)
    for before, one in zip((1, 0), requests, strict=True):
        at = midnight - timedelta(minutes=before)
        with clock.offset(at - clock.system()):
            numbers.append(facade.issue_invoice(request_id=one.id).number)
    assert numbers == ["2027-000001", "2028-000001"]


def _told(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
