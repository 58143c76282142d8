"""Complaints and chargebacks: frozen while open, decided once, booked to the fen."""

from base64 import b64encode
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import pytest

from kernel import clock, jobs, tenancy
from kernel.errors import Conflict, Invalid
from payments import facade
from payments.domain.chart import Account, Code
from payments.facade import DisputeInfo, EscrowInfo
from payments.ledger import account_balances
from payments.models import PaymentIntent
from payments.services import chargebacks, webhook
from payments.services.disputes import pass_overdue
from tests.factories.payments import cny as cny
from tests.factories.payments import (
    event,
    make_gateway,
    make_intent,
    make_paid,
    make_payee,
    make_payout,
    make_refund,
    make_share,
    signed,
    wire,
)
from tests.factories.platforms import api_client, make_key, make_merchant
from tests.payments.test_escrow import held, opened, stands

pytestmark = pytest.mark.usefixtures("books")
PDF = b"%PDF-1.7 a waybill"


def complain(escrow: EscrowInfo, amount: int | None = None, **fields: Any) -> DisputeInfo:
    return facade.open_complaint(
        **{
            "key": uuid4(),
            "escrow_id": escrow.id,
            "reason": "damaged",
            "text": "wet",
            "amount": None if amount is None else cny(amount),
            **fields,
        }
    )


def code(name: str) -> int:
    """The platform's account on its own side: what it has, or owes."""
    account = Account(tenancy.current_id(), Code(name), "CNY")
    return account_balances([account])[account.id]


class TestComplaint:
    def test_freezes_and_a_decision_for_the_merchant_frees(self) -> None:
        escrow = held()
        facade.deliver_escrow(escrow_id=escrow.id)
        dispute = complain(escrow)
        assert (dispute.state, dispute.amount) == ("needs_response", cny(10_000))
        assert dispute.evidence[0].text == "wet"
        assert facade.escrow(escrow_id=escrow.id).state == "frozen"
        with pytest.raises(facade.EscrowFrozen):
            facade.accept_escrow(escrow_id=escrow.id)
        with clock.offset(timedelta(days=99)):
            assert facade.release_due() == 0
        assert facade.answer(dispute_id=dispute.id, text="dry").state == "under_review"
        done = facade.decide(dispute_id=dispute.id, refund=None, reason="dry")
        assert done.state == "won"
        assert facade.escrow(escrow_id=escrow.id).state == "held"
        with clock.offset(timedelta(days=99)):
            assert facade.release_due() == 1
        assert stands(escrow.merchant_id) == (0, 10_000, 0, 0)

    def test_a_part_for_the_buyer(self) -> None:
        share = make_share(10_000, 500)
        make_paid(share)
        escrow = facade.escrow_for(reference=share.reference)
        assert escrow is not None
        dispute = complain(escrow, 4_000)
        done = facade.decide(dispute_id=dispute.id, refund=cny(3_000), reason="some")
        assert (done.state, done.refunded) == ("lost", cny(3_000))
        again = facade.decide(dispute_id=dispute.id, refund=cny(3_000), reason="some")
        assert again.version == done.version
        jobs.drain()
        after = facade.escrow(escrow_id=escrow.id)
        assert (after.state, after.refunded.amount, after.held.amount) == ("held", 3_000, 6_650)
        with pytest.raises(facade.DisputeClosed):
            facade.withdraw_complaint(dispute_id=dispute.id)

    def test_after_the_release_it_keeps_back_what_there_is(self) -> None:
        share = make_share(10_000, 0)
        make_paid(share)
        escrow = facade.escrow_for(reference=share.reference)
        assert escrow is not None
        facade.accept_escrow(escrow_id=escrow.id)
        dispute = complain(escrow, 6_000)
        assert stands(share.merchant_id) == (0, 4_000, 6_000, 0)
        assert facade.escrow(escrow_id=escrow.id).state == "frozen"
        facade.withdraw_complaint(dispute_id=dispute.id)
        assert stands(share.merchant_id) == (0, 10_000, 0, 0)
        assert facade.escrow(escrow_id=escrow.id).state == "released"
        second = complain(escrow, 6_000)
        facade.decide(dispute_id=second.id, refund=cny(6_000), reason="all")
        jobs.drain()
        assert stands(share.merchant_id) == (0, 4_000, 0, 0)

    def test_after_the_payout_the_merchant_owes(self) -> None:
        merchant = make_payee()
        share = make_share(10_000, 0, merchant_id=merchant)
        make_paid(share)
        escrow = facade.escrow_for(reference=share.reference)
        assert escrow is not None
        facade.accept_escrow(escrow_id=escrow.id)
        make_payout(merchant)
        dispute = complain(escrow)
        assert stands(merchant) == (0, 0, 0, 0)
        facade.decide(dispute_id=dispute.id, refund=cny(10_000), reason="all")
        jobs.drain(quiet=True)
        assert stands(merchant) == (0, 0, 0, 10_000)
        assert facade.balance(merchant_id=merchant, currency="CNY").free == cny(-10_000)
        other = make_share(7_000, 0, merchant_id=merchant)
        make_paid(other)
        facade.schedule_availability(reference=other.reference, available_at=clock.business())
        facade.release_due()
        assert stands(merchant) == (0, 0, 0, 3_000)

    def test_one_at_a_time_within_what_was_paid_and_in_time(self) -> None:
        escrow = held()
        with pytest.raises(Invalid):
            complain(escrow, 10_001)
        key = uuid4()
        first = complain(escrow, key=key)
        assert complain(escrow, key=key) == first
        with pytest.raises(facade.AlreadyDisputed):
            complain(escrow)
        waiting = opened()
        with pytest.raises(facade.NotDisputable):
            complain(waiting)
        over = held()
        facade.accept_escrow(escrow_id=over.id)
        with clock.offset(timedelta(days=31)), pytest.raises(facade.NotDisputable):
            complain(over)

    def test_without_an_answer_it_goes_on(self) -> None:
        dispute = complain(held())
        assert pass_overdue() == 0
        with clock.offset(timedelta(days=7, minutes=1)):
            assert pass_overdue() == 1
        after = facade.dispute(dispute_id=dispute.id)
        assert (after.state, after.answered_at) == ("under_review", None)


