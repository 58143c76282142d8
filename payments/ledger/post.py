"""Posting to the ledger: everything goes through the one database function."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from django.db import IntegrityError

from kernel import clock
from kernel.failpoints import hit
from kernel.transactions import cursor, table_of
from payments.domain.chart import Account
from payments.domain.transfer import Flag, Transfer
from payments.ledger.alarms import check_tripped

SUCCESS = frozenset({"ok", "exists"})
CHECK_VIOLATION = "23514"
__all__ = ["SUCCESS", "Flag", "LedgerRefused", "Transfer", "lock_accounts", "post", "post_all"]


class LedgerRefused(Exception):
    """The ledger refused a transfer that should have gone through. ``result`` says why."""

    def __init__(self, results: Sequence[str], transfers: Sequence[Transfer]) -> None:
        self.results = list(results)
        wrong = [
            (result, transfer)
            for result, transfer in zip(results, transfers, strict=True)
            if result not in SUCCESS
        ]
        causes = [pair for pair in wrong if pair[0] != "linked_event_failed"] or wrong
        self.result, self.transfer = causes[0]
        super().__init__(f"{self.result}: {self.transfer.code} {self.transfer.id}")


def post(
    transfers: Sequence[Transfer], *, open_accounts: bool = True, lock: Iterable[Account] = ()
) -> list[str]:
    """Decide the transfers in order, in the caller's transaction; a result code for each.

    ``open_accounts`` opens accounts that don't exist yet. ``lock`` names more accounts to lock.
    All locks are taken in id order; more than one call in a transaction should lock everything
    with the first.
    """
    accounts = {account.id: account for account in lock}
    if open_accounts:
        for transfer in transfers:
            accounts[transfer.debit.id] = transfer.debit
            accounts[transfer.credit.id] = transfer.credit
    return post_rows([_row(t) for t in transfers], [_account(a) for a in accounts.values()])


def post_rows(transfers: list[dict[str, Any]], accounts: list[dict[str, Any]]) -> list[str]:
    """``post`` for those who already have plain rows, as the function takes them."""
    try:
        with cursor() as sql:
            sql.execute(
                "SELECT ledger_post(%s::jsonb, %s::jsonb, %s, %s)",
                [
                    orjson.dumps(transfers).decode(),
                    orjson.dumps(accounts).decode(),
                    clock.system(),
                    clock.business(),
                ],
            )
            row = sql.fetchone()
    except IntegrityError as error:
        # The function decides by the limits itself: a CHECK only trips where it is wrong. Those of
        # other tables are of what travelled with it.
        of_ledger = table_of(error).startswith("ledger_")
        if of_ledger and getattr(error.__cause__, "sqlstate", "") == CHECK_VIOLATION:
            check_tripped(error)
        raise
    results: list[str] = row[0]
    return results


def post_all(transfers: Sequence[Transfer], *, linked: bool = True) -> None:
    """Post what must go through, as one chain. Raises LedgerRefused, and then nothing of it is
    kept by the ledger; the caller's transaction should fall with it."""
    if not transfers:
        return
    if linked:
        transfers = [*[t.linked() for t in transfers[:-1]], transfers[-1]]
    results = post(transfers)
    hit("payments.ledger.posted")
    if not SUCCESS.issuperset(results):
        raise LedgerRefused(results, transfers)


def lock_accounts(accounts: Iterable[Account]) -> None:
    """Open these accounts, and lock those with a limit (in id order) until the caller's
    transaction ends. Nothing is decided by the balance of the others."""
    post([], lock=accounts)


def _row(t: Transfer) -> dict[str, Any]:
    return {
        "id": t.id,
        "debit": t.debit.id,
        "credit": t.credit.id,
        "amount": t.amount.amount,
        "currency": t.amount.currency,
        "code": t.code,
        "flags": int(t.flags),
        "pending_id": t.pending_id,
        "expires_at": t.expires_at,
        "journal": t.journal,
        "merchant_id": t.merchant_id,
        "reference": t.reference,
        "document": t.document,
    }


def _account(a: Account) -> dict[str, Any]:
    return {
        "id": a.id,
        "currency": a.currency,
        "code": a.code,
        "owner": a.owner,
        "limit_debits": a.debits_must_not_exceed_credits,
        "limit_credits": a.credits_must_not_exceed_debits,
    }
