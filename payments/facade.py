"""The door of this context: payments (支付), refunds, balances, payouts, and the ledger behind.

Outside calls come in three parts: ``prepare_*`` and ``record_*`` belong into a transaction of the
caller's (or make their own), ``perform_*`` is called without one and answers a plain dict for
``record_*``. All may be repeated after a crash.
"""

from uuid import UUID

from payments.contracts import (
    CARD,
    OFFLINE_TEST,
    Balance,
    BalanceTransaction,
    GatewayResult,
    IntentInfo,
    IntentState,
    Outcome,
    PayoutInfo,
    PayoutState,
    RefundInfo,
    RefundShare,
    RefundShareInfo,
    RefundState,
    Share,
    ShareInfo,
    TrialBalance,
    TrialRow,
)
from payments.errors import (
    BelowMinimum,
    ExternalIdTaken,
    GatewayNotConfigured,
    InsufficientBalance,
    IntentNotRefundable,
    InvalidPaymentMethod,
    InvalidShares,
    KeyReused,
    NoPayoutAccount,
    PaymentDeclined,
    PayoutsPaused,
    RefundTooLarge,
)
from payments.ledger.balances import trial_balance
from payments.ledger.chain import extend_ledger_chain, verify_ledger_chain
from payments.selectors import (
    balance,
    balance_transactions_page,
    balances,
    intent,
    intent_for,
    intents_page,
    payout,
    payouts_page,
    refund,
    refunds_page,
)
from payments.services import cancel_intent as _cancel
from payments.services import confirm_intent as _confirm
from payments.services import refund as _refund
from payments.services.availability import release_due, schedule_availability
from payments.services.cancel_intent import cancel_intent, prepare_cancel
from payments.services.confirm_intent import confirm_intent, prepare_confirm, refresh_intent
from payments.services.create_intent import create_intent
from payments.services.gateway_account import configure_gateway
from payments.services.payout import create_payout, send_payout
from payments.services.refund import prepare_refund, refund_intent

balance_transactions = balance_transactions_page
payouts = payouts_page


def perform_confirm(*, intent_id: UUID) -> GatewayResult:
    """Ask the gateway to collect, outside of any transaction; for ``record_confirm``."""
    return _confirm.perform_confirm(intent_id=intent_id).as_dict()


def perform_query(*, intent_id: UUID) -> GatewayResult:
    """How the payment stands, by our own record if that is final, else by asking."""
    return _confirm.perform_query(intent_id=intent_id).as_dict()


def record_confirm(*, intent_id: UUID, result: GatewayResult) -> IntentInfo:
    """Commit the answer; a capture is booked once, whoever brings it first."""
    return _confirm.record_confirm(intent_id=intent_id, outcome=Outcome.from_dict(result))


def perform_cancel(*, intent_id: UUID) -> GatewayResult:
    """Cancel at the gateway, outside of any transaction; for ``record_cancel``."""
    return _cancel.perform_cancel(intent_id=intent_id).as_dict()


def record_cancel(*, intent_id: UUID, result: GatewayResult) -> IntentInfo:
    """Commit the outcome: ``canceled``, or ``succeeded`` if the capture was faster."""
    return _cancel.record_cancel(intent_id=intent_id, outcome=Outcome.from_dict(result))


def perform_refund(*, refund_id: UUID) -> GatewayResult:
    """Ask the gateway to refund, outside of any transaction; for ``record_refund``."""
    return _refund.perform_refund(refund_id=refund_id).as_dict()


def perform_refund_query(*, refund_id: UUID) -> GatewayResult:
    """How the refund stands, by our own record if that is final, else by asking."""
    return _refund.perform_refund_query(refund_id=refund_id).as_dict()


def record_refund(*, refund_id: UUID, result: GatewayResult) -> RefundInfo:
    """Commit the answer; a refund is booked once, whoever brings it first."""
    return _refund.record_refund(refund_id=refund_id, outcome=Outcome.from_dict(result))


__all__ = [
    "CARD",
    "OFFLINE_TEST",
    "Balance",
    "BalanceTransaction",
    "BelowMinimum",
    "ExternalIdTaken",
    "GatewayNotConfigured",
    "GatewayResult",
    "InsufficientBalance",
    "IntentInfo",
    "IntentNotRefundable",
    "IntentState",
    "InvalidPaymentMethod",
    "InvalidShares",
    "KeyReused",
    "NoPayoutAccount",
    "PaymentDeclined",
    "PayoutInfo",
    "PayoutState",
    "PayoutsPaused",
    "RefundInfo",
    "RefundShare",
    "RefundShareInfo",
    "RefundState",
    "RefundTooLarge",
    "Share",
    "ShareInfo",
    "TrialBalance",
    "TrialRow",
    "balance",
    "balance_transactions",
    "balance_transactions_page",
    "balances",
    "cancel_intent",
    "configure_gateway",
    "confirm_intent",
    "create_intent",
    "create_payout",
    "extend_ledger_chain",
    "intent",
    "intent_for",
    "intents_page",
    "payout",
    "payouts",
    "payouts_page",
    "perform_cancel",
    "perform_confirm",
    "perform_query",
    "perform_refund",
    "perform_refund_query",
    "prepare_cancel",
    "prepare_confirm",
    "prepare_refund",
    "record_cancel",
    "record_confirm",
    "record_refund",
    "refresh_intent",
    "refund",
    "refund_intent",
    "refunds_page",
    "release_due",
    "schedule_availability",
    "send_payout",
    "trial_balance",
    "verify_ledger_chain",
]
