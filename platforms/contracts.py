"""What crosses this context's border: frozen dataclasses and enums."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id
from platforms.permissions import EVERYTHING


class PlatformState(models.TextChoices):
    OPENING = "opening", _("Opening")
    OPEN = "open", _("Open")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class MerchantState(models.TextChoices):
    APPLIED = "applied", _("Applied")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


class PersonState(models.TextChoices):
    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")


class InvitationState(models.TextChoices):
    PENDING = "pending", _("Pending")
    ACCEPTED = "accepted", _("Accepted")
    REVOKED = "revoked", _("Withdrawn")


class KeyState(models.TextChoices):
    ACTIVE = "active", _("Active")
    REVOKED = "revoked", _("Revoked")


class KeyKind(models.TextChoices):
    OPERATOR = "operator", _("Operator")
    MERCHANT = "merchant", _("Merchant")
    BUYER = "buyer", _("Buyer")


class SecondFactorState(models.TextChoices):
    PENDING = "pending", _("Being set up")
    ACTIVE = "active", _("Active")
    REMOVED = "removed", _("Removed")


class Role(models.TextChoices):
    OPERATOR = "operator", _("Operator")
    MERCHANT_OWNER = "merchant_owner", _("Merchant owner")
    MERCHANT_STAFF = "merchant_staff", _("Merchant staff")
    BUYER = "buyer", _("Buyer")


@dataclass(frozen=True)
class PlatformInfo:
    """A platform; ``settings`` is complete: every declared section with its defaults filled in."""

    id: UUID
    code: str
    names: Mapping[str, str]
    locales: tuple[str, ...]
    currency: str
    accent: str
    state: PlatformState
    live: bool
    clock_offset: timedelta
    hosts: tuple[str, ...]
    settings: Mapping[str, Mapping[str, Any]]
    version: int

    @property
    def public_id(self) -> str:
        return public_id("plt", self.id)

    def name(self, language: str) -> str:
        """The platform's name in ``language``, else in its first one."""
        return in_language(self.names, language)


@dataclass(frozen=True)
class MerchantInfo:
    """A merchant, without anything personal."""

    id: UUID
    slug: str
    names: Mapping[str, str]
    state: MerchantState
    external_id: str | None
    metadata: Mapping[str, Any]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("mer", self.id)

    @property
    def approved(self) -> bool:
        return self.state == MerchantState.APPROVED

    def name(self, language: str) -> str:
        """The merchant's name in ``language``, else in another it has."""
        return in_language(self.names, language)


@dataclass(frozen=True)
class BankAccount:
    """Where payouts go. Personal: hand it to the bank, show only ``last4``."""

    bank: str
    holder: str = field(repr=False)
    number: str = field(repr=False)
    last4: str


@dataclass(frozen=True)
class MembershipInfo:
    """One role of a person; ``staff_role_id`` narrows it to the permissions of a role of the
    merchant's or platform's own."""

    id: UUID
    role: Role
    merchant_id: UUID | None = None
    staff_role_id: UUID | None = None


@dataclass(frozen=True)
class PersonInfo:
    """A person with all roles; ``name`` and ``email`` are personal."""

    id: UUID
    name: str = field(repr=False)
    email: str = field(repr=False)
    language: str
    state: PersonState
    memberships: tuple[MembershipInfo, ...] = ()

    @property
    def public_id(self) -> str:
        return public_id("per", self.id)

    @property
    def is_operator(self) -> bool:
        return any(m.role == Role.OPERATOR for m in self.memberships)

    @property
    def merchant_ids(self) -> tuple[UUID, ...]:
        return tuple(m.merchant_id for m in self.memberships if m.merchant_id)


