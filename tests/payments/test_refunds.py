"""Giving back: before and after availability, in parts, refused, and refused later."""

from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import clock, tenancy
from payments import facade
from payments.domain.chart import Account, Code
from payments.domain.commission import commission_back
from payments.facade import RefundShare
from payments.ledger import account_balances
from payments.models import IntentShare
from payments.services import reconcile
from tests.factories.payments import (
    GATEWAY,
    cny,
    intent_body,
    make_available,
    make_gateway,
    make_intent,
    make_paid,
    make_payee,
    make_payout,
    make_refund,
    make_share,
    refund_body,
    wire,
)

pytestmark = pytest.mark.usefixtures("books")
REFUNDS = f"{GATEWAY}/v1/refunds"


def amount_in(code: Code, owner: Any = None) -> int:
    account = Account(tenancy.current_id(), code, "CNY", owner)
    return account_balances([account])[account.id]


def settle(refund: facade.RefundInfo) -> facade.RefundInfo:
    result = facade.perform_refund(refund_id=refund.id)
    return facade.record_refund(refund_id=refund.id, result=result)


def share_of(intent: facade.IntentInfo, place: int = 0) -> IntentShare:
    return IntentShare.objects.get(intent_id=intent.id, place=place)


def paid_by_card() -> facade.IntentInfo:
    make_gateway()
    intent = make_intent()
    with wire() as mock:
        url = f"{GATEWAY}/v1/payment_intents"
        mock.post(url, json=intent_body(intent, "requires_payment_method"))
        mock.post(f"{url}/pi_{intent.id.hex}/confirm", json=intent_body(intent, "succeeded"))
        return facade.confirm_intent(intent_id=intent.id, payment_method="pm_card_visa")


def test_full_refund_before_availability() -> None:
    intent = make_paid(make_share(10_000, 500))
    merchant = intent.shares[0].merchant_id
    refund = make_refund(intent)
    assert refund.state == "pending"
    assert facade.balance(merchant_id=merchant).pending == cny(0), "held at once"
    assert amount_in(Code.COMMISSION) == 0
    done = settle(refund)
    assert (done.state, done.amount) == ("succeeded", cny(10_000))
    assert done.shares[0].commission_back == cny(500)
    assert facade.intent(intent_id=intent.id).amount_refunded == cny(10_000)
    assert amount_in(Code.OFFLINE) == 0


def test_refund_after_availability_takes_from_the_available_balance() -> None:
    intent = make_available(make_share(10_000, 500))
    merchant = intent.shares[0].merchant_id
    assert facade.balance(merchant_id=merchant).available == cny(9_500)
    settle(make_refund(intent, 4_000))
    found = facade.balance(merchant_id=merchant)
    assert (found.available, found.owed) == (cny(9_500 - 3_800), cny(0))
    assert amount_in(Code.COMMISSION) == 300
    assert amount_in(Code.OFFLINE) == 6_000


def test_refund_after_payout_is_owed_and_taken_from_the_next_release() -> None:
    merchant = make_payee()
    intent = make_available(make_share(10_000, 0, merchant_id=merchant))
    make_payout(merchant)
    settle(make_refund(intent, 6_000))
    assert facade.balance(merchant_id=merchant).owed == cny(6_000)
    make_available(make_share(2_500, 0, merchant_id=merchant))
    found = facade.balance(merchant_id=merchant)
    assert (found.owed, found.available) == (cny(3_500), cny(0))
    make_available(make_share(5_000, 0, merchant_id=merchant))
    found = facade.balance(merchant_id=merchant)
    assert (found.owed, found.available) == (cny(0), cny(1_500))


def test_never_above_what_was_paid() -> None:
    intent = make_paid(make_share(10_000, 500))
    with pytest.raises(facade.RefundTooLarge) as caught:
        make_refund(intent, 10_001)
    assert caught.value.params["refundable"] == {"amount": 10_000, "currency": "CNY"}
    make_refund(intent, 7_000)
    with pytest.raises(facade.RefundTooLarge) as caught:
        make_refund(intent, 3_001)
    assert caught.value.params["refundable"] == {"amount": 3_000, "currency": "CNY"}
    make_refund(intent, 3_000)
    with pytest.raises(facade.RefundTooLarge):
        make_refund(intent, 1)


def test_what_cannot_be_refunded() -> None:
    with pytest.raises(facade.IntentNotRefundable):
        make_refund(make_intent(), 1)
    intent = make_paid()
    share = intent.shares[0]

    def ask(**changes: Any) -> None:
        part = RefundShare(
            **{
                "merchant_id": share.merchant_id,
                "reference": share.reference,
                "amount": cny(5),
                **changes,
            }
        )
        make_refund(intent, shares=[part])

    wrong: dict[str, Any]
    for wrong in ({"merchant_id": uuid4()}, {"reference": "ord_other"}):
        with pytest.raises(facade.InvalidShares):
            ask(**wrong)
    for wrong in (
        {"amount": cny(0)}, {"amount": cny(-5)}, {"commission_back": cny(6)},
        {"commission_back": cny(-1)},
    ):  # fmt: skip
        with pytest.raises(facade.RefundTooLarge):
            ask(**wrong)
    with pytest.raises(facade.InvalidShares):
        make_refund(intent, shares=[])
    twice = RefundShare(share.merchant_id, share.reference, cny(5))
    with pytest.raises(facade.InvalidShares):
        make_refund(intent, shares=[twice, twice])


