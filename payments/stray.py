"""Contracts about money that isn't simply a payment: late charges, transfers that came in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from kernel.money import Money


class LateState(models.TextChoices):
    """What became of a charge that came after the payment was settled otherwise."""

    PENDING = "pending", _("Being given back")
    RETURNED = "returned", _("Given back")
    FAILED = "failed", _("Couldn't be given back")


class CreditState(models.TextChoices):
    """What became of a transfer to one of our virtual accounts."""

    MATCHED = "matched", _("Matched")
    UNMATCHED = "unmatched", _("Nobody's payment")
    UNDERPAID = "underpaid", _("Too little")
    OVERPAID = "overpaid", _("Too much")
    RETURNING = "returning", _("Being returned")
    RETURNED = "returned", _("Returned")


@dataclass(frozen=True)
class CreditInfo:
    """A transfer that came in. ``used`` of it went to ``intent_id``; ``left`` waits.

    ``suggestion`` is ``match`` (with ``suggested``), ``return`` or ``wait``; ``payer`` shows who
    paid, shortened.
    """

    id: UUID
    state: str
    account: str
    amount: Money
    used: Money
    left: Money
    returned: Money
    intent_id: UUID | None
    payer: str
    remittance: str
    reason: str
    suggestion: str
    suggested: UUID | None
    failure_code: str
    received_at: datetime
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("bcr", self.id)
