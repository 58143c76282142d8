"""Certificates, authorities and timestamps as others see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from certification.pki.algorithms import Algorithm
from kernel.ids import public_id

__all__ = [
    "REASONS",
    "Algorithm",
    "AuthorityInfo",
    "CertificateInfo",
    "CertificateState",
    "ProfileInfo",
    "RevocationListInfo",
    "Role",
    "TimestampInfo",
]

REASONS = (
    "unspecified",
    "key_compromise",
    "affiliation_changed",
    "superseded",
    "cessation_of_operation",
    "privilege_withdrawn",
)
"""Why a certificate may be revoked (RFC 5280, 5.3.1)."""
HOLD = "certificate_hold"


class CertificateState(models.TextChoices):
    REQUESTED = "requested", _("Requested")
    VALID = "valid", _("Valid")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")
    FAILED = "failed", _("Not issued")


class Role(models.TextChoices):
    ROOT = "root", _("Root")
    ISSUING = "issuing", _("Issuing")


@dataclass(frozen=True)
class CertificateInfo:
    """A certificate. ``chain``: its issuers, DER, nearest first, the root last. ``subject`` by
    attribute names (``common_name``). ``expired`` by the platform's clock."""

    id: UUID
    state: str
    expired: bool
    algorithm: Algorithm
    profile: str
    merchant_id: UUID | None
    person_id: UUID | None
    subject: Mapping[str, str]
    serial: str
    der: bytes
    chain: tuple[bytes, ...]
    key_id: UUID | None
    days: int
    not_before: datetime | None
    not_after: datetime | None
    revoked_at: datetime | None
    reason: str
    note: str
    renews_id: UUID | None
    external_id: str | None
    metadata: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("cer", self.id)

    @property
    def usable(self) -> bool:
        """Whether signatures may be made with it now."""
        return self.state == CertificateState.VALID and not self.expired


@dataclass(frozen=True)
class AuthorityInfo:
    """A root or issuing authority of the platform."""

    id: UUID
    algorithm: Algorithm
    role: str
    generation: int
    subject: str
    certificate: bytes
    key_identifier: str
    parent_id: UUID | None
    not_before: datetime
    not_after: datetime
    crl_number: int
    created_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("cau", self.id)


@dataclass(frozen=True)
class RevocationListInfo:
    """A published CRL, DER."""

    authority_id: UUID
    number: int
    this_update: datetime
    next_update: datetime
    entries: int
    der: bytes


@dataclass(frozen=True)
class TimestampInfo:
    """One timestamp given; ``token`` is the TimeStampToken (CMS), DER."""

    id: UUID
    at: datetime
    hash: str
    imprint: bytes
    policy: str
    merchant_id: UUID | None
    purpose: str
    token: bytes

    @property
    def public_id(self) -> str:
        return public_id("tst", self.id)


@dataclass(frozen=True)
class ProfileInfo:
    """A certificate profile. ``effective_from``: since when it is like this; None: as shipped.
    ``held_here``: whether a key may be made and kept here, or must be the holder's own."""

    code: str
    names: Mapping[str, str]
    holder: str
    algorithms: tuple[str, ...]
    key_usage: tuple[str, ...]
    days: int
    level: str
    held_here: bool
    policy: str
    effective_from: datetime | None