@dataclass(frozen=True)
class SignedInPerson:
    """The person of a page request: ``membership`` is the role in use."""

    session_id: UUID
    id: UUID
    name: str = field(repr=False)
    language: str
    memberships: tuple[MembershipInfo, ...]
    membership: MembershipInfo | None
    # What the role in use includes, and what the person may do as an operator in any case.
    permissions: frozenset[str] = EVERYTHING
    as_operator: frozenset[str] = frozenset()

    def holds(self, *permissions: str) -> bool:
        """Whether the role in use includes one of these permissions."""
        return bool({"*", *permissions} & self.permissions)

    @property
    def is_operator(self) -> bool:
        return any(m.role == Role.OPERATOR for m in self.memberships)

    @property
    def merchant_ids(self) -> tuple[UUID, ...]:
        return tuple(m.merchant_id for m in self.memberships if m.merchant_id)


@dataclass(frozen=True)
class NewSession:
    """A fresh sign-in: ``token`` goes into the cookie and nowhere else.

    One that ``awaits_code`` opens nothing until ``finish_sign_in`` was given the second factor.
    """

    token: str = field(repr=False)
    person_id: UUID
    expires_at: datetime
    awaits_code: bool = False


@dataclass(frozen=True)
class SessionInfo:
    """A browser in which a person is signed in. ``seen_at`` is right to five minutes."""

    id: UUID
    user_agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True)
class SecondFactorInfo:
    """Whether a person has a second factor, since when, and how many recovery codes are left.

    ``app_since`` is that of the authenticator app alone, None without one."""

    enrolled: bool
    since: datetime | None = None
    recovery_codes_left: int = 0
    app_since: datetime | None = None
    passkeys: int = 0


@dataclass(frozen=True)
class Enrolment:
    """What an authenticator app needs, shown once; ``uri`` is what the QR code says."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    qr_svg: str = field(repr=False)


@dataclass(frozen=True)
class ConfirmationInfo:
    """The proof that a person confirmed ``purpose`` of the object ``digest`` (SHA-256, hex) with
    the second factor at that moment. ``confirmed_at`` by the system clock, ``business_at`` by the
    platform's."""

    id: UUID
    person_id: UUID
    purpose: str
    digest: str
    method: str
    confirmed_at: datetime
    business_at: datetime
    expires_at: datetime
    used_at: datetime | None

    @property
    def public_id(self) -> str:
        return public_id("cnf", self.id)


class Sensitive(StrEnum):
    """What a session alone isn't enough for: where money goes, the keys to it, and who may do
    what."""

    PAYOUT_ACCOUNT = "payout_account"
    API_KEYS = "api_keys"
    WEBHOOKS = "webhooks"
    PROVIDERS = "providers"
    SIGN_IN = "sign_in"
    STAFF = "staff"
    SECOND_FACTORS = "second_factors"


@dataclass(frozen=True)
class InvitationInfo:
    """An invitation as its sender and its receiver see it."""

    id: UUID
    email: str = field(repr=False)
    role: Role
    merchant_id: UUID | None
    state: InvitationState
    expires_at: datetime
    language: str = "zh-hans"
    staff_role_id: UUID | None = None


@dataclass(frozen=True)
class StaffRoleInfo:
    """A role for staff, as its merchant or platform has made it. ``permissions`` as chosen, without
    what they bring along; ``people`` hold it, ``invited`` are offered it."""

    id: UUID
    merchant_id: UUID | None
    name: str
    permissions: tuple[str, ...]
    people: int
    invited: int
    version: int
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("rol", self.id)


@dataclass(frozen=True)
class KeyInfo:
    """An API key without its secret."""

    id: UUID
    key_id: str
    last4: str
    name: str
    kind: KeyKind
    merchant_id: UUID | None
    person_id: UUID | None
    scopes: tuple[str, ...]
    state: KeyState
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    replaced_by: UUID | None
    version: int


@dataclass(frozen=True)
class IssuedKey:
    """A new key; ``raw`` is shown once."""

    raw: str = field(repr=False)
    info: KeyInfo


def in_language(texts: Mapping[str, str], language: str) -> str:
    """The text in ``language`` (either spelling, ``zh-hans`` or ``zh-Hans``), else the first."""
    wanted = language.lower()
    for key, text in texts.items():
        if key.lower() == wanted:
            return text
    return next(iter(texts.values()), "")
