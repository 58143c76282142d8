"""Random lives of payments against a model: confirmed, declined, left for another way, authorised,
captured, given up, refunded, with answers that get lost and news that comes late, or again.

At every step a payment is where the model allows it to be and the ledger has what is recorded; in
the end everything is asked once more, and ledger and providers must hold the same money.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kernel import clock
from kernel.errors import InvalidTransition
from payments import facade
from payments.contracts import ALIPAY, AUTHORIZED, CANCELED, CARD, DECLINED, IDLE, SUCCEEDED
from payments.errors import IntentNotRefundable, NotCapturable
from payments.facade import RefundShare
from payments.models import Attempt, LateCharge, PaymentIntent
from payments.services.reconcile import reconcile
from tests.factories.payments import cny, make_intent, make_share
from tests.payments.intent_model import AFTER, ASKS, BEFORE, CODE, NO, OK, Payment, Provider

START = datetime(2026, 1, 1, tzinfo=UTC)
FAULTS = st.lists(st.sampled_from(["", BEFORE, AFTER]), max_size=2)
OPEN = ("processing", "requires_action")
# Where a payment may go by one step, and by several (the transitive closure below).
MOVES = {
    "requires_payment_method": {"processing", "canceled", "succeeded"},
    "processing": {
        "requires_payment_method", "requires_action", "requires_capture", "succeeded", "canceled",
    },
    "requires_action": {
        "requires_payment_method", "processing", "requires_capture", "succeeded", "canceled",
    },
    "requires_capture": {"succeeded", "canceled"},
    "succeeded": set(),
    "canceled": set(),
}  # fmt: skip
STANDS = {
    SUCCEEDED: "succeeded", CANCELED: "canceled", AUTHORIZED: "requires_capture",
    DECLINED: "requires_payment_method", "requires_action": "requires_action",
}  # fmt: skip


@dataclass
class Expected:
    """What is known of one payment without looking at it."""

    id: UUID
    amount: int
    manual: bool
    state: str = "requires_payment_method"
    method: str = ""
    began: datetime = START
    given_up: bool = False
    captured: int = 0
    refunds: dict[UUID, list[Any]] = field(default_factory=dict)  # [amount, state]


class IntentMachine(RuleBasedStateMachine):
    """Two providers, cards and codes; one payment or two."""

    @initialize()
    def start(self) -> None:
        self.savepoint = transaction.savepoint()
        self.patch = pytest.MonkeyPatch()
        self.providers = {CARD: Provider(CARD), ALIPAY: Provider(ALIPAY)}
        self.patch.setattr(
            "payments.services.gateway_account.gateway_for", lambda name: self.providers[name]
        )
        self.now, self.all = START, list[Expected]()
        self.make(amounts=[10_000], manual=False)

    def teardown(self) -> None:
        if not hasattr(self, "savepoint"):
            return
        try:
            self._end()
        finally:
            self.patch.undo()
            transaction.savepoint_rollback(self.savepoint)

    @precondition(lambda self: len(self.all) < 2)
    @rule(amounts=st.lists(st.integers(1, 20_000), min_size=1, max_size=2), manual=st.booleans())
    def make(self, amounts: list[int], manual: bool) -> None:
        shares = [make_share(amount, amount // 20) for amount in amounts]
        with clock.frozen(self.now):
            info = make_intent(
                *shares, payment_method_types=(CARD, ALIPAY),
                capture_method="manual" if manual else "automatic",
            )  # fmt: skip
        self.all.append(Expected(info.id, sum(amounts), manual))

    @rule(data=st.data(), method=st.sampled_from([OK, OK, NO, ASKS, ASKS, CODE]), faults=FAULTS)
    def confirm(self, data: Any, method: str, faults: list[str]) -> None:
        one = self._draw(data)
        if one.manual and method == CODE:
            return
        again = one.state in OPEN and method == one.method
        leaves = one.state == "requires_action" or (one.state in OPEN and one.method == CODE)
        allowed = again or (not one.given_up and (leaves or one.state == "requires_payment_method"))
        if not allowed:
            with pytest.raises(InvalidTransition), clock.frozen(self.now):
                facade.confirm_intent(intent_id=one.id, payment_method=method)
            return
        before, charged = one.state, self._charged(one)
        if not again:
            one.method, one.began, before = method, self.now, "processing"
        wanted = self._truth(one) if again else {self._fate(one)}
        self._do(
            one,
            lambda: facade.confirm_intent(intent_id=one.id, payment_method=method),
            wanted | ({before} if again or any(faults) else set()),
            faults,
        )
        assert not one.given_up or self._charged(one) == charged, "collected though given up"

    @rule(data=st.data(), faults=FAULTS)
    def refresh(self, data: Any, faults: list[str]) -> None:
        one = self._draw(data)
        wanted, charged = self._truth(one), self._charged(one)
        self._do(
            one,
            lambda: facade.refresh_intent(intent_id=one.id),
            wanted | ({one.state} if any(faults) or one.given_up else set()),
            faults,
        )
        assert not one.given_up or self._charged(one) == charged, "collected though given up"

    @precondition(lambda self: self._waiting())
    @rule(data=st.data(), pays=st.booleans())
    def buyer(self, data: Any, pays: bool) -> None:
        """Answers the bank or pays by a code, perhaps one that was left long ago."""
        name, number = data.draw(st.sampled_from(self._waiting()))
        provider = self.providers[name]
        provider.decide(provider.payments[number], pays=pays)

    @precondition(lambda self: any(provider.news for provider in self.providers.values()))
    @rule(data=st.data(), times=st.integers(1, 3))
    def news(self, data: Any, times: int) -> None:
        """Something final, old or new, told once or more; never about what isn't so."""
        told = [(name, place) for name, provider in self.providers.items()
                for place in range(len(provider.news))]  # fmt: skip
        name, place = data.draw(st.sampled_from(told))
        for _ in range(times):
            self._tell(self.providers[name], self.providers[name].news[place])

    @precondition(lambda self: any(one.state == "requires_capture" for one in self.all))
    @rule(data=st.data(), share=st.integers(0, 110), faults=FAULTS)
    def capture(self, data: Any, share: int, faults: list[str]) -> None:
        one = self._draw(data)
        amount = one.amount * share // 100
        asked = one.captured or amount
        fits = one.state == "requires_capture" and 0 < amount <= one.amount and amount == asked
        repeated = one.state == "succeeded" and amount == one.captured
        if one.given_up or not (fits or repeated):
            with pytest.raises(NotCapturable), clock.frozen(self.now):
                facade.capture_intent(intent_id=one.id, amount=cny(amount))
            return
        one.captured = amount
        [payment] = [p for p in self._at(one) if p.state in (AUTHORIZED, SUCCEEDED, CANCELED)][-1:]
        wanted = {"canceled" if payment.state == CANCELED else "succeeded"}
        self._do(
            one,
            lambda: facade.capture_intent(intent_id=one.id, amount=cny(amount)),
            wanted | ({one.state} if any(faults) else set()),
            faults,
        )

    @rule(data=st.data(), faults=FAULTS)
    def cancel(self, data: Any, faults: list[str]) -> None:
        one = self._draw(data)
        one.given_up = one.given_up or one.state not in ("succeeded", "canceled")
        wanted = {"canceled", "succeeded"} if one.given_up else {one.state}
        self._do(
            one,
            lambda: facade.cancel_intent(intent_id=one.id),
            wanted | ({one.state} if any(faults) else set()),
            faults,
        )

    @precondition(lambda self: self.providers[CARD].where(AUTHORIZED))
    @rule(data=st.data())
    def lapse(self, data: Any) -> None:
        """An authorisation ends at the gateway by itself."""
        card = self.providers[CARD]
        card.give_up(data.draw(st.sampled_from(card.where(AUTHORIZED))))

    @precondition(lambda self: any(one.state == "succeeded" for one in self.all))
    @rule(data=st.data(), share=st.integers(1, 120), faults=FAULTS, refused=st.booleans())
    def refund(self, data: Any, share: int, faults: list[str], refused: bool) -> None:
        one = self._draw(data)
        with clock.frozen(self.now):
            info = facade.intent(intent_id=one.id)
            part = data.draw(st.sampled_from(info.shares))
            amount = max(1, part.amount.amount * share // 100)
            wanted = [RefundShare(part.merchant_id, part.reference, cny(amount))]
            key = uuid4()
            if one.state != "succeeded" or amount > (part.amount - part.refunded).amount:
                with pytest.raises((IntentNotRefundable, facade.RefundTooLarge)):
                    facade.prepare_refund(key=key, intent_id=one.id, shares=wanted)
                return
            made = facade.prepare_refund(key=key, intent_id=one.id, shares=wanted)
        one.refunds[made.id] = [amount, "pending"]
        self._refund(one, made.id, faults, refused)

    @precondition(lambda self: any(one.refunds for one in self.all))
    @rule(data=st.data(), faults=FAULTS, refused=st.booleans())
    def refund_again(self, data: Any, faults: list[str], refused: bool) -> None:
        """Somebody repeats a refund, ended or not."""
        one = self._draw(data)
        if one.refunds:
            self._refund(one, data.draw(st.sampled_from(sorted(one.refunds))), faults, refused)

    @rule(hours=st.sampled_from([0, 1, 1, 30]), sweeps=st.booleans())
    def time_passes(self, hours: int, sweeps: bool) -> None:
        """And the job comes by that looks after everything in flight, or doesn't."""
        self.now += timedelta(hours=hours)
        if hours > 24:
            for provider in self.providers.values():
                provider.forget()
        if sweeps:
            self._sweep()

    @invariant()
    def the_ledger_has_what_is_recorded(self) -> None:
        if not hasattr(self, "all"):
            return
        sums = self._sums()
        booked = sum(one.captured for one in self.all if one.state == "succeeded")
        back = sum(
            amount for one in self.all for amount, state in one.refunds.values()
            if state == "succeeded"
        )  # fmt: skip
        assert sums.get("merchant_pending", 0) + sums.get("commission", 0) == back - booked
        for name, code in ((CARD, "gateway"), (ALIPAY, "alipay")):
            charged = sum(p.taken for p in self.providers[name].payments.values())
            assert sums.get(code, 0) <= charged, "booked, but never charged"

    def _do(self, one: Expected, act: Any, wanted: set[str], faults: list[str]) -> None:
        for provider in self.providers.values():
            provider.faults = list(faults)
        try:
            with clock.frozen(self.now):
                act()
        finally:
            for provider in self.providers.values():
                provider.faults = []
        self._look(one)
        assert one.state in wanted, (one, wanted, faults)

    def _look(self, one: Expected) -> None:
        """Where it is now, and that it could get there."""
        found = facade.intent(intent_id=one.id)
        assert found.state in _reach(one.state), (one.state, found.state)
        one.state = str(found.state)
        if one.state == "succeeded":
            one.captured = one.captured if one.manual and one.captured else one.amount
            assert found.amount == cny(one.captured)
            assert sum(share.amount.amount for share in found.shares) == one.captured
            paid = [p for p in self._at(one) if p.taken]
            assert one.captured in [p.taken for p in paid], "paid, says only we"

    def _refund(self, one: Expected, id: UUID, faults: list[str], refused: bool) -> None:
        amount, state = one.refunds[id]
        for provider in self.providers.values():
            provider.faults, provider.refuses = list(faults), refused
        with clock.frozen(self.now):
            result = facade.perform_refund(refund_id=id)
            info = facade.record_refund(refund_id=id, result=result)
        for provider in self.providers.values():
            provider.faults, provider.refuses = [], False
        wanted = {"pending", "succeeded", "failed"} if state == "pending" else {state}
        assert info.state in wanted
        if not any(faults) and state == "pending":
            assert info.state != "pending"
        given = any(id in provider.refunds for provider in self.providers.values())
        assert given or info.state != "succeeded"
        assert not given or info.state != "failed", "the money went, the record says it didn't"
        one.refunds[id] = [amount, str(info.state)]

    def _sweep(self) -> None:
        with clock.frozen(self.now):
            reconcile()
        for one in self.all:
            self._look(one)
            for id, (amount, _state) in list(one.refunds.items()):
                one.refunds[id] = [amount, str(facade.refund(refund_id=id).state)]

    def _tell(self, provider: Provider, payment: Payment) -> None:
        """As the webhook does: named by the provider's number, codes by their attempt too."""
        outcome = replace(payment.outcome(), gateway=provider.name)
        rows = Attempt.objects.filter(gateway=provider.name, provider_id=payment.number)
        if provider.name == ALIPAY:
            if outcome.status != SUCCEEDED:
                return  # it only makes us ask
            outcome = replace(outcome, attempt=str(rows.latest("id").id))
        one = next(one for one in self.all if one.id == payment.intent_id)
        present = PaymentIntent.objects.get(id=one.id)
        about_it = (present.gateway, present.gateway_id) == (provider.name, payment.number)
        before = one.state
        with clock.frozen(self.now):
            facade.record_confirm(intent_id=one.id, result=outcome.as_dict())
        self._look(one)
        if outcome.status == CANCELED and not about_it:
            assert one.state == before, "an older way to pay ended; the payment goes on"

    def _end(self) -> None:
        """Whatever was lost is found: the sweep comes by until nothing is in flight."""
        for provider in self.providers.values():
            for payment in list(provider.payments.values()):
                provider.decide(payment, pays=payment.amount % 2 == 0)
        for _ in range(8):
            self.now += timedelta(hours=2)
            self._sweep()
        for one in self.all:
            assert one.state != "processing", one
            charges = [p.taken - p.given for p in self._at(one)]
            back = sum(amount for amount, state in one.refunds.values() if state == "succeeded")
            assert "pending" not in [state for _amount, state in one.refunds.values()]
            kept = one.captured - back if one.state == "succeeded" else 0
            assert sum(charges) == kept, "one charge, and no more"
        assert set(LateCharge.objects.values_list("state", flat=True)) <= {"returned"}
        sums = self._sums()
        assert sums.get("gateway", 0) == self.providers[CARD].balance
        assert sums.get("alipay", 0) == self.providers[ALIPAY].balance
        assert sums.get("unclaimed", 0) == 0

    def _sums(self) -> dict[str, int]:
        trial = facade.trial_balance()
        assert trial.balanced, trial.problems
        sums: dict[str, int] = {}
        for row in trial.rows:
            sums[row.code] = sums.get(row.code, 0) + row.debits_posted - row.credits_posted
        return sums

    def _waiting(self) -> list[tuple[str, str]]:
        return [(name, number) for name, provider in self.providers.items()
                for number in provider.where("requires_action")]  # fmt: skip

    def _draw(self, data: Any) -> Expected:
        one: Expected = data.draw(st.sampled_from(self.all))
        return one

    def _at(self, one: Expected) -> list[Payment]:
        return [p for provider in self.providers.values() for p in provider.of(one.id)]

    def _charged(self, one: Expected) -> list[str]:
        return [p.number for p in self._at(one) if p.state in (AUTHORIZED, SUCCEEDED)]

    def _fate(self, one: Expected) -> str:
        """What a first, undisturbed confirmation comes to."""
        if one.method == NO:
            return "requires_payment_method"
        if one.method in (ASKS, CODE):
            return "requires_action"
        return "requires_capture" if one.manual else "succeeded"

    def _truth(self, one: Expected) -> set[str]:
        """What an undisturbed question may bring to light."""
        if one.state == "requires_capture":
            [held] = self._at(one)[-1:]
            return {STANDS.get(held.state, one.state), one.state}
        if one.state not in OPEN:
            return {one.state}
        flying = Attempt.objects.get(intent_id=one.id, state="in_flight")
        provider = self.providers[flying.gateway]
        payment = provider.payments.get(flying.provider_id or "")
        found = {self._fate(one)}
        if payment is not None and payment.state != IDLE:
            found = {STANDS[payment.state]}
            if payment.state == DECLINED and not flying.answered_at:
                found |= {self._fate(one)}  # declined before; this try never arrived
            if payment.state == CANCELED:  # a code that was closed may be replaced by another
                found |= {"requires_payment_method"}
        if self.now - one.began >= timedelta(hours=23):
            found |= {"requires_payment_method"}
        if str(flying.id) in provider.kept:  # the first answer comes again, however old
            found |= {STANDS.get(provider.kept[str(flying.id)].status, one.state)}
        return found


def _reach(state: str) -> set[str]:
    found, todo = {state}, [state]
    while todo:
        for following in MOVES[todo.pop()] - found:
            found.add(following)
            todo.append(following)
    return found


@pytest.mark.slow
def test_a_payments_life_agrees_with_the_model(two_ways: None) -> None:
    run_state_machine_as_test(
        IntentMachine,
        settings=settings(
            max_examples=40,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
