"""What a payout provider must be able to do."""

from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from kernel.money import Money
from payments.contracts import Outcome


@dataclass(frozen=True)
class PayoutOrder:
    """One payout; name and account are personal and only for the bank."""

    payout_id: UUID
    reference: str
    amount: Money
    bank: str = field(repr=False)
    holder: str = field(repr=False)
    number: str = field(repr=False)
    provider_id: str | None = None


class PayoutProvider(Protocol):
    """Calls are repeatable under the payout's id. Outcomes: ``succeeded`` (paid), ``pending``,
    ``failed``, ``rejected`` (refused before anything happened), ``unknown``."""

    def send(self, order: PayoutOrder) -> Outcome:
        """Transfer the money; the same payout again is the same transfer."""

    def find(self, order: PayoutOrder) -> Outcome:
        """How the transfer stands."""
