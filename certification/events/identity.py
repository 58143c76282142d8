"""Facts about identities; nothing personal is in them."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class IdentityChanged(Event):
    """An identity came into another state or level; ``kind`` is company or person, ``subject_id``
    the merchant's or person's id."""

    NAME: ClassVar[str] = "certification.identity.changed.v1"

    identity_id: UUID
    kind: str
    merchant_id: UUID | None
    person_id: UUID | None
    state: str
    level: str


@dataclass(frozen=True)
class IdentityExpiring(Event):
    """A verified identity, or a document of it, ends soon; ``days`` from now."""

    NAME: ClassVar[str] = "certification.identity.expiring.v1"

    identity_id: UUID
    kind: str
    merchant_id: UUID | None
    person_id: UUID | None
    days: int