class TestDoor:
    def test_both_sides_and_nobody_else(self) -> None:
        escrow = opened()
        facade.confirm_intent(intent_id=escrow.intent_id, payment_method="offline_test")
        guest = api_client(None)
        body = {"escrow": escrow.public_id, "reason": "not_received"}
        assert guest.post("/disputes", {**body, "token": "wrong"}).status_code == 404
        made = guest.post("/disputes", {**body, "token": escrow.token})
        assert made.status_code == 201, made.content
        where = f"/disputes/{made.json()['id']}"
        merchant = api_client(make_key(merchant_id=escrow.merchant_id).raw)
        shown = {"file": b64encode(PDF).decode(), "name": "../waybill.pdf"}
        piece = merchant.post(f"{where}/evidence", shown)
        assert piece.status_code == 200, piece.content
        found = piece.json()["evidence"][0]
        assert found["file"]["name"] == "waybill.pdf"
        file = merchant.get(f"{where}/evidence/{found['id']}").json()
        assert file["content"] == shown["file"]
        wrong = merchant.post(f"{where}/evidence", {"file": b64encode(b"MZ exe").decode()})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "file")
        assert merchant.post(f"{where}/answer", {"text": "sent"}).json()["state"] == "under_review"
        assert merchant.post(f"{where}/decision", {"reason": "mine"}).status_code == 403
        assert merchant.post(f"{where}/withdraw", {}).status_code == 404
        other = api_client(make_key(merchant_id=make_merchant().id).raw)
        assert other.get(where).status_code == 404
        assert other.get(f"{where}/evidence/{found['id']}").status_code == 404
        operator = api_client(make_key(kind="operator").raw)
        decided = operator.post(f"{where}/decision", {"reason": "it arrived"})
        assert decided.json()["state"] == "won", decided.content


def charged(*shares: Any) -> tuple[facade.IntentInfo, str]:
    """A payment by card, of which 2.90 went as fee."""
    make_gateway()
    intent = make_intent(*shares)
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    PaymentIntent.objects.filter(id=intent.id).update(gateway_id=f"pi_{intent.id.hex}")
    amount = intent.amount.amount
    facade.record_confirm(
        intent_id=intent.id,
        result={
            "status": "succeeded", "amount": amount, "currency": "CNY", "fee": 290,
            "provider_id": f"pi_{intent.id.hex}",
        },
    )  # fmt: skip
    return facade.intent(intent_id=intent.id), f"pi_{intent.id.hex}"


def told(payment: str, amount: int, status: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": f"dp_{payment}", "object": "dispute", "payment_intent": payment, "amount": amount,
        "currency": "cny", "status": status, "reason": "fraudulent",
        "balance_transactions": [{"amount": -amount, "fee": 1500}],
        "evidence_details": {"due_by": 1_900_000_000}, **fields,
    }  # fmt: skip


