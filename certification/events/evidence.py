"""Facts about signatures, evidence and bulk signing. They name no one."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class DocumentSigned(Event):
    NAME: ClassVar[str] = "certification.document.signed.v1"
    document_id: UUID
    sequence: int
    certificate_id: UUID
    level: str
    sha256: str
    signed_at: datetime


@dataclass(frozen=True)
class BulkSigningFinished(Event):
    NAME: ClassVar[str] = "certification.bulk.finished.v1"
    bulk_id: UUID
    merchant_id: UUID
    state: str
    signed: int
    failed: int
