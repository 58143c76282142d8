"""Stored balance: topped up, paid from, refunded to, withdrawn; the books after each."""

from collections import Counter
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kernel import jobs
from kernel.money import Money
from payments import facade
from payments.facade import IntentInfo, RefundShare
from tests.factories.payments import cny, make_intent, make_share

pytestmark = pytest.mark.usefixtures("books")


def top_up(owner: UUID, amount: int) -> IntentInfo:
    intent = facade.create_topup(
        key=uuid4(), owner_id=owner, amount=cny(amount), payment_method_types=("offline_test",)
    )
    return facade.confirm_intent(intent_id=intent.id, payment_method="offline_test")


def stored(owner: UUID) -> tuple[int, int]:
    """What is available and what is frozen."""
    found = facade.wallet_balances(owner_id=owner)
    return (found[0].available.amount, found[0].frozen.amount) if found else (0, 0)


def paid_from(owner: UUID, *amounts: int) -> IntentInfo:
    shares = [make_share(amount, amount // 20) for amount in amounts]
    intent = make_intent(*shares, payer_id=owner, payment_method_types=("wallet",))
    return facade.confirm_intent(intent_id=intent.id, payment_method="wallet")


def codes() -> dict[str, int]:
    """Posted debits less credits by account code."""
    found: Counter[str] = Counter()
    for row in facade.trial_balance().rows:
        found[row.code] += row.debits_posted - row.credits_posted
    return {code: amount for code, amount in found.items() if amount}


def test_a_top_up_is_spent_on_two_merchants_and_comes_back() -> None:
    owner = uuid4()
    top_up(owner, 20_000)
    assert codes() == {"offline": 20_000, "wallet": -20_000}
    intent = paid_from(owner, 10_000, 4_000)
    assert intent.state == "succeeded"
    assert stored(owner) == (6_000, 0)
    assert codes() == {
        "offline": 20_000, "wallet": -6_000, "merchant_pending": -13_300, "commission": -700,
    }  # fmt: skip
    share = intent.shares[0]
    part = RefundShare(share.merchant_id, share.reference, cny(4_000))
    refund = facade.refund_intent(key=uuid4(), intent_id=intent.id, shares=[part])
    assert refund.state == "succeeded"
    assert stored(owner) == (10_000, 0)
    kinds = [one.type for one in facade.wallet_movements_page(owner_id=owner).items]
    assert kinds == ["wallet_refund", "wallet_payment", "topup"]


def test_too_little_is_a_decline_and_a_top_up_helps() -> None:
    owner = uuid4()
    top_up(owner, 9_999)
    intent = paid_from(owner, 10_000)
    assert (intent.state, intent.failure_code) == ("requires_payment_method", "insufficient_funds")
    assert stored(owner) == (9_999, 0)
    top_up(owner, 1)
    again = facade.confirm_intent(intent_id=intent.id, payment_method="wallet")
    assert again.state == "succeeded"
    assert stored(owner) == (0, 0)


def test_nobody_elses_wallet_pays() -> None:
    intent = make_intent(payment_method_types=("wallet",))
    with pytest.raises(facade.InvalidPaymentMethod):
        facade.confirm_intent(intent_id=intent.id, payment_method="wallet")


def test_a_card_payment_may_be_refunded_to_the_wallet() -> None:
    owner = uuid4()
    share = make_share(10_000, 500)
    intent = make_intent(share, payer_id=owner)
    facade.confirm_intent(intent_id=intent.id, payment_method="offline_test")
    part = RefundShare(share.merchant_id, share.reference, cny(2_500))
    facade.refund_intent(key=uuid4(), intent_id=intent.id, shares=[part], to_wallet=True)
    assert stored(owner) == (2_500, 0)
    assert codes()["offline"] == 10_000
    stranger = make_intent(make_share())
    facade.confirm_intent(intent_id=stranger.id, payment_method="offline_test")
    whole = RefundShare(
        stranger.shares[0].merchant_id, stranger.shares[0].reference, stranger.amount
    )
    with pytest.raises(facade.IntentNotRefundable):
        facade.refund_intent(key=uuid4(), intent_id=stranger.id, shares=[whole], to_wallet=True)


def test_a_withdrawal_goes_back_over_the_latest_top_ups() -> None:
    owner, key = uuid4(), uuid4()
    first, second = top_up(owner, 5_000), top_up(owner, 3_000)
    made = facade.withdraw(key=key, owner_id=owner, amount=cny(4_000))
    assert [(one.intent_id, one.amount.amount) for one in made] == [
        (second.id, 3_000),
        (first.id, 1_000),
    ]
    assert stored(owner) == (4_000, 0)
    again = facade.withdraw(key=key, owner_id=owner, amount=cny(4_000))
    assert {one.id for one in again} == {one.id for one in made}
    jobs.drain()
    assert codes() == {"offline": 4_000, "wallet": -4_000}


def test_what_was_spent_or_came_from_refunds_cannot_be_withdrawn() -> None:
    owner = uuid4()
    top_up(owner, 5_000)
    paid_from(owner, 2_000)
    with pytest.raises(facade.NotWithdrawable) as caught:
        facade.withdraw(key=uuid4(), owner_id=owner, amount=cny(3_001))
    assert caught.value.params["withdrawable"] == {"amount": 3_000, "currency": "CNY"}
    with pytest.raises(facade.NotWithdrawable):
        facade.withdraw(key=uuid4(), owner_id=owner, amount=Money(1, "USD"))


STEPS = st.lists(
    st.tuples(st.sampled_from(["topup", "pay", "refund", "withdraw"]), st.integers(1, 900)),
    max_size=12,
)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS)
def test_whatever_happens_the_wallet_is_what_came_less_what_went(steps: list[Any]) -> None:
    owner, expected, payments = uuid4(), 0, []
    for step, amount in steps:
        if step == "topup":
            top_up(owner, amount)
            expected += amount
        elif step == "pay":
            intent = paid_from(owner, amount)
            assert (intent.state == "succeeded") == (amount <= expected)
            if intent.state == "succeeded":
                payments.append(intent)
                expected -= amount
        elif step == "refund" and payments:
            intent = payments.pop()
            share = intent.shares[0]
            whole = RefundShare(share.merchant_id, share.reference, intent.amount)
            facade.refund_intent(key=uuid4(), intent_id=intent.id, shares=[whole])
            expected += intent.amount.amount
        elif step == "withdraw":
            try:
                facade.withdraw(key=uuid4(), owner_id=owner, amount=cny(amount))
                expected -= amount
            except facade.NotWithdrawable:
                pass
        assert stored(owner)[0] == expected >= 0
        assert codes().get("wallet_clearing", 0) == 0
