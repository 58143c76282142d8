"""Facts this context publishes."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event
from payments.events_guarantee import (
    DisputeClosed,
    DisputeOpened,
    DisputeUpdated,
    EscrowDelivered,
    EscrowFrozen,
    EscrowHeld,
    EscrowInspected,
    EscrowReleased,
    EscrowReturned,
    EscrowUnfrozen,
)


@dataclass(frozen=True)
class SharePart:
    """One merchant's part of a payment or refund: ``amount`` is the buyer's, ``subsidy`` what the
    platform added to it or got back."""

    merchant_id: UUID
    reference: str
    amount: Money
    commission: Money
    subsidy: Money | None = None


@dataclass(frozen=True)
class IntentCaptured(Event):
    """The money is at the gateway and in the ledger. ``reference`` is the caller's."""

    NAME: ClassVar[str] = "payments.intent.captured.v1"

    intent_id: UUID
    reference: str
    amount: Money
    gateway: str
    shares: list[SharePart]


@dataclass(frozen=True)
class IntentFailed(Event):
    """An attempt was declined; the intent can be tried again."""

    NAME: ClassVar[str] = "payments.intent.failed.v1"

    intent_id: UUID
    reference: str
    amount: Money
    failure_code: str


@dataclass(frozen=True)
class IntentCanceled(Event):
    NAME: ClassVar[str] = "payments.intent.canceled.v1"

    intent_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True)
class IntentAuthorized(Event):
    """The money is held on the buyer's card until ``capture_before``; capture it or it lapses."""

    NAME: ClassVar[str] = "payments.intent.authorized.v1"

    intent_id: UUID
    reference: str
    amount: Money
    capture_before: datetime


@dataclass(frozen=True)
class AuthorizationLapsing(Event):
    """An authorisation that wasn't captured yet lapses within a day."""

    NAME: ClassVar[str] = "payments.intent.lapsing.v1"

    intent_id: UUID
    reference: str
    amount: Money
    capture_before: datetime


@dataclass(frozen=True)
class LateCharge(Event):
    """A gateway charged a payment that was settled otherwise, or given up: it is given back."""

    NAME: ClassVar[str] = "payments.late_charge.taken.v1"

    intent_id: UUID
    reference: str
    amount: Money
    gateway: str


@dataclass(frozen=True)
class BankCreditReceived(Event):
    """A transfer came in and isn't simply a payment: somebody has to look."""

    NAME: ClassVar[str] = "payments.bank_credit.received.v1"

    credit_id: UUID
    amount: Money
    state: str
    reason: str


@dataclass(frozen=True)
class RefundSucceeded(Event):
    NAME: ClassVar[str] = "payments.refund.succeeded.v1"

    refund_id: UUID
    intent_id: UUID
    reference: str
    amount: Money
    shares: list[SharePart]


@dataclass(frozen=True)
class RefundFailed(Event):
    NAME: ClassVar[str] = "payments.refund.failed.v1"

    refund_id: UUID
    intent_id: UUID
    reference: str
    amount: Money
    failure_code: str


@dataclass(frozen=True)
class PayoutPaid(Event):
    NAME: ClassVar[str] = "payments.payout.paid.v1"

    payout_id: UUID
    merchant_id: UUID
    amount: Money


@dataclass(frozen=True)
class PayoutFailed(Event):
    NAME: ClassVar[str] = "payments.payout.failed.v1"

    payout_id: UUID
    merchant_id: UUID
    amount: Money
    failure_code: str


@dataclass(frozen=True)
class BalanceReleased(Event):
    """An order's share has become available."""

    NAME: ClassVar[str] = "payments.balance.released.v1"

    intent_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True)
class DepositHeld(Event):
    """A guarantee deposit is frozen. ``reference`` is the merchant's own name of the matter."""

    NAME: ClassVar[str] = "payments.deposit.held.v1"

    deposit_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True)
class DepositReturned(Event):
    NAME: ClassVar[str] = "payments.deposit.returned.v1"

    deposit_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money


@dataclass(frozen=True)
class DepositForfeited(Event):
    """``amount`` went to the merchant; the rest, if any, back to the payer."""

    NAME: ClassVar[str] = "payments.deposit.forfeited.v1"

    deposit_id: UUID
    merchant_id: UUID
    reference: str
    amount: Money


__all__ = [
    "BalanceReleased",
    "DepositForfeited",
    "DepositHeld",
    "DepositReturned",
    "DisputeClosed",
    "DisputeOpened",
    "DisputeUpdated",
    "EscrowDelivered",
    "EscrowFrozen",
    "EscrowHeld",
    "EscrowInspected",
    "EscrowReleased",
    "EscrowReturned",
    "EscrowUnfrozen",
    "IntentCanceled",
    "IntentCaptured",
    "IntentFailed",
    "PayoutFailed",
    "PayoutPaid",
    "RefundFailed",
    "RefundSucceeded",
    "SharePart",
]
