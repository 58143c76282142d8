"""The built-in test method: captures at once, refunds at once, calls nobody."""

from payments.contracts import CANCELED, IDLE, SUCCEEDED, UNKNOWN, Outcome
from payments.gateways.base import Charge, RefundOrder


class OfflineTest:
    """A gateway inside the house, for benches and offline shops; never on live platforms."""

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

    def cancel(self, provider_id: str) -> Outcome:
        return Outcome(CANCELED)

    def refund(self, order: RefundOrder) -> Outcome:
        return Outcome(SUCCEEDED, amount=order.amount.amount, currency=order.amount.currency)

    def find_refund(self, order: RefundOrder) -> Outcome:
        return self.refund(order)
