"""The platform's part of a discount through what goes wrong: chargebacks, failed inspections,
complaints, captures in part. Each party's amount, to the fen; the books tie after every step."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import clock, jobs
from payments import facade
from payments.contracts_guarantee import EscrowInfo
from payments.domain.commission import commission_back, subsidy_back
from payments.errors import NotCapturable, RefundTooLarge
from payments.facade import IntentInfo, RefundInfo, RefundShare, Share
from payments.models import IntentShare
from payments.selectors.ledger_statement import ledger_statement
from payments.selectors.statements import payout_statement, statement
from payments.services import capture_intent, chargebacks, guarantee
from tests.factories.payments import (
    cny,
    make_gateway,
    make_intent,
    make_paid,
    make_payee,
    make_payout,
    make_refund,
    make_share,
)
from tests.payments.test_disputes import charged, complain, told
from tests.payments.test_escrow import stands
from tests.payments.test_inspections import report
from tests.payments.test_inspections import rule as rule

pytestmark = pytest.mark.usefixtures("books")


def order(**fields: Any) -> Share:
    """Goods for 100.00: the buyer pays 80.00 and the platform 20.00; a commission of 5.00."""
    return make_share(8_000, 500, subsidy=2_000, **fields)


def booked() -> dict[str, int]:
    """Posted debits less credits by account code, zeros left out; together nothing."""
    found: Counter[str] = Counter()
    trial = facade.trial_balance()
    assert trial.balanced, trial.problems
    for row in trial.rows:
        found[row.code] += row.debits_posted - row.credits_posted
    assert sum(found.values()) == 0
    return {code: amount for code, amount in found.items() if amount}


def tied(*shares: Share) -> None:
    """Each merchant's statement says what its accounts say."""
    for share in shares:
        found = statement(merchant_id=share.merchant_id, currency="CNY")
        pending, available, reserved, owed = stands(share.merchant_id)
        assert found.tied
        assert found.total.net == cny(pending + available + reserved - owed)


def give(intent: IntentInfo, *amounts: int, **fields: Any) -> RefundInfo:
    """A refund that the gateway carries out."""
    refund = make_refund(intent, *amounts, **fields)
    result = {"status": "succeeded", "amount": refund.amount.amount, "currency": "CNY"}
    return facade.record_refund(refund_id=refund.id, result=result)


def escrow_of(share: Share) -> EscrowInfo:
    found = facade.escrow_for(reference=share.reference)
    assert found is not None
    return found


def release(share: Share) -> None:
    facade.schedule_availability(reference=share.reference, available_at=clock.business())
    assert facade.release_due() == 1


AT_GATEWAY = 12_000 - 290  # both orders, less the gateway's fee
PAID = {
    "gateway": AT_GATEWAY, "gateway_fee": 290, "merchant_pending": -13_300, "commission": -700,
    "subsidy": 2_000,
}  # fmt: skip


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_chargeback_of_all(status: str) -> None:
    ours, plain = order(), make_share(4_000, 200)
    intent, payment = charged(ours, plain)
    assert booked() == PAID
    chargebacks.record(told(payment, 12_000, "needs_response"))
    fee = {"gateway": AT_GATEWAY - 1_500, "dispute_fee": 1_500}
    contested = {"gateway": AT_GATEWAY - 13_500, "contested": 12_000}
    assert booked() == {**PAID, **fee, **contested}
    chargebacks.record(told(payment, 12_000, status))
    if status == "won":
        assert booked() == {**PAID, **fee}, "the platform bears the gateway's fee"
        assert stands(ours.merchant_id) == (9_500, 0, 0, 0)
        give(facade.intent(intent_id=intent.id))
        assert booked() == {"gateway": -1_790, "gateway_fee": 290, "dispute_fee": 1_500}
    else:
        assert booked() == {"gateway": -1_790, "gateway_fee": 290, "merchant_owed": 1_500}
        assert stands(ours.merchant_id) == (0, 0, 0, 1_000)
        assert stands(plain.merchant_id) == (0, 0, 0, 500)
        assert escrow_of(ours).subsidy == cny(0)
    tied(ours, plain)


@pytest.mark.parametrize("released", [False, True])
@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_chargeback_of_a_part_with_a_refund_meanwhile(status: str, released: bool) -> None:
    """The refund takes its own part of the subsidy and the commission, not the contested one's."""
    share = order()
    intent, payment = charged(share)
    if released:
        release(share)
    chargebacks.record(told(payment, 3_000, "needs_response"))
    if released:
        assert stands(share.merchant_id) == (0, 5_750, 3_750, 0), "with the platform's part of it"
    [part] = give(intent, 2_000).shares
    assert (part.subsidy_back, part.commission_back) == (cny(500), cny(125))
    chargebacks.record(told(payment, 3_000, status))
    merchant = 9_500 - (2_000 + 500 - 125)
    if status == "lost":
        merchant -= 3_000 + 750 - 188
    fee = 1_500 if status == "lost" else 0
    pending, available, reserved, owed = stands(share.merchant_id)
    assert pending + available - owed == merchant - fee
    assert (reserved, owed) == (0, 0 if released else fee)
    now = booked()
    lost = status == "lost"
    assert (now["subsidy"], now["commission"]) == ((750, -187) if lost else (1_500, -375))
    tied(share)
    give(facade.intent(intent_id=intent.id))
    assert booked() == {
        "gateway": -1_790, "gateway_fee": 290,
        **({"merchant_owed": 1_500} if lost else {"dispute_fee": 1_500}),
    }  # fmt: skip
    tied(share)


