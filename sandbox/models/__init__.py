"""The sandbox's own tables, in its own database; nothing here knows of platforms."""

from .bank import BankBalance, BankEntry, BankTransfer, TransferStatus
from .base import Account, Owned, SecretKey
from .carrier import TrackingEvent, Waybill, WaybillStatus
from .cases import CheckoutSession, Dispute, Document, SetupIntent, StoredFile, TestClock
from .fapiao import Fapiao
from .gateway import (
    BalanceTransaction,
    Charge,
    Customer,
    IntentStatus,
    PaymentIntent,
    PaymentMethod,
    Refund,
)
from .identity import IdentityCheck
from .marketplace import ApplicationFee, FeeRefund, Payout, Transfer, TransferReversal
from .scan import BankCredit, ScanMerchant, ScanRefund, ScanTrade, TradeState, VirtualAccount
from .transport import Due, Fault, FaultKind, IdempotentRequest
from .webhooks import Channel, Delivery, DeliveryAttempt, DeliveryState, Endpoint, Event

__all__ = [
    "Account",
    "ApplicationFee",
    "BalanceTransaction",
    "BankBalance",
    "BankCredit",
    "BankEntry",
    "BankTransfer",
    "Channel",
    "Charge",
    "CheckoutSession",
    "Customer",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryState",
    "Dispute",
    "Document",
    "Due",
    "Endpoint",
    "Event",
    "Fapiao",
    "Fault",
    "FaultKind",
    "FeeRefund",
    "IdempotentRequest",
    "IdentityCheck",
    "IntentStatus",
    "Owned",
    "PaymentIntent",
    "PaymentMethod",
    "Payout",
    "Refund",
    "ScanMerchant",
    "ScanRefund",
    "ScanTrade",
    "SecretKey",
    "SetupIntent",
    "StoredFile",
    "TestClock",
    "TrackingEvent",
    "TradeState",
    "Transfer",
    "TransferReversal",
    "TransferStatus",
    "VirtualAccount",
    "Waybill",
    "WaybillStatus",
]
