"""The tables of this context."""

from payments.models.gateway import GatewayAccount, GatewayEvent
from payments.models.intent import Attempt, IntentShare, PaymentIntent
from payments.models.ledger import LedgerAccount, LedgerFailure, LedgerLink, LedgerTransfer
from payments.models.payout import Payout
from payments.models.refund import Refund, RefundShare

__all__ = [
    "Attempt",
    "GatewayAccount",
    "GatewayEvent",
    "IntentShare",
    "LedgerAccount",
    "LedgerFailure",
    "LedgerLink",
    "LedgerTransfer",
    "PaymentIntent",
    "Payout",
    "Refund",
    "RefundShare",
]