def test_a_failed_inspection(rule: Any) -> None:
    """All is given back, also after a return that gave back none of the platform's part."""
    rule("refund")
    for returned in (0, 4_000):
        share = order()
        intent = make_paid(share)
        if returned:
            part = RefundShare(
                share.merchant_id, share.reference, cny(returned), subsidy_back=cny(0)
            )
            give(intent, shares=[part])
            assert stands(share.merchant_id) == (5_750, 0, 0, 0)
        assert report(escrow_of(share), "failed").effect == "refunded"
        jobs.drain()
        after = escrow_of(share)
        assert (after.state, after.refunded, after.subsidy) == ("returned", cny(8_000), cny(0))
        assert booked() == {}
        tied(share)


def test_an_inspection_of_a_part() -> None:
    """Half is as agreed; of what the platform paid nearly alone, the buyer gets one fen."""
    share, nearly = order(), make_share(1, 500, subsidy=9_999)
    make_paid(share)
    make_paid(nearly)
    for one in (share, nearly):
        facade.inspected(
            escrow_id=escrow_of(one).id, report="R-1", released_share=Decimal("0.5"), rest="refund"
        )
        jobs.drain()
        assert stands(one.merchant_id) == (0, 4_750, 0, 0)
    assert booked() == {
        "offline": 4_000, "merchant_available": -9_500, "commission": -500, "subsidy": 6_000,
    }  # fmt: skip
    assert (escrow_of(share).refunded, escrow_of(nearly).refunded) == (cny(4_000), cny(1))
    tied(share, nearly)


@given(
    st.integers(1, 9_999), st.integers(0, 9_999), st.integers(0, 100), st.integers(0, 100),
    st.lists(st.tuples(st.integers(1, 5_000), st.integers(0, 100) | st.none()), max_size=4),
    st.sampled_from(["proportional", "full", "none"]),
)  # fmt: skip
def test_what_an_inspection_gives_back_can_be_given(
    amount: int, subsidy: int, percent: int, released: int,
    refunds: list[tuple[int, int | None]], rule: str,
) -> None:  # fmt: skip
    """Whatever was refunded and released before: within what is left of each party's part."""
    commission = (amount + subsidy) * percent // 100
    share = IntentShare(
        amount=amount, subsidy=subsidy, commission=commission, currency="CNY", captured=True
    )
    for asked, explicit in refunds:
        refund = min(asked, share.amount - share.refunded - 1)
        if refund < 1:
            continue
        known = {"amount": amount, "refunded": share.refunded, "refund": refund}
        ours = subsidy_back(**known, subsidy=subsidy, returned=share.subsidy_refunded)
        if explicit is not None:
            ours = (subsidy - share.subsidy_refunded) * explicit // 100
        back = commission_back(
            **known, commission=commission, returned=share.commission_refunded, rule=rule,
            subsidy_back=ours,
        )  # fmt: skip
        share.taken += min(refund + ours - back, share.held)
        share.refunded += refund
        share.subsidy_refunded += ours
        share.commission_refunded += back
    share.released = share.held * released // 100
    if not share.held:
        return
    buyer, ours = guarantee._gross(share)
    assert 0 < buyer <= share.amount - share.refunded
    assert 0 <= ours <= share.subsidy - share.subsidy_refunded
    assert 0 <= buyer + ours - share.held <= share.commission - share.commission_refunded


def test_a_complaint_decided_in_part() -> None:
    share = order()
    make_paid(share)
    dispute = complain(escrow_of(share), 4_000)
    facade.decide(dispute_id=dispute.id, refund=cny(3_000), reason="some")
    jobs.drain()
    after = escrow_of(share)
    assert (after.state, after.refunded, after.held) == ("held", cny(3_000), cny(5_938))
    expected = {"offline": 5_000, "merchant_pending": -5_938, "commission": -312, "subsidy": 1_250}
    assert booked() == expected
    release(share)
    dispute = complain(escrow_of(share))
    assert stands(share.merchant_id) == (0, 0, 5_938, 0)
    facade.decide(dispute_id=dispute.id, refund=cny(1_000), reason="a little more")
    jobs.drain()
    assert booked() == {
        "offline": 4_000, "merchant_available": -4_750, "commission": -250, "subsidy": 1_000,
    }  # fmt: skip
    tied(share)


