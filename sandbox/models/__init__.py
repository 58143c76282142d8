"""The sandbox's own tables, in its own database; nothing here knows of platforms."""

from .bank import BankBalance, BankEntry, BankTransfer, TransferStatus
from .base import Account, Owned, SecretKey
from .carrier import TrackingEvent, Waybill, WaybillStatus
from .gateway import (
    BalanceTransaction,
    Charge,
    Customer,
    IntentStatus,
    PaymentIntent,
    PaymentMethod,
    Refund,
)
from .transport import Due, Fault, FaultKind, IdempotentRequest
from .webhooks import Channel, Delivery, DeliveryAttempt, DeliveryState, Endpoint, Event

__all__ = [
    "Account",
    "BalanceTransaction",
    "BankBalance",
    "BankEntry",
    "BankTransfer",
    "Channel",
    "Charge",
    "Customer",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "Due",
    "Endpoint",
    "Event",
    "Fault",
    "FaultKind",
    "IdempotentRequest",
    "IntentStatus",
    "Owned",
    "PaymentIntent",
    "PaymentMethod",
    "Refund",
    "SecretKey",
    "TrackingEvent",
    "TransferStatus",
    "Waybill",
    "WaybillStatus",
]
