"""Statutory invoices at an issuer that refuses, waits, goes silent and answers late: one number."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from kernel import clock, jobs
from kernel.transactions import atomic
from payments import facade
from payments.gateways import breaker
from payments.models import Fapiao as Row
from payments.services import reconcile
from payments.services.invoices import fapiao as service
from sandbox.models import Fapiao as There
from tests.factories.invoices import BUYER, make_invoice, make_request
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.factories.sandbox import make_account, serving

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def issuer(books: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The platform has an issuer; nobody waits between its tries."""
    monkeypatch.setattr("payments.gateways.transport.PAUSE", 0.0)
    with serving() as url:
        key = make_account()
        facade.configure_provider(
            name=facade.FAPIAO, config={"base_url": f"{url}/fapiao"}, secrets={"secret_key": key}
        )
        yield


def invoiced(title: str = BUYER.title, merchant: UUID | None = None) -> facade.SalesInvoiceInfo:
    buyer = replace(BUYER, title=title)
    request = make_request(10_000, merchant_id=merchant or uuid4(), buyer=buyer)
    return facade.issue_invoice(request_id=request.id)


def stands(invoice: facade.SalesInvoiceInfo) -> facade.FapiaoInfo:
    found = facade.fapiao(invoice_id=invoice.id)
    assert found is not None
    return found


def again() -> None:
    """What the reconciler does when its time has come."""
    Row.objects.filter(state="pending").update(next_check_at=clock.system())
    reconcile.reconcile()


def test_issued_by_a_task_outside_of_any_transaction(issuer: None) -> None:
    made = invoiced()
    first = stands(made)
    assert (first.state, first.number) == ("pending", "")
    with atomic(), pytest.raises(RuntimeError):
        service.refresh_fapiao(first.id)
    jobs.drain()
    found = stands(made)
    assert (found.state, found.issuer, len(found.number)) == ("issued", "fapiao", 20)
    assert There.objects.get().number == found.number
    service.refresh_fapiao(found.id)
    assert facade.issue_fapiao(invoice_id=made.id) == found, "issued is issued"
    assert There.objects.count() == 1


def test_a_crash_between_the_answer_and_its_record_leads_to_one_document(issuer: None) -> None:
    made = invoiced()
    row = Row.objects.get()
    service._ask(row)  # the process dies here
    assert stands(made).state == "pending"
    again()
    assert stands(made).number == There.objects.get().number


def test_an_answer_that_comes_too_late_is_asked_for(
    issuer: None, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.gateways.transport.TIMEOUT", (3.05, 0.3))
    monkeypatch.setattr("payments.gateways.transport.BUDGET", 0.0)
    settings.SANDBOX_FAPIAO_SLOW_SECONDS = 1.0
    made = invoiced("SANDBOX SLOW")
    jobs.drain()
    found = stands(made)
    assert (found.state, found.number) == ("pending", ""), "nobody guesses"
    assert found.next_check_at is not None
    again()
    assert stands(made).state == "issued"
    assert There.objects.count() == 1


def test_pending_is_asked_again_with_backoff_until_it_is_issued(issuer: None) -> None:
    made = invoiced("SANDBOX LATER")
    jobs.drain()
    waits = []
    for _ in range(3):
        found = stands(made)
        assert (found.state, found.next_check_at is not None) == ("pending", True)
        row = Row.objects.get()
        waits.append(row.checks)
        again()
    assert waits == sorted(set(waits)), "each time later"
    There.objects.update(status="issued", number="1" * 20, issued_at=clock.system())
    again()
    assert stands(made).number == "1" * 20


def test_an_issuer_that_is_down_is_asked_later(issuer: None) -> None:
    made = invoiced("SANDBOX DOWN")
    jobs.drain()
    assert stands(made).state == "pending"
    assert There.objects.count() == 0
    breaker.forget("fapiao")


def test_refused_says_why_and_can_be_handed_in_again(issuer: None) -> None:
    merchant = make_merchant()
    made = invoiced("SANDBOX QUOTA", merchant.id)
    jobs.drain()
    shop = api_client(make_key(merchant_id=merchant.id))
    where = f"/sales-invoices/{made.public_id}/fapiao"
    seen = shop.get(where).json()
    assert (seen["state"], seen["code"], seen["attempt"]) == ("refused", "quota_exceeded", 1)
    assert seen["message"]
    assert [one["code"] for one in shop.get("/fapiaos", query={"state": "refused"}).json()["data"]]
    assert api_client(make_key()).post(where, {}).status_code == 404
    assert shop.post(where, {}).json()["state"] == "pending"
    busy = shop.put(where, {"number": "2" * 20})
    assert (busy.status_code, busy.json()["code"]) == (409, "payments.fapiao_busy")
    jobs.drain()
    seen = shop.get(where).json()
    assert (seen["state"], seen["attempt"], seen["code"]) == ("issued", 2, None)


def test_a_red_one_waits_for_the_number_that_it_takes_back(issuer: None) -> None:
    made = invoiced()
    red = facade.reverse_invoice(invoice_id=made.id)
    service.refresh_fapiao(stands(red).id)
    assert (stands(red).state, stands(red).code) == ("pending", "waits_for_original")
    assert There.objects.count() == 0
    jobs.drain()
    again()
    blue, back = stands(made), stands(red)
    assert (blue.state, back.state) == ("issued", "issued")
    there = There.objects.get(kind="red")
    assert (there.original, there.gross) == (blue.number, -10_000)
    assert There.objects.get(kind="blue").left == 0


def test_without_an_issuer_the_merchant_enters_the_number(books: Any) -> None:
    merchant = make_merchant()
    made = make_invoice(10_000, merchant_id=merchant.id)
    red = facade.reverse_invoice(invoice_id=made.id)
    assert facade.fapiao(invoice_id=made.id) is None
    shop = api_client(make_key(merchant_id=merchant.id))
    where = f"/sales-invoices/{made.public_id}/fapiao"
    assert shop.get(where).status_code == 404
    assert shop.post(where, {}).json()["code"] == "payments.no_issuer"
    bad = shop.put(where, {"number": "123"})
    assert (bad.status_code, bad.json()["errors"][0]["field"]) == (422, "number")
    first = shop.put(where, {"number": f" {'3' * 20} "}).json()
    assert (first["state"], first["issuer"], first["number"]) == ("issued", "manual", "3" * 20)
    assert shop.put(where, {"number": "3" * 20}).json() == first
    assert shop.put(where, {"number": "4" * 20}).json()["code"] == "payments.fapiao_busy"
    taken = shop.put(f"/sales-invoices/{red.public_id}/fapiao", {"number": "3" * 20})
    assert taken.json()["code"] == "payments.fapiao_number_taken"
