"""The ledger, corrections by hand, reconciliation."""

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
from payments.selectors.books import (
    account,
    accounts_page,
    entries_page,
    entry,
    statement,
    statement_lines,
)
from payments.selectors.corrections import entries_of as correcting_entries
from payments.selectors.reconciliation import day as recon_day
from payments.selectors.reconciliation import days_page as recon_days_page
from payments.selectors.reconciliation import exception as recon_exception
from payments.selectors.reconciliation import exceptions_page as recon_exceptions_page
from payments.selectors.reconciliation import open_exceptions, statement_bytes
from payments.selectors.reconciliation import statements_page as recon_statements_page
from payments.services.exchange import exchange
from payments.services.manual_entries import approve_entry, propose_entry, reject_entry
from payments.services.reconciliation.compare import FIRST_DAY, reconcile_day
from payments.services.reconciliation.resolve import resolve_exception
from payments.services.reconciliation.sheet import day_sheet
from payments.services.reconciliation.statements import take_statement


def raise_ledger_alarm(kind: str, detail: str) -> None:
    """Raise an alarm of the ledger, at once and for good: commits by itself."""
    _alarms.raise_alarm(AlarmKind(kind), detail)


def end_ledger_alarm(kind: str) -> None:
    """What the alarm told of is so no more."""
    _alarms.end_alarm(AlarmKind(kind))


__all__ = [
    "FIRST_DAY",
    "AccountInfo",
    "AlarmInfo",
    "AlarmKind",
    "DayInfo",
    "DaySheet",
    "DayState",
    "EntryInfo",
    "EntrySide",
    "EntryState",
    "ExceptionInfo",
    "ExceptionState",
    "MovementInfo",
    "Resolution",
    "SideRow",
    "Statement",
    "StatementInfo",
    "StatementLine",
    "account",
    "accounts_page",
    "acknowledge_alarm",
    "alarms",
    "approve_entry",
    "correcting_entries",
    "day_sheet",
    "end_ledger_alarm",
    "entries_page",
    "entry",
    "exchange",
    "extend_ledger_chain",
    "journal",
    "ledger_chain_hash",
    "ledger_chain_head",
    "open_alarms",
    "open_exceptions",
    "propose_entry",
    "raise_ledger_alarm",
    "recon_day",
    "recon_days_page",
    "recon_exception",
    "recon_exceptions_page",
    "recon_statements_page",
    "reconcile_day",
    "reject_entry",
    "resolve_exception",
    "statement",
    "statement_bytes",
    "statement_lines",
    "take_statement",
    "trial_balance",
    "verify_ledger_chain",
]
