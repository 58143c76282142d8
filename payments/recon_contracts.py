"""What the desk shows: statements, days, exceptions. Contracts of the facade."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import models

from kernel.ids import public_id
from kernel.money import Money


class DayState(models.TextChoices):
    """A day's light: green, red, or amber while a statement isn't there."""

    CLEAN = "clean"
    EXCEPTIONS = "exceptions"
    INCOMPLETE = "incomplete"


class ExceptionState(models.TextChoices):
    """``settled``: a later row made it agree. ``resolved``: somebody said how."""

    OPEN = "open"
    SETTLED = "settled"
    RESOLVED = "resolved"


class Resolution(models.TextChoices):
    """How an exception was dealt with. ``entry`` names the manual entry that corrects it."""

    NOTE = "note"
    ENTRY = "entry"
    COUNTERPARTY = "counterparty"


@dataclass(frozen=True, slots=True)
class StatementInfo:
    id: UUID
    side: str
    first: date
    last: date
    account: str
    sha256: str
    rows: int
    size: int
    uploaded: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DayInfo:
    """``figures``: rows and totals in minor units, by side."""

    day: date
    state: str
    open: int
    matched: int
    figures: dict[str, Any]
    absent: tuple[str, ...]
    problem: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SideRow:
    """One side's row in a day's comparison."""

    id: str
    kind: str
    amount: Money
    fee: Money | None
    party: str
    day: date


@dataclass(frozen=True, slots=True)
class MovementInfo:
    """One movement as the three sides tell it. ``state``: matched, waiting (a counterpart isn't
    due yet) or exception, then with ``faults``."""

    family: str
    document: str
    state: str
    faults: tuple[str, ...]
    gateway: tuple[SideRow, ...]
    ledger: tuple[SideRow, ...]
    bank: tuple[SideRow, ...]


@dataclass(frozen=True, slots=True)
class DaySheet:
    """A day's movements, those that don't agree first, and how many there are by state."""

    day: date
    movements: tuple[MovementInfo, ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class ExceptionInfo:
    """``ways``: the resolutions that are open to it."""

    id: UUID
    state: str
    kind: str
    where: str
    day: date
    document: str
    amount: Money
    expected: str
    found: str
    fix: str
    rows: tuple[dict[str, Any], ...]
    ways: tuple[str, ...]
    resolution: str
    note: str
    entry: str
    resolved_by: UUID | None
    resolved_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("rex", self.id)
