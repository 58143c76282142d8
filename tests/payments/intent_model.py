"""Providers of payments in memory, to whom anything may happen: calls that don't arrive, answers
that get lost, buyers who make up their mind later, keys that are forgotten after a day."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

from kernel.money import Money
from payments.contracts import (
    AUTHORIZED,
    CANCELED,
    CARD,
    DECLINED,
    IDLE,
    REJECTED,
    REQUIRES_ACTION,
    SUCCEEDED,
    UNKNOWN,
    Outcome,
)
from payments.gateways.base import Charge, RefundOrder

OK, NO, ASKS, CODE = "pm_ok", "pm_no", "pm_asks", "alipay"  # what becomes of a way to pay
BEFORE, AFTER = "before", "after"  # the call doesn't arrive; its answer doesn't


@dataclass
class Payment:
    """One payment at a provider; amounts in minor units."""

    number: str
    intent_id: UUID
    amount: int
    manual: bool
    state: str = IDLE
    taken: int = 0
    given: int = 0

    def outcome(self) -> Outcome:
        return Outcome(
            self.state,
            provider_id=self.number,
            amount=self.taken,
            currency="CNY",
            fee=0,
            code="card_declined" if self.state == DECLINED else "",
            answered=True,
        )

    def take(self) -> None:
        self.state, self.taken = SUCCEEDED, self.amount


@dataclass
class Provider:
    """A gateway as ``payments.gateways.base`` wants it; ``news`` is all it would ever push."""

    name: str
    payments: dict[str, Payment] = field(default_factory=dict)
    kept: dict[str, Outcome] = field(default_factory=dict)
    refunds: dict[UUID, Outcome] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    news: list[Payment] = field(default_factory=list)
    refuses: bool = False

    @property
    def balance(self) -> int:
        return sum(one.taken - one.given for one in self.payments.values())

    def of(self, intent_id: UUID) -> list[Payment]:
        return [one for one in self.payments.values() if one.intent_id == intent_id]

    def where(self, state: str) -> list[str]:
        """The numbers of the payments that stand so."""
        return [one.number for one in self.payments.values() if one.state == state]

    def create(self, charge: Charge) -> Outcome:
        if self.name != CARD:
            return Outcome(IDLE, provider_id=charge.provider_id or charge.attempt_id.hex)
        key = f"{charge.attempt_id if charge.anew else charge.intent_id}-create"
        return self._call(lambda: self._made(f"pi_{len(self.payments)}", charge).outcome(), key)

    def confirm(self, charge: Charge) -> Outcome:
        key = str(charge.attempt_id) if self.name == CARD else ""
        return self._call(lambda: self._confirmed(charge), key)

    def find(self, provider_id: str) -> Outcome:
        return self._call(lambda: self._shown(provider_id))

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        return self._call(lambda: self._captured(provider_id, amount.amount))

    def cancel(self, provider_id: str) -> Outcome:
        return self._call(lambda: self.give_up(provider_id))

    def refund(self, order: RefundOrder) -> Outcome:
        return self._call(lambda: self._refunded(order))

    def find_refund(self, order: RefundOrder) -> Outcome:
        return self._call(lambda: self.refunds.get(order.refund_id, Outcome(IDLE)))

    def decide(self, payment: Payment, *, pays: bool) -> None:
        """The buyer answers the bank's question, or pays by the code."""
        if payment.state != REQUIRES_ACTION:
            return
        if not pays:
            payment.state = DECLINED if self.name == CARD else CANCELED
        elif payment.manual:
            payment.state = AUTHORIZED
        else:
            payment.take()
        self._tell(payment)

    def give_up(self, provider_id: str) -> Outcome:
        """Closed by us, or by itself: an authorisation that lapses."""
        payment = self.payments.get(provider_id)
        if payment is None:
            return Outcome(CANCELED, provider_id=provider_id, answered=True)
        if payment.state not in (SUCCEEDED, CANCELED):
            payment.state = CANCELED
            self._tell(payment)
        return payment.outcome()

    def forget(self) -> None:
        """A day is over: no key is known any more."""
        self.kept.clear()

    def _call(self, act: Callable[[], Outcome], key: str = "") -> Outcome:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == BEFORE:
            return Outcome(UNKNOWN)
        outcome = self.kept[key] if key in self.kept else act()
        if key:
            self.kept[key] = outcome
        return Outcome(UNKNOWN) if fault == AFTER else outcome

    def _made(self, number: str, charge: Charge) -> Payment:
        made = Payment(number, charge.intent_id, charge.amount.amount, charge.manual_capture)
        return self.payments.setdefault(number, made)

    def _confirmed(self, charge: Charge) -> Outcome:
        payment = self._made(charge.provider_id or charge.attempt_id.hex, charge)
        if payment.state in (IDLE, DECLINED):
            if charge.payment_method in (ASKS, CODE):
                payment.state = REQUIRES_ACTION
            elif charge.payment_method == NO:
                payment.state = DECLINED
            elif payment.manual:
                payment.state = AUTHORIZED
            else:
                payment.take()
            self._tell(payment)
        return payment.outcome()

    def _shown(self, number: str) -> Outcome:
        payment = self.payments.get(number)
        if payment is None:  # as Alipay: a trade is known only once its code was scanned
            return Outcome(REQUIRES_ACTION, provider_id=number, answered=True)
        return payment.outcome()

    def _captured(self, number: str, amount: int) -> Outcome:
        payment = self.payments[number]
        if payment.state == AUTHORIZED:
            assert 0 < amount <= payment.amount
            payment.state, payment.taken = SUCCEEDED, amount
            self._tell(payment)
        return payment.outcome()

    def _refunded(self, order: RefundOrder) -> Outcome:
        if order.refund_id in self.refunds:
            return self.refunds[order.refund_id]
        payment = self.payments[order.payment_id]
        amount = order.amount.amount
        assert payment.given + amount <= payment.taken, "more goes back than was taken"
        if self.refuses:
            outcome = Outcome(REJECTED, code="refused", answered=True)
        else:
            payment.given += amount
            outcome = Outcome(
                SUCCEEDED, provider_id=f"re_{order.refund_id.hex}", amount=amount, currency="CNY",
                answered=True,
            )  # fmt: skip
            self.refunds[order.refund_id] = outcome
        return outcome

    def _tell(self, payment: Payment) -> None:
        if payment.state in (SUCCEEDED, CANCELED):
            self.news.append(payment)
