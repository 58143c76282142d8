"""What a payment gateway must be able to do.

Every call is made outside of transactions and may be repeated: the same ids mean the same
effect. When it isn't certain what happened the status is ``unknown``; the caller asks again later
and never guesses.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from kernel.money import Money
from payments.contracts import Outcome


@dataclass(frozen=True)
class Charge:
    """One attempt to collect ``amount``; ``provider_id`` once the gateway knows the payment."""

    intent_id: UUID
    attempt_id: UUID
    amount: Money
    payment_method: str
    return_url: str
    description: str
    reference: str
    provider_id: str | None


@dataclass(frozen=True)
class RefundOrder:
    """A refund to make; ``provider_id`` once the gateway has named it."""

    refund_id: UUID
    payment_id: str
    amount: Money
    reason: str
    provider_id: str | None


class Gateway(Protocol):
    """A provider. Outcomes of charges: ``succeeded``, ``requires_action``, ``processing``,
    ``declined``, ``rejected``, ``canceled``, ``idle``, ``unknown``; of refunds: ``succeeded``,
    ``pending``, ``failed``, ``rejected``, ``unknown``."""

    def create(self, charge: Charge) -> Outcome:
        """Announce the payment; no money moves. ``idle`` with the provider's id."""

    def confirm(self, charge: Charge) -> Outcome:
        """Collect, under the attempt's key."""

    def find(self, provider_id: str) -> Outcome:
        """How the payment stands."""

    def cancel(self, provider_id: str) -> Outcome:
        """Give the payment up; if that is too late, how it stands."""

    def refund(self, order: RefundOrder) -> Outcome:
        """Give money back, under the refund's key."""

    def find_refund(self, order: RefundOrder) -> Outcome:
        """How the refund stands; ``idle`` when the gateway knows of none."""
