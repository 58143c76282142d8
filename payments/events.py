"""Facts this context publishes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.money import Money
from kernel.outbox import Event


@dataclass(frozen=True)
class SharePart:
    """One merchant's part of a payment or refund."""

    merchant_id: UUID
    reference: str
    amount: Money
    commission: Money


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
