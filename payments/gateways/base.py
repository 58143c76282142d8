"""What a payment gateway must be able to do.

Every call is made outside of transactions and may be repeated: the same ids mean the same
effect. When it isn't certain what happened the status is ``unknown``; the caller asks again later
and never guesses.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from kernel.money import Money
from payments.contracts import Outcome


@dataclass(frozen=True)
class Charge:
    """One attempt to collect ``amount``; ``provider_id`` once the gateway knows the payment.

    ``manual_capture``: only authorise. ``save_card``: keep it for ``customer`` (made if empty).
    ``anew``: an earlier payment at the gateway was given up, so it takes another one.
    """

    intent_id: UUID
    attempt_id: UUID
    amount: Money
    payment_method: str
    return_url: str
    description: str
    reference: str
    provider_id: str | None
    pay_by: datetime | None = None
    manual_capture: bool = False
    customer: str = ""
    save_card: bool = False
    anew: bool = False


@dataclass(frozen=True)
class Payee:
    """Who a transfer came from and goes back to: personal, and only for the bank."""

    holder: str = field(repr=False)
    number: str = field(repr=False)
    bank: str = field(default="", repr=False)


@dataclass(frozen=True)
class RefundOrder:
    """A refund to make; ``provider_id`` once the gateway has named it. ``total`` is what was paid,
    ``payee`` where it came from if it came by transfer."""

    refund_id: UUID
    payment_id: str
    amount: Money
    reason: str
    provider_id: str | None
    total: Money | None = None
    payee: Payee | None = None


class Gateway(Protocol):
    """A provider; docs/gateways.md says how to write one. Outcomes of charges: ``succeeded``,
    ``requires_action``, ``processing``, ``authorized``, ``declined``, ``rejected``, ``canceled``,
    ``idle``, ``unknown``; of refunds: ``succeeded``, ``pending``, ``failed``, ``rejected``,
    ``unknown``, and ``idle`` for one that the provider doesn't know."""

    def create(self, charge: Charge) -> Outcome:
        """Announce the payment; no money moves. ``idle`` with the provider's id."""

    def confirm(self, charge: Charge) -> Outcome:
        """Collect, under the attempt's key."""

    def find(self, provider_id: str) -> Outcome:
        """How the payment stands."""

    def capture(self, provider_id: str, amount: Money) -> Outcome:
        """Take what was authorised, or less; the rest is free again."""

    def cancel(self, provider_id: str) -> Outcome:
        """Give the payment up; if that is too late, how it stands."""

    def refund(self, order: RefundOrder) -> Outcome:
        """Give money back, under the refund's key."""

    def find_refund(self, order: RefundOrder) -> Outcome:
        """How the refund stands; ``idle`` when the gateway knows of none."""
