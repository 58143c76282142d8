"""What crosses the border of journeys about applications to become a merchant (商户入驻)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id


class ApplicationState(models.TextChoices):
    """``submitted``: identity and agreement are being settled; ``approved``: may sell, sets up its
    shop; ``open``: everything is there; ``closed``: nobody answered in time."""

    DRAFT = "draft", _("Being filled in")
    SUBMITTED = "submitted", _("Handed in")
    IN_REVIEW = "in_review", _("In review")
    NEEDS_MORE = "needs_more", _("More is needed")
    APPROVED = "approved", _("Approved")
    OPEN = "open", _("Shop open")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    CLOSED = "closed", _("Closed")
    ERASED = "erased", _("Erased")


class DocumentKind(models.TextChoices):
    """Papers that a platform may ask for. Licences by the Food Safety Law (食品安全法) art. 35 and
    the regulations on drugs, medical devices and publications."""

    BUSINESS_LICENCE = "business_licence", _("Business licence")
    FOOD_LICENCE = "food_licence", _("Food business licence")
    DRUG_LICENCE = "drug_licence", _("Drug business licence")
    DEVICE_LICENCE = "device_licence", _("Medical device business licence")
    PUBLICATION_LICENCE = "publication_licence", _("Publication business licence")
    TRADEMARK = "trademark", _("Trademark certificate")
    AUTHORISATION = "authorisation", _("Letter of authorisation")
    OTHER = "other", _("Other paper")


LIVE = (
    ApplicationState.SUBMITTED,
    ApplicationState.IN_REVIEW,
    ApplicationState.NEEDS_MORE,
)
ENDED = (ApplicationState.REFUSED, ApplicationState.WITHDRAWN, ApplicationState.CLOSED)


@dataclass(frozen=True)
class ApplicationFields:
    """What an applicant fills in. Personal. ``names`` is what the shop will be called, by
    language; ``categories`` are ids of what it wants to sell in."""

    names: Mapping[str, str] = field(default_factory=dict, repr=False)
    company: str = field(default="", repr=False)
    credit_code: str = field(default="", repr=False)
    representative: str = field(default="", repr=False)
    contact_name: str = field(default="", repr=False)
    contact_phone: str = field(default="", repr=False)
    contact_email: str = field(default="", repr=False)
    categories: tuple[UUID, ...] = ()


@dataclass(frozen=True)
class DocumentInfo:
    """A paper, without its contents."""

    id: UUID
    kind: DocumentKind
    name: str
    content_type: str
    size: int
    sha256: str
    uploaded_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("mad", self.id)


@dataclass(frozen=True)
class EntryInfo:
    """One thing that happened: ``what`` is its code, ``text`` somebody's words."""

    what: str
    at: datetime
    actor: str
    text: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Missing:
    """A paper that has to be there and isn't; ``category`` asks for it, None: the platform does."""

    kind: DocumentKind
    category: UUID | None = None


@dataclass(frozen=True)
class ApplicationInfo:
    """An application (入驻申请) with everything in clear. ``asked`` is what the operator wants, in
    words by kind of paper ("" : about the rest); ``answer_by`` until when it waits for it."""

    id: UUID
    person_id: UUID
    merchant_id: UUID | None
    state: ApplicationState
    attempt: int
    fields: ApplicationFields
    documents: tuple[DocumentInfo, ...]
    missing: tuple[Missing, ...]
    asked: Mapping[str, str]
    reason: str
    answer_by: datetime | None
    submitted_at: datetime | None
    decided_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    contract_id: UUID | None = None
    level: str = "none"
    level_needed: str = "none"
    entries: tuple[EntryInfo, ...] = ()

    @property
    def public_id(self) -> str:
        return public_id("map", self.id)

    @property
    def editable(self) -> bool:
        return self.state in (ApplicationState.DRAFT, ApplicationState.NEEDS_MORE)


@dataclass(frozen=True)
class ApplicationRow:
    """One line of the operator's list; names as the merchant will be called."""

    id: UUID
    merchant_id: UUID | None
    state: ApplicationState
    names: Mapping[str, str]
    company: str
    submitted_at: datetime | None
    answer_by: datetime | None
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("map", self.id)


@dataclass(frozen=True)
class OnboardingTerms:
    """What the platform in scope asks of who wants to sell there. ``categories`` says which papers
    a category needs, with all below it."""

    open: bool
    documents: tuple[DocumentKind, ...]
    categories: Mapping[UUID, tuple[DocumentKind, ...]]
    level: str
    agreement: bool
    answer_days: int


@dataclass(frozen=True)
class AgreementRule:
    """The agreement that new merchants sign: ``template`` within ``days``; ``party`` is the slug of
    the merchant that signs for the platform."""

    party: str
    template: str
    days: int


@dataclass(frozen=True)
class OnboardingRule:
    """The platform's rule as an operator writes it: papers of everybody and by category (slug or
    path), level of identity, agreement, and how many days each part waits."""

    open: bool
    documents: tuple[DocumentKind, ...]
    categories: tuple[tuple[str, tuple[DocumentKind, ...]], ...]
    level: str
    agreement: AgreementRule | None
    answer_days: int
    proof_days: int
    remind_days: int
    keep_days: int


@dataclass(frozen=True)
class Checklist:
    """What a new merchant still has to set up before its shop is open."""

    account: bool
    rates: bool
    product: bool

    @property
    def complete(self) -> bool:
        return self.account and self.rates and self.product
