"""What crosses this context's border about escrow, disputes and merchants' terms."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.ids import public_id
from kernel.money import Money


class EscrowState(models.TextChoices):
    AWAITING = "awaiting_payment", _("Waits for the payment")
    HELD = "held", _("Held")
    FROZEN = "frozen", _("Frozen by a dispute")
    RELEASED = "released", pgettext_lazy("escrow", "Released")
    RETURNED = "returned", _("Given back")
    CANCELED = "canceled", _("Cancelled")


class Acceptance(models.TextChoices):
    """What releases the money: the buyer's word (or time after delivery), time alone, or the
    result of an inspection."""

    BUYER = "buyer", _("The buyer confirms, or time passes")
    TIME = "time", _("Time passes after delivery")
    INSPECTION = "inspection", _("An inspection releases")


class SplitKind(models.TextChoices):
    LOGISTICS = "logistics", _("Carriage")
    TAX = "tax", _("Tax")
    SERVICE = "service", _("Service")


@dataclass(frozen=True)
class Split:
    """A part of the merchant's money that goes to somebody else at release."""

    kind: str
    amount: Money
    name: str = ""
    payee_id: UUID | None = None


@dataclass(frozen=True)
class SplitInfo:
    kind: str
    name: str
    payee_id: UUID | None
    amount: Money
    paid: Money


@dataclass(frozen=True)
class EscrowInfo:
    """``amount`` (the buyer's) + ``subsidy`` (the platform's) = ``commission`` + what is the
    merchant's. Of that, ``released`` (with what went
    to others) and ``returned`` to the buyer are gone; ``held`` is still there."""

    id: UUID
    state: str
    intent_id: UUID
    merchant_id: UUID
    payer_id: UUID | None
    reference: str
    accept: str
    release_days: int
    amount: Money
    commission: Money
    subsidy: Money
    refunded: Money
    released: Money
    held: Money
    splits: tuple[SplitInfo, ...]
    delivered_at: datetime | None
    release_at: datetime | None
    accepted_at: datetime | None
    inspected: Decimal | None
    inspection_report: str
    external_id: str | None
    metadata: dict[str, str]
    created_at: datetime
    updated_at: datetime
    version: int
    token: str = field(default="", repr=False)

    @property
    def public_id(self) -> str:
        return public_id("esc", self.id)


class DisputeKind(models.TextChoices):
    COMPLAINT = "complaint", _("Complaint")
    CHARGEBACK = "chargeback", _("Chargeback")


class DisputeState(models.TextChoices):
    """Won and lost are said from the merchant's side."""

    NEEDS_RESPONSE = "needs_response", _("Waits for the merchant's answer")
    UNDER_REVIEW = "under_review", _("Being decided")
    WON = "won", _("Decided for the merchant")
    LOST = "lost", _("Decided for the buyer")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Side(models.TextChoices):
    BUYER = "buyer", _("Buyer")
    MERCHANT = "merchant", _("Merchant")
    OPERATOR = "operator", _("Operator")


REASONS = (
    "not_received",
    "not_as_described",
    "damaged",
    "wrong_quantity",
    "fraudulent",
    "duplicate",
    "other",
)


class EvidenceAbout(models.TextChoices):
    """What a file shows (证据种类); a bank takes one file of each from the merchant's side."""

    OTHER = "other", _("Something else")
    RECEIPT = "receipt", _("Receipt or invoice")
    SHIPPING = "shipping", _("Shipping and delivery")
    COMMUNICATION = "communication", _("What was said with the buyer")
    SERVICE = "service", _("The service that was given")
    POLICY = "policy", _("Terms of return")


@dataclass(frozen=True)
class EvidenceInfo:
    """``text`` is empty once it was erased."""

    id: UUID
    side: str
    about: str
    text: str
    file_name: str
    file_type: str
    file_size: int
    file_sha256: str
    created_at: datetime


@dataclass(frozen=True)
class DisputeInfo:
    """``amount`` is what it is about, ``refunded`` what the decision gave the buyer."""

    id: UUID
    kind: str
    state: str
    intent_id: UUID
    merchant_id: UUID | None
    payer_id: UUID | None
    reference: str
    amount: Money
    refunded: Money
    fee: Money
    reason: str
    due_at: datetime
    answered_at: datetime | None
    decided_at: datetime | None
    decision: str
    refund_id: UUID | None
    evidence: tuple[EvidenceInfo, ...]
    created_at: datetime
    updated_at: datetime
    version: int

    @property
    def public_id(self) -> str:
        return public_id("dsp", self.id)

    @property
    def open(self) -> bool:
        return self.state in (DisputeState.NEEDS_RESPONSE, DisputeState.UNDER_REVIEW)


class InspectionResult(models.TextChoices):
    PASSED = "passed", pgettext_lazy("inspection", "Passed")
    FAILED = "failed", pgettext_lazy("inspection", "Failed")


@dataclass(frozen=True)
class InspectionInfo:
    """What an inspector found; ``effect``: released, disputed, refunded, or noted."""

    id: UUID
    escrow_id: UUID
    report: str
    result: str
    document_sha256: str
    note: str
    effect: str
    dispute_id: UUID | None
    reported_by: str
    at: datetime

    @property
    def public_id(self) -> str:
        return public_id("eni", self.id)