def test_same_key_is_the_same_refund() -> None:
    intent, key = make_paid(), uuid4()
    first = make_refund(intent, 100, key=key)
    assert make_refund(intent, 100, key=key).id == first.id
    assert share_of(intent).refunded == 100
    with pytest.raises(facade.KeyReused):
        make_refund(intent, 101, key=key)
    settle(first)
    settle(first)
    assert amount_in(Code.OFFLINE) == 9_900


def test_a_refused_refund_frees_what_was_held() -> None:
    intent = paid_by_card()
    refund = make_refund(intent)
    with wire() as mock:
        mock.post(REFUNDS, json=refund_body(refund, "failed", failure_reason="lost_card"))
        failed = settle(refund)
    assert (failed.state, failed.failure_code) == ("failed", "lost_card")
    assert facade.balance(merchant_id=intent.shares[0].merchant_id).pending == cny(9_500)
    assert facade.intent(intent_id=intent.id).amount_refunded == cny(0)
    assert make_refund(intent).amount == cny(10_000), "it may be asked for again"


def test_a_share_released_while_its_refund_fails_becomes_available_in_whole() -> None:
    intent = paid_by_card()
    merchant = intent.shares[0].merchant_id
    refund = make_refund(intent, 4_000)
    facade.schedule_availability(
        reference=intent.shares[0].reference, available_at=clock.business()
    )
    assert facade.release_due() == 1
    found = facade.balance(merchant_id=merchant)
    assert (found.pending, found.available) == (cny(0), cny(9_500 - 3_800))
    facade.record_refund(refund_id=refund.id, result={"status": "rejected", "code": "no"})
    found = facade.balance(merchant_id=merchant)
    assert (found.pending, found.available) == (cny(0), cny(9_500))


@pytest.mark.parametrize("released", [False, True])
def test_a_refund_that_comes_back_later_is_reversed(released: bool) -> None:
    intent = paid_by_card()
    share = intent.shares[0]
    refund = make_refund(intent, 4_000)
    with wire() as mock:
        mock.post(REFUNDS, json=refund_body(refund, "succeeded"))
        assert settle(refund).state == "succeeded"
    assert amount_in(Code.GATEWAY) == 6_000
    if released:
        facade.schedule_availability(reference=share.reference, available_at=clock.business())
        facade.release_due()
    back = {"status": "failed", "code": "expired_or_canceled_card", "provider_id": "re_1"}
    assert facade.record_refund(refund_id=refund.id, result=back).state == "failed"
    facade.record_refund(refund_id=refund.id, result=back)
    found = facade.balance(merchant_id=share.merchant_id)
    assert (found.available if released else found.pending) == cny(9_500)
    assert (amount_in(Code.GATEWAY), amount_in(Code.COMMISSION)) == (10_000, 500)


def test_an_owed_refund_that_comes_back_after_it_was_recovered() -> None:
    merchant = make_payee()
    intent = make_available(make_share(10_000, 0, merchant_id=merchant))
    make_payout(merchant)
    refund = make_refund(intent, 6_000)
    settle(refund)
    make_available(make_share(8_000, 0, merchant_id=merchant))
    assert facade.balance(merchant_id=merchant).available == cny(2_000)
    facade.record_refund(refund_id=refund.id, result={"status": "failed", "code": "late"})
    found = facade.balance(merchant_id=merchant)
    assert (found.available, found.owed) == (cny(8_000), cny(0))


def test_a_lost_answer_is_found_again() -> None:
    intent = paid_by_card()
    refund = make_refund(intent)
    with wire() as mock:
        mock.post(REFUNDS, body=requests.exceptions.ReadTimeout())
        assert settle(refund).state == "pending"
    with clock.frozen(clock.system() + timedelta(hours=1)), wire() as mock:
        mock.get(REFUNDS, json={"data": [refund_body(refund, "succeeded")], "has_more": False})
        assert reconcile.reconcile()["refunds"] == 1
    assert facade.refund(refund_id=refund.id).state == "succeeded"


def test_an_old_refund_is_looked_for_before_it_is_sent_again() -> None:
    intent = paid_by_card()
    refund = make_refund(intent)
    with wire() as mock:
        mock.post(REFUNDS, body=requests.exceptions.ReadTimeout())
        settle(refund)
    with clock.frozen(clock.system() + timedelta(hours=30)), wire() as mock:
        mock.get(REFUNDS, json={"data": [refund_body(refund, "succeeded")], "has_more": False})
        assert settle(refund).state == "succeeded"
        assert [call.request.method for call in mock.calls] == ["GET"]


