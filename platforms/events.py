"""Facts this context publishes."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from kernel.outbox import Event


@dataclass(frozen=True)
class PlatformOpened(Event):
    NAME: ClassVar[str] = "platforms.platform.opened.v1"

    platform_id: UUID
    code: str


@dataclass(frozen=True)
class PlatformStateChanged(Event):
    NAME: ClassVar[str] = "platforms.platform.state_changed.v1"

    platform_id: UUID
    state: str


@dataclass(frozen=True)
class MerchantCreated(Event):
    NAME: ClassVar[str] = "platforms.merchant.created.v1"

    merchant_id: UUID
    slug: str
    names: dict[str, str]


@dataclass(frozen=True)
class PlatformChanged(Event):
    """The platform's names, look or settings were changed; ``sections`` names those settings."""

    NAME: ClassVar[str] = "platforms.platform.changed.v1"

    platform_id: UUID
    sections: list[str]


@dataclass(frozen=True)
class MerchantChanged(Event):
    """What a merchant is called was changed."""

    NAME: ClassVar[str] = "platforms.merchant.changed.v1"

    merchant_id: UUID
    slug: str
    names: dict[str, str]


@dataclass(frozen=True)
class MerchantApproved(Event):
    """The merchant may sell: a first approval or the end of a suspension."""

    NAME: ClassVar[str] = "platforms.merchant.approved.v1"

    merchant_id: UUID


@dataclass(frozen=True)
class MerchantSuspended(Event):
    NAME: ClassVar[str] = "platforms.merchant.suspended.v1"
    TEXTS: ClassVar[frozenset[str]] = frozenset({"reason"})

    merchant_id: UUID
    reason: str


@dataclass(frozen=True)
class PersonErased(Event):
    """The person's data key is destroyed: whatever else is theirs goes too."""

    NAME: ClassVar[str] = "platforms.person.erased.v1"

    person_id: UUID
