"""What crosses this context's border about statutory invoices (数电发票)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

FAPIAO = "fapiao"  # the issuer's name among the providers
MANUAL = "manual"
WAITS = "waits_for_original"  # a red one whose blue one has no number yet


class FapiaoState(models.TextChoices):
    PENDING = "pending", _("Being issued")
    ISSUED = "issued", pgettext_lazy("invoice", "Issued")
    REFUSED = "refused", pgettext_lazy("invoice", "Refused")


@dataclass(frozen=True)
class FapiaoInfo:
    """How the statutory invoice stands; ``code`` and ``message``: why it was refused or waits."""

    id: UUID
    state: str
    invoice_id: UUID
    merchant_id: UUID
    issuer: str
    attempt: int
    number: str
    issued_at: datetime | None
    code: str
    message: str
    next_check_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime
