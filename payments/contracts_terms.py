"""What crosses this context's border about merchants' terms, statements and fee invoices."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from kernel.money import Money


class Interval(models.TextChoices):
    MANUAL = "manual", _("When asked for")
    DAILY = "daily", _("Every day")
    WEEKLY = "weekly", _("Every week")
    MONTHLY = "monthly", _("Every month")


class ChangeState(models.TextChoices):
    PROPOSED = "proposed", _("Waits for a second person")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


@dataclass(frozen=True)
class PlanInfo:
    """A merchant's payout plan; ``pause`` says why nothing is paid out now, if so."""

    merchant_id: UUID
    interval: str
    day: int
    minimum: Money
    hold_days: int
    next_run_at: datetime | None
    paused_until: datetime | None
    pause: str
    failures: int
    version: int
    upcoming: "UpcomingPlan | None" = None


@dataclass(frozen=True)
class UpcomingPlan:
    """What holds from ``valid_from`` (business time) on."""

    interval: str
    day: int
    minimum: Money
    hold_days: int
    valid_from: datetime


@dataclass(frozen=True)
class ChangeInfo:
    id: UUID
    state: str
    merchant_id: UUID
    bank: str
    last4: str
    proposed_by: UUID
    decided_by: UUID | None
    decided_at: datetime | None
    reason: str
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("bac", self.id)


@dataclass(frozen=True)
class StatementLine:
    """What one order brought and cost in a period. ``net`` = gross − refund − commission − fee −
    tax − carriage; ``other`` is none of them (deposits kept, parts of others' orders)."""

    reference: str
    gross: Money
    refund: Money
    commission: Money
    fee: Money
    tax: Money
    carriage: Money
    other: Money
    net: Money


@dataclass(frozen=True)
class Statement:
    """Orders of a period with their sums; ``tied`` when the ledger says the same."""

    currency: str
    since: datetime | None
    until: datetime | None
    lines: tuple[StatementLine, ...]
    total: StatementLine
    tied: bool


@dataclass(frozen=True)
class PayoutLine:
    """One movement that a payout is made of."""

    at: datetime
    type: str
    reference: str
    amount: Money


@dataclass(frozen=True)
class PayoutStatement:
    """``opening`` + the lines − ``amount`` = ``closing``: all since the payout before."""

    payout_id: UUID
    opening: Money
    lines: tuple[PayoutLine, ...]
    amount: Money
    closing: Money
    orders: Statement
    tied: bool


@dataclass(frozen=True)
class FeeInvoiceInfo:
    id: UUID
    number: str
    merchant_id: UUID
    month: date
    lines: tuple[tuple[str, Money], ...]
    total: Money
    issued_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("fin", self.id)


@dataclass(frozen=True)
class RuleInfo:
    id: UUID
    merchant_id: UUID | None
    category: str
    rate: Decimal
    fixed: int
    minimum: int
    currency: str
    valid_from: datetime
    valid_until: datetime | None
    note: str
    level: str

    @property
    def public_id(self) -> str:
        return public_id("cmr", self.id)
