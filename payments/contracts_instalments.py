"""What crosses this context's border about instalments."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from kernel.money import Money


class PlanState(models.TextChoices):
    ACTIVE = "active", _("Being paid")
    COMPLETED = "completed", _("Paid in full")
    DEFAULTED = "defaulted", _("Not paid in time")
    CANCELED = "canceled", _("Cancelled")


class OnDefault(models.TextChoices):
    """What becomes of what was paid when the rest isn't."""

    KEEP = "keep", _("It stays held")
    FORFEIT = "forfeit", _("The merchant keeps it")
    REFUND = "refund", _("The buyer gets it back")


@dataclass(frozen=True)
class InstalmentInfo:
    """``state``: due (not yet paid), overdue, paid, ended (not paid, and never will be)."""

    place: int
    state: str
    amount: Money
    due_at: datetime
    paid_at: datetime | None
    intent_id: UUID
    escrow_id: UUID


@dataclass(frozen=True)
class InstalmentPlanInfo:
    id: UUID
    state: str
    merchant_id: UUID
    reference: str
    amount: Money
    paid: Money
    on_default: str
    grace_days: int
    remind_days: int
    instalments: tuple[InstalmentInfo, ...]
    external_id: str | None
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime
    version: int
    token: str = field(default="", repr=False)

    @property
    def public_id(self) -> str:
        return public_id("ins", self.id)


@dataclass(frozen=True)
class InstalmentTermsInfo:
    """The platform's terms from ``valid_from`` on; ``holds``: plans opened now are looked at by
    them; ``upcoming``: they begin later. ``first_percent`` in per cent of the whole, days from
    the opening."""

    id: UUID
    first_percent: int
    most_parts: int
    longest_days: int
    most_grace_days: int
    valid_from: datetime
    note: str
    holds: bool
    upcoming: bool
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("itm", self.id)
