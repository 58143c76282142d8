"""Facts about seals."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class SealMade(Event):
    NAME: ClassVar[str] = "certification.seal.made.v1"
    seal_id: UUID
    merchant_id: UUID
    kind: str
    valid_until: datetime


@dataclass(frozen=True)
class SealRefused(Event):
    NAME: ClassVar[str] = "certification.seal.refused.v1"
    seal_id: UUID
    merchant_id: UUID
    kind: str


@dataclass(frozen=True)
class SealChanged(Event):
    """Suspended, resumed or revoked; ``state`` is the new state."""

    NAME: ClassVar[str] = "certification.seal.changed.v1"
    seal_id: UUID
    merchant_id: UUID
    state: str
