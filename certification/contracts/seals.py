"""Seals as others see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from kernel.ids import public_id


class SealState(models.TextChoices):
    APPLIED = "applied", _("Applied for")
    REFUSED = "refused", _("Refused")
    VALID = "valid", _("Valid")
    SUSPENDED = "suspended", _("Suspended")
    REVOKED = "revoked", _("Revoked")


class SealKind(models.TextChoices):
    COMPANY = "company", _("Company seal")
    CONTRACT = "contract", _("Contract seal")
    FINANCE = "finance", _("Finance seal")
    PERSON = "person", _("Name stamp")


@dataclass(frozen=True)
class SealInfo:
    """A seal (电子印章). ``der`` is the SESeal once it is made; ``picture`` a PNG."""

    id: UUID
    state: str
    expired: bool
    kind: str
    name: str
    code: str
    merchant_id: UUID
    person_id: UUID | None
    certificate_id: UUID
    picture: bytes
    width_mm: int
    height_mm: int
    valid_from: datetime | None
    valid_until: datetime | None
    der: bytes
    note: str
    decided_at: datetime | None
    uses: int
    external_id: str | None
    metadata: Mapping[str, str]
    version: int
    created_at: datetime
    updated_at: datetime

    @property
    def public_id(self) -> str:
        return public_id("sea", self.id)


@dataclass(frozen=True)
class SealUseInfo:
    """One use of a seal: never changed, never deleted."""

    id: UUID
    seal_id: UUID
    at: datetime
    document: str
    digest: str
    actor_kind: str
    person_id: UUID | None
    grant_id: UUID | None
    signature_sha256: str


@dataclass(frozen=True)
class SealGrantInfo:
    """Who may use a seal, from when until when; ``person_id`` None: every key of the merchant."""

    id: UUID
    seal_id: UUID
    person_id: UUID | None
    valid_from: datetime
    valid_until: datetime | None
    revoked_at: datetime | None

    @property
    def public_id(self) -> str:
        return public_id("sgr", self.id)