def test_a_refund_the_gateway_never_saw_is_sent_again() -> None:
    intent = paid_by_card()
    refund = make_refund(intent)
    with clock.frozen(clock.system() + timedelta(hours=1)), wire() as mock:
        mock.get(REFUNDS, json={"data": [], "has_more": False})
        sent = mock.post(REFUNDS, json=refund_body(refund, "pending"))
        reconcile.reconcile()
        assert sent.call_count == 1
    assert facade.refund(refund_id=refund.id).state == "pending"
    with clock.frozen(clock.system() + timedelta(hours=2)), wire() as mock:
        mock.get(f"{REFUNDS}/re_{refund.id.hex}", json=refund_body(refund, "succeeded"))
        reconcile.reconcile()
    assert facade.refund(refund_id=refund.id).state == "succeeded"


@given(
    amount=st.integers(1, 10**9),
    rate=st.integers(0, 10_000),
    cuts=st.lists(st.integers(0, 10**9), max_size=8),
)
def test_commission_goes_back_right_to_the_fen(amount: int, rate: int, cuts: list[int]) -> None:
    """In whatever parts a share is refunded, the parts of its commission sum to it exactly."""
    commission = amount * rate // 10_000
    marks = [0, *sorted(cut % (amount + 1) for cut in cuts), amount]
    refunded = returned = 0
    for low, high in pairwise(marks):
        if high == low:
            continue
        back = commission_back(
            amount=amount, commission=commission, refunded=refunded, returned=returned,
            refund=high - low, rule="proportional",
        )  # fmt: skip
        assert 0 <= back <= high - low
        refunded, returned = high, returned + back
        assert abs(returned * amount - commission * refunded) <= amount, "never off by a fen"
    assert (refunded, returned) == (amount, commission)


def test_the_rule_none_keeps_the_commission() -> None:
    assert (
        commission_back(amount=100, commission=5, refunded=0, returned=0, refund=100, rule="none")
        == 0
    )


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    shares=st.lists(
        st.tuples(
            st.integers(2, 5_000),
            st.integers(0, 30),
            st.booleans(),
            st.sampled_from([0, 0, 1, 777, 20_000]),
        ),
        min_size=1,
        max_size=3,
    ),
    steps=st.lists(
        st.tuples(st.integers(0, 2), st.integers(1, 5_000), st.sampled_from(["ok", "no", "later"])),
        max_size=6,
    ),
)
def test_any_refunds_leave_every_share_right(
    books: Any, shares: list[tuple[int, int, bool, int]], steps: list[tuple[int, int, str]]
) -> None:
    """Random partial refunds, some refused, some refused later, of shares released or not, some
    with a part that the platform paid."""
    owner = uuid4()
    intent = make_paid(
        *[
            make_share(a, (a + ours) * r // 100, merchant_id=owner if same else None, subsidy=ours)
            for a, r, same, ours in shares
        ]
    )
    base = {code: amount_in(code) for code in (Code.OFFLINE, Code.COMMISSION, Code.SUBSIDY)}
    expected = [0] * len(shares)
    for place, amount, fate in steps:
        share = intent.shares[place % len(shares)]
        here = intent.shares.index(share)
        if amount % 3 == 0:
            facade.schedule_availability(reference=share.reference, available_at=clock.business())
            facade.release_due()
        if expected[here] + amount > share.amount.amount:
            continue
        part = RefundShare(share.merchant_id, share.reference, cny(amount))
        refund = make_refund(intent, shares=[part])
        if fate != "no":
            assert settle(refund).state == "succeeded"
        if fate != "ok":
            result = {"status": "failed", "code": "no"}
            facade.record_refund(refund_id=refund.id, result=result)
        else:
            expected[here] += amount
    trial = facade.trial_balance()
    assert trial.balanced, trial.problems
    back = ours_back = 0
    for place, row in enumerate(IntentShare.objects.filter(intent_id=intent.id).order_by("place")):
        assert row.refunded == expected[place]
        for whole, gone in (
            (row.commission, row.commission_refunded),
            (row.subsidy, row.subsidy_refunded),
        ):
            assert abs(gone * row.amount - whole * row.refunded) <= row.amount
            assert gone == whole or row.refunded < row.amount
        back += row.commission_refunded
        ours_back += row.subsidy_refunded
    assert amount_in(Code.OFFLINE) == base[Code.OFFLINE] - sum(expected)
    assert amount_in(Code.COMMISSION) == base[Code.COMMISSION] - back
    assert amount_in(Code.SUBSIDY) == base[Code.SUBSIDY] - ours_back
    for merchant in {share.merchant_id for share in intent.shares}:
        rows = [
            r for r in IntentShare.objects.filter(intent_id=intent.id) if r.merchant_id == merchant
        ]
        net = sum(r.net - (r.refunded + r.subsidy_refunded - r.commission_refunded) for r in rows)
        found = facade.balance(merchant_id=merchant)
        assert (found.pending + found.available - found.owed).amount == net
