"""Ways to pay that need nobody outside: the built-in test method, and stored balance."""

from kernel.money import Money
from payments.contracts import CANCELED, IDLE, REJECTED, SUCCEEDED, UNKNOWN, Outcome
from payments.gateways.base import Charge, RefundOrder


class InHouse:
    """Captures at once, refunds at once, calls nobody.

    ``offline_test`` is for benches and offline shops, never on live platforms. ``wallet``'s money
    is in our own ledger; whether the balance suffices is decided when the payment is booked.
    """

    def create(self, charge: Charge) -> Outcome:
        return Outcome(IDLE)

    def confirm(self, charge: Charge) -> Outcome:
        amount = charge.amount
        return Outcome(
            SUCCEEDED,
            amount=amount.amount,
            currency=amount.currency,
            fee=0,
            attempt=str(charge.attempt_id),
        )

    def find(self, provider_id: str) -> Outcome:
        return Outcome(UNKNOWN)

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        return Outcome(REJECTED, code="not_authorized")

    def cancel(self, provider_id: str) -> Outcome:
        return Outcome(CANCELED)

    def refund(self, order: RefundOrder) -> Outcome:
        return Outcome(SUCCEEDED, amount=order.amount.amount, currency=order.amount.currency)

    def find_refund(self, order: RefundOrder) -> Outcome:
        return self.refund(order)
