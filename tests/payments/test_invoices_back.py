"""Invoices follow what went back by a complaint or a chargeback, once and never further."""

from uuid import uuid4

import pytest

from kernel import jobs, outbox
from payments import facade
from payments.services import chargebacks
from payments.services.invoices import red
from tests.factories.invoices import make_invoice, make_request
from tests.factories.payments import cny, make_refund, make_share
from tests.payments.test_disputes import charged, told
from tests.payments.test_invoices import issued

pytestmark = pytest.mark.usefixtures("books")


def test_a_complaint_decided_for_the_buyer_is_followed_with_its_refund() -> None:
    merchant = uuid4()
    made = make_invoice(10_000, merchant_id=merchant)
    escrow = facade.escrow_for(reference=made.reference)
    assert escrow is not None
    dispute = facade.open_complaint(key=uuid4(), escrow_id=escrow.id, reason="damaged")
    facade.decide(dispute_id=dispute.id, refund=cny(3_000), reason="wet")
    for _ in range(2):
        jobs.drain()
        outbox.drain()
    _blue, back = issued(merchant)
    assert (back.kind, back.gross, back.dispute_id) == ("red", cny(-3_000), None)
    assert back.refund_id == facade.dispute(dispute_id=dispute.id).refund_id


def test_a_lost_chargeback_is_followed_once_and_never_by_more_than_the_invoice() -> None:
    one, two = make_share(6_000, 0), make_share(4_000, 0)
    intent, payment = charged(one, two)
    made = [
        facade.issue_invoice(request_id=make_request(
            share.amount.amount, merchant_id=share.merchant_id, intent_id=intent.id).id)
        for share in (one, two)
    ]  # fmt: skip
    back = make_refund(intent, 0, 1_500)
    answer = {"status": "succeeded", "amount": 1_500, "currency": "CNY", "provider_id": "re_1"}
    facade.record_refund(refund_id=back.id, result=answer)
    outbox.drain()
    chargebacks.record(told(payment, 8_500, "needs_response"))
    outbox.drain()
    assert len(issued(one.merchant_id)) == 1, "nothing while the bank is deciding"
    lost = chargebacks.record(told(payment, 8_500, "lost"))
    assert lost is not None
    outbox.drain()
    for _ in range(2):
        red.follow_chargeback(dispute_id=lost.id)
    first, second = (issued(share.merchant_id) for share in (one, two))
    assert [(row.gross.amount, row.dispute_id) for row in first] == [
        (6_000, None), (-6_000, lost.id),
    ]  # fmt: skip
    assert first[1].reason == "return"
    assert [row.gross.amount for row in second] == [4_000, -1_500, -2_500]
    assert (second[2].dispute_id, second[2].refund_id) == (lost.id, None)
    states = {facade.invoice_request(request_id=row.request_id).state for row in made}
    assert states == {"reversed"}


def test_a_chargeback_that_was_won_leaves_the_invoice_and_an_open_one_waits() -> None:
    share = make_share(10_000, 0)
    intent, payment = charged(share)
    request = make_request(10_000, merchant_id=share.merchant_id, intent_id=intent.id)
    chargebacks.record(told(payment, 4_000, "needs_response"))
    with pytest.raises(facade.RefundInProgress):
        facade.issue_invoice(request_id=request.id)
    chargebacks.record(told(payment, 4_000, "won"))
    facade.issue_invoice(request_id=request.id)
    outbox.drain()
    assert [row.gross for row in issued(share.merchant_id)] == [cny(10_000)]


def test_an_invoice_after_a_lost_chargeback_leaves_out_what_it_took() -> None:
    share = make_share(10_000, 0)
    intent, payment = charged(share)
    request = make_request(10_000, merchant_id=share.merchant_id, intent_id=intent.id)
    chargebacks.record(told(payment, 4_000, "lost"))
    made = facade.issue_invoice(request_id=request.id)
    outbox.drain()
    assert made.gross == cny(6_000)
    assert len(issued(share.merchant_id)) == 1
