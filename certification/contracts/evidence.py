"""Signatures, evidence packages, verification and bulk signing as others see them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id


class SigningState(models.TextChoices):
    BEGUN = "begun", _("Being signed")
    DONE = "done", _("Signed")
    FAILED = "failed", _("Failed")


class ConsentState(models.TextChoices):
    GIVEN = "given", _("Given")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class BulkState(models.TextChoices):
    QUEUED = "queued", _("Being signed")
    DONE = "done", _("Done")
    CANCELLED = "cancelled", _("Cancelled")


class RowState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SIGNED = "signed", _("Signed")
    FAILED = "failed", _("Failed")


@dataclass(frozen=True)
class AuditRow:
    """One line of a document's history as it goes into its evidence package."""

    at: datetime
    action: str
    actor: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PartyEvidence:
    """One party of a document. ``consent`` is the record of its second factor, as told."""

    name: str
    role: str
    signing_key: UUID
    consent: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class EvidenceSource:
    """What a package is made of: given by whoever owns the document (a contract's lifecycle)."""

    document_id: UUID
    title: str
    number: str
    document: bytes
    parties: tuple[PartyEvidence, ...]
    history: tuple[AuditRow, ...]
    extra: Mapping[str, bytes] = field(default_factory=dict)
    """Further files by name, such as earlier versions and amendments."""


@dataclass(frozen=True)
class PackageInfo:
    """An evidence package; ``generation`` counts its renewals from 1."""

    id: UUID
    document_id: UUID
    generation: int
    sha256: str
    size: int
    made_at: datetime
    renew_at: datetime | None
    keep_until: datetime


@dataclass(frozen=True)
class ConsentInfo:
    """A consent to automatic signing."""

    id: UUID
    state: str
    merchant_id: UUID
    template_id: UUID
    party: str
    certificate_id: UUID
    given_at: datetime
    valid_until: datetime
    withdrawn_at: datetime | None
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("aco", self.id)


@dataclass(frozen=True)
class BulkInfo:
    """A bulk signing and how far it is."""

    id: UUID
    state: str
    merchant_id: UUID
    template_id: UUID
    consent_id: UUID
    total: int
    signed: int
    failed: int
    job_id: UUID | None
    external_id: str | None
    metadata: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None

    @property
    def public_id(self) -> str:
        return public_id("blk", self.id)


@dataclass(frozen=True)
class RowInfo:
    """One contract of a bulk signing."""

    place: int
    state: str
    document_id: UUID
    sha256: str
    problem: str
    signed_at: datetime | None