def test_the_platforms_part_goes_back_alone() -> None:
    """An article that the platform paid comes back: no gateway is asked, no invoice taken back."""
    share = order()
    intent = make_paid(share)
    part = RefundShare(share.merchant_id, share.reference, cny(0), cny(0), cny(1_500))
    for nothing in (cny(0), None, cny(2_001)):
        alone = replace(part, subsidy_back=nothing)
        with pytest.raises(RefundTooLarge):
            facade.prepare_refund(key=uuid4(), intent_id=intent.id, shares=[alone])
    done = facade.refund_intent(key=uuid4(), intent_id=intent.id, shares=[part])
    assert (done.state, done.amount) == ("succeeded", cny(0))
    assert booked() == {
        "offline": 8_000, "commission": -500, "merchant_pending": -8_000, "subsidy": 500,
    }  # fmt: skip
    tied(share)
    assert escrow_of(share).subsidy == cny(500)
    give(facade.intent(intent_id=intent.id), 8_000)
    assert booked() == {}
    tied(share)


def test_a_capture_in_part_then_refunded_in_pieces() -> None:
    """Half of an authorisation: each part of a share is cut, and no party keeps or lacks a fen."""
    make_gateway()
    shares = (order(), make_share(3_001, 301, subsidy=333), make_share(1, 1, subsidy=3))
    intent = make_intent(*shares, capture_method="manual")
    facade.prepare_confirm(intent_id=intent.id, payment_method="pm_card_visa")
    answer = {"amount": 11_002, "currency": "CNY", "provider_id": f"pi_{intent.id.hex}"}
    facade.record_confirm(intent_id=intent.id, result={**answer, "status": "authorized"})
    with pytest.raises(NotCapturable) as refused:
        capture_intent.prepare_capture(intent_id=intent.id, amount=cny(2))
    assert refused.value.params["least"] == cny(3).as_api()
    capture_intent.prepare_capture(intent_id=intent.id, amount=cny(5_000))
    facade.record_confirm(
        intent_id=intent.id, result={**answer, "status": "succeeded", "amount": 5_000, "fee": 0}
    )
    done = facade.intent(intent_id=intent.id)
    cut = [(s.amount.amount, s.subsidy.amount, s.commission.amount) for s in done.shares]
    assert cut == [(3_635, 908, 227), (1_364, 151, 136), (1, 3, 1)]
    whole = [sum(parts) for parts in zip(*cut, strict=True)]
    assert whole[0] == 5_000
    assert booked() == {
        "gateway": 5_000, "subsidy": whole[1], "commission": -whole[2],
        "merchant_pending": -sum(whole[:2]) + whole[2],
    }  # fmt: skip
    release(shares[1])
    for pieces in ((1, 1, 0), (1_211, 454, 0), (1_212, 455, 1), (1_210, 453, 0), (1, 1, 0)):
        give(done, *pieces)
        for row in IntentShare.objects.filter(intent_id=intent.id):
            for part, gone in (
                (row.subsidy, row.subsidy_refunded),
                (row.commission, row.commission_refunded),
            ):
                assert abs(gone * row.amount - part * row.refunded) * 2 <= row.amount
        tied(*shares)
    assert booked() == {}


def test_payouts_statements_and_the_rows_to_reconcile() -> None:
    merchant = make_payee()
    first, second = order(merchant_id=merchant), order(merchant_id=merchant)
    intent, payment = charged(first)
    release(first)
    charged(second)
    release(second)
    give(intent, 4_000)
    payout = make_payout(merchant)
    assert payout.amount == cny(9_500 + 4_750)
    told_of = payout_statement(payout_id=payout.id)
    assert (told_of.tied, told_of.closing, told_of.orders.tied) == (True, cny(0), True)
    assert told_of.orders.total.net == payout.amount
    lines = {line.reference: line for line in told_of.orders.lines}
    line = lines[first.reference]
    assert (line.gross, line.refund, line.commission, line.net) == (
        cny(10_000), cny(5_000), cny(250), cny(4_750),
    )  # fmt: skip
    dispute = complain(escrow_of(second))
    refund = facade.decide(dispute_id=dispute.id, refund=cny(1_000), reason="some").refund_id
    assert refund is not None
    result = {"status": "succeeded", "amount": 1_000, "currency": "CNY"}
    facade.record_refund(refund_id=refund, result=result)
    assert stands(merchant)[3] == 1_000 + 250 - 63, "paid out: it owes the platform's part too"
    facade.record_refund(refund_id=refund, result={"status": "failed", "code": "expired_card"})
    chargebacks.record(told(payment, 4_000, "lost"))
    found = statement(merchant_id=merchant, currency="CNY")
    assert found.tied
    lines = {line.reference: line for line in found.lines}
    assert (lines[first.reference].net, lines[first.reference].fee) == (cny(-1_500), cny(1_500))
    assert lines[second.reference].net == cny(9_500)
    zone, today = ZoneInfo("Asia/Shanghai"), clock.system().date()
    days = timedelta(days=1)
    rows = ledger_statement(today - days, today + days, zone).rows
    at_gateway = sorted((row.kind, row.amount) for row in rows)
    assert at_gateway == [
        ("charge", 8_000), ("charge", 8_000), ("dispute", -4_000), ("refund", -4_000),
        ("refund", -1_000), ("refund_failure", 1_000),
    ]  # fmt: skip
    assert sum(row.amount - row.fee for row in rows) == booked()["gateway"]
