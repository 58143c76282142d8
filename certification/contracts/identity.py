"""Identities (身份): who a merchant or a person is, and how sure we are of it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id


class IdentityKind(models.TextChoices):
    COMPANY = "company", _("Company")
    PERSON = "person", _("Person")


class IdentityState(models.TextChoices):
    DRAFT = "draft", _("Being filled in")
    CHECKING = "checking", _("Being checked")
    IN_REVIEW = "in_review", _("In review")
    NEEDS_MORE = "needs_more", _("More is needed")
    VERIFIED = "verified", _("Verified")
    REJECTED = "rejected", _("Rejected")
    EXPIRED = "expired", _("Expired")
    ERASED = "erased", _("Erased")


class CheckKind(models.TextChoices):
    REGISTRY = "registry", _("Name and number")
    PORTRAIT = "portrait", _("Portrait")
    ACCOUNT = "account", _("Small-amount transfer")


class CheckState(models.TextChoices):
    ASKED = "asked", _("Asked")
    PENDING = "pending", _("Waiting for an answer")
    PASSED = "passed", _("Passed")
    FAILED = "failed", _("Failed")
    GIVEN_UP = "given_up", _("No answer")


class PaperKind(models.TextChoices):
    BUSINESS_LICENCE = "business_licence", _("Business licence")
    ID_CARD_FRONT = "id_card_front", _("Identity card, front")
    ID_CARD_BACK = "id_card_back", _("Identity card, back")
    PASSPORT = "passport", _("Passport")
    PERMIT = "permit", _("Residence permit")
    PORTRAIT = "portrait", _("Portrait")
    AUTHORISATION = "authorisation", _("Letter of authorisation")
    OTHER = "other", _("Other paper")


class NumberKind(models.TextChoices):
    CREDIT_CODE = "credit_code", _("Unified social credit code")
    RESIDENT = "resident", _("Resident identity number")
    PASSPORT = "passport", _("Passport")
    OTHER = "other", _("Other number")


@dataclass(frozen=True)
class Subject:
    """Whose identity: a merchant's or a person's, by its id here."""

    kind: IdentityKind
    id: UUID

    @classmethod
    def merchant(cls, merchant_id: UUID) -> "Subject":
        return cls(IdentityKind.COMPANY, merchant_id)

    @classmethod
    def person(cls, person_id: UUID) -> "Subject":
        return cls(IdentityKind.PERSON, person_id)


@dataclass(frozen=True)
class Particulars:
    """What is stated of oneself. Personal. ``representative`` and ``representative_number`` are a
    company's legal representative (法定代表人)."""

    name: str = field(repr=False)
    number_kind: NumberKind
    number: str = field(repr=False)
    representative: str = field(default="", repr=False)
    representative_number: str = field(default="", repr=False)
    address: str = field(default="", repr=False)
    valid_until: date | None = None


@dataclass(frozen=True)
class CheckInfo:
    """One question to the provider, and its answer."""

    kind: CheckKind
    state: CheckState
    outcome: str
    asked_at: datetime
    answered_at: datetime | None
    last4: str = ""


@dataclass(frozen=True)
class PaperInfo:
    """A document, without its contents."""

    id: UUID
    kind: PaperKind
    content_type: str
    size: int
    sha256: str
    expires_on: date | None
    uploaded_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("idp", self.id)


@dataclass(frozen=True)
class AccessInfo:
    """Somebody read the particulars, or the paper of kind ``what``, in clear."""

    at: datetime
    actor: str
    what: str
    reason: str


@dataclass(frozen=True)
class IdentityInfo:
    """An identity as everyone may see it who may see it at all: personal fields masked."""

    id: UUID
    subject: Subject
    state: IdentityState
    level: str
    proven: tuple[str, ...]
    name_masked: str
    number_kind: NumberKind | None
    number_masked: str
    representative_masked: str
    valid_until: date | None
    reason: str
    claimed_by: UUID | None
    verified_at: datetime | None
    expires_at: datetime | None
    papers: tuple[PaperInfo, ...]
    checks: tuple[CheckInfo, ...]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("idn", self.id)