class TestChargeback:
    def test_lost_takes_it_where_it_is_and_charges_the_fee(self) -> None:
        one, two = make_share(6_000, 300), make_share(4_000, 200)
        intent, payment = charged(one, two)
        at_gateway = code("gateway")
        first = chargebacks.record(told(payment, 10_000, "needs_response"))
        assert first is not None
        assert first.fee == cny(1_500)
        assert (code("contested"), code("gateway")) == (10_000, at_gateway - 11_500)
        with pytest.raises(facade.RefundTooLarge):
            make_refund(intent, 1, 0)
        assert facade.escrow_for(reference=one.reference).state == "frozen"  # type: ignore[union-attr]
        assert chargebacks.record(told(payment, 10_000, "needs_response")) == first
        lost = chargebacks.record(told(payment, 10_000, "lost"))
        assert lost is not None
        assert lost.state == "lost"
        assert code("contested") == 0
        assert code("commission") == 0
        assert stands(one.merchant_id) == (0, 0, 0, 900)  # its part of the fee
        assert stands(two.merchant_id) == (0, 0, 0, 600)
        assert code("dispute_fee") == 0
        assert facade.escrow_for(reference=one.reference).state == "returned"  # type: ignore[union-attr]
        assert chargebacks.record(told(payment, 10_000, "won")) == lost

    def test_won_gives_it_back(self) -> None:
        share = make_share(10_000, 500)
        _intent, payment = charged(share)
        facade.schedule_availability(reference=share.reference, available_at=clock.business())
        facade.release_due()
        before = code("gateway")
        chargebacks.record(told(payment, 4_000, "needs_response"))
        assert stands(share.merchant_id) == (0, 5_500, 4_000, 0)
        won = chargebacks.record(told(payment, 4_000, "won"))
        assert won is not None
        assert (won.state, won.refunded) == ("won", cny(0))
        assert stands(share.merchant_id) == (0, 9_500, 0, 0)
        assert code("gateway") == before - 1_500  # the fee stays with the gateway
        assert facade.intent(intent_id=won.intent_id).amount_refunded == cny(0)

    def test_a_second_one_over_money_that_is_contested_already(self) -> None:
        share = make_share(10_000, 500)
        _intent, payment = charged(share)
        first = chargebacks.record(told(payment, 4_000, "needs_response"))
        more = {"id": f"dp_2_{payment}", "balance_transactions": None}
        second = chargebacks.record(told(payment, 3_000, "needs_response", **more))
        assert first is not None
        assert second is not None
        assert code("contested") == 7_000
        before = stands(share.merchant_id)
        chargebacks.record(told(payment, 3_000, "lost", **more))
        assert code("contested") == 4_000
        assert code("dispute_fee") == 1_500 + 3_000, "the platform's own affair"
        assert stands(share.merchant_id) == before, "the merchant is asked once"
        escrow = facade.escrow_for(reference=share.reference)
        assert escrow is not None
        assert escrow.state == "frozen"
        assert chargebacks.record(told(payment, 4_000, "won")) is not None
        assert stands(share.merchant_id) == (9_500, 0, 0, 0)
        assert facade.trial_balance().balanced

    def test_lost_before_anybody_told_that_it_began(self) -> None:
        share = make_share(10_000, 500)
        _intent, payment = charged(share)
        lost = chargebacks.record(told(payment, 10_000, "lost", balance_transactions=None))
        assert lost is not None
        assert lost.state == "lost"
        assert stands(share.merchant_id) == (0, 0, 0, 0)

    def test_a_bank_is_stronger_than_a_complaint_and_no_operator_decides(self) -> None:
        share = make_share()
        _intent, payment = charged(share)
        escrow = facade.escrow_for(reference=share.reference)
        assert escrow is not None
        complaint = complain(escrow)
        chargeback = chargebacks.record(told(payment, 10_000, "needs_response"))
        assert chargeback is not None
        assert facade.dispute(dispute_id=complaint.id).state == "withdrawn"
        with pytest.raises(Conflict):
            facade.decide(dispute_id=chargeback.id, refund=None, reason="no")

    def test_the_webhook_makes_us_ask_and_the_answer_is_handed_in(self) -> None:
        share = make_share()
        _intent, payment = charged(share)
        subject = told(payment, 10_000, "needs_response")
        body = event(subject, "charge.dispute.created")
        assert webhook.take_in(body=body, header=signed(body))
        with wire() as mock:
            mock.get(f"http://gateway.test:9/v1/disputes/{subject['id']}", json=subject)
            jobs.drain()
            [dispute] = facade.disputes_of(reference=share.reference)
            show = partial(facade.add_evidence, dispute_id=dispute.id, file=b"%PDF-1.7 waybill")
            show(side="merchant", name="张三.pdf", about="shipping")
            show(side="buyer", name="mine.pdf")
            with pytest.raises(facade.InvalidEvidence) as twice:
                show(side="operator", name="b.pdf", about="shipping")
            assert twice.value.field == "about"
            with pytest.raises(facade.InvalidEvidence):
                show(side="merchant", about="gossip")
            facade.answer(dispute_id=dispute.id, text="winning_evidence")
            upload = mock.post("http://gateway.test:9/v1/files", json={"id": "file_1"})
            sent = mock.post(
                f"http://gateway.test:9/v1/disputes/{subject['id']}",
                json={**subject, "status": "won"},
            )
            jobs.drain()
        [call] = upload.calls
        assert b"dispute_evidence" in call.request.body
        assert b"%PDF-1.7 waybill" in call.request.body
        assert b'filename="shipping.pdf"' in call.request.body, "names of files stay here"
        words = parse_qs(sent.calls[0].request.body)
        assert words["evidence[uncategorized_text]"] == ["winning_evidence"]
        assert words["evidence[shipping_documentation]"] == ["file_1"]
        assert facade.dispute(dispute_id=dispute.id).state == "won"

    def test_not_one_of_ours(self) -> None:
        make_gateway()
        assert chargebacks.record(told("pi_other", 100, "lost")) is None
        assert chargebacks.record(told("pi_other", 100, "warning_closed")) is None
