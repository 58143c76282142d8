"""The door of this context: payments (支付), refunds, balances, payouts, and the ledger behind.

Outside calls come in three parts: ``prepare_*`` and ``record_*`` belong into a transaction of the
caller's (or make their own), ``perform_*`` is called without one and answers a plain dict for
``record_*``. All may be repeated after a crash.
"""

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
from payments.contracts_fapiao import FAPIAO, FapiaoInfo, FapiaoState
from payments.contracts_guarantee import (
    REASONS,
    Acceptance,
    DisputeInfo,
    DisputeKind,
    DisputeState,
    EscrowInfo,
    EscrowState,
    InspectionInfo,
    Split,
    SplitInfo,
    SplitKind,
)
from payments.contracts_instalments import (
    InstalmentInfo,
    InstalmentPlanInfo,
    InstalmentTermsInfo,
)
from payments.contracts_invoices import (
    BuyerKind,
    BuyerTitle,
    GoodsTaxInfo,
    InvoiceBuyer,
    InvoiceKind,
    InvoiceLine,
    InvoiceRequestInfo,
    InvoiceType,
    LineChange,
    LineInput,
    RedReason,
    RequestState,
    SalesInvoiceInfo,
    TaxClass,
    TaxFound,
    Taxpayer,
    TaxProfile,
    Treatment,
)
from payments.contracts_terms import (
    ChangeInfo,
    FeeInvoiceInfo,
    PayoutStatement,
    PlanInfo,
    RuleInfo,
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
from payments.errors_guarantee import (
    AlreadyDisputed,
    ChangeWaits,
    DisputeClosed,
    EscrowFrozen,
    EscrowNotHeld,
    InspectionGiven,
    InvalidEvidence,
    InvalidSplit,
    NeedsSecondPerson,
    NotDisputable,
    PayoutsOnHold,
)
from payments.errors_invoices import (
    ExportTooLarge,
    FapiaoBusy,
    FapiaoNumberTaken,
    InvalidInvoice,
    InvalidTaxNumber,
    InvoiceAsked,
    InvoiceLinesDiffer,
    InvoiceUnprintable,
    NoIssuer,
    NothingToInvoice,
    NotPaidYet,
    RateNotAllowed,
    RefundInProgress,
    TaxCategoryMissing,
    TaxProfileMissing,
)
from payments.gateways.breaker import Health, health
from payments.ledger import alarms as _alarms
from payments.ledger.alarms import acknowledge_alarm, alarms, open_alarms
from payments.ledger.balances import trial_balance
from payments.ledger.beancount import journal
from payments.ledger.chain import (
    extend_ledger_chain,
    ledger_chain_hash,
    ledger_chain_head,
    verify_ledger_chain,
)
from payments.ledger_contracts import (
    AccountInfo,
    AlarmInfo,
    AlarmKind,
    EntryInfo,
    EntrySide,
    EntryState,
    Statement,
    StatementLine,
)
from payments.recon_contracts import (
    DayInfo,
    DaySheet,
    DayState,
    ExceptionInfo,
    ExceptionState,
    MovementInfo,
    Resolution,
    SideRow,
    StatementInfo,
)
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
from payments.selectors.books import (
    account,
    accounts_page,
    entries_page,
    entry,
    statement,
    statement_lines,
)
from payments.selectors.corrections import entries_of as correcting_entries
from payments.selectors.disputes import dispute, disputes_of, disputes_page, is_party
from payments.selectors.escrow import escrow, escrow_for, escrows_page
from payments.selectors.invoices import (
    buyer_titles,
    invoice_request,
    invoice_requests_page,
    requests_of,
    sales_invoice,
    sales_invoices_of,
    sales_invoices_page,
    tax_profile,
)
from payments.selectors.reconciliation import day as recon_day
from payments.selectors.reconciliation import days_page as recon_days_page
from payments.selectors.reconciliation import exception as recon_exception
from payments.selectors.reconciliation import exceptions_page as recon_exceptions_page
from payments.selectors.reconciliation import open_exceptions, statement_bytes
from payments.selectors.reconciliation import statements_page as recon_statements_page
from payments.selectors.statements import payout_statement
from payments.selectors.statements import statement as order_statement
from payments.services import cancel_intent as _cancel
from payments.services import confirm_intent as _confirm
from payments.services import refund as _refund
from payments.services.availability import release_due, schedule_availability
from payments.services.bank_account import change as account_change
from payments.services.bank_account import changes_page as account_changes_page
from payments.services.bank_account import confirm as confirm_account
from payments.services.bank_account import propose as propose_account
from payments.services.bank_account import refuse as refuse_account
from payments.services.bank_credits import match_credit, return_credit
from payments.services.cancel_intent import cancel_intent, prepare_cancel
from payments.services.capture_intent import capture_intent
from payments.services.confirm_intent import confirm_intent, prepare_confirm, refresh_intent
from payments.services.create_intent import create_intent
from payments.services.deposits import (
    begin_return,
    forfeit_deposit,
    freeze_deposit,
    return_deposit,
)
from payments.services.disputes import (
    add_evidence,
    answer,
    decide,
    open_complaint,
    withdraw_complaint,
)
from payments.services.evidence import file_of as evidence_file
from payments.services.exchange import exchange
from payments.services.fee_invoices import fee_invoice, fee_invoices_page
from payments.services.gateway_account import configure_gateway
from payments.services.guarantee import accept as accept_escrow
from payments.services.guarantee import deliver as deliver_escrow
from payments.services.guarantee import inspected, open_escrow
from payments.services.inspections import inspections_of, report_inspection
from payments.services.instalment_terms import remove_terms as remove_instalment_terms
from payments.services.instalment_terms import set_terms as set_instalment_terms
from payments.services.instalment_terms import terms_page as instalment_terms_page
from payments.services.instalments import instalment_plan, instalment_plans_page, open_plan
from payments.services.invoices.addresses import address as invoice_address
from payments.services.invoices.addresses import invoice_of as invoice_of_token
from payments.services.invoices.addresses import token as invoice_token
from payments.services.invoices.ask import cancel_request, decline_request, request_invoice
from payments.services.invoices.buyers import remove_title, save_title
from payments.services.invoices.documents import document as invoice_document
from payments.services.invoices.export import TYPES as INVOICE_FILE_TYPES
from payments.services.invoices.export import export as export_invoices
from payments.services.invoices.fapiao import (
    enter_fapiao,
    fapiao,
    fapiaos_of,
    fapiaos_page,
    issue_fapiao,
)
from payments.services.invoices.goods import (
    goods_tax,
    goods_taxes_page,
    remove_goods_tax,
    set_goods_tax,
    tax_classes,
)
from payments.services.invoices.goods import usable as tax_usable
from payments.services.invoices.issue import issue_invoice, issue_many
from payments.services.invoices.papers import pdf as invoice_pdf
from payments.services.invoices.papers import rate_text
from payments.services.invoices.profile import set_tax_profile
from payments.services.invoices.profile import usable_rates as tax_rates
from payments.services.invoices.red import reverse_invoice
from payments.services.manual_entries import approve_entry, propose_entry, reject_entry
from payments.services.methods import TYPES as METHOD_TYPES
from payments.services.methods import Way, kind_of, ways
from payments.services.page_tokens import address as payment_page
from payments.services.page_tokens import intent_of as intent_of_page
from payments.services.page_tokens import token as page_token
from payments.services.payout import create_payout, send_payout
from payments.services.plans import hold_payouts, resume_payouts
from payments.services.plans import plan as payout_plan
from payments.services.plans import plans_page as payout_plans_page
from payments.services.plans import set_plan as set_payout_plan
from payments.services.provider_account import FIELDS as PROVIDER_FIELDS
from payments.services.provider_account import (
    ProviderInfo,
    configure_provider,
    provider,
    providers,
)
from payments.services.rates import (
    Commission,
    add_rule,
    commission_for,
    commissions_for,
    commissions_on_orders,
    end_rule,
    rules_page,
)
from payments.services.reconciliation.compare import reconcile_day
from payments.services.reconciliation.resolve import resolve_exception
from payments.services.reconciliation.sheet import day_sheet
from payments.services.reconciliation.statements import take_statement
from payments.services.refund import prepare_refund, refund_intent
from payments.services.saved_methods import (
    CONSENT_TEXT,
    CONSENT_VERSION,
    SavedCard,
    remove_card,
    saved_cards,
)
from payments.services.sheets import TYPES as SHEET_TYPES
from payments.services.sheets import order_rows, payout_rows
from payments.services.sheets import written as sheet_file
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


def raise_ledger_alarm(kind: str, detail: str) -> None:
    """Raise an alarm of the ledger, at once and for good: commits by itself."""
    _alarms.raise_alarm(AlarmKind(kind), detail)


def end_ledger_alarm(kind: str) -> None:
    """What the alarm told of is so no more."""
    _alarms.end_alarm(AlarmKind(kind))


__all__ = [
    "ALIPAY",
    "BANK_TRANSFER",
    "BY_ATTEMPT",
    "CARD",
    "CONSENT_TEXT",
    "CONSENT_VERSION",
    "FAPIAO",
    "INVOICE_FILE_TYPES",
    "IN_HOUSE",
    "METHOD_TYPES",
    "OFFLINE_TEST",
    "PROVIDER_FIELDS",
    "REASONS",
    "SHEET_TYPES",
    "WALLET",
    "WECHAT",
    "Acceptance",
    "AccountInfo",
    "AlarmInfo",
    "AlarmKind",
    "AlreadyDeposited",
    "AlreadyDisputed",
    "Balance",
    "BalanceTransaction",
    "BelowMinimum",
    "BuyerKind",
    "BuyerTitle",
    "ChangeInfo",
    "ChangeWaits",
    "Commission",
    "DayInfo",
    "DaySheet",
    "DayState",
    "DepositInfo",
    "DepositState",
    "DisputeClosed",
    "DisputeInfo",
    "DisputeKind",
    "DisputeState",
    "EntryInfo",
    "EntrySide",
    "EntryState",
    "EscrowFrozen",
    "EscrowInfo",
    "EscrowNotHeld",
    "EscrowState",
    "ExceptionInfo",
    "ExceptionState",
    "ExportTooLarge",
    "ExternalIdTaken",
    "FapiaoBusy",
    "FapiaoInfo",
    "FapiaoNumberTaken",
    "FapiaoState",
    "FeeInvoiceInfo",
    "GatewayNotConfigured",
    "GatewayResult",
    "GoodsTaxInfo",
    "Health",
    "InspectionGiven",
    "InspectionInfo",
    "InstalmentInfo",
    "InstalmentPlanInfo",
    "InstalmentTermsInfo",
    "InsufficientBalance",
    "IntentInfo",
    "IntentNotRefundable",
    "IntentState",
    "InvalidEvidence",
    "InvalidInvoice",
    "InvalidPaymentMethod",
    "InvalidShares",
    "InvalidSplit",
    "InvalidTaxNumber",
    "InvoiceAsked",
    "InvoiceBuyer",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceLinesDiffer",
    "InvoiceRequestInfo",
    "InvoiceType",
    "InvoiceUnprintable",
    "KeyReused",
    "LineChange",
    "LineInput",
    "MovementInfo",
    "NeedsSecondPerson",
    "NoIssuer",
    "NoPayoutAccount",
    "NotCapturable",
    "NotDisputable",
    "NotPaidYet",
    "NotWithdrawable",
    "NothingToInvoice",
    "PaymentDeclined",
    "PayoutInfo",
    "PayoutState",
    "PayoutStatement",
    "PayoutsOnHold",
    "PayoutsPaused",
    "PlanInfo",
    "ProviderInfo",
    "ProviderSettings",
    "ProviderUnavailable",
    "RateNotAllowed",
    "RedReason",
    "RefundInProgress",
    "RefundInfo",
    "RefundShare",
    "RefundShareInfo",
    "RefundState",
    "RefundTooLarge",
    "RequestState",
    "Resolution",
    "RuleInfo",
    "SalesInvoiceInfo",
    "SavedCard",
    "Share",
    "ShareInfo",
    "SideRow",
    "Split",
    "SplitInfo",
    "SplitKind",
    "Statement",
    "StatementInfo",
    "StatementLine",
    "TaxCategoryMissing",
    "TaxClass",
    "TaxFound",
    "TaxProfile",
    "TaxProfileMissing",
    "Taxpayer",
    "TooLateToPay",
    "Treatment",
    "TrialBalance",
    "TrialRow",
    "WalletBalance",
    "WalletMovement",
    "Way",
    "accept_escrow",
    "account",
    "account_change",
    "account_changes_page",
    "accounts_page",
    "acknowledge_alarm",
    "add_evidence",
    "add_rule",
    "alarms",
    "answer",
    "approve_entry",
    "balance",
    "balance_transactions",
    "balance_transactions_page",
    "balances",
    "begin_return",
    "buyer_titles",
    "cancel_intent",
    "cancel_request",
    "capture_intent",
    "commission_for",
    "commissions_for",
    "commissions_on_orders",
    "configure_gateway",
    "configure_provider",
    "confirm_account",
    "confirm_intent",
    "correcting_entries",
    "create_intent",
    "create_payout",
    "create_topup",
    "credit",
    "credited",
    "credits_page",
    "day_sheet",
    "decide",
    "decline_request",
    "deliver_escrow",
    "deposit",
    "deposits_page",
    "dispute",
    "disputes_of",
    "disputes_page",
    "end_ledger_alarm",
    "end_rule",
    "enter_fapiao",
    "entries_page",
    "entry",
    "escrow",
    "escrow_for",
    "escrows_page",
    "evidence_file",
    "exchange",
    "export_invoices",
    "extend_ledger_chain",
    "fapiao",
    "fapiaos_of",
    "fapiaos_page",
    "fee_invoice",
    "fee_invoices_page",
    "forfeit_deposit",
    "freeze_deposit",
    "goods_tax",
    "goods_taxes_page",
    "health",
    "hold_payouts",
    "inspected",
    "inspections_of",
    "instalment_plan",
    "instalment_plans_page",
    "instalment_terms_page",
    "intent",
    "intent_for",
    "intent_of_page",
    "intents_page",
    "invoice_address",
    "invoice_document",
    "invoice_of_token",
    "invoice_pdf",
    "invoice_request",
    "invoice_requests_page",
    "invoice_token",
    "is_party",
    "issue_fapiao",
    "issue_invoice",
    "issue_many",
    "journal",
    "kind_of",
    "ledger_chain_hash",
    "ledger_chain_head",
    "match_credit",
    "open_alarms",
    "open_complaint",
    "open_credits",
    "open_escrow",
    "open_exceptions",
    "open_plan",
    "order_rows",
    "order_statement",
    "page_token",
    "payment_page",
    "payout",
    "payout_plan",
    "payout_plans_page",
    "payout_rows",
    "payout_statement",
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
    "propose_account",
    "propose_entry",
    "provider",
    "providers",
    "raise_ledger_alarm",
    "rate_text",
    "recon_day",
    "recon_days_page",
    "recon_exception",
    "recon_exceptions_page",
    "recon_statements_page",
    "reconcile_day",
    "record_cancel",
    "record_confirm",
    "record_refund",
    "refresh_intent",
    "refund",
    "refund_intent",
    "refunds_page",
    "refuse_account",
    "reject_entry",
    "release_due",
    "remove_card",
    "remove_goods_tax",
    "remove_instalment_terms",
    "remove_title",
    "report_inspection",
    "request_invoice",
    "requests_of",
    "resolve_exception",
    "resume_payouts",
    "return_credit",
    "return_deposit",
    "reverse_invoice",
    "rules_page",
    "sales_invoice",
    "sales_invoices_of",
    "sales_invoices_page",
    "save_title",
    "saved_cards",
    "schedule_availability",
    "send_payout",
    "set_goods_tax",
    "set_instalment_terms",
    "set_payout_plan",
    "set_tax_profile",
    "sheet_file",
    "statement",
    "statement_bytes",
    "statement_lines",
    "stuck_late_charges",
    "take_statement",
    "tax_classes",
    "tax_profile",
    "tax_rates",
    "tax_usable",
    "trial_balance",
    "verify_ledger_chain",
    "wallet_balances",
    "wallet_movements_page",
    "ways",
    "withdraw",
    "withdraw_complaint",
]
