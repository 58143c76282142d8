"""The tables of this context."""

from kernel.statements import Rows
from payments.models.credit import BankCredit
from payments.models.deposit import Deposit
from payments.models.dispute import Dispute, DisputeEvidence, DisputePart
from payments.models.escrow import Escrow, EscrowSplit, Reserve
from payments.models.fapiao import Fapiao
from payments.models.gateway import GatewayAccount, GatewayEvent
from payments.models.goods_tax import GoodsTax
from payments.models.inspection import EscrowInspection
from payments.models.instalments import Instalment, InstalmentPlan, InstalmentTerms
from payments.models.intent import Attempt, IntentShare, PaymentIntent
from payments.models.late import LateCharge
from payments.models.ledger import (
    LedgerAccount,
    LedgerAlarm,
    LedgerFailure,
    LedgerLink,
    LedgerStripe,
    LedgerTransfer,
)
from payments.models.manual_entry import ManualEntry
from payments.models.method import SavedMethod
from payments.models.payout import Payout
from payments.models.provider import ProviderAccount, ProviderHealth
from payments.models.reconciliation import ReconDay, ReconException, ReconStatement
from payments.models.refund import Refund, RefundShare
from payments.models.sales_invoice import (
    BuyerTitle,
    InvoiceRequest,
    InvoiceSeries,
    SalesInvoice,
    TaxProfile,
)
from payments.models.terms import AccountChange, CommissionRule, FeeInvoice, PayoutPlan

INTENTS = Rows(PaymentIntent, later=True)
SHARES = Rows(IntentShare, later=True)
ATTEMPTS = Rows(Attempt, later=True)
ESCROWS = Rows(Escrow, later=True)
RULES = Rows(CommissionRule)
GATEWAY_EVENTS = Rows(GatewayEvent)

__all__ = [
    "ATTEMPTS",
    "ESCROWS",
    "GATEWAY_EVENTS",
    "INTENTS",
    "RULES",
    "SHARES",
    "AccountChange",
    "Attempt",
    "BankCredit",
    "BuyerTitle",
    "CommissionRule",
    "Deposit",
    "Dispute",
    "DisputeEvidence",
    "DisputePart",
    "Escrow",
    "EscrowInspection",
    "EscrowSplit",
    "Fapiao",
    "FeeInvoice",
    "GatewayAccount",
    "GatewayEvent",
    "GoodsTax",
    "Instalment",
    "InstalmentPlan",
    "InstalmentTerms",
    "IntentShare",
    "InvoiceRequest",
    "InvoiceSeries",
    "LateCharge",
    "LedgerAccount",
    "LedgerAlarm",
    "LedgerFailure",
    "LedgerLink",
    "LedgerStripe",
    "LedgerTransfer",
    "ManualEntry",
    "PaymentIntent",
    "Payout",
    "PayoutPlan",
    "ProviderAccount",
    "ProviderHealth",
    "ReconDay",
    "ReconException",
    "ReconStatement",
    "Refund",
    "RefundShare",
    "Reserve",
    "SalesInvoice",
    "SavedMethod",
    "TaxProfile",
]
