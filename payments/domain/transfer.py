"""One transfer as the ledger takes it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntFlag
from uuid import UUID

from kernel.money import Money
from payments.domain.chart import Account


class Flag(IntFlag):
    """``LINKED``: stands or falls with the next. ``EXPIRE`` goes with ``VOID``."""

    NONE = 0
    LINKED = 1
    PENDING = 2
    POST = 4
    VOID = 8
    EXPIRE = 16


@dataclass(frozen=True, slots=True)
class Transfer:
    """``amount`` from ``debit`` to ``credit`` under the caller's ``id``.

    ``code`` is its kind (``charge``), ``journal`` groups what belongs together, ``reference`` is
    the order's and ``document`` the payment's, refund's or payout's public id. Posting or voiding
    names the pending transfer's own accounts; a void its own amount.
    """

    id: UUID
    debit: Account
    credit: Account
    amount: Money
    code: str
    journal: UUID
    flags: Flag = Flag.NONE
    pending_id: UUID | None = None
    expires_at: datetime | None = None
    merchant_id: UUID | None = None
    reference: str = ""
    document: str = ""

    def linked(self) -> "Transfer":
        """The same, linked to the next."""
        return replace(self, flags=self.flags | Flag.LINKED)
