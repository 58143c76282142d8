"""Payments, refunds, payouts, balances, wallets and ways to pay."""

from uuid import UUID

from payments.contracts import (
    ALIPAY,
    BANK_TRANSFER,
    BY_ATTEMPT,
    CARD,
    IN_HOUSE,
    OFFLINE_TEST,
    WALLET,
    WECHAT,
    Balance,
    BalanceTransaction,
    DepositInfo,
    DepositState,
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
    WalletBalance,
    WalletMovement,
)
from payments.errors import (
    AlreadyDeposited,
    BelowMinimum,
    ExternalIdTaken,
    GatewayNotConfigured,
    InsufficientBalance,
    IntentNotRefundable,
    InvalidPaymentMethod,
    InvalidShares,
    KeyReused,
    NoPayoutAccount,
    NotCapturable,
    NotWithdrawable,
    PaymentDeclined,
    PayoutsPaused,
    ProviderSettings,
    ProviderUnavailable,
    RefundTooLarge,
    TooLateToPay,
)
from payments.gateways.breaker import Health, health
from payments.gateways.stripe_protocol import EVENTS as CARD_EVENTS
from payments.selectors import (
    balance,
    balance_transactions_page,
    balances,
    credit,
    credited,
    credits_page,
    deposit,
    deposits_page,
    intent,
    intent_for,
    intents_page,
    open_credits,
    payout,
    payouts_page,
    refund,
    refunds_page,
    stuck_late_charges,
    wallet_balances,
    wallet_movements_page,
)
from payments.services import cancel_intent as _cancel
from payments.services import confirm_intent as _confirm
from payments.services import refund as _refund
from payments.services.availability import hold_back, release_due, schedule_availability
from payments.services.bank_credits import match_credit, return_credit
from payments.services.cancel_intent import cancel_intent, prepare_cancel
from payments.services.capture_intent import capture_intent
from payments.services.confirm_intent import confirm_intent, prepare_confirm, refresh_intent
from payments.services.create_intent import create_intent
from payments.services.gateway_account import configure_gateway
from payments.services.methods import TYPES as METHOD_TYPES
from payments.services.methods import Way, kind_of, ways
from payments.services.page_tokens import address as payment_page
from payments.services.page_tokens import intent_of as intent_of_page
from payments.services.page_tokens import token as page_token
from payments.services.payout import create_payout, send_payout
from payments.services.provider_account import FIELDS as PROVIDER_FIELDS
from payments.services.provider_account import ProviderInfo, configure_provider, provider, providers
from payments.services.refund import prepare_refund, refund_intent
from payments.services.saved_methods import (
    CONSENT_TEXT,
    CONSENT_VERSION,
    SavedCard,
    remove_card,
    saved_cards,
)
from payments.services.wallet import create_topup, withdraw

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
    "ALIPAY",
    "BANK_TRANSFER",
    "BY_ATTEMPT",
    "CARD",
    "CARD_EVENTS",
    "CONSENT_TEXT",
    "CONSENT_VERSION",
    "IN_HOUSE",
    "METHOD_TYPES",
    "OFFLINE_TEST",
    "PROVIDER_FIELDS",
    "WALLET",
    "WECHAT",
    "AlreadyDeposited",
    "Balance",
    "BalanceTransaction",
    "BelowMinimum",
    "DepositInfo",
    "DepositState",
    "ExternalIdTaken",
    "GatewayNotConfigured",
    "GatewayResult",
    "Health",
    "InsufficientBalance",
    "IntentInfo",
    "IntentNotRefundable",
    "IntentState",
    "InvalidPaymentMethod",
    "InvalidShares",
    "KeyReused",
    "NoPayoutAccount",
    "NotCapturable",
    "NotWithdrawable",
    "PaymentDeclined",
    "PayoutInfo",
    "PayoutState",
    "PayoutsPaused",
    "ProviderInfo",
    "ProviderSettings",
    "ProviderUnavailable",
    "RefundInfo",
    "RefundShare",
    "RefundShareInfo",
    "RefundState",
    "RefundTooLarge",
    "SavedCard",
    "Share",
    "ShareInfo",
    "TooLateToPay",
    "TrialBalance",
    "TrialRow",
    "WalletBalance",
    "WalletMovement",
    "Way",
    "balance",
    "balance_transactions",
    "balance_transactions_page",
    "balances",
    "cancel_intent",
    "capture_intent",
    "configure_gateway",
    "configure_provider",
    "confirm_intent",
    "create_intent",
    "create_payout",
    "create_topup",
    "credit",
    "credited",
    "credits_page",
    "deposit",
    "deposits_page",
    "health",
    "hold_back",
    "intent",
    "intent_for",
    "intent_of_page",
    "intents_page",
    "kind_of",
    "match_credit",
    "open_credits",
    "page_token",
    "payment_page",
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
    "provider",
    "providers",
    "record_cancel",
    "record_confirm",
    "record_refund",
    "refresh_intent",
    "refund",
    "refund_intent",
    "refunds_page",
    "release_due",
    "remove_card",
    "return_credit",
    "saved_cards",
    "schedule_availability",
    "send_payout",
    "stuck_late_charges",
    "wallet_balances",
    "wallet_movements_page",
    "ways",
    "withdraw",
]
