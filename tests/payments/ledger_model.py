"""The ledger once more, in memory and as plainly as can be: what the database function must do."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from payments.domain.transfer import Flag, Transfer

STICKY = {
    "debit_account_not_found",
    "credit_account_not_found",
    "pending_transfer_not_found",
    "exceeds_credits",
    "exceeds_debits",
}
KINDS = (
    Flag.NONE,
    Flag.PENDING,
    Flag.POST,
    Flag.VOID,
    Flag.VOID | Flag.EXPIRE,
)


@dataclass
class Counters:
    debits_pending: int = 0
    debits_posted: int = 0
    credits_pending: int = 0
    credits_posted: int = 0


@dataclass
class LedgerModel:
    """Accounts, transfers and failed ids; ``post`` decides a batch."""

    accounts: dict[UUID, Counters] = field(default_factory=dict)
    transfers: dict[UUID, Transfer] = field(default_factory=dict)
    failed: set[UUID] = field(default_factory=set)

    def post(self, batch: list[Transfer], now: datetime) -> list[str]:
        """A result code for each; chains are tried on a copy that is kept only if they hold."""
        for transfer in batch:
            for account in (transfer.debit, transfer.credit):
                self.accounts.setdefault(account.id, Counters())
        results: list[str] = []
        place = 0
        while place < len(batch):
            end = place
            while end < len(batch) and batch[end].flags & Flag.LINKED:
                end += 1
            results += self._chain(batch[place : end + 1], end == len(batch), now)
            place = end + 1
        return results

    def _chain(self, chain: list[Transfer], is_open: bool, now: datetime) -> list[str]:
        trial = copy.deepcopy(self)
        results = []
        for place, transfer in enumerate(chain):
            if is_open and place == len(chain) - 1:
                code = "linked_event_chain_open"
            else:
                code = trial._one(transfer, now)
            results.append(code)
            if code not in ("ok", "exists"):
                if code in STICKY:
                    self.failed.add(transfer.id)
                before = [r if r == "exists" else "linked_event_failed" for r in results[:-1]]
                return [*before, code, *["linked_event_failed"] * (len(chain) - place - 1)]
        self.__dict__.update(trial.__dict__)
        return results

    def _one(self, t: Transfer, now: datetime) -> str:
        if t.id in self.failed:
            return "id_already_failed"
        if t.id in self.transfers:
            return _exists(t, self.transfers[t.id])
        kind = Flag(t.flags & ~Flag.LINKED)
        if t.amount.amount <= 0:
            return "amount_must_be_positive"
        if kind not in KINDS or (kind in KINDS[2:]) != (t.pending_id is not None):
            return "flags_not_valid"
        if (t.expires_at and kind != Flag.PENDING) or t.pending_id == t.id:
            return "flags_not_valid"
        if t.debit.id == t.credit.id:
            return "accounts_must_be_different"
        if not t.debit.currency == t.credit.currency == t.amount.currency:
            return "currency_must_match"
        code = self._fresh(t) if kind in KINDS[:2] else self._resolve(t, kind, now)
        if code is not None:
            return code
        self.transfers[t.id] = t
        return "ok"

    def _fresh(self, t: Transfer) -> str | None:
        debit, credit, n = self.accounts[t.debit.id], self.accounts[t.credit.id], t.amount.amount
        if t.debit.debits_must_not_exceed_credits and (
            debit.debits_pending + debit.debits_posted + n > debit.credits_posted
        ):
            return "exceeds_credits"
        if t.credit.credits_must_not_exceed_debits and (
            credit.credits_pending + credit.credits_posted + n > credit.debits_posted
        ):
            return "exceeds_debits"
        if t.flags & Flag.PENDING:
            debit.debits_pending += n
            credit.credits_pending += n
        else:
            debit.debits_posted += n
            credit.credits_posted += n
        return None

    def _resolve(self, t: Transfer, kind: Flag, now: datetime) -> str | None:
        pending = self.transfers.get(t.pending_id) if t.pending_id else None
        if pending is None:
            return "pending_transfer_not_found"
        if not pending.flags & Flag.PENDING:
            return "pending_transfer_not_pending"
        if (pending.debit, pending.credit) != (t.debit, t.credit):
            return "pending_transfer_has_different_accounts"
        for other in self.transfers.values():
            if other.pending_id == pending.id:
                if other.flags & Flag.POST:
                    return "pending_transfer_already_posted"
                expired = other.flags & Flag.EXPIRE
                return "pending_transfer_expired" if expired else "pending_transfer_already_voided"
        if t.amount.amount > pending.amount.amount:
            return "exceeds_pending_transfer_amount"
        if kind != Flag.POST and t.amount.amount != pending.amount.amount:
            return "pending_transfer_has_different_amount"
        due = pending.expires_at is not None and pending.expires_at <= now
        if kind & Flag.EXPIRE and not due:
            return "pending_transfer_not_expired"
        if kind == Flag.POST and due:
            return "pending_transfer_expired"
        debit, credit = self.accounts[t.debit.id], self.accounts[t.credit.id]
        debit.debits_pending -= pending.amount.amount
        credit.credits_pending -= pending.amount.amount
        if kind == Flag.POST:
            debit.debits_posted += t.amount.amount
            credit.credits_posted += t.amount.amount
        return None


def _exists(one: Transfer, other: Transfer) -> str:
    """``exists``, or the first field that differs."""

    def fields(t: Transfer) -> dict[str, Any]:
        return {
            "flags": t.flags | Flag.LINKED, "pending_id": t.pending_id,
            "expires_at": t.expires_at, "debit_account": t.debit.id,
            "credit_account": t.credit.id, "amount": t.amount.amount,
            "currency": t.amount.currency, "code": t.code, "merchant": t.merchant_id,
            "reference": t.reference, "document": t.document,
        }  # fmt: skip

    theirs = fields(other)
    for name, value in fields(one).items():
        if value != theirs[name]:
            return f"exists_with_different_{name}"
    return "exists"
