"""E-contracts and their templates as others see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kernel.ids import public_id


class TemplateState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", pgettext_lazy("template", "Published")
    RETIRED = "retired", _("Retired")


class ContractState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    NEGOTIATING = "negotiating", _("Being negotiated")
    AGREED = "agreed", _("Agreed")
    SIGNING = "signing", _("Being signed")
    EFFECTIVE = "effective", _("In force")
    AMENDED = "amended", _("In force, amended")
    TERMINATED = "terminated", _("Ended by agreement")
    EXPIRED = "expired", _("Expired")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class ContractKind(models.TextChoices):
    ORIGINAL = "original", _("Contract")
    AMENDMENT = "amendment", _("Amendment")
    TERMINATION = "termination", _("Termination agreement")


class SigningOrder(models.TextChoices):
    PARALLEL = "parallel", _("In any order")
    SEQUENTIAL = "sequential", _("One after another")


class ContractLanguage(models.TextChoices):
    CHINESE = "zh-Hans", _("Chinese")
    ENGLISH = "en", _("English")
    BOTH = "both", _("Chinese and English side by side")


class Box(models.TextChoices):
    """Where a contract lies in a party's inbox."""

    TO_DO = "to_do", _("Waits for you")
    WAITING = "waiting", _("Waits for others")
    IN_FORCE = "in_force", _("In force")
    ENDED = "ended", _("Ended")


@dataclass(frozen=True)
class PartyInput:
    """Who takes which role: a merchant, a person, or someone to be invited by e-mail, whose letters
    are in ``language`` (``en``; "": the platform's first)."""

    role: str
    merchant_id: UUID | None = None
    person_id: UUID | None = None
    name: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    detail: str = field(default="", repr=False)
    language: str = ""


@dataclass(frozen=True)
class TemplateInfo:
    """One version of a template; ``merchant_id`` None: the platform's, for everyone."""

    id: UUID
    code: str
    number: int
    state: str
    merchant_id: UUID | None
    definition: Mapping[str, Any]
    external_id: str | None
    metadata: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("ctt", self.id)


@dataclass(frozen=True)
class ConsentRecord:
    """How a party consented to sign: what was shown, who, when by both clocks, and how."""

    confirmation_id: UUID
    person_id: UUID
    method: str
    digest: str
    confirmed_at: datetime
    business_at: datetime
    address: str = field(default="", repr=False)


@dataclass(frozen=True)
class PartyInfo:
    id: UUID
    role: str
    place: int
    merchant_id: UUID | None
    person_id: UUID | None
    name: str = field(repr=False)
    email: str = field(repr=False)
    detail: str = field(repr=False)
    invited: bool
    joined: bool
    agreed: bool
    signed_at: datetime | None
    consent: ConsentRecord | None
    rejected: bool
    reminded_at: datetime | None
    language: str = ""


@dataclass(frozen=True)
class ProposalInfo:
    """One round of the negotiation; ``changes`` are against the round before."""

    id: UUID
    number: int
    role: str
    values: Mapping[str, Any] = field(repr=False)
    message: str = field(repr=False)
    changes: tuple["Change", ...]
    created_at: datetime


@dataclass(frozen=True)
class Change:
    """One field that differs, as printed in the contract's language."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ContractInfo:
    """A contract with its parties. Times are business times, but the last two. ``withheld``: what
    it says is left out."""

    id: UUID
    number: str
    title: str
    state: str
    kind: str
    language: str
    template_id: UUID | None
    parent_id: UUID | None
    parent_sha256: str
    drafter: str
    round: int
    turn: str
    values: Mapping[str, Any] = field(repr=False)
    parties: tuple[PartyInfo, ...]
    order: str
    sign_by: datetime | None
    ends_at: datetime | None
    agreed_sha256: str
    document_sha256: str
    signatures: int
    agreed_at: datetime | None
    effective_at: datetime | None
    ended_at: datetime | None
    reason: str
    external_id: str | None
    metadata: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime
    withheld: bool = False

    @property
    def public_id(self) -> str:
        return public_id("ctr", self.id)

    def outside(self) -> "ContractInfo":
        """As the platform's operators see it: how it stands, without values and free texts."""
        parties = tuple(replace(one, email="", detail="") for one in self.parties)
        return replace(
            self, values={}, reason="", metadata={}, parties=parties, withheld=True,
        )  # fmt: skip

    def party(self, role: str) -> PartyInfo:
        return next(party for party in self.parties if party.role == role)


@dataclass(frozen=True)
class HistoryLine:
    """One step of a contract's life."""

    at: datetime
    action: str
    actor: str
    detail: Mapping[str, str]
