"""Facts about certificates. They carry no subject: who it is stands sealed in the certificate."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class CertificateIssued(Event):
    NAME: ClassVar[str] = "certification.certificate.issued.v1"
    certificate_id: UUID
    merchant_id: UUID | None
    profile: str
    algorithm: str
    serial: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class CertificateSuspended(Event):
    NAME: ClassVar[str] = "certification.certificate.suspended.v1"
    certificate_id: UUID
    merchant_id: UUID | None
    serial: str
    at: datetime


@dataclass(frozen=True)
class CertificateResumed(Event):
    NAME: ClassVar[str] = "certification.certificate.resumed.v1"
    certificate_id: UUID
    merchant_id: UUID | None
    serial: str
    at: datetime


@dataclass(frozen=True)
class CertificateRevoked(Event):
    NAME: ClassVar[str] = "certification.certificate.revoked.v1"
    certificate_id: UUID
    merchant_id: UUID | None
    serial: str
    reason: str
    at: datetime


@dataclass(frozen=True)
class CertificateEnding(Event):
    """It ends within 30 days: time to renew."""

    NAME: ClassVar[str] = "certification.certificate.ending.v1"
    certificate_id: UUID
    merchant_id: UUID | None
    serial: str
    not_after: datetime
