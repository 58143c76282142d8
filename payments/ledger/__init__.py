"""The double-entry ledger inside PostgreSQL; docs/ledger.md."""

from payments.ledger.balances import account_balances, merchant_balances, trial_balance
from payments.ledger.post import (
    SUCCESS,
    Flag,
    LedgerRefused,
    Transfer,
    lock_accounts,
    post,
    post_all,
)

__all__ = [
    "SUCCESS",
    "Flag",
    "LedgerRefused",
    "Transfer",
    "account_balances",
    "lock_accounts",
    "merchant_balances",
    "post",
    "post_all",
    "trial_balance",
]
