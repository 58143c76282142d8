"""What crosses this context's border about the ledger: frozen dataclasses and enums."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.ids import public_id
from kernel.money import Money


class AlarmKind(models.TextChoices):
    CHECK = "check", _("A database check tripped")
    SUMS = "sums", _("Debits and credits differ")
    COUNTERS = "counters", _("Counters differ from the transfers")
    CHAIN_BEHIND = "chain_behind", _("The hash chain is behind")
    CHAIN_BROKEN = "chain_broken", _("The hash chain is broken")
    SEAL_MISSING = "seal_missing", _("The daily seal is missing")


class EntryState(models.TextChoices):
    PROPOSED = "proposed", _("Waits for a second person")
    APPROVED = "approved", pgettext_lazy("entry", "Booked")
    REJECTED = "rejected", pgettext_lazy("entry", "Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


@dataclass(frozen=True)
class AlarmInfo:
    """One alarm; open until ``ended_at``."""

    id: UUID
    kind: str
    detail: str
    raised_at: datetime
    ended_at: datetime | None
    note: str

    @property
    def public_id(self) -> str:
        return public_id("lal", self.id)


@dataclass(frozen=True)
class AccountInfo:
    """An account with its four counters. ``balance`` is what stands on its own side, ``held`` what
    pending transfers will take from it, ``available`` what is left; all in its currency."""

    id: UUID
    code: str
    currency: str
    owner: UUID | None
    debits_posted: int
    credits_posted: int
    debits_pending: int
    credits_pending: int
    debit_side: bool
    limited: bool

    @property
    def public_id(self) -> str:
        return public_id("acc", self.id)

    @property
    def balance(self) -> Money:
        sign = 1 if self.debit_side else -1
        return Money(sign * (self.debits_posted - self.credits_posted), self.currency)

    @property
    def held(self) -> Money:
        leaving = self.credits_pending if self.debit_side else self.debits_pending
        return Money(leaving, self.currency)

    @property
    def available(self) -> Money:
        return self.balance - self.held

    @property
    def debits(self) -> Money:
        return Money(self.debits_posted, self.currency)

    @property
    def credits(self) -> Money:
        return Money(self.credits_posted, self.currency)


@dataclass(frozen=True)
class StatementLine:
    """One posted transfer as an account sees it: ``amount`` signed by its effect on the balance,
    ``balance`` after it. ``other`` is the account on the other side."""

    id: UUID
    code: str
    debit: bool
    amount: Money
    balance: Money
    other_code: str
    other_owner: UUID | None
    reference: str
    document: str
    business_at: datetime
    booked_at: datetime


@dataclass(frozen=True)
class Statement:
    """An account's posted transfers in ``[since, until)`` of booking time, oldest first."""

    account: AccountInfo
    since: datetime | None
    until: datetime | None
    opening: Money
    closing: Money
    lines: tuple[StatementLine, ...]
    has_more: bool
    next_cursor: str | None


@dataclass(frozen=True)
class EntrySide:
    """One side of a manual entry: an account by its code and owner."""

    code: str
    owner: UUID | None = None


@dataclass(frozen=True)
class EntryInfo:
    """A manual entry (手工分录): proposed by one operator, booked when another approves.
    ``bought``: it is an exchange, and this comes into the wallet for ``amount``."""

    id: UUID
    state: str
    name: str
    reason: str
    debit: EntrySide
    credit: EntrySide
    amount: Money
    reference: str
    proposed_by: UUID
    decided_by: UUID | None
    decided_at: datetime | None
    note: str
    created_at: datetime
    updated_at: datetime
    version: int
    bought: Money | None = None

    @property
    def public_id(self) -> str:
        return public_id("men", self.id)
