"""Facts about escrow, disputes and merchants' terms; published with ``events``."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event


@dataclass(frozen=True)
class EscrowHeld(Event):
    """The buyer's money is here and is kept until the goods are accepted."""

    NAME: ClassVar[str] = "payments.escrow.held.v1"

    escrow_id: UUID
    intent_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True)
class EscrowDelivered(Event):
    """The goods are with the buyer: from now on time runs."""

    NAME: ClassVar[str] = "payments.escrow.delivered.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str


@dataclass(frozen=True)
class EscrowReleased(Event):
    """``amount`` of the money went on, to the merchant and those it is split with; ``held`` is
    what is left."""

    NAME: ClassVar[str] = "payments.escrow.released.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money
    held: Money


@dataclass(frozen=True)
class EscrowInspected(Event):
    """An inspection told which part of the goods is as agreed."""

    NAME: ClassVar[str] = "payments.escrow.inspected.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str
    report: str
    released_share: str


@dataclass(frozen=True)
class EscrowInspectionReported(Event):
    """An outside inspector told a ``result`` (passed, failed); ``effect`` is what followed at once:
    released, disputed, refunded, or noted."""

    NAME: ClassVar[str] = "payments.escrow.inspection_reported.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str
    report: str
    result: str
    document_sha256: str
    effect: str


@dataclass(frozen=True)
class EscrowFrozen(Event):
    NAME: ClassVar[str] = "payments.escrow.frozen.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str


@dataclass(frozen=True)
class EscrowUnfrozen(Event):
    NAME: ClassVar[str] = "payments.escrow.unfrozen.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str


@dataclass(frozen=True)
class EscrowReturned(Event):
    """All of the money went back to the buyer."""

    NAME: ClassVar[str] = "payments.escrow.returned.v1"

    escrow_id: UUID
    merchant_id: UUID
    reference: str


@dataclass(frozen=True)
class DisputeOpened(Event):
    """Somebody wants money back; until ``due_at`` the merchant may answer."""

    NAME: ClassVar[str] = "payments.dispute.opened.v1"

    dispute_id: UUID
    kind: str
    reference: str
    amount: Money
    reason: str
    due_at: datetime


@dataclass(frozen=True)
class DisputeUpdated(Event):
    """New evidence, or the merchant has answered (``state`` under_review)."""

    NAME: ClassVar[str] = "payments.dispute.updated.v1"

    dispute_id: UUID
    reference: str
    state: str


@dataclass(frozen=True)
class DisputeClosed(Event):
    """``state``: won (for the merchant), lost or withdrawn. ``refunded`` goes to the buyer."""

    NAME: ClassVar[str] = "payments.dispute.closed.v1"

    dispute_id: UUID
    kind: str
    reference: str
    state: str
    refunded: Money


@dataclass(frozen=True)
class AccountChangeProposed(Event):
    """Another bank account waits for a second person."""

    NAME: ClassVar[str] = "payments.account_change.proposed.v1"

    change_id: UUID
    merchant_id: UUID
    last4: str


@dataclass(frozen=True)
class AccountChanged(Event):
    """Payouts go to another account from now on."""

    NAME: ClassVar[str] = "payments.account_change.confirmed.v1"

    change_id: UUID
    merchant_id: UUID
    last4: str


@dataclass(frozen=True)
class PayoutsPaused(Event):
    """The bank refused the account: nothing is paid out until there is another."""

    NAME: ClassVar[str] = "payments.payouts.paused.v1"

    merchant_id: UUID
    failure_code: str


@dataclass(frozen=True)
class FeesInvoiced(Event):
    NAME: ClassVar[str] = "payments.fees.invoiced.v1"

    invoice_id: UUID
    merchant_id: UUID
    number: str
    total: Money


@dataclass(frozen=True)
class InstalmentDue(Event):
    """An instalment is to be paid soon: remind the payer. ``place`` counts from 0."""

    NAME: ClassVar[str] = "payments.instalment.due.v1"

    plan_id: UUID
    merchant_id: UUID
    reference: str
    place: int
    amount: Money
    due_at: datetime


@dataclass(frozen=True)
class InstalmentOverdue(InstalmentDue):
    """It was to be paid and isn't."""

    NAME: ClassVar[str] = "payments.instalment.overdue.v1"


@dataclass(frozen=True)
class InstalmentPlanEnded(Event):
    """``state``: completed, defaulted or canceled."""

    NAME: ClassVar[str] = "payments.instalment_plan.ended.v1"

    plan_id: UUID
    merchant_id: UUID
    reference: str
    state: str
