"""Availability and payouts: pending, available, in transit, at the bank or back again."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from django.conf import settings

from kernel import clock, personal, tenancy
from kernel.records.jobs import Job
from kernel.records.outbox import OutboxEvent
from payments import facade
from payments.domain.chart import Account, Code
from payments.ledger import account_balances
from payments.models import LedgerTransfer, Payout
from payments.services import reconcile
from platforms import facade as platforms
from tests.factories.payments import (
    cny,
    make_available,
    make_gateway,
    make_paid,
    make_payee,
    make_payout,
    make_share,
    wire,
)
from tests.factories.platforms import make_merchant

pytestmark = pytest.mark.usefixtures("books")
TRANSFERS = f"{settings.BANK_URL}/v1/transfers"


def transfer(payout: facade.PayoutInfo, status: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": f"btr_{payout.id.hex}", "object": "bank_transfer", "status": status,
        "amount": payout.amount.amount, "currency": payout.amount.currency,
        "failure_code": None, "failure_message": None, **changes,
    }  # fmt: skip


def earn(amount: int = 10_000) -> UUID:
    merchant = make_payee()
    make_available(make_share(amount, 0, merchant_id=merchant))
    return merchant


def bank() -> int:
    account = Account(tenancy.current_id(), Code.BANK, "CNY")
    return account_balances([account])[account.id]


def events() -> list[str]:
    rows = OutboxEvent.objects.filter(type__startswith="payments.payout").order_by("id")
    return list(rows.values_list("type", flat=True))


def test_a_share_waits_for_its_time_on_the_business_clock() -> None:
    intent = make_paid(make_share(10_000, 500))
    share = intent.shares[0]
    assert facade.release_due() == 0
    with clock.offset(timedelta(days=400)):
        assert facade.release_due() == 0, "nobody has said that it was delivered"
    assert facade.schedule_availability(reference=share.reference) == 1
    assert facade.schedule_availability(reference=share.reference) == 0, "once"
    changed = facade.intent(intent_id=intent.id)
    assert changed.version == intent.version + 1, "a copy kept by updated_since sees it"
    due = changed.shares[0].available_at
    days = platforms.setting("payments", "release_days")
    assert due is not None
    assert abs(due - clock.business() - timedelta(days=days)) < timedelta(minutes=1)
    assert facade.release_due() == 0
    with clock.offset(timedelta(days=days, minutes=1)):
        assert facade.release_due() == 1
        assert facade.release_due() == 0
    found = facade.balance(merchant_id=share.merchant_id)
    assert (found.pending, found.available) == (cny(0), cny(9_500))
    released = OutboxEvent.objects.get(type="payments.balance.released.v1")
    assert (released.merchant_id, released.payload["amount"]["amount"]) == (
        share.merchant_id,
        9_500,
    )


def test_a_merchants_own_payment_becomes_available_by_itself() -> None:
    intent = make_paid(make_share(1_000, 0), hold=False)
    assert intent.shares[0].available_at is not None


def test_many_shares_are_released_in_one_go() -> None:
    merchant = uuid4()
    shares = [make_share(100 + n, n, merchant_id=merchant) for n in range(30)]
    intent = make_paid(*shares)
    for share in intent.shares:
        facade.schedule_availability(reference=share.reference, available_at=clock.business())
    assert facade.release_due() == 30
    assert facade.balance(merchant_id=merchant).available == cny(3_000)


def test_a_share_refunded_in_full_is_released_as_nothing() -> None:
    from tests.factories.payments import make_refund

    intent = make_paid(make_share(1_000, 100))
    refund = make_refund(intent)
    result = facade.perform_refund(refund_id=refund.id)
    facade.record_refund(refund_id=refund.id, result=result)
    facade.schedule_availability(
        reference=intent.shares[0].reference, available_at=clock.business()
    )
    assert facade.release_due() == 1
    assert not LedgerTransfer.objects.filter(code="release").exists()


def test_payout_goes_in_transit_then_to_the_bank() -> None:
    merchant = earn()
    payout = make_payout(merchant, 4_000)
    found = facade.balance(merchant_id=merchant)
    assert (found.available, found.in_transit) == (cny(6_000), cny(4_000))
    with wire() as mock:
        mock.post(TRANSFERS, status=201, json=transfer(payout, "paid"))
        assert facade.send_payout(payout_id=payout.id).state == "paid"
        sent = json.loads(mock.calls[0].request.body or b"")
    assert sent == {
        "key": str(payout.id), "amount": 4_000, "currency": "CNY", "account": "6222000011114321",
        "name": "Jiang", "reference": payout.public_id,
    }  # fmt: skip
    found = facade.balance(merchant_id=merchant)
    assert (found.available, found.in_transit, bank()) == (cny(6_000), cny(0), -4_000)
    assert events() == ["payments.payout.paid.v1"]
    facade.send_payout(payout_id=payout.id)
    assert bank() == -4_000


def test_payout_of_everything() -> None:
    merchant = earn(777)
    assert make_payout(merchant).amount == cny(777)
    with pytest.raises(facade.InsufficientBalance):
        make_payout(merchant)


def test_a_refused_payout_is_available_again() -> None:
    merchant = earn()
    payout = make_payout(merchant)
    with wire() as mock:
        failed = transfer(payout, "failed", failure_code="account_closed", failure_message="Shut.")
        mock.post(TRANSFERS, status=201, json=failed)
        info = facade.send_payout(payout_id=payout.id)
    assert (info.state, info.failure_code, info.failure_message) == (
        "failed", "account_closed", "Shut.",
    )  # fmt: skip
    assert facade.balance(merchant_id=merchant).available == cny(10_000)
    assert bank() == 0
    assert events() == ["payments.payout.failed.v1", "payments.payouts.paused.v1"]


def test_a_payout_the_bank_finds_invalid_fails() -> None:
    merchant = earn()
    payout = make_payout(merchant)
    with wire() as mock:
        error = {"error": {"code": "invalid_account", "message": "No such account."}}
        mock.post(TRANSFERS, status=422, json=error)
        assert facade.send_payout(payout_id=payout.id).failure_code == "invalid_account"
    assert facade.balance(merchant_id=merchant).available == cny(10_000)


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 500, "json": {}},
        {"status": 401, "json": {"error": {"code": "unauthorized"}}},
        {"status": 409, "json": {"error": {"code": "key_reused"}}},
        {"status": 404, "json": {}},
        {"status": 201, "json": {"object": "waybill", "id": "x"}},
        {"status": 200, "body": b"<html>"},
        {"body": requests.exceptions.ReadTimeout()},
        {"status": 201, "json": {"id": "b", "object": "bank_transfer", "status": "paid",
                                 "amount": 1, "currency": "CNY"}},
    ],
)  # fmt: skip
def test_anything_else_leaves_the_money_in_transit(answer: dict[str, Any]) -> None:
    merchant = earn()
    payout = make_payout(merchant)
    with wire() as mock:
        mock.post(TRANSFERS, **answer)
        assert facade.send_payout(payout_id=payout.id).state == "pending"
    assert facade.balance(merchant_id=merchant).in_transit == cny(10_000)


def test_pending_at_the_bank_is_asked_again() -> None:
    payout = make_payout(earn())
    with wire() as mock:
        mock.post(TRANSFERS, status=201, json=transfer(payout, "pending"))
        assert facade.send_payout(payout_id=payout.id).state == "in_transit"
    url = f"{TRANSFERS}/btr_{payout.id.hex}"
    with clock.frozen(clock.system() + timedelta(hours=1)), wire() as mock:
        mock.get(url, status=404, json={})
        reconcile.reconcile()
        assert facade.payout(payout_id=payout.id).state == "in_transit"
    with clock.frozen(clock.system() + timedelta(hours=2)), wire() as mock:
        mock.get(url, json=transfer(payout, "paid"))
        assert reconcile.reconcile()["payouts"] == 1
    assert facade.payout(payout_id=payout.id).state == "paid"


def test_the_job_carries_it_out() -> None:
    payout = make_payout(earn())
    job = Job.objects.get(kind="payments.send_payout")
    assert job.args == {"payout_id": str(payout.id)}
    with wire() as mock:
        mock.post(TRANSFERS, status=201, json=transfer(payout, "paid"))
        from kernel.jobs.registry import KINDS, JobContext

        KINDS["payments.send_payout"].call(JobContext(job.id, job.kind, 1), **job.args)
    assert facade.payout(payout_id=payout.id).state == "paid"


def test_same_key_is_the_same_payout() -> None:
    merchant, key = earn(), uuid4()
    first = make_payout(merchant, 500, key=key)
    assert make_payout(merchant, 500, key=key).id == first.id
    assert make_payout(merchant, key=key).id == first.id
    with pytest.raises(facade.KeyReused):
        make_payout(merchant, 501, key=key)
    assert Payout.objects.count() == 1


def test_who_is_paid_out() -> None:
    merchant = earn()
    with pytest.raises(facade.InsufficientBalance) as caught:
        make_payout(merchant, 10_001)
    assert caught.value.params["available"] == {"amount": 10_000, "currency": "CNY"}
    with pytest.raises(facade.BelowMinimum):
        make_payout(merchant, 99)
    make_payout(merchant, 500, external_id="P-1")
    with pytest.raises(facade.ExternalIdTaken):
        make_payout(merchant, 500, external_id="P-1")
    platforms.suspend_merchant(merchant_id=merchant, reason="checking")
    with pytest.raises(facade.PayoutsPaused):
        make_payout(merchant, 500)
    with pytest.raises(facade.NoPayoutAccount):
        make_payout(make_merchant().id, 500)
    with pytest.raises(facade.PayoutsPaused):
        make_payout(make_merchant(approved=False).id, 500)


def test_nothing_of_a_refused_payout_stays() -> None:
    merchant, key = earn(), uuid4()
    from kernel.transactions import atomic

    with pytest.raises(facade.InsufficientBalance), atomic():
        make_payout(merchant, 10_001, key=key)
    assert not Payout.objects.exists()
    make_available(make_share(5_000, 0, merchant_id=merchant))
    assert make_payout(merchant, 10_001, key=key).state == "pending", "the key isn't spent"


def test_the_account_number_is_kept_sealed_and_erased_with_the_merchant() -> None:
    merchant = earn()
    payout = make_payout(merchant)
    row = Payout.objects.get()
    assert "6222000011114321" not in row.destination_sealed
    assert row.destination_last4 == "4321"
    personal.erase(merchant)
    with wire() as mock:
        mock.get(TRANSFERS, status=500, json={})
        assert facade.send_payout(payout_id=payout.id).state == "pending"
        mock.replace("GET", TRANSFERS, json={"data": [], "has_more": False})
        info = facade.send_payout(payout_id=payout.id)
    assert (info.state, info.failure_code) == ("failed", "destination_erased")


def test_an_erased_payout_that_had_been_sent_is_found_by_its_key() -> None:
    merchant = earn()
    payout = make_payout(merchant)
    personal.erase(merchant)
    with wire() as mock:
        mock.get(TRANSFERS, json={"data": [transfer(payout, "paid")], "has_more": False})
        assert facade.send_payout(payout_id=payout.id).state == "paid"


def test_payouts_need_a_gateway_account() -> None:
    merchant = make_merchant()
    account = platforms.BankAccount(bank="B", holder="H", number="12345678", last4="")
    platforms.update_merchant(merchant_id=merchant.id, payout_account=account)
    with pytest.raises(facade.GatewayNotConfigured):
        make_payout(merchant.id, 500)
    make_gateway()
    with pytest.raises(facade.InsufficientBalance):
        make_payout(merchant.id, 500)
